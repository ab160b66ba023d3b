# SPDX-License-Identifier: Apache-2.0
"""The request target as it came over the wire, and what it names: a code, a badge. GS1 Digital Link, RFC 9112 §3.2.

A web framework decodes %2F to a slash before anybody can see it; a serial may hold one. So codes are read from the raw
target, which gunicorn gives as RAW_URI and other servers as REQUEST_URI.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from verifier.protocol.digital_link import decode_percent
from verifier.protocol.errors import Malformed

MAX_TARGET_LENGTH = 2048

_ABSOLUTE = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_PRINTABLE = re.compile(r"/[!-~]*")
_BADGE = re.compile(r"/badge/01/([0-9]{1,20})/10/([0-9A-Za-z._~%-]{1,60})(?:/(events|status))?(?:\?.*)?")
_LANGUAGE = re.compile(r"lang=(?:zh|en)")


def raw_target(environ: Mapping[str, object]) -> str:
    """Path and query as sent: printable ASCII that begins with a slash. Raises Malformed."""
    value = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if not isinstance(value, str):
        raise Malformed("no_raw_target", "the server does not pass the raw request target on (RAW_URI or REQUEST_URI)")
    if len(value) > MAX_TARGET_LENGTH:
        raise Malformed("target_too_long", f"an address here has at most {MAX_TARGET_LENGTH} characters")
    target = value if value.startswith("/") else _ABSOLUTE.sub("", value, count=1)
    if _PRINTABLE.fullmatch(target) is None:
        raise Malformed("bad_target", "the address holds characters that must be percent-encoded")
    return target


def without_language(target: str) -> str:
    """The target without our own `lang` parameter; every other byte stays as it is."""
    path, _, query = target.partition("?")
    if "lang=" not in query:
        return target
    kept = "&".join(part for part in query.split("&") if _LANGUAGE.fullmatch(part) is None)
    return f"{path}?{kept}" if kept else path


def with_language(target: str, language: str) -> str:
    """The same page in another language: the code's own bytes are untouched."""
    plain = without_language(target)
    return f"{plain}{'&' if '?' in plain else '?'}lang={language}"


@dataclass(frozen=True, slots=True)
class BadgeTarget:
    """What a badge address names. `view` is "" (the page), "events" or "status"."""

    gtin: str
    lot: str
    view: str
    path: str  # of the page, as it came


def parse_badge_target(target: str) -> BadgeTarget:
    """Reads /badge/01/<gtin>/10/<lot>, with /events or /status behind it or not. Raises Malformed."""
    match = _BADGE.fullmatch(target)
    if match is None:
        raise Malformed("bad_badge_address", "a badge's address is /badge/01/<14 digits>/10/<lot>")
    gtin, lot, view = match.groups()
    return BadgeTarget(gtin, decode_percent(lot), view or "", f"/badge/01/{gtin}/10/{lot}")
