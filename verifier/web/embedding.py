# SPDX-License-Identifier: Apache-2.0
"""Which page a badge stands in, by the Referer of the frame's request, and whether it is the listing's. RFC 9110.

The frame is made with referrerpolicy="no-referrer-when-downgrade", so a browser tells the whole address. A page can
hide it, which makes the badge grey, and cannot make the browser name a page of another origin.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, unquote_to_bytes, urlencode, urlsplit

MAX_PLACE = 500
_MAX_REFERER = 8192
_MAX_PARAMETERS = 100
_DEFAULT_PORT = {"http": 80, "https": 443}
# Shops write addresses in GBK too: read as UTF-8, all that is none of it would be the same.
_BYTES = "latin-1"
_ADDRESS = re.compile(r"[!-~]+", re.ASCII)


class PageFinding(StrEnum):
    """Only `RIGHT` may be green in a frame. `NOT_CHECKED`: a program asked, which is no frame."""

    RIGHT = "right"
    FOREIGN_ORIGIN = "foreign_origin"
    ANOTHER_PAGE = "another_page"
    NO_PAGE = "no_page"
    NOT_CHECKED = "not_checked"


@dataclass(frozen=True, slots=True)
class Embedding:
    """What was found, and the place to tell the platform: without what a visitor may have in the address."""

    finding: PageFinding
    place: str = ""


def origin_of(url: str) -> str:
    """Scheme, host and port in one spelling; "" if there is none."""
    parts = _split(url)
    return "" if parts is None else _origin(parts)


def judge_page(referer: str, origin: str, own_origins: Iterable[str], listing_url: str) -> Embedding:
    """Whether the page of `referer` is the listing's, on the token's origin.

    It must have the listing's path, and each parameter of the listing's address with the same values; others may come
    in addition. `listing_url` "": the address is not known here, and the origin alone is held against the token.
    """
    page = _split(referer) if len(referer) <= _MAX_REFERER else None
    found = "" if page is None else _origin(page)
    if page is None or not found:
        return Embedding(PageFinding.NO_PAGE)
    if found != origin:
        finding = PageFinding.ANOTHER_PAGE if found in own_origins else PageFinding.FOREIGN_ORIGIN
        return Embedding(finding, f"{found}{page.path}"[:MAX_PLACE])
    if not listing_url:
        return Embedding(PageFinding.RIGHT)
    listing = urlsplit(listing_url)
    wanted, there = _parameters(listing.query), _parameters(page.query)
    is_path_right = _path(page) == _path(listing)
    if is_path_right and wanted is not None and there is not None and _holds(there, wanted):
        return Embedding(PageFinding.RIGHT)
    if (page.path or "/") == "/" and not page.query:
        return Embedding(PageFinding.NO_PAGE, found)  # most likely cut down to the origin on the way
    named = [(name, value) for name in wanted or {} for value in (there or {}).get(name, ())]
    query = f"?{urlencode(named, encoding=_BYTES)}" if named else ""
    return Embedding(PageFinding.ANOTHER_PAGE, f"{found}{page.path}{query}"[:MAX_PLACE])


def _holds(there: dict[str, list[str]], wanted: dict[str, list[str]]) -> bool:
    return all(there.get(name) == values for name, values in wanted.items())


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme in _DEFAULT_PORT and parts.hostname and _ADDRESS.fullmatch(url) else None


def _path(parts: SplitResult) -> list[bytes]:
    """By its segments, because %2F is part of one and / is between two."""
    return [unquote_to_bytes(segment) for segment in (parts.path or "/").split("/")]


def _origin(parts: SplitResult) -> str:
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORT[parts.scheme]) else f":{port}")


def _parameters(query: str) -> dict[str, list[str]] | None:
    """Values by name, in order; None if there are too many."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, encoding=_BYTES, max_num_fields=_MAX_PARAMETERS)
    except ValueError:
        return None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found
