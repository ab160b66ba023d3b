# SPDX-License-Identifier: Apache-2.0
"""Request bodies, read strictly: one media type, bounded size, no repeated members. RFC 8259."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeVar

from werkzeug.exceptions import UnsupportedMediaType

from verifier.protocol.errors import Malformed
from verifier.wire import read_wire

if TYPE_CHECKING:
    from flask import Request

T = TypeVar("T")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Malformed("repeated_member", "a member occurs twice in the JSON object")
    return value


def read_strings(request: Request, member: str, *, maximum: int) -> list[str]:
    """The array of 1 to `maximum` strings in a body {"<member>": […]}. Raises Malformed or UnsupportedMediaType."""
    value = _read_json(request)
    strings = value.get(member) if isinstance(value, dict) and len(value) == 1 else None
    if not isinstance(strings, list) or not 1 <= len(strings) <= maximum:
        raise Malformed("bad_body", f'Send {{"{member}": […]}} with 1 to {maximum} strings and nothing else.')
    if not all(type(item) is str for item in strings):
        raise Malformed("bad_body", f'Every member of "{member}" must be a string.')
    return strings


def read_value(request: Request, kind: type[T]) -> T:
    """The body as a value of the API (verifier/wire.py). Raises Malformed or UnsupportedMediaType."""
    return read_wire(kind, _read_json(request))


def _read_json(request: Request) -> object:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send the body as application/json.")
    try:
        # Decoded here: given bytes, json.loads would take UTF-16 and UTF-32 as well.
        return json.loads(request.get_data(cache=False).decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise Malformed("bad_json", "The body is not JSON in UTF-8.") from None


def read_bytes(request: Request, media_type: str) -> bytes:
    """A binary body of exactly this media type. Raises UnsupportedMediaType."""
    if request.mimetype != media_type:
        raise UnsupportedMediaType(f"Send the body as {media_type}.")
    return request.get_data(cache=False)
