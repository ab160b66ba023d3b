# SPDX-License-Identifier: Apache-2.0
"""The browser's modules and the vectors over HTTP, without an application: for a page that is nothing but a console."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).parents[2]
TYPES = {".mjs": "text/javascript", ".json": "application/json"}
POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'"


class ModuleFiles(BaseHTTPRequestHandler):
    """The modules and the vectors, as a careful server gives them; asked-for paths are noted."""

    asked: list[str]
    refused: frozenset[str] = frozenset()

    def do_GET(self) -> None:
        self.asked.append(self.path)
        path = (ROOT / self.path.lstrip("/")).resolve()
        if self.path == "/":
            self._answer(b"<!doctype html><title>vectors</title>", "text/html")
        elif path.suffix in TYPES and path.is_relative_to(ROOT) and path.is_file() and self.path not in self.refused:
            self._answer(path.read_bytes(), TYPES[path.suffix])
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _answer(self, body: bytes, media_type: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{media_type}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serve_modules(files: type[ModuleFiles]) -> Iterator[str]:
    """Serves on a free port of this machine; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), files)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
