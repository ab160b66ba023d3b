# SPDX-License-Identifier: Apache-2.0
"""Chunk sizes of a hostile server: hex digits or nothing. A negative one must not fill the memory or crash anything."""

from __future__ import annotations

import socket
import threading

import pytest

from verifier.fetch import fetch
from verifier.protocol.errors import DidNotArrive


def answer_once(body: bytes) -> int:
    """A server for one request; returns its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        with listener, listener.accept()[0] as connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body)

    threading.Thread(target=serve, daemon=True).start()
    return int(listener.getsockname()[1])


@pytest.mark.parametrize("size", [b"-5", b"-1", b"+5", b"0x5", b"5_0", b"", b"f" * 17, "５".encode()])
def test_a_chunk_size_that_is_not_hex_digits_is_a_bad_answer(size: bytes) -> None:
    port = answer_once(size + b"\r\nalpha\r\n0\r\n\r\n")
    with pytest.raises(DidNotArrive) as caught:
        fetch(f"http://127.0.0.1:{port}/", max_size=1024, timeout_seconds=5)
    assert caught.value.code in ("bad_answer", "cut_short", "too_large")


def test_an_honest_chunked_answer_arrives() -> None:
    port = answer_once(b"5;name=value\r\nalpha\r\nA\r\n0123456789\r\n0\r\n\r\n")
    assert fetch(f"http://127.0.0.1:{port}/", timeout_seconds=5) == b"alpha0123456789"
