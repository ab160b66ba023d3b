# SPDX-License-Identifier: Apache-2.0
"""Codes that arrive one to a line, read while they arrive: newline-delimited JSON. RFC 8259 for each line.

A line is a JSON string, or an object {"code": "…"}. A bad line is an error of its own, in its place; the others count.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from verifier.protocol.encoding import JsonValue

MEDIA_TYPE = "application/x-ndjson"
MAX_LINE_SIZE = 4096  # bytes: a code of 512 characters, each escaped, fits
_PIECE = 8192


class ByteStream(Protocol):
    """A request body."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class LineError:
    """What is said in place of a verdict."""

    code: str
    message: str

    def to_json(self) -> dict[str, JsonValue]:
        return {"error": {"code": self.code, "message": self.message}}


_TOO_LONG = LineError("line_too_long", f"A line has at most {MAX_LINE_SIZE} bytes.")
_BAD = LineError("bad_line", 'A line is a JSON string, or {"code": "…"}, in UTF-8.')
_CUT_SHORT = LineError("request_cut_short", "The request ended before its announced length. Send the rest again.")
_TOO_LARGE = LineError("request_entity_too_large", "The body is too large. Send the rest in another request.")


def read_code_lines(stream: ByteStream, *, maximum: int) -> Iterator[list[str | LineError]]:
    """What each piece of the body completes: codes and errors, in the order of their lines. Holds one line at most.

    Ends after `maximum` lines with an error if there are more. Never raises because of what was sent.
    """
    count = 0
    for lines in _pieces(stream):
        left = maximum - count
        if len(lines) > left and not _is_last_word(lines[left]):
            words = f"A request has at most {maximum} lines. Send the rest in another one."
            yield [*map(_read_line, lines[:left]), LineError("too_many_codes", words)]
            return
        count += len(lines)
        yield [_read_line(line) for line in lines]


def _is_last_word(line: bytes | LineError) -> bool:
    """Whether it is no line of the client's, but ours about the end of the body."""
    return line is _CUT_SHORT or line is _TOO_LARGE


def _pieces(stream: ByteStream) -> Iterator[list[bytes | LineError]]:
    """Whole lines without their ends. Of a line that is too long only the fact is kept."""
    rest, is_skipping = b"", False
    while True:
        try:
            piece = stream.read(_PIECE)
        except RequestEntityTooLarge:
            yield [_TOO_LARGE]
            return
        except (HTTPException, OSError):
            yield [_CUT_SHORT]
            return
        if not piece:
            break
        *whole, rest = (rest + piece).split(b"\n")
        found: list[bytes | LineError] = list(whole)
        if is_skipping and found:
            found[0], is_skipping = _TOO_LONG, False
        if is_skipping or len(rest) > MAX_LINE_SIZE:
            rest, is_skipping = b"", True
        if found:
            yield found
    if is_skipping:
        yield [_TOO_LONG]
    elif rest:
        yield [rest]


def _read_line(line: bytes | LineError) -> str | LineError:
    if isinstance(line, LineError):
        return line
    if len(line) > MAX_LINE_SIZE:
        return _TOO_LONG
    try:
        value = json.loads(line.decode(), object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return _BAD
    if isinstance(value, _Members) and [name for name, _ in value] == ["code"]:
        value = value[0][1]
    return value if type(value) is str else _BAD


class _Members(list[tuple[str, object]]):
    """The members of an object as they stand, also those that occur twice. No array of JSON is of this class."""
