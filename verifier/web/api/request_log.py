# SPDX-License-Identifier: Apache-2.0
"""One line for one request: method, route, status, time, size, request id, and who asked by its id. Nothing else.

The route is the template, never the path: a product code is nobody's business but its owner's. No address, no browser,
no query is written.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from flask import request

from verifier.web.api.request_ids import request_id_of

if TYPE_CHECKING:
    from flask import Flask

LOG = logging.getLogger("product_passport.requests")
ENVIRON_ROUTE = "product_passport.route"
ENVIRON_PRINCIPAL = "product_passport.principal"
UNKNOWN_ROUTE = "-"

LogFormat = Literal["json", "text"]


class RequestLog:
    """WSGI middleware. The line is written when the last byte was given to the server, or the client was gone."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        began = time.monotonic()
        seen = {"status": 0}

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            seen["status"] = int(status[:3])
            return start_response(status, headers, *more)

        def write(size: int) -> None:
            members = {
                "method": str(environ.get("REQUEST_METHOD", ""))[:16],
                "route": environ.get(ENVIRON_ROUTE, UNKNOWN_ROUTE),
                "status": seen["status"],
                "duration_ms": round((time.monotonic() - began) * 1000, 1),
                "bytes": size,
                "request_id": request_id_of(environ),
                "principal": environ.get(ENVIRON_PRINCIPAL),
            }
            LOG.info("request", extra={"members": members})

        return _Counted(self._app(environ, start), write)


class _Counted:
    """An answer's pieces, counted as they go out. `close` is called once by the server, whatever happened."""

    def __init__(self, pieces: Iterable[bytes], write: Callable[[int], None]) -> None:
        self._pieces = pieces
        self._write = write
        self._size = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._size += len(piece)
            yield piece

    def close(self) -> None:
        close = getattr(self._pieces, "close", None)
        try:
            if close is not None:
                close()
        finally:
            self._write(self._size)


def note_route(app: Flask) -> None:
    """Tells the log which route answers; the middleware cannot know."""

    @app.before_request
    def note() -> None:
        if request.url_rule is not None:
            request.environ[ENVIRON_ROUTE] = request.url_rule.rule


class JsonFormatter(logging.Formatter):
    """One JSON object in each line, for any record."""

    def format(self, record: logging.LogRecord) -> str:
        instant = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        value: dict[str, object] = {"at": instant, "level": record.levelname.lower(), "logger": record.name}
        members = getattr(record, "members", None)
        value["message"] = record.getMessage()
        if isinstance(members, dict):
            value |= {name: item for name, item in members.items() if item is not None}
        if record.exc_info:
            value["exception"] = self.formatException(record.exc_info)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


class TextFormatter(logging.Formatter):
    """The same for a person at a terminal."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        members = getattr(record, "members", None)
        if not isinstance(members, dict):
            return super().format(record)
        words = " ".join(f"{name}={item}" for name, item in members.items() if item is not None)
        return f"{self.formatTime(record)} {words}"


def start_logging(form: LogFormat) -> None:
    """Sends every record of this process to standard error in one form, the requests' own among them."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    LOG.setLevel(logging.INFO)
