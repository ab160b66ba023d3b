# SPDX-License-Identifier: Apache-2.0
"""Landing page and health check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from verifier.web.api.ledger_operations import HEALTH
from verifier.web.api.operations import declare
from verifier.web.check import switch_address
from verifier.web.pages import render
from verifier.web.skeleton import current_language, remember_language

if TYPE_CHECKING:
    from passport.web.ports import Recorder, Registry
    from verifier.web.settings import WebSettings


def make_pages_blueprint(registry: Registry, settings: WebSettings, recorder: Recorder | None = None) -> Blueprint:
    """GET /, /healthz."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def landing() -> Response:
        language = current_language()
        return remember_language(render("landing.html", language, switch_to=switch_address(language)), settings)

    @pages.get("/healthz")
    @declare(HEALTH)
    def health() -> Response:
        registry.checkpoint()  # raises Unavailable, a 503, when the ledger has stopped or nothing is published
        trouble = "" if recorder is None else recorder.trouble
        # Still 200: checking goes on without the counts, and nobody should take the server away because of them.
        return Response(
            f"ok\n{f'check counts are not written: {trouble}' + chr(10) if trouble else ''}", mimetype="text/plain"
        )

    return pages
