# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/verify: many codes in one call, one verdict each, in the same order. docs/http-api.md.

Two forms: a JSON array, answered as one object, and lines (NDJSON), answered line by line. Nobody's answer is ever held
as a whole: it is made piece by piece as the client reads.
"""

from __future__ import annotations

import errno
import json
import select
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, request
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from verifier.web.api.operations import declare
from verifier.web.api.verify_operations import VERIFY_CODES
from verifier.web.bodies import read_strings
from verifier.web.code_lines import MEDIA_TYPE, LineError, read_code_lines
from verifier.web.headers import allow_any_origin
from verifier.web.verdict_json import VerdictWriter

if TYPE_CHECKING:
    from verifier.web.ports import Checker

MAX_CODES = 10_000
MAX_ARRAY_SIZE = 8 << 20  # bytes of a JSON body: 10,000 codes of 512 characters take 5 MB
MAX_LINES_SIZE = 16 << 20
MAX_ANSWER_SECONDS = 180.0  # who reads more slowly than that holds a thread for nothing
_EARLY_SIZE = 8 << 10  # characters that go out in one piece while the request is still arriving
_PIECE_SIZE = 32 << 10


def make_verify_blueprint(checker: Checker) -> Blueprint:
    """The API for platforms. One bad code never spoils the rest: it is its own malformed verdict."""
    api = Blueprint("verify_api", __name__)
    api.after_request(allow_any_origin)

    @api.post("/api/v1/verify")
    @declare(VERIFY_CODES)
    def verify_codes() -> Response:
        writer = VerdictWriter()
        if request.mimetype == MEDIA_TYPE:
            request.max_content_length = MAX_LINES_SIZE
            stream = request.stream  # raises 413 for a length that is too large, before anything is answered
            arriving = read_code_lines(stream, maximum=MAX_CODES)
            answers = _answer_lines(arriving, checker, writer, _can_send(request.environ))
            return Response(_in_time(answers), mimetype=MEDIA_TYPE, headers={"X-Accel-Buffering": "no"})
        request.max_content_length = MAX_ARRAY_SIZE
        codes = read_strings(request, "codes", maximum=MAX_CODES)
        verdicts = map(checker.check, codes)
        if _wants_lines(request.headers.get("Accept", "")):
            lines = (writer.write(verdict) + "\n" for verdict in verdicts)
            return Response(_in_time(_joined(lines, _PIECE_SIZE)), mimetype=MEDIA_TYPE)
        return _array_response(_joined(writer.pieces(verdicts), _PIECE_SIZE))

    return api


def _array_response(pieces: Iterator[str]) -> Response:
    """A short answer as a whole, with its length; a long one as it is made."""
    first = next(pieces)
    second = next(pieces, None)
    if second is None:
        return Response(first, mimetype="application/json")

    def rest() -> Iterator[str]:
        yield first
        yield second
        yield from pieces

    return Response(_in_time(rest()), mimetype="application/json")


def _answer_lines(
    arriving: Iterable[list[str | LineError]], checker: Checker, writer: VerdictWriter, can_send: Callable[[], bool]
) -> Iterator[str]:
    """Answers while the request arrives, as long as the client takes them; the rest when it has all arrived.

    A client that sends everything before it reads anything would otherwise wait for us while we wait for it. What is
    kept for later are its codes, not their answers.
    """
    waiting: deque[str | LineError] = deque()

    def answer() -> Iterator[str]:
        while waiting:
            item = waiting.popleft()
            if isinstance(item, LineError):
                yield json.dumps(item.to_json(), ensure_ascii=False, separators=(",", ":")) + "\n"
            else:
                yield writer.write(checker.check(item)) + "\n"

    for items in arriving:
        waiting.extend(items)
        while waiting and can_send():
            yield next(_joined(answer(), _EARLY_SIZE))
    yield from _joined(answer(), _PIECE_SIZE)


def _can_send(environ: dict[str, Any]) -> Callable[[], bool]:
    """Whether the connection takes a piece without waiting. Never, where the server does not show its socket."""
    connection = environ.get("gunicorn.socket")
    if connection is None:
        return lambda: False
    poll = select.poll()
    poll.register(connection, select.POLLOUT)
    return lambda: bool(poll.poll(0))


def _wants_lines(accept: str) -> bool:
    accepted = parse_accept_header(accept[:400], MIMEAccept)
    return accepted[MEDIA_TYPE] > accepted["application/json"]


def _joined(texts: Iterable[str], size: int) -> Iterator[str]:
    """The same text in pieces of about `size` characters: each piece is a write of its own."""
    held: list[str] = []
    length = 0
    for text in texts:
        held.append(text)
        length += len(text)
        if length >= size:
            yield "".join(held)
            held, length = [], 0
    if held:
        yield "".join(held)


def _in_time(pieces: Iterator[str]) -> Iterator[str]:
    """Hangs up on a reader who takes too long. A short answer must not look like a whole one, so it is an error."""
    ends_at = time.monotonic() + MAX_ANSWER_SECONDS
    for piece in pieces:
        yield piece
        if time.monotonic() > ends_at:
            raise ConnectionResetError(errno.ECONNRESET, "the client reads too slowly")
