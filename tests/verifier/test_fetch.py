# SPDX-License-Identifier: Apache-2.0
"""Fetching from strangers, over real sockets: every bound holds, and every failure has its own code."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.support.ledger_server import (
    CutShort,
    Fault,
    Garbage,
    HangUpAfter,
    LedgerServer,
    Oversized,
    Redirect,
    Refuse,
    Silent,
    Slow,
)
from verifier.fetch import Fetcher, NotFound, Reply, fetch, parse_fetch_url
from verifier.protocol.errors import DidNotArrive, Malformed


@pytest.fixture
def server() -> Iterator[LedgerServer]:
    with LedgerServer({"/a": b"alpha", "/b?x=1&y=%2F": b"beta", "/empty": b""}) as running:
        yield running


def code_of(server: LedgerServer, fault: Fault | None, *, path: str = "/a", timeout_seconds: float = 5.0) -> str:
    if fault is not None:
        server.faults[path] = fault
    with pytest.raises(DidNotArrive) as caught:
        fetch(server.url + path, max_size=100_000, timeout_seconds=timeout_seconds)
    return caught.value.code


def test_a_body_arrives_byte_for_byte(server: LedgerServer) -> None:
    assert fetch(server.url + "/a") == b"alpha"
    assert fetch(server.url + "/empty") == b""


def test_path_and_query_are_sent_as_they_stand(server: LedgerServer) -> None:
    assert fetch(server.url + "/b?x=1&y=%2F") == b"beta"
    assert server.requests == ["/b?x=1&y=%2F"]


def test_a_body_of_exactly_the_limit_arrives_and_one_byte_more_does_not(server: LedgerServer) -> None:
    assert fetch(server.url + "/a", max_size=5) == b"alpha"
    with pytest.raises(DidNotArrive) as caught:
        fetch(server.url + "/a", max_size=4)
    assert caught.value.code == "too_large"


def test_not_found_is_a_kind_of_its_own(server: LedgerServer) -> None:
    with pytest.raises(NotFound) as caught:
        fetch(server.url + "/absent")
    assert caught.value.code == "not_found"


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Redirect("http://169.254.169.254/latest"), "redirected"),
        (Refuse(500, b"broken"), "bad_status"),
        (Refuse(204, b""), "bad_status"),
        (Oversized(10_000_000), "too_large"),
        (Oversized(10_000_000, announced=False), "too_large"),
        (CutShort(), "cut_short"),
        (Garbage(), "bad_answer"),
    ],
)
def test_each_misbehaviour_has_its_own_code(server: LedgerServer, fault: Fault, code: str) -> None:
    assert code_of(server, fault) == code


@pytest.mark.parametrize("fault", [Silent(), Slow(0.05)])
def test_the_deadline_holds_for_the_whole_answer_and_not_for_each_byte(server: LedgerServer, fault: Fault) -> None:
    started = time.monotonic()
    assert code_of(server, fault, timeout_seconds=0.4) == "timed_out"
    assert time.monotonic() - started < 2.0


def test_a_redirect_is_reported_and_never_followed(server: LedgerServer) -> None:
    server.faults["/a"] = Redirect(server.url + "/b?x=1&y=%2F")
    with pytest.raises(DidNotArrive) as caught:
        fetch(server.url + "/a")
    assert "/b?x=1&y=%2F" in str(caught.value)
    assert server.requests == ["/a"]


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(DidNotArrive) as caught:
        fetch(f"http://127.0.0.1:{port}/")
    assert caught.value.code == "unreachable"


def test_plain_http_where_tls_was_expected_is_unreachable(server: LedgerServer) -> None:
    with pytest.raises(DidNotArrive) as caught:
        fetch(server.url.replace("http:", "https:") + "/a")
    assert caught.value.code == "unreachable"


def test_a_server_cannot_send_terminal_commands_or_long_tales_through_an_error(server: LedgerServer) -> None:
    server.faults["/a"] = Refuse(503, b"\x1b[2J\r\nbusy " + b"very " * 5000)
    with pytest.raises(DidNotArrive) as caught:
        fetch(server.url + "/a")
    message = str(caught.value)
    assert "busy" in message
    assert message.isprintable()
    assert len(message) < 400


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/a",
        "file:///etc/passwd",
        "//127.0.0.1/a",
        "127.0.0.1/a",
        "https:///a",
        "https://user@127.0.0.1/a",
        "https://127.0.0.1/a#b",
        "https://127.0.0.1:port/a",
        "https://127.0.0.1:99999/a",
        "https://127.0.0.1/a b",
        "https://127.0.0.1/\r\nHost:x",
        "https://[::1/a",
        "https://例子.example/a",
        "https://127.0.0.1/" + "a" * 3000,
        "",
    ],
)
def test_a_url_that_is_not_plainly_a_web_address_is_malformed(url: str) -> None:
    with pytest.raises(Malformed) as caught:
        fetch(url)
    assert caught.value.code == "bad_url"


@pytest.mark.parametrize("host", ["example.com", "10.0.0.1", "localhost.example.com", "169.254.169.254", "2130706433"])
def test_http_to_another_machine_is_refused_unless_asked_for(host: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_fetch_url(f"http://{host}/")
    assert caught.value.code == "insecure_url"
    assert parse_fetch_url(f"http://{host}/", allow_http=True).endpoint == ("http", host, 80)
    assert parse_fetch_url(f"https://{host}/").endpoint == ("https", host, 443)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "demo.localhost"])
def test_http_to_this_machine_is_allowed(host: str) -> None:
    assert parse_fetch_url(f"http://{host}:8080/a?b").target == "/a?b"


def test_one_connection_serves_several_fetches(server: LedgerServer) -> None:
    fetcher = Fetcher()
    for _ in range(5):
        assert fetcher.fetch(server.url + "/a") == b"alpha"
    fetcher.close()
    assert server.connections == 1


def test_a_connection_that_the_server_closed_in_between_is_opened_anew(server: LedgerServer) -> None:
    server.faults["/a"] = HangUpAfter()
    fetcher = Fetcher()
    for _ in range(3):
        assert fetcher.fetch(server.url + "/a") == b"alpha"
        time.sleep(0.05)
    fetcher.close()
    assert server.connections == 3


def test_the_rest_of_a_refused_answer_is_never_taken_for_the_next_one(server: LedgerServer) -> None:
    server.faults["/big"] = Oversized(200_000)
    fetcher = Fetcher()
    for _ in range(3):
        with pytest.raises(DidNotArrive):
            fetcher.fetch(server.url + "/big", max_size=1000)
        with pytest.raises(NotFound):
            fetcher.fetch(server.url + "/absent")
        assert fetcher.fetch(server.url + "/a") == b"alpha"
    fetcher.close()


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server for https://localhost with a certificate of its own making: (URL, file of the certificate)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = tmp_path / "certificate.pem", tmp_path / "key.pem"
    public.write_bytes(certificate.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    with LedgerServer({"/a": b"alpha"}, tls=context) as server:
        yield server.url.replace("http://127.0.0.1", "https://localhost"), public


def test_https_works_when_the_certificate_is_trusted(
    tls_server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, certificate = tls_server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    fetcher = Fetcher()
    assert [fetcher.fetch(f"{url}/a") for _ in range(3)] == [b"alpha"] * 3
    fetcher.close()


def test_a_certificate_that_nobody_vouches_for_and_one_for_another_name_are_refused(
    tls_server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, certificate = tls_server
    with pytest.raises(DidNotArrive) as caught:
        fetch(f"{url}/a")
    assert caught.value.code == "unreachable"
    assert "certificate" in str(caught.value)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with pytest.raises(DidNotArrive) as caught:
        fetch(f"{url.replace('localhost', '127.0.0.1')}/a")
    assert caught.value.code == "unreachable"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_last_answer_whose_body_comes_later_than_its_head_arrives_whole(version: str) -> None:
    with _OneAnswer(f"HTTP/{version} 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\n", "later") as url:
        assert fetch(url) == b"later"
    with _OneAnswer(f"HTTP/{version} 200 OK\r\nConnection: close\r\n\r\n", "until the end") as url:
        assert fetch(url) == b"until the end"


def test_a_post_brings_back_whatever_is_answered() -> None:
    head = "HTTP/1.1 409 Conflict\r\nContent-Type: Text/X; a=b\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
    with _OneAnswer(head, "7\n") as url:
        assert Fetcher().post(url, b"a body") == Reply(409, "text/x", b"7\n")
    with _OneAnswer("HTTP/1.1 302 Found\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n", "") as url:
        assert Fetcher().post(url, b"a body").status == 302
    with _OneAnswer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "x" * 9) as url:
        with pytest.raises(DidNotArrive) as caught:
            Fetcher().post(url, b"a body", max_size=8)
        assert caught.value.code == "too_large"


class _OneAnswer:
    """Takes one connection, reads one request, sends a head and, a moment later, a body."""

    def __init__(self, head: str, body: str) -> None:
        self._parts = head.encode(), body.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(self._parts[0])
            time.sleep(0.1)
            connection.sendall(self._parts[1])

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}/"

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        self._listener.close()
