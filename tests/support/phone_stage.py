# SPDX-License-Identifier: Apache-2.0
"""One web origin in front of real registries, which can be exchanged, and whose answers can be changed on their way."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from passport.web.app import create_app
from tests.support.web_server import WebServer
from verifier.verdict import Status, Verdict

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from tests.support.registries import Workshop
    from verifier.lots import LotVerdict
    from verifier.product_view import ProductView
    from verifier.web.ports import Checker

Change = Callable[[bytes], bytes | None]
"""What becomes of an answer's body; None: 503 instead."""


class LyingChecker:
    """The registry's own checker, and it says what it is told to, when it is told to say something."""

    def __init__(self, honest: Checker) -> None:
        self._honest = honest
        self.lie: tuple[Status, str] | None = None

    def check(self, code: str) -> Verdict:
        verdict = self._honest.check(code)
        if self.lie is None:
            return verdict
        return replace(verdict, status=self.lie[0], reason=self.lie[1], recalls=())

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        return self._honest.check_lot(gtin, lot)

    def find_product(self, gtin: str) -> ProductView | None:
        return self._honest.find_product(gtin)

    def change_count(self) -> int:
        return self._honest.change_count()

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        return self._honest.wait_for_change(since, timeout_seconds)


class PhoneStage:
    """Use as a context manager. `show` puts a registry behind the address; `changes` by the start of a path."""

    def __init__(self) -> None:
        front = Flask("front")
        front.wsgi_app = self._answer  # type: ignore[method-assign, assignment]
        self._server = WebServer(front)
        self._app: Flask | None = None
        self.checker: LyingChecker
        self.changes: dict[str, Change] = {}
        self.asked: list[str] = []
        self.gone: set[str] = set()  # paths that answer 404
        self.renamed: dict[str, str] = {}  # scripts versions: one is asked for, another is answered
        self.refusals: dict[str, bytes] = {}  # by the start of a path: 503, with this for a problem+json

    @property
    def url(self) -> str:
        return self._server.url

    def stop(self) -> None:
        """Nobody listens at the address any more."""
        self._server.stop()

    def show(self, workshop: Workshop) -> None:
        self.checker = LyingChecker(workshop.registry.checker)
        self._app = create_app(workshop.registry.service, self.checker)

    def _answer(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = str(environ["RAW_URI"])
        self.asked.append(path)
        for asked, meant in self.renamed.items():
            if path.startswith(f"/static/{asked}/"):
                environ["PATH_INFO"] = environ["PATH_INFO"].replace(asked, meant, 1)
                break
        change = next((change for start, change in self.changes.items() if path.startswith(start)), None)
        if path in self.gone:
            start_response("404 Not Found", [("Content-Length", "0")])
            return [b""]
        refusal = next((body for start, body in self.refusals.items() if path.startswith(start)), None)
        if refusal is not None:
            headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(refusal)))]
            start_response("503 Service Unavailable", headers)
            return [refusal]
        assert self._app is not None, "show a registry first"
        if change is None:
            return self._app(environ, start_response)
        environ.pop("HTTP_IF_NONE_MATCH", None)
        environ.pop("HTTP_ACCEPT_ENCODING", None)  # or there would be nothing to read in it
        parts, status, sent = run_wsgi_app(self._app, environ, buffered=True)
        body = change(b"".join(parts))
        if body is None:
            status, body = "503 Service Unavailable", b"not now"
        kept = Headers([(name, value) for name, value in sent if name not in ("Content-Length", "ETag")])
        kept["Content-Length"] = str(len(body))
        start_response(status, list(kept))
        return [body]

    def __enter__(self) -> PhoneStage:
        self._server.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()
