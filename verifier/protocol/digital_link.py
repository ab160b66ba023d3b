# SPDX-License-Identifier: Apache-2.0
"""GS1 Digital Link URIs, strict, with one percent-encoding per value (GS1 Digital Link Standard: URI Syntax 1.x)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from .errors import Malformed
from .gs1 import CSET39, CSET82, gs1_check_digit

if TYPE_CHECKING:
    from collections.abc import Sequence

# A host name (IPv4 in any form is one, by its characters) and an optional port. No userinfo, no IPv6 literal, no "_".
# Possessive (++, *+): hostile text is never tried twice.
_LABEL = r"[0-9A-Za-z]++(?:-++[0-9A-Za-z]++)*+"
_PORT = r"[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]"
AUTHORITY = rf"{_LABEL}(?:\.{_LABEL})*+\.?(?::(?:{_PORT}))?"
# One query parameter. Names are never percent-encoded, so that no name has a second spelling.
_PLAIN = r"!$'()*+,\-./:;?@_~0-9A-Za-z"
QUERY_PARAMETER = rf"(?P<name>[{_PLAIN}]++)(?:=(?P<value>(?:[{_PLAIN}=]|%[0-9A-Fa-f]{{2}})*+))?"


def encode_percent(value: str) -> str:
    """`value` with every byte outside RFC 3986's unreserved set as %XX, upper-case hex."""
    return value if value.isalnum() and value.isascii() else quote(value, safe="")


_ENCODED = re.compile(r"(?:[0-9A-Za-z._~-]|%[0-9A-F]{2})*")
_ESCAPE = re.compile(r"%([0-9A-F]{2})")


def decode_percent(text: str) -> str:
    """The ASCII value whose canonical percent-encoding is `text`; any second spelling raises Malformed."""
    if _ENCODED.fullmatch(text):
        value = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)
        if value.isascii() and encode_percent(value) == text:
            return value
    raise Malformed(
        "bad_percent_encoding",
        "Letters, digits and - . _ ~ stand as they are; everything else is % and two upper-case hex digits.",
    )


# The format of each application identifier (General Specifications 3.2): N digits, X CSET 82, Y CSET 39, Z base64url,
# D a date YYMMDD (day 00: the month's end); a trailing c is a GS1 check digit over its component; [..] is optional.
_FORMATS = """
N18c 00 8017 8018
N14c 01 02 03
N17c 402
N13c 410-417
N13c[X..17] 253
N13c[N..12] 255
N14cN4 8006 8026
N14c[X..16] 8003
D 11 12 13 15 16 17 4326 7006
DN4 4324 4325 7003
D[D] 7007
D[N4] 7011
N1 4321-4323 7252
N2 20 7241
N3 422 424 426
N4 3940-3943 8111
N6 3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165 3200-3205 3210-3215 3220-3225 3230-3235
N6 3240-3245 3250-3255 3260-3265 3270-3275 3280-3285 3290-3295 3300-3305 3310-3315 3320-3325 3330-3335 3340-3345
N6 3350-3355 3360-3365 3370-3375 3400-3405 3410-3415 3420-3425 3430-3435 3440-3445 3450-3455 3460-3465 3470-3475
N6 3480-3485 3490-3495 3500-3505 3510-3515 3520-3525 3530-3535 3540-3545 3550-3555 3560-3565 3570-3575 3600-3605
N6 3610-3615 3620-3625 3630-3635 3640-3645 3650-3655 3660-3665 3670-3675 3680-3685 3690-3695 3950-3955 8005
N6[X1] 4330-4333
N8 7250
N8[N..4] 8008
N12 7251
N13 7001
N14 8001
N20 4309
N..4 7004
N..6 242
N..8 30 37
N..10 8019
N..12 8011
N..15 423 425 3900-3909 3920-3929
N3N..15 3910-3919 3930-3939
N3X..9 421
N3X..27 7030-7039
N1X3 7040
X2 4307 4317
X2X..28 7230-7239
X3 7258
X..2 7010
X..3 427 7008
X..4 7041
X..10 7009 7255
X..12 7005
X..20 10 21 22 243 254 420 710-717 4318 7020 7021 7022 7240 8002 8012
X..25 7242 8013 8014 8020
X..28 235
X..30 90 240 241 250 251 400 401 403 4308 4319 7002 7023 8004
X..34 8007
X..35 4300 4301 4310 4311 4320
X..40 7253 7254 7259
X..50 8009
X..70 4302-4306 4312-4316 7257 8110 8112 8200
X..90 91-99 7256
Y..30 8010
Z..90 8030
"""
# Primary keys, and the sequences of qualifiers that may follow each in the path, in this order, any of them left out.
_QUALIFIERS: dict[str, tuple[tuple[str, ...], ...]] = {
    "00": (),
    "01": (("22", "10", "21"), ("235",)),
    "253": (),
    "255": (),
    "401": (),
    "402": (),
    "414": (("254",), ("7040",)),
    "415": (("8020",),),
    "417": (("7040",),),
    "8003": (),
    "8004": (("7040",),),
    "8006": (("22", "10", "21"),),
    "8010": (("8011",),),
    "8013": (),
    "8017": (("8019",),),
    "8018": (("8019",),),
}
_NEVER_ATTRIBUTES = frozenset({"8110", "8112", "8200"})  # coupons, and a URL inside a URL
# Element strings put these first, as their length is known without a separator (General Specifications 7.8.5).
_PREDEFINED_LENGTH = frozenset({"00", "01", "02", "03", "20", "31", "32", "33", "34", "35", "36", "41"}) | {
    str(number) for number in range(11, 20)
}

_COMPONENT = re.compile(r"(\[)?([NXYZD])(\.\.)?([0-9]*)(c)?\]?")
_CLASSES = {"N": "[0-9]", "X": f"[{re.escape(CSET82)}]", "Y": f"[{re.escape(CSET39)}]", "Z": "[0-9A-Za-z_=-]"}
_DATE = "[0-9]{2}(?:0[1-9]|1[0-2])(?:[0-2][0-9]|3[01])"


def _compile_format(text: str) -> re.Pattern[str]:
    pattern = ""
    for optional, kind, up_to, size, check in _COMPONENT.findall(text):
        part = _DATE if kind == "D" else f"{_CLASSES[kind]}{{{'1,' if up_to else ''}{size}}}"
        part = f"(?P<check>{part})" if check else part
        pattern += f"(?:{part})?" if optional else part
    return re.compile(pattern)


def _load_formats() -> dict[str, re.Pattern[str]]:
    formats = {}
    for line in _FORMATS.split("\n")[1:-1]:
        text, *spans = line.split(" ")
        for span in spans:
            first, _, last = span.partition("-")
            for number in range(int(first), int(last or first) + 1):
                formats[str(number).zfill(len(first))] = _compile_format(text)
    return formats


_AI_FORMATS = _load_formats()
_QUERY_PARAMETER = re.compile(QUERY_PARAMETER)
_SEGMENT = _PLAIN.replace("/", "").replace("?", "") + "=&"
_URI = re.compile(
    rf"(?P<scheme>https?|HTTPS?)://(?P<host>{AUTHORITY})(?P<path>(?:/[{_SEGMENT}%]++)++)"
    rf"(?:\?(?P<query>[{_PLAIN}=&%]*+))?(?:\#(?P<fragment>(?:[{_PLAIN}=&]|%[0-9A-Fa-f]{{2}})*+))?"
)
_STEM = re.compile(
    rf"(?P<scheme>https?|HTTPS?)://(?P<host>{AUTHORITY})(?P<stem>(?:/(?:[{_SEGMENT}]|%[0-9A-Fa-f]{{2}})++)*+)"
)
MAX_URI_LENGTH = 2048

Element = tuple[str, str]  # an application identifier and its value, not percent-encoded


@dataclass(frozen=True, slots=True)
class DigitalLink:
    """A GS1 Digital Link URI: primary key and qualifiers in `keys`, everything behind "?" in `query` as it came.

    `scheme` and `host` keep their letter case. In `query` the values of application identifiers are decoded, those of
    other parameters are verbatim; None is a parameter without "=". `query` and `fragment` are None where absent.
    """

    scheme: str
    host: str
    stem: str
    keys: tuple[Element, ...]
    query: tuple[tuple[str, str | None], ...] | None = None
    fragment: str | None = None

    @property
    def attributes(self) -> tuple[Element, ...]:
        """The application identifiers in the query, in the order of the URI."""
        return tuple((name, value or "") for name, value in self.query or () if name.isdigit())

    @property
    def other_parameters(self) -> tuple[tuple[str, str | None], ...]:
        """The query parameters that are no application identifiers, verbatim."""
        return tuple((name, value) for name, value in self.query or () if not name.isdigit())

    def to_uri(self) -> str:
        """The one spelling of this value."""
        text = f"{self.scheme}://{self.host}{self.stem}"
        text += "".join(f"/{ai}/{encode_percent(value)}" for ai, value in self.keys)
        if self.query is not None:
            text += "?" + "&".join(_parameter_text(name, value) for name, value in self.query)
        return text if self.fragment is None else f"{text}#{self.fragment}"


def _parameter_text(name: str, value: str | None) -> str:
    if value is None:
        return name
    return f"{name}={encode_percent(value) if name.isdigit() else value}"


def parse_element(ai: str, value: str) -> Element:
    """The pair if the application identifier exists and the value fits it; else raises Malformed."""
    pattern = _AI_FORMATS.get(ai)
    if pattern is None:
        raise Malformed("unknown_identifier", "There is no such GS1 application identifier.")
    match = pattern.fullmatch(value)
    if match is None:
        raise Malformed("bad_element", f"The value does not have the format of application identifier {ai}.")
    checked = match["check"] if "check" in pattern.groupindex else None
    if checked and gs1_check_digit(checked[:-1]) != checked[-1]:
        raise Malformed("bad_element", f"The check digit in application identifier {ai} is wrong.")
    if (ai == "8003" and value[0] != "0") or (ai == "8011" and value[0] == "0"):
        raise Malformed("bad_element", f"The value does not have the format of application identifier {ai}.")
    return ai, value


def parse_digital_link(uri: str) -> DigitalLink:
    """The Digital Link that `uri` spells (at most 2,048 characters); anything else, or another spelling of the same
    values, raises Malformed. Associations between identifiers other than key and qualifier are not checked."""
    match = _URI.fullmatch(uri) if len(uri) <= MAX_URI_LENGTH else None
    if match is None:
        raise Malformed("bad_link", "This is not an http or https link with a host and a path.")
    segments = match["path"].split("/")[1:]
    # The value of a key is never taken for a key, so the search goes in pairs, from the end.
    start = next((i for i in range(len(segments) - 2, -1, -2) if segments[i] in _QUALIFIERS), None)
    if start is None:
        raise Malformed("no_primary_key", "The path names no GS1 primary key.")
    stem = "".join(f"/{segment}" for segment in segments[:start])
    if not _STEM.fullmatch(f"https://a{stem}"):
        raise Malformed("bad_percent_encoding", "The part of the path before the key is not well encoded.")
    pairs = zip(segments[start::2], segments[start + 1 :: 2], strict=True)
    keys = tuple(parse_element(ai, decode_percent(value)) for ai, value in pairs)
    query = None if match["query"] is None else _parse_query(match["query"])
    link = DigitalLink(match["scheme"], match["host"], stem, keys, query, match["fragment"])
    _check_structure(link)
    return link


def _parse_query(text: str) -> tuple[tuple[str, str | None], ...]:
    parameters: list[tuple[str, str | None]] = []
    for part in text.split("&") if text else ():
        match = _QUERY_PARAMETER.fullmatch(part)
        if match is None:
            raise Malformed("bad_query", "A query parameter is empty, or has a character that must be percent-encoded.")
        name, value = match["name"], match["value"]
        parameters.append(parse_element(name, decode_percent(value or "")) if name.isdigit() else (name, value))
    return tuple(parameters)


def _is_qualified(path: list[str]) -> bool:
    """Whether the identifiers are a primary key with some of its qualifiers in their order."""
    options = _QUALIFIERS[path[0]] or ((),)
    return any([ai for ai in option if ai in path] == path[1:] for option in options)


def _check_structure(link: DigitalLink) -> None:
    segments = [*link.stem.split("/"), *(value for _, value in link.keys)]
    if any(segment.replace("%2E", ".").replace("%2e", ".") in (".", "..") for segment in segments):
        raise Malformed("bad_link", 'The path segments "." and ".." do not survive: URL libraries remove them.')
    path = [ai for ai, _ in link.keys]
    attributes = [ai for ai, _ in link.attributes]
    if not _is_qualified(path):
        raise Malformed("bad_qualifiers", f"These may not follow key {path[0]} in the path, or not in this order.")
    if len(set(path + attributes)) != len(path + attributes):
        raise Malformed("duplicate_identifier", "An application identifier occurs twice.")
    for ai in attributes:
        if ai in _NEVER_ATTRIBUTES:
            raise Malformed("bad_attribute", f"Application identifier {ai} may not stand in a Digital Link.")
        if any(_is_qualified([*path[:at], ai, *path[at:]]) for at in range(1, len(path) + 1)):
            raise Malformed("bad_attribute", f"Application identifier {ai} qualifies the key; it belongs in the path.")


def make_digital_link(elements: Sequence[Element], *, stem: str = "https://id.gs1.org") -> DigitalLink:
    """The Digital Link for elements in any order: the first primary key leads, attributes of predefined length come
    first; a repeated element counts once. Raises Malformed if they do not fit into one link."""
    match = _STEM.fullmatch(stem.removesuffix("/"))
    if match is None:
        raise Malformed("bad_link", "The stem is not an http or https link with a host.")
    unique = tuple(dict.fromkeys(parse_element(ai, value) for ai, value in elements))
    values = dict(unique)
    key = next((ai for ai in values if ai in _QUALIFIERS), None)
    if key is None:
        raise Malformed("no_primary_key", "None of the elements is a GS1 primary key.")
    present = [[ai for ai in option if ai in values] for option in _QUALIFIERS[key]]
    path = [key, *max(present, key=len, default=[])]
    if any(ai not in path for option in present for ai in option):
        # A link that left a qualifier behind would name another thing than the elements do.
        raise Malformed("bad_qualifiers", f"These qualifiers of key {key} exclude each other.")
    rest = [item for item in unique if item[0] not in path]
    rest.sort(key=lambda item: item[0][:2] not in _PREDEFINED_LENGTH)
    keys = tuple((ai, values[ai]) for ai in path)
    link = DigitalLink(match["scheme"], match["host"], match["stem"], keys, tuple(rest) or None)
    if len(unique) != len(values):
        raise Malformed("duplicate_identifier", "An application identifier occurs with two values.")
    _check_structure(link)
    return link
