# SPDX-License-Identifier: Apache-2.0
"""A product file: what a maker writes about one model, as JSON or TOML. docs/passport-command.md describes every
member.

Numbers are whole, or decimals in quotes ("0.68"): a decimal text has one spelling, a float has several.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, Text, parse_date
from verifier.protocol.gs1 import gs1_check_digit, gtin14_from

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,12})(?:\.[0-9]{0,5}[1-9])?", re.ASCII)
_NAME = re.compile(r"[a-z][A-Za-z0-9]{0,59}", re.ASCII)
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?", re.ASCII)
_UNIT = re.compile(r"[A-Z0-9]{2,3}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_URL = re.compile(r"https://[!-~]{3,480}", re.ASCII)
_RESERVED = frozenset({"id", "type"})
DIMENSIONS = ("weight", "length", "width", "height", "volume")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number and its UNECE Recommendation 20 unit code."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Category:
    """A classification of the product in a published scheme."""

    code: str
    name: str
    scheme_id: str
    scheme_name: str


@dataclass(frozen=True, slots=True)
class Facility:
    """Where it is made: a GS1 Global Location Number (13 digits) and a name."""

    gln: str
    name: str


@dataclass(frozen=True, slots=True)
class Material:
    """A part of the product by mass, 0 to 1."""

    name: str
    origin: str
    mass_fraction: Decimal
    is_hazardous: bool
    code: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim under one standard: a measure, or a result such as "pass"."""

    id: str
    name: str | Text
    topic: str
    standard: str
    claimed_on: date
    performance: Measure | str
    evidence: str


@dataclass(frozen=True, slots=True)
class Document:
    """A document about the product, elsewhere."""

    name: str
    url: str
    media_type: str


@dataclass(frozen=True, slots=True)
class Product:
    """One model. Every member of the file, parsed."""

    gtin: str
    model: str
    name: Text
    description: Text
    country: str
    facility: Facility
    valid_from: date
    valid_until: date | None
    categories: tuple[Category, ...]
    characteristics: tuple[tuple[str, str | Text | Measure], ...]
    dimensions: tuple[tuple[str, Measure], ...]
    materials: tuple[Material, ...]
    claims: tuple[Claim, ...]
    documents: tuple[Document, ...]


def parse_product(value: JsonValue) -> Product:
    """The product that a file's value describes. Raises Malformed, which names the member."""
    fields = Fields(value, "product")
    product = Product(
        gtin=fields.parsed("gtin", gtin14_from),
        model=fields.string("model", maximum=80),
        name=fields.text("name", maximum=200),
        description=fields.text("description"),
        country=fields.parsed("country", parse_country),
        facility=_read_facility(fields.inner("facility")),
        valid_from=fields.parsed("valid_from", parse_date),
        valid_until=fields.parsed("valid_until", parse_date) if fields.has("valid_until") else None,
        categories=tuple(_read_category(item) for item in fields.items("categories", minimum=1, maximum=10)),
        characteristics=_read_characteristics(fields.take("characteristics")),
        dimensions=_read_dimensions(fields),
        materials=tuple(_read_material(item) for item in _items(fields, "materials", 50)),
        claims=tuple(_read_claim(item) for item in _items(fields, "claims", 50)),
        documents=tuple(_read_document(item) for item in _items(fields, "documents", 50)),
    )
    fields.done()
    if product.valid_until is not None and product.valid_until <= product.valid_from:
        raise Malformed("bad_validity", "product.valid_until must lie after valid_from")
    if len({claim.id for claim in product.claims}) != len(product.claims):
        raise Malformed("duplicate_claim", "product.claims: two claims have the same id")
    if sum(material.mass_fraction for material in product.materials) > 1:
        raise Malformed("bad_mass_fraction", "product.materials: the mass fractions sum up to more than 1")
    return product


def parse_number(value: JsonValue) -> Decimal:
    """A whole number, or a decimal text of up to six places without trailing zeros. Raises Malformed."""
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or _DECIMAL.fullmatch(text) is None or text == "-0":
        raise Malformed("bad_number", f'a number is written 12 or "12.5", not {str(value)[:40]!r}')
    return Decimal(text)


def parse_country(text: str) -> str:
    """An ISO 3166-1 alpha-2 code, by its shape. Raises Malformed."""
    return _matching(_COUNTRY, text, "bad_country", "a country is two capital letters (ISO 3166-1)")


def parse_url(text: str) -> str:
    """An https address in printable ASCII. Raises Malformed."""
    return _matching(_URL, text, "bad_url", "an address starts with https:// and has no spaces")


def _matching(pattern: re.Pattern[str], text: str, code: str, rule: str) -> str:
    if pattern.fullmatch(text) is None:
        raise Malformed(code, f"{rule}, not {text[:40]!r}")
    return text


def _parse_slug(text: str) -> str:
    return _matching(_SLUG, text, "bad_id", "an id here is lower-case letters, digits and inner hyphens")


def _parse_unit(text: str) -> str:
    return _matching(_UNIT, text, "bad_unit", "a unit is a UNECE Recommendation 20 code such as KGM or P1")


def _parse_gln(text: str) -> str:
    if len(text) != 13 or gs1_check_digit(text[:12]) != text[12]:
        raise Malformed("bad_gln", "a GLN has 13 digits, the last one its check digit")
    return text


def _items(fields: Fields, name: str, maximum: int) -> list[JsonValue]:
    return fields.items(name, maximum=maximum) if fields.has(name) else []


def _read_measure(fields: Fields) -> Measure:
    measure = Measure(parse_number(fields.take("value")), fields.parsed("unit", _parse_unit))
    fields.done()
    return measure


def _read_facility(fields: Fields) -> Facility:
    facility = Facility(fields.parsed("gln", _parse_gln), fields.string("name"))
    fields.done()
    return facility


def _read_category(value: JsonValue) -> Category:
    fields = Fields(value, "category")
    category = Category(
        code=fields.string("code", maximum=40),
        name=fields.string("name"),
        scheme_id=fields.parsed("scheme_id", parse_url, maximum=500),
        scheme_name=fields.string("scheme_name"),
    )
    fields.done()
    return category


def _read_characteristics(value: JsonValue) -> tuple[tuple[str, str | Text | Measure], ...]:
    if not isinstance(value, dict) or len(value) > 60:
        raise Malformed("wrong_type", "product.characteristics must be an object with at most 60 members")
    found: list[tuple[str, str | Text | Measure]] = []
    for name, item in value.items():
        _matching(
            _NAME, name, "bad_name", "a characteristic's name is letters and digits, the first one a small letter"
        )
        if name in _RESERVED:
            raise Malformed("bad_name", f"{name!r} cannot be a characteristic's name")
        if isinstance(item, str) and 1 <= len(item) <= 300:
            found.append((name, item))
        elif isinstance(item, dict) and not item.keys().isdisjoint(("zh", "en")):
            found.append((name, Fields({name: item}, "product.characteristics").text(name, maximum=300)))
        else:
            found.append((name, _read_measure(Fields(item, f"product.characteristics.{name}"))))
    return tuple(found)


def _read_dimensions(fields: Fields) -> tuple[tuple[str, Measure], ...]:
    if not fields.has("dimensions"):
        return ()
    inner = fields.inner("dimensions")
    found = tuple((name, _read_measure(inner.inner(name))) for name in DIMENSIONS if inner.has(name))
    inner.done()
    return found


def _read_material(value: JsonValue) -> Material:
    fields = Fields(value, "material")
    material = Material(
        name=fields.string("name"),
        origin=fields.parsed("origin", parse_country),
        mass_fraction=parse_number(fields.take("mass_fraction")),
        is_hazardous=fields.take("hazardous") is True if fields.has("hazardous") else False,
        code=fields.string("code", maximum=40) if fields.has("code") else "",
    )
    fields.done()
    if not 0 <= material.mass_fraction <= 1:
        raise Malformed("bad_mass_fraction", f"material {material.name}: mass_fraction lies between 0 and 1")
    return material


def _read_name(fields: Fields) -> str | Text:
    """In one language or, better, in both."""
    value = fields.take("name")
    named = Fields({"name": value}, "claim")
    return named.string("name") if isinstance(value, str) else named.text("name", maximum=200)


def _read_claim(value: JsonValue) -> Claim:
    fields = Fields(value, "claim")
    has_measure = fields.has("measure")
    claim = Claim(
        id=fields.parsed("id", _parse_slug),
        name=_read_name(fields),
        topic=fields.parsed("topic", _parse_slug),
        standard=fields.string("standard", maximum=80),
        claimed_on=fields.parsed("date", parse_date),
        performance=_read_measure(fields.inner("measure")) if has_measure else fields.string("result", maximum=80),
        evidence=fields.parsed("evidence", parse_url, maximum=500) if fields.has("evidence") else "",
    )
    fields.done()
    return claim


def _read_document(value: JsonValue) -> Document:
    fields = Fields(value, "document")
    document = Document(
        name=fields.string("name"),
        url=fields.parsed("url", parse_url, maximum=500),
        media_type=fields.string("media_type", maximum=100) if fields.has("media_type") else "",
    )
    fields.done()
    return document
