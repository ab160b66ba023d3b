# SPDX-License-Identifier: Apache-2.0
"""A WSGI application on a free port of the loopback interface, in a thread, so that tests speak real HTTP to it."""

from __future__ import annotations

import http.client
import threading
from typing import TYPE_CHECKING, Self

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from types import TracebackType

    from flask import Flask


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


class WebServer:
    """Use as a context manager; `stop()` may be called before to see what clients do then."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
        assert isinstance(self._server, ThreadedWSGIServer)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.host = f"127.0.0.1:{self._server.port}"
        self.url = f"http://{self.host}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Takes no more connections. Streams that are open go on until their application ends them."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def get(self, target: str, *, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Sends a request target byte for byte, as no HTTP library with opinions would."""
        connection = http.client.HTTPConnection(self.host, timeout=10)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()
