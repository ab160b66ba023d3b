# SPDX-License-Identifier: Apache-2.0
"""Pages of a listing by cursor: a cursor names the last entry that was shown, so what comes or goes in between is no
harm.

A cursor is opaque to clients and not secret: base64url of the canonical JSON of the listing's name and the last key. It
is not signed: it says no more than where to go on, and whoever may read the listing may start anywhere in it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlencode

from flask import Response, request

from verifier.api_types import MAX_PAGE, Cursor, PageLimit
from verifier.protocol.encoding import JsonValue, encode_canonical_json, parse_canonical_json, parse_decimal
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.web.api.operations import Parameter

T = TypeVar("T")
DEFAULT_PAGE = 50
_MAX_CURSOR = 500

LIMIT = Parameter(
    "limit",
    "query",
    PageLimit,
    Text(zh="每页条数，1 至 200，默认 50。", en=f"Entries on a page, 1 to {MAX_PAGE}; {DEFAULT_PAGE} if not given."),
    is_required=False,
)
CURSOR = Parameter(
    "cursor",
    "query",
    Cursor,
    Text(zh="上一页的 next；没有则从头开始。", en="`next` of the page before; without it, the first page."),
    is_required=False,
)

Key = tuple[str | int, ...]
"""What a listing is sorted by: the key of its last entry shown."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What was asked for. `after` is None for the first page."""

    listing: str
    limit: int
    after: Key | None

    def cut(self, found: Sequence[T], key_of: Callable[[T], Key]) -> Page[T]:
        """The page out of up to `limit` + 1 entries after `after`: one more than fits shows that there is a next."""
        shown = tuple(found[: self.limit])
        has_more = len(found) > self.limit
        return Page(shown, encode_cursor(self.listing, key_of(shown[-1])) if has_more and shown else None)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Entries, and the cursor of the page after this one."""

    items: tuple[T, ...]
    next_cursor: str | None


def encode_cursor(listing: str, key: Key) -> str:
    """The cursor after the entry with this key."""
    data = encode_canonical_json([listing, *key])
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parse_cursor(listing: str, text: str, kinds: tuple[type, ...]) -> Key:
    """The key in a cursor of this listing, its parts of these types. Raises Malformed("bad_cursor")."""
    try:
        if len(text) > _MAX_CURSOR:
            raise ValueError
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        name, *key = _array(parse_canonical_json(data, max_size=_MAX_CURSOR))
        parts = tuple(part for part in key if isinstance(part, str | int))
        if name != listing or tuple(map(type, parts)) != kinds or encode_cursor(listing, parts) != text:
            raise ValueError
    except (ValueError, Malformed):
        raise Malformed(
            "bad_cursor", "This cursor is not one that this listing gave. Start again without it."
        ) from None
    return parts


def _array(value: JsonValue) -> list[JsonValue]:
    if not isinstance(value, list) or not value:
        raise ValueError
    return value


def read_page_request(listing: str, kinds: tuple[type, ...] = (str,)) -> PageRequest:
    """`limit` and `cursor` of this request. Raises Malformed: "bad_limit", "bad_cursor"."""
    for name in ("limit", "cursor"):
        if len(request.args.getlist(name)) > 1:
            raise Malformed(f"bad_{name}", f"{name} may be given once.")
    limit, cursor = request.args.get("limit"), request.args.get("cursor")
    after = None if cursor is None else parse_cursor(listing, cursor, kinds)
    return PageRequest(listing, DEFAULT_PAGE if limit is None else _parse_limit(limit), after)


def _parse_limit(text: str) -> int:
    try:
        limit = parse_decimal(text, maximum=MAX_PAGE)
    except Malformed:
        limit = 0
    if limit == 0:
        raise Malformed("bad_limit", f"limit is a number from 1 to {MAX_PAGE}.")
    return limit


def link_next(response: Response, page: PageRequest, next_cursor: str | None) -> Response:
    """Adds the header Link to the next page (RFC 8288)."""
    if next_cursor is not None:
        query = urlencode({"limit": page.limit, "cursor": next_cursor})
        response.headers["Link"] = f'<{request.path}?{query}>; rel="next"'
    return response
