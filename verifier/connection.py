# SPDX-License-Identifier: Apache-2.0
"""An HTTP connection under one deadline for everything: name look-up, connecting, TLS, every byte. RFC 9112."""

from __future__ import annotations

import http.client
import io
import queue
import re
import socket
import ssl
import threading
import time
from typing import Any

_MAX_CHUNK_LINE = 1024
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")


class _StrictResponse(http.client.HTTPResponse):
    """Chunk sizes are hex digits and nothing else: `int(…, 16)` takes "-1", which then reads for ever, and "0x1_0"."""

    def _read_next_chunk_size(self) -> int:
        line: bytes = self.fp.readline(_MAX_CHUNK_LINE)
        size = line.partition(b";")[0].strip()
        if not line.endswith(b"\n") or _CHUNK_SIZE.fullmatch(size) is None:
            raise http.client.HTTPException("a chunk's size is not in hex digits")
        return int(size, 16)


class Connection(http.client.HTTPConnection):
    """A connection over a socket that was opened and, for https, wrapped before."""

    auto_open = 0  # never reconnects behind our back
    response_class = _StrictResponse

    def __init__(self, host: str, port: int) -> None:
        super().__init__(host, port)

    def adopt(self, raw: socket.socket, *, max_bytes: int | None = None) -> None:
        """Take an open socket. After `max_bytes` of answers it is as if the server had closed."""
        # Decides whether the Host header names the port.
        self.default_port = 443 if isinstance(raw, ssl.SSLSocket) else 80
        self._timed: Any = _TimedSocket(raw, max_bytes)
        self.sock = self._timed

    def set_deadline(self, deadline: float) -> None:
        self._timed.deadline = deadline

    @property
    def is_used_up(self) -> bool:
        """Whether `max_bytes` have been read: what was taken for the end may not have been."""
        return bool(self._timed.bytes_left == 0)


class _TimedSocket:
    """As much of a socket as http.client uses. Each operation may take what is left of one deadline, and no more.

    A socket's own timeout starts again with every byte, so a server that drips would never run into it.
    """

    def __init__(self, raw: socket.socket, max_bytes: int | None) -> None:
        self._raw = raw
        self.bytes_left = max_bytes
        self._readers = 0
        self._is_closed = False
        self.deadline = 0.0

    def sendall(self, data: bytes) -> None:
        self._raw.settimeout(seconds_left(self.deadline))
        self._raw.sendall(data)

    def recv_into(self, buffer: Any) -> int:
        self._raw.settimeout(seconds_left(self.deadline))
        if self.bytes_left is None:
            return self._raw.recv_into(buffer)
        size = self._raw.recv_into(memoryview(buffer)[: self.bytes_left]) if self.bytes_left else 0
        self.bytes_left -= size
        return size

    def makefile(self, _mode: str) -> io.BufferedReader:
        self._readers += 1
        return io.BufferedReader(_TimedReader(self))

    def close(self) -> None:
        # As with any socket, who reads goes on reading: http.client closes before the body of a last answer is read.
        self._is_closed = True
        self._close_unused()

    def release(self) -> None:
        """One reader less."""
        self._readers -= 1
        self._close_unused()

    def _close_unused(self) -> None:
        if self._is_closed and self._readers <= 0:
            self._raw.close()


class _TimedReader(io.RawIOBase):
    def __init__(self, timed: _TimedSocket) -> None:
        self._timed = timed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._timed.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._timed.release()


def seconds_left(deadline: float) -> float:
    """What is left of a deadline of the monotonic clock. Raises TimeoutError when nothing is."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def open_socket(host: str, port: int, deadline: float) -> socket.socket:
    """A TCP connection to the first address that answers. Raises OSError, TimeoutError among them."""
    failure: OSError = OSError("the name has no address")
    for place in resolve_host(host, port, deadline):
        try:
            return open_place(place, deadline)
        except OSError as error:
            failure = error
    raise failure


def open_place(place: tuple[int, int, int, Any], deadline: float) -> socket.socket:
    """A TCP connection to one address as `resolve_host` gives it. Raises OSError, TimeoutError among them."""
    family, kind, protocol, address = place
    raw = socket.socket(family, kind, protocol)
    try:
        raw.settimeout(seconds_left(deadline))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        raw.connect(address)
    except BaseException:
        raw.close()
        raise
    return raw


def resolve_host(host: str, port: int, deadline: float) -> list[tuple[int, int, int, Any]]:
    """Addresses of a host. The C library takes no deadline, so a thread that may be left behind does the asking."""
    answers: queue.SimpleQueue[list[tuple[int, int, int, Any]] | OSError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.put([(family, kind, protocol, address) for family, kind, protocol, _, address in found])
        except UnicodeError:  # a label that no name can have
            answers.put(OSError("this is no host name"))
        except OSError as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True, name="verifier-resolve").start()
    try:
        answer = answers.get(timeout=seconds_left(deadline))
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer
