# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks on loopback that keeps every body, and may be down or unwilling for a while."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


@dataclass
class WebhookReceiver:
    """Use as a context manager. `status` is what it answers. `stop` and `start` keep the port."""

    status: int = 204
    port: int = 0
    bodies: list[bytes] = field(default_factory=list)
    media_types: set[str] = field(default_factory=set)
    attempts: int = 0
    _http: _Server | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?secret=s3cret"

    @property
    def events(self) -> list[dict[str, Any]]:
        """What was taken, in order."""
        return [json.loads(body) for body in self.bodies]

    def start(self) -> Self:
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                owner.attempts += 1
                if 200 <= owner.status <= 299:
                    owner.bodies.append(body)
                    owner.media_types.add(self.headers["Content-Type"])
                self.send_response(owner.status)
                self.send_header("Location", "http://127.0.0.1:9/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                """Keep the tests' output quiet."""

        self._http = _Server(("127.0.0.1", self.port), Handler)
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
