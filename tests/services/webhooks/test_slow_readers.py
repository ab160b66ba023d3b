# SPDX-License-Identifier: Apache-2.0
"""A receiver that takes a message slowly has the same ten seconds as every other, over real TLS."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from passport.domain.public_addresses import AddressRule, parse_networks
from passport.webhook_sender import WebhookSender
from tests.support.https_receiver import HOST, ToldResolver, make_tls


def read_slowly(listener: socket.socket, tls: ssl.SSLContext, ended: threading.Event) -> None:
    raw, _ = listener.accept()
    with suppress(OSError), tls.wrap_socket(raw, server_side=True) as connection:
        while not ended.wait(0.3):  # often enough for each record, and too slowly for the whole
            taken = 0
            while taken < 1 << 20 and (piece := connection.recv(65_536)):
                taken += len(piece)
            if not taken:
                return


def test_a_receiver_that_reads_slowly_does_not_stretch_the_deadline(tmp_path: Path) -> None:
    server, client = make_tls(tmp_path)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        rule = AddressRule(parse_networks(("127.0.0.0/8",)), (port,))
        sender = WebhookSender(rule, resolver=ToldResolver(), tls=client, timeout_seconds=1.5)
        ended = threading.Event()
        reader = threading.Thread(target=read_slowly, args=(listener, server, ended), daemon=True)
        reader.start()
        began = time.monotonic()
        # More than the kernel's buffers hold.
        attempt = sender.send(f"https://{HOST}:{port}/", b"x" * (24 << 20), {}, datetime.now(UTC))
        took = time.monotonic() - began
        ended.set()
        reader.join(5)
    assert attempt.error == "timed_out" and took < 3
