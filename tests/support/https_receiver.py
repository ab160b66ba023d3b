# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks over TLS on loopback, with a certificate authority of its own, and a resolver that is told."""

from __future__ import annotations

import ssl
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from passport.domain.public_addresses import AddressRule

HOST = "hooks.shop-b.test"
OTHER_HOST = "hooks.shop-d.test"
_PEM = Encoding.PEM


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def make_tls(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts for server and client: a fresh authority, and its certificate for HOST and OTHER_HOST."""
    now = datetime.now(UTC)
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    begin, end = now - timedelta(days=1), now + timedelta(days=1)

    def build(subject: str, public_key: Any) -> x509.CertificateBuilder:
        names = (_name(subject), _name("Test authority"))
        built = x509.CertificateBuilder().subject_name(names[0]).issuer_name(names[1]).public_key(public_key)
        return built.serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(end)

    basic = x509.BasicConstraints(ca=True, path_length=0)
    authority = build("Test authority", authority_key.public_key()).add_extension(basic, critical=True)
    hosts = x509.SubjectAlternativeName([x509.DNSName(HOST), x509.DNSName(OTHER_HOST)])
    leaf = build(HOST, key.public_key()).add_extension(hosts, critical=False)
    (folder / "ca.pem").write_bytes(authority.sign(authority_key, hashes.SHA256()).public_bytes(_PEM))
    chain = leaf.sign(authority_key, hashes.SHA256()).public_bytes(_PEM)
    secret = key.private_bytes(_PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "leaf.pem").write_bytes(chain + secret)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "leaf.pem")
    return server, ssl.create_default_context(cafile=str(folder / "ca.pem"))


@dataclass
class ToldResolver:
    """Implements Resolver: each look-up takes the next answer; the last one is given from then on."""

    answers: list[list[str]] = field(default_factory=lambda: [["127.0.0.1"]])
    asked: list[str] = field(default_factory=list)

    def resolve(self, host: str, port: int, deadline: float) -> list[str]:
        self.asked.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up in the middle is part of the test."""


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass
class HttpsReceiver:
    """Use as a context manager. Answers `status` and `answer` after `delay_seconds`, and keeps every request."""

    tls: ssl.SSLContext
    status: int = 204
    answer: bytes = b""
    delay_seconds: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    port: int = 0
    received: list[Received] = field(default_factory=list)
    _http: _Server | None = None

    def url(self, host: str = HOST) -> str:
        return f"https://{host}:{self.port}/hook?for=shop"

    @property
    def rule(self) -> AddressRule:
        """Lets this one machine in, for the test alone."""
        return AddressRule((ip_network("127.0.0.1/32"),), (self.port,))

    def start(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.received.append(
                    Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
                )
                time.sleep(owner.delay_seconds)
                self.send_response(owner.status)
                for name, value in owner.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(owner.answer)))
                self.end_headers()
                self.wfile.write(owner.answer)

            def log_message(self, format: str, *args: object) -> None:
                """Keep the tests' output quiet."""

        self._http = _Server(("127.0.0.1", self.port), Handler)
        # The handshake belongs to the connection's own thread, or one client could hold up the others.
        self._http.socket = self.tls.wrap_socket(self._http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def stop(self) -> None:
        assert self._http is not None
        self._http.shutdown()
        self._http.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def wait_until(condition: Any, seconds: float = 10.0) -> None:
    """Raises AssertionError when it never comes true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
