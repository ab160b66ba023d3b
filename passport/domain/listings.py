# SPDX-License-Identifier: Apache-2.0
"""Listings as values: an address in a shop that sells a product, by whom, and codes of samples. docs/listings.md.

The parsers raise only Malformed, on any text, and give each value one spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit

from passport.domain.accounts_errors import Conflict, UnknownObject
from verifier.protocol.errors import Malformed
from verifier.protocol.gs1 import gtin14_from, parse_lot
from verifier.protocol.product_code import MAX_CODE_LENGTH, parse_product_code

MAX_URL = 2048
MAX_SELLER_ID = 64
MAX_SELLER_NAME = 80
MAX_LOTS = 50
MAX_CODES = 20
MAX_SEARCH = 200

_URL = re.compile(
    r"https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?(?:[/?#][A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*)?", re.ASCII
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SELLER_ID = re.compile(r"[!-~]{1,64}", re.ASCII)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class ListingState(StrEnum):
    """Only a bound listing may show a badge. `stop_sale` is set by a recall, `delisted` by the platform."""

    DRAFT = "draft"
    BOUND = "bound"
    REFUSED = "refused"
    STOP_SALE = "stop_sale"
    DELISTED = "delisted"


@dataclass(frozen=True, slots=True)
class ListingFields:
    """What the platform says of a listing. `lots` empty: any lot of the product. `codes` are of samples."""

    url: str
    seller_id: str
    seller_name: str
    gtin: str
    lots: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    @property
    def url_digest(self) -> bytes:
        """What a platform's listings are told apart by."""
        return url_digest(self.url)


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of a platform. `revision` counts its changes, `decision` is the latest of the gate ("" for none)."""

    id: str
    organisation: str
    fields: ListingFields
    state: ListingState
    revision: int
    created_at: datetime
    changed_at: datetime
    decision: str = ""


@dataclass(frozen=True, slots=True)
class ListingFilter:
    """Which listings: in a state, of a GTIN (14 digits), with a text in address or seller; "" for all."""

    state: str = ""
    gtin: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a listing with an address came from: its id, and the line of an import ("" and 0 for none)."""

    listing: str
    import_id: str
    line: int


def url_digest(url: str) -> bytes:
    """SHA-256 of an address in its one spelling."""
    return sha256(url.encode()).digest()


def parse_listing_url(text: str) -> str:
    """An address in a shop: https, a host name with a dot, nobody's password. Raises Malformed("bad_url").

    One spelling: host in lower case, no default port, at least the path "/".
    """
    wrong = Malformed("bad_url", f"A listing's address is https://host/… in ASCII, at most {MAX_URL} characters.")
    if len(text) > MAX_URL or _URL.fullmatch(text) is None or _PERCENT.search(text):
        raise wrong
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise wrong from None
    host = (parts.hostname or "").removesuffix(".")
    labels = host.split(".")
    # A last label of digits is an IPv4 address, in one of its many spellings.
    if len(labels) < 2 or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise wrong
    if len(host) > 253 or port == 0:
        raise wrong
    rest = text[len("https://") + len(parts.netloc) :]
    place = host if port in (None, 443) else f"{host}:{port}"
    url = f"https://{place}{rest if rest.startswith('/') else '/' + rest}"
    if len(url) > MAX_URL:
        raise wrong
    return url


def parse_seller_id(text: str) -> str:
    """The platform's own id of the seller: 1–64 visible ASCII characters. Raises Malformed("bad_seller_id")."""
    if _SELLER_ID.fullmatch(text) is None:
        raise Malformed("bad_seller_id", f"A seller's id is 1 to {MAX_SELLER_ID} visible ASCII characters.")
    return text


def parse_seller_name(text: str) -> str:
    """A seller's name as it is shown: 1–80 visible characters on one line. Raises Malformed("bad_seller_name")."""
    name = " ".join(unicodedata.normalize("NFC", text[: 4 * MAX_SELLER_NAME]).split())
    if not 1 <= len(name) <= MAX_SELLER_NAME or any(unicodedata.category(c) in _INVISIBLE for c in name):
        raise Malformed("bad_seller_name", f"A seller's name is 1 to {MAX_SELLER_NAME} visible characters on one line.")
    return name


def parse_lots(texts: Iterable[str]) -> tuple[str, ...]:
    """Up to 50 lots, sorted, each once. Raises Malformed: bad_lot, too_many_lots."""
    lots = sorted({parse_lot(text) for text in texts})
    if len(lots) > MAX_LOTS:
        raise Malformed("too_many_lots", f"A listing has at most {MAX_LOTS} lots.")
    return tuple(lots)


def parse_codes(texts: Iterable[str], gtin: str) -> tuple[str, ...]:
    """Up to 20 codes of samples, all of this product, each once. Raises Malformed: bad_sample_code, too_many_codes."""
    codes: dict[str, None] = {}
    for text in texts:
        if len(codes) > MAX_CODES:
            break
        try:
            if len(text) > MAX_CODE_LENGTH:
                raise Malformed("code_too_long", "it is too long")
            code = parse_product_code(text)
        except Malformed as error:
            raise Malformed("bad_sample_code", f"A sample code is not a product code: {error}") from None
        if code.gtin != gtin:
            raise Malformed("bad_sample_code", f"A sample code is of GTIN {code.gtin}, the listing of {gtin}.")
        codes[code.to_path()] = None  # one spelling, whatever host stood before it
    if len(codes) > MAX_CODES:
        raise Malformed("too_many_codes", f"A listing has at most {MAX_CODES} sample codes.")
    return tuple(codes)


@dataclass(frozen=True, slots=True)
class TypedListing:
    """A listing as somebody typed it, before anything is believed."""

    url: str = ""
    seller_id: str = ""
    seller_name: str = ""
    gtin: str = ""
    lots: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


def parse_listing(typed: TypedListing) -> ListingFields:
    """Raises Malformed, for the first field that is wrong."""
    url = parse_listing_url(typed.url)
    seller_id, seller_name = parse_seller_id(typed.seller_id), parse_seller_name(typed.seller_name)
    gtin = gtin14_from(typed.gtin)
    lots, codes = parse_lots(typed.lots), parse_codes(typed.codes, gtin)
    if not lots and not codes:
        raise Malformed("lots_or_codes_missing", "A listing names lots, or codes of samples, or both.")
    return ListingFields(url, seller_id, seller_name, gtin, lots, codes)


def parse_search(state: str = "", gtin: str = "", search: str = "") -> ListingFilter:
    """A filter out of typed texts. Raises Malformed: bad_state, bad_gtin."""
    if state and state not in tuple(ListingState):
        raise Malformed("bad_state", f"A state is one of {', '.join(ListingState)}.")
    return ListingFilter(state, gtin14_from(gtin) if gtin else "", clean_search(search))


def clean_search(text: str) -> str:
    """A text that a database can be asked for: no NUL, no half of a surrogate pair, 200 characters at most."""
    return text.replace("\0", "").strip()[:MAX_SEARCH].encode("utf-8", "replace").decode()


class UnknownListing(UnknownObject):
    """Codes: unknown_listing, unknown_decision, unknown_appeal, unknown_import."""


class ListingConflict(Conflict):
    """Codes: url_taken, listing_changed, appeal_closed, appeal_open, import_in_progress, import_not_ready."""
