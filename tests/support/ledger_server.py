# SPDX-License-Identifier: Apache-2.0
"""A small threaded HTTP server on loopback that serves a dict of bytes, and misbehaves where a test asks for it."""

from __future__ import annotations

import ssl
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer 307 with this Location."""

    location: str


@dataclass(frozen=True, slots=True)
class Slow:
    """Send one byte of head or body at a time, waiting in between; the whole takes far longer than any deadline."""

    seconds_per_byte: float = 0.05


@dataclass(frozen=True, slots=True)
class Silent:
    """Take the request and say nothing until the server stops."""


@dataclass(frozen=True, slots=True)
class Oversized:
    """A body of this many bytes; without `announced` it comes in chunks of unknown total."""

    size: int
    announced: bool = True


@dataclass(frozen=True, slots=True)
class CutShort:
    """Announce the whole length, send half and hang up."""


@dataclass(frozen=True, slots=True)
class Refuse:
    """This status with this body."""

    status: int
    body: bytes = b"no"


@dataclass(frozen=True, slots=True)
class Garbage:
    """Something that is not HTTP."""


@dataclass(frozen=True, slots=True)
class HangUpAfter:
    """Answer as usual, then close the connection without having said so."""


Fault = Redirect | Slow | Silent | Oversized | CutShort | Refuse | Garbage | HangUpAfter


@dataclass(slots=True)
class LedgerServer:
    """Serves `files` (request target "/ledger/checkpoint" → body) on 127.0.0.1 and a free port, until the block ends.

    `faults` (target → fault) are looked up first. Both may be changed while the server runs. `requests` lists the
    targets asked for, in order; `connections` counts them.

        with LedgerServer(simulator.files()) as server:
            client = LedgerClient(server.url + "/ledger", simulator.policy)
    """

    files: Mapping[str, bytes]
    faults: dict[str, Fault] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None  # then it speaks https alone
    _http: ThreadingHTTPServer | None = None
    _stopping: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        """ "http://127.0.0.1:<port>", without a slash at the end."""
        assert self._http is not None
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> LedgerServer:
        owner = self

        class Handler(_Handler):
            server_of_test = owner

        self._http = _QuietServer(("127.0.0.1", 0), Handler)
        if self.tls is not None:
            self._http.socket = self.tls.wrap_socket(self._http.socket, server_side=True)
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        assert self._http is not None
        self._stopping.set()
        self._http.shutdown()
        self._http.server_close()

    @property
    def is_stopping(self) -> threading.Event:
        return self._stopping


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up in the middle is what many tests are about."""
        if not isinstance(sys.exception(), (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes; waiting for an acknowledgement costs 40 ms
    server_of_test: LedgerServer

    def setup(self) -> None:
        self.server_of_test.connections += 1
        super().setup()

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output quiet."""

    def do_GET(self) -> None:
        test = self.server_of_test
        test.requests.append(self.path)
        fault = test.faults.get(self.path)
        body = test.files.get(self.path)
        match fault:
            case None | HangUpAfter():
                status = 404 if body is None else 200
                self._answer(status, b"no such file\n" if body is None else body)
                self.close_connection = fault is not None
            case Redirect(location):
                self._answer(307, b"", ("Location", location))
            case Refuse(status, words):
                self._answer(status, words)
            case Oversized(size, announced):
                self._oversized(size, announced)
            case Slow(pause):
                self._drip(body or b"x" * 10_000, pause)
            case Silent():
                test.is_stopping.wait(30)
                self.close_connection = True
            case CutShort():
                whole = body or b"x" * 1000
                self.send_response(200)
                self.send_header("Content-Length", str(len(whole)))
                self.end_headers()
                self.wfile.write(whole[: len(whole) // 2])
                self.close_connection = True
            case Garbage():
                self.wfile.write(b"\x16\x03\x01 this is not HTTP\r\n\r\n")
                self.close_connection = True

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.send_response(status)
        for name, value in (*headers, ("Content-Length", str(len(body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _oversized(self, size: int, announced: bool) -> None:
        self.send_response(200)
        self.send_header(*("Content-Length", str(size)) if announced else ("Transfer-Encoding", "chunked"))
        self.end_headers()
        self.close_connection = True
        piece = b"x" * 65_536
        try:
            for _ in range(0, size, len(piece)):
                self.wfile.write(piece if announced else b"10000\r\n" + piece + b"\r\n")
        except OSError:  # the client has had enough, as it should
            return

    def _drip(self, body: bytes, pause: float) -> None:
        self.close_connection = True
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        try:
            for byte in head + body:
                if self.server_of_test.is_stopping.is_set():
                    return
                self.wfile.write(bytes([byte]))
                time.sleep(pause)
        except OSError:
            return
