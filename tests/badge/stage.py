# SPDX-License-Identifier: Apache-2.0
"""Two shops of other origins for a real browser, over https, and the rules by which the browser finds them."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, request
from markupsafe import escape
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

SHOP_HOST, FOREIGN_HOST, REGISTRY_HOST = "shop.example.cn", "copy.example", "id.example.cn"
REGISTRY = f"https://{REGISTRY_HOST}"
_HOSTS = (SHOP_HOST, FOREIGN_HOST, REGISTRY_HOST)


def make_certificate(folder: Path) -> tuple[str, str]:
    """A self-signed one for all hosts: certificate and key files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SHOP_HOST)])
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in _HOSTS])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "shop.pem", folder / "shop.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    private.write_bytes(key.private_bytes(serialization.Encoding.PEM, *plain))
    return str(certificate), str(private)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


class Tunnel:
    """TLS in front of a plain server, as a proxy puts it there: a browser hides from http which https page it shows."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.port_behind = 0
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                plain, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            plain,
            socket.create_connection(("127.0.0.1", self.port_behind), timeout=5) as behind,
            self._context.wrap_socket(plain, server_side=True) as front,
        ):
            behind.settimeout(None)
            self._pump(front, behind)

    @staticmethod
    def _pump(front: ssl.SSLSocket, behind: socket.socket) -> None:
        """Both ways in one thread: a TLS socket is not for two."""
        while True:
            ready = [front] if front.pending() else select.select([front, behind], [], [], 30)[0]
            for one in ready:
                data = one.recv(65536)
                if not data:
                    return
                (behind if one is front else front).sendall(data)


@dataclass
class Shops:
    """`token` is what the next page shows. The shops' hosts are on one port; the badge comes from `REGISTRY`."""

    folder: Path
    token: str = ""
    style: str = ""
    plain: str = ""  # a frame as a shop writes it without the element
    attributes: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Self:
        app = Flask("shops")
        app.add_url_rule("/", view_func=self._page)
        app.add_url_rule("/<path:_path>", view_func=self._page)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*make_certificate(self.folder))
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=context)
        assert isinstance(self._server, ThreadedWSGIServer)
        self._server.daemon_threads = True
        self.tunnel = Tunnel(context)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.tunnel.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def rules(self) -> str:
        """For Chromium: these names are here."""
        port = self._server.server_port
        ports = {SHOP_HOST: port, FOREIGN_HOST: port, REGISTRY_HOST: self.tunnel.port}
        places = ",".join(f"MAP {host}:443 127.0.0.1:{port}" for host, port in ports.items())
        return f"--host-resolver-rules={places}"

    def _page(self, _path: str = "") -> str:
        language = "en" if request.args.get("lang") == "en" else "zh-CN"
        if self.plain:
            return f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Shop</title>{self.plain}'
        more = "".join(f' {name}="{escape(value)}"' for name, value in self.attributes.items())
        return (
            f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Shop</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<style>{self.style}</style><script type="module" src="{REGISTRY}/badge.js"></script>'
            f"<body><h1>Power bank</h1><button>Buy</button>"
            f'<product-passport-badge token="{escape(self.token)}"{more}></product-passport-badge>'
        )
