# SPDX-License-Identifier: Apache-2.0
"""One attempt over real sockets and TLS: what is sent, what is refused, and that everything has a bound."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passport.domain.public_addresses import AddressRule
from passport.domain.webhooks import Attempt
from passport.webhook_sender import SHOWN, SystemResolver, WebhookSender
from tests.support.https_receiver import HOST, HttpsReceiver, ToldResolver, make_tls

Line = tuple[HttpsReceiver, WebhookSender, ToldResolver]
AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


def send(sender: WebhookSender, url: str) -> Attempt:
    return sender.send(url, b'{"a":1}', {"webhook-id": "evt_1"}, AT)


def test_a_message_arrives_as_it_was_signed_and_the_answer_is_noted(line: Line) -> None:
    receiver, sender, resolver = line
    receiver.answer = "谢谢\x1b[31m thanks\r\n".encode() + b"\xff" + b"x" * 500
    receiver.status = 200
    attempt = send(sender, receiver.url())
    assert (attempt.status, attempt.error, attempt.at, attempt.is_good) == (200, "", AT, True)
    assert attempt.answer.startswith("谢谢 [31m thanks") and len(attempt.answer) == SHOWN
    (request,) = receiver.received
    assert (request.path, request.body) == ("/hook?for=shop", b'{"a":1}')
    assert request.headers["host"] == f"{HOST}:{receiver.port}"
    assert request.headers["content-type"] == "application/json" and request.headers["webhook-id"] == "evt_1"
    assert resolver.asked == [HOST], "the name is looked up once"


@pytest.mark.parametrize("status", [199 + 101, 302, 307, 400, 404, 410, 429, 500, 503])
def test_any_status_but_2xx_is_no_delivery_and_redirects_are_not_followed(line: Line, status: int) -> None:
    receiver, sender, _ = line
    receiver.status, receiver.headers = status, {"Location": receiver.url() + "&again"}
    attempt = send(sender, receiver.url())
    assert (attempt.status, attempt.is_good, len(receiver.received)) == (status, False, 1)


@pytest.mark.parametrize(
    "addresses",
    [
        *(["127.0.0.2"], ["10.0.0.1"], ["169.254.169.254"], ["::1"], ["::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]),
        *(["2002:7f00:1::"], ["::7f00:1"], ["fe80::1%lo"], ["100.64.0.1"], ["0.0.0.0"]),
        ["8.8.8.8", "10.0.0.1"],
        ["127.0.0.1", "192.168.0.1"],
    ],
)
def test_a_name_with_one_address_that_is_not_public_is_not_connected_to(line: Line, addresses: list[str]) -> None:
    receiver, sender, resolver = line
    resolver.answers = [addresses]
    attempt = send(sender, receiver.url())
    assert (attempt.status, attempt.error, receiver.received) == (0, "address_refused", [])


def test_a_name_that_changes_between_attempts_is_judged_at_each_and_never_asked_twice(line: Line) -> None:
    receiver, sender, resolver = line
    # The second answer of the same attempt would be the machine itself: whoever asks again connects there.
    resolver.answers = [["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1"]]
    assert [send(sender, receiver.url()).error for _ in range(3)] == ["", "address_refused", ""]
    assert len(resolver.asked) == 3 and len(receiver.received) == 2


def test_the_connection_goes_to_the_judged_address_while_the_certificate_is_the_names(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver, sender, _ = line
    asked: list[object] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *what, **_: asked.append(what) or [])
    assert send(sender, receiver.url()).is_good
    assert asked == [], "connecting looked nothing up again"
    assert send(sender, receiver.url("another.test")).error == "tls_refused", "the certificate is another name's"


def test_a_certificate_of_nobody_we_trust_is_refused(line: Line, tmp_path: Path) -> None:
    receiver, _, resolver = line
    stranger = WebhookSender(receiver.rule, resolver=resolver)
    assert send(stranger, receiver.url()).error == "tls_refused"
    assert receiver.received == []


def test_without_the_tests_own_rule_the_same_receiver_is_refused(line: Line) -> None:
    receiver, _, resolver = line
    assert send(WebhookSender(AddressRule(), resolver=resolver), receiver.url()).error == "port_refused"
    assert send(WebhookSender(AddressRule(ports=(receiver.port,)), resolver=resolver), receiver.url()).error == (
        "address_refused"
    )
    assert send(WebhookSender(AddressRule()), "https://127.0.0.1/").error == "address_refused"
    assert send(WebhookSender(AddressRule()), "https://localhost.localdomain/").error in (
        "address_refused",
        "name_unknown",
    )
    assert receiver.received == []


def test_proxies_of_the_environment_are_not_used(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    receiver, sender, _ = line
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert send(sender, receiver.url()).is_good


def test_a_name_that_nobody_knows_and_one_without_addresses(line: Line) -> None:
    receiver, sender, resolver = line

    def fail(host: str, port: int, deadline: float) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    resolver.resolve = fail  # type: ignore[method-assign]
    assert send(sender, receiver.url()).error == "name_unknown"
    resolver.resolve = lambda *_: []  # type: ignore[method-assign]
    assert send(sender, receiver.url()).error == "name_unknown"
    resolver.resolve = lambda *_: ["no address"]  # type: ignore[method-assign]
    assert send(sender, receiver.url()).error == "name_unknown"
    assert "127.0.0.1" in SystemResolver().resolve("localhost", 443, time.monotonic() + 5)


def test_nobody_listens_there(line: Line) -> None:
    receiver, sender, _ = line
    receiver.stop()
    assert send(sender, receiver.url()).error == "unreachable"
    receiver.start()


@contextmanager
def raw_server(tls: ssl.SSLContext, port: int, *pieces: bytes, pause: float = 0.0) -> Iterator[list[int]]:
    """Answers one connection with pieces, a pause after each; counts the bytes that it got rid of."""
    listener = socket.create_server(("127.0.0.1", port))
    sent: list[int] = []

    def serve() -> None:
        try:
            raw, _ = listener.accept()
            with tls.wrap_socket(raw, server_side=True) as connection:
                connection.recv(65536)
                for piece in pieces:
                    connection.sendall(piece)
                    sent.append(len(piece))
                    time.sleep(pause)
        except OSError:
            pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield sent
    finally:
        listener.close()
        thread.join(5)


@pytest.fixture
def strange(tmp_path: Path) -> tuple[ssl.SSLContext, WebhookSender, int]:
    server, client = make_tls(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    rule = HttpsReceiver(server, port=port).rule
    return server, WebhookSender(rule, resolver=ToldResolver(), tls=client, timeout_seconds=1.5), port


def test_an_endless_answer_is_read_to_its_bound_and_counts_by_its_status(
    strange: tuple[ssl.SSLContext, WebhookSender, int],
) -> None:
    server, sender, port = strange
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with raw_server(server, port, head, *[b"x" * 65536] * 200) as sent:
        attempt = send(sender, f"https://{HOST}:{port}/")
    assert (attempt.status, len(attempt.answer)) == (200, SHOWN)
    assert sum(sent) < 8 << 20, "the rest stayed with the sender's own buffers"


@pytest.mark.parametrize("body", [b"x", b"1\r\nx\r\n"])
def test_a_dripping_answer_ends_at_the_deadline(
    strange: tuple[ssl.SSLContext, WebhookSender, int], body: bytes
) -> None:
    server, sender, port = strange
    chunked = b"Transfer-Encoding: chunked\r\n" if len(body) > 1 else b"Content-Length: 1000\r\n"
    began = time.monotonic()
    with raw_server(server, port, b"HTTP/1.1 200 OK\r\n" + chunked + b"\r\n", *[body] * 30, pause=0.2):
        attempt = send(sender, f"https://{HOST}:{port}/")
        assert time.monotonic() - began < 2.5
    assert attempt.status == 200 and set(attempt.answer) == {"x"}


def test_headers_that_drip_or_never_end_are_no_answer(strange: tuple[ssl.SSLContext, WebhookSender, int]) -> None:
    server, sender, port = strange
    began = time.monotonic()
    with raw_server(server, port, *[b"H"] * 30, pause=0.1):
        assert send(sender, f"https://{HOST}:{port}/").error == "timed_out"
    assert time.monotonic() - began < 5
    with raw_server(server, port, b"HTTP/1.1 200 OK\r\n", *[b"X-A: " + b"y" * 60_000 + b"\r\n"] * 90):
        assert send(sender, f"https://{HOST}:{port}/").error == "bad_answer"
    with raw_server(server, port, b"SMTP ready\r\n"):
        assert send(sender, f"https://{HOST}:{port}/").error == "bad_answer"


def test_stopping_breaks_off_what_is_going_on(line: Line) -> None:
    receiver, sender, _ = line
    receiver.delay_seconds = 4
    attempts: list[Attempt] = []
    thread = threading.Thread(target=lambda: attempts.append(send(sender, receiver.url())))
    thread.start()
    while not receiver.received:
        time.sleep(0.01)
    began = time.monotonic()
    sender.stop()
    thread.join()
    assert time.monotonic() - began < 2
    assert [one.error for one in attempts] == ["broken_off"]
    assert send(sender, receiver.url()).error == "broken_off"
