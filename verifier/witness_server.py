# SPDX-License-Identifier: Apache-2.0
"""The witness over HTTP, with the standard library alone. C2SP tlog-witness, RFC 9112.

    POST /add-checkpoint               cosign a checkpoint
    GET  /<origin hash>/checkpoint     the last cosigned checkpoint of a log
    GET  /                             the witness's name and key

One thread per connection, a bound on connections, one deadline per request, bounded bodies. TLS is a proxy's task.
"""

from __future__ import annotations

import io
import logging
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from verifier.protocol.add_checkpoint import MAX_REQUEST_SIZE, PATH
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import Malformed
from verifier.witness import Answer

if TYPE_CHECKING:
    from verifier.witness import Witness

LOG = logging.getLogger(__name__)
MAX_CONNECTIONS = 128
REQUEST_SECONDS = 20.0  # for waiting for the next request on a connection, and for all of it to arrive

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint", re.ASCII)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness on (host, port); port 0 takes a free one. `serve_forever`, then `stop` from another thread."""

    daemon_threads = False  # `stop` lets answers that are on their way go out
    request_queue_size = 64

    def __init__(self, witness: Witness, address: tuple[str, int], *, max_connections: int = MAX_CONNECTIONS) -> None:
        self.witness = witness
        self.is_stopping = False
        self._places = threading.BoundedSemaphore(max_connections)
        self._open: set[socket.socket] = set()
        self._guard = threading.Lock()
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """The submission prefix, which is the monitoring prefix too."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}" if ":" in str(host) else f"http://{host!s}:{port}"

    def stop(self) -> None:
        """Take no more requests, answer those that have arrived, and return. Call it from another thread."""
        self.is_stopping = True
        self.shutdown()
        with self._guard:
            for connection in self._open:
                try:
                    connection.shutdown(socket.SHUT_RD)  # who waits for a next request sees the end
                except OSError:
                    continue  # closed by the other side
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start a thread for a connection, or hang up if there are too many."""
        if not self._places.acquire(blocking=False):
            LOG.warning("too many connections")
            self.shutdown_request(request)
            return
        with self._guard:
            self._open.add(request)
        try:
            super().process_request(request, client_address)
        except BaseException:  # no thread could be started
            self._leave(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """One connection, until it ends."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._leave(request)

    def _leave(self, request: socket.socket) -> None:
        with self._guard:
            self._open.discard(request)
        self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is no news; a mistake of ours is."""
        LOG.info("a connection ended in the middle", exc_info=True)


class _DeadlineReader(io.RawIOBase):
    """Reads from a socket until `deadline`. A timeout of the socket's own starts again with every byte."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self.deadline = 0.0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(left)
        return self._connection.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    protocol_version = "HTTP/1.1"
    server_version = "verifier-witness"
    sys_version = ""
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.rfile.close()
        self._reader = _DeadlineReader(self.connection)
        self.rfile = io.BufferedReader(self._reader)

    def handle_one_request(self) -> None:
        self._reader.deadline = time.monotonic() + REQUEST_SECONDS
        super().handle_one_request()
        if self.server.is_stopping:
            self.close_connection = True

    def do_POST(self) -> None:
        body = self._read_body()
        if body is None:
            return
        if self.path == PATH:
            self._send(self.server.witness.add_checkpoint(body))
        else:
            self._send(Answer(404, b"There is nothing here; POST to /add-checkpoint.\n"))

    def do_GET(self) -> None:
        if self.headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # we do not read it, so it must not be taken for the next request
        if self.path == "/":
            self._send(Answer(200, f"{self.server.witness.vkey.to_text()}\n".encode()))
            return
        match = _CHECKPOINT.fullmatch(self.path)
        note = self.server.witness.find_checkpoint(match[1]) if match else None
        self._send(Answer(404, b"There is nothing here.\n") if note is None else Answer(200, note))

    do_HEAD = do_GET

    def _read_body(self) -> bytes | None:
        """The body; None when it was refused unread, and then the connection ends."""
        self.close_connection, keep = True, self.close_connection
        if "Transfer-Encoding" in self.headers:
            self._send(Answer(411, b"Send the body with a Content-Length.\n"))
            return None
        lengths = self.headers.get_all("Content-Length", [])
        try:
            length = parse_decimal(lengths[0]) if len(set(lengths)) == 1 else -1
        except Malformed:
            length = -1
        if length < 0:
            self._send(Answer(411 if not lengths else 400, b"Send the body with one Content-Length.\n"))
            return None
        if length > MAX_REQUEST_SIZE:
            self._send(Answer(413, b"The request is too long.\n"))
            return None
        body = self.rfile.read(length)
        if len(body) < length:
            return None  # the client hung up
        self.close_connection = keep
        return body

    def _send(self, answer: Answer) -> None:
        self.connection.settimeout(REQUEST_SECONDS)
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.media_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing per request: who asks is nobody's business, and what was signed is logged by the witness."""
