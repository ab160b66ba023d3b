# SPDX-License-Identifier: Apache-2.0
"""Landing page, signed documents by their digest, and the health check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response

from passport.services.registry import NotFound
from passport.web.ledger_files import FOR_EVER
from verifier.protocol.encoding import parse_hex
from verifier.web.check import switch_address
from verifier.web.headers import allow_any_origin
from verifier.web.pages import render
from verifier.web.skeleton import current_language, remember_language

if TYPE_CHECKING:
    from passport.web.ports import Registry
    from verifier.web.settings import WebSettings


def make_pages_blueprint(registry: Registry, settings: WebSettings) -> Blueprint:
    """GET /, /documents/<sha256>, /healthz."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def landing() -> Response:
        language = current_language()
        return remember_language(render("landing.html", language, switch_to=switch_address(language)), settings)

    @pages.get("/documents/<digest>")
    def document(digest: str) -> Response:
        found = registry.find_document(parse_hex(digest, size=32).hex())
        if found is None:
            raise NotFound("unknown_document", "no document with this SHA-256 is kept here")
        media_type, data = found
        return allow_any_origin(Response(data, content_type=media_type, headers={"Cache-Control": FOR_EVER}))

    @pages.get("/healthz")
    def health() -> Response:
        registry.checkpoint()  # raises Unavailable, a 503, when the ledger has stopped or nothing is published
        return Response("ok\n", mimetype="text/plain")

    return pages
