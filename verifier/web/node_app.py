# SPDX-License-Identifier: Apache-2.0
"""A node's application: the pages, the badge and the API of a registry, answered from a mirror. docs/node.md."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Response, redirect

from verifier.protocol.encoding import parse_decimal
from verifier.protocol.fields import parse_id
from verifier.protocol.merkle import HASH_SIZE
from verifier.web.badge import make_badge_blueprint
from verifier.web.badge_ports import ListingBadges, LoggedAlerts
from verifier.web.badge_secrets import SECRET_SIZE, BadgeSecrets
from verifier.web.check import make_check_blueprint
from verifier.web.evidence import make_evidence_blueprint
from verifier.web.headers import allow_any_origin
from verifier.web.ledger_files import FOR_EVER, make_ledger_blueprint
from verifier.web.listing_badge import make_listing_badge_blueprint
from verifier.web.oembed import make_oembed_blueprint
from verifier.web.offline import make_offline_blueprint
from verifier.web.problems import NotHere, ProblemTable
from verifier.web.proofs import make_proofs_blueprint
from verifier.web.scan import make_scan_blueprint
from verifier.web.settings import WebSettings
from verifier.web.skeleton import make_app
from verifier.web.streams import StreamGate
from verifier.web.verify_api import make_verify_blueprint

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.wrappers import Response as AnyResponse

    from verifier.node import Node

BEHIND_HEADER = "Passport-Node-Behind-Seconds"
PROBLEMS = ProblemTable({})


def create_node_app(node: Node, settings: WebSettings | None = None, gate: StreamGate | None = None) -> Flask:
    """The WSGI application. Call `gate.stop()` when the server stops, so that badges let go of their threads."""
    settings = settings or WebSettings()
    app = make_app("node", settings, PROBLEMS)
    app.register_blueprint(make_check_blueprint(node, settings))
    gate = gate or StreamGate(settings.max_streams)
    app.register_blueprint(make_badge_blueprint(node, settings, gate))
    # The secret is this process's own: the code of the minute is compared between its own pages alone.
    badges = ListingBadges(node.origin, BadgeSecrets(secrets.token_bytes(SECRET_SIZE)), LoggedAlerts(), _now)
    app.register_blueprint(make_listing_badge_blueprint(node, badges, settings, gate))
    app.register_blueprint(make_oembed_blueprint(node, badges, settings))
    app.register_blueprint(make_offline_blueprint())
    app.register_blueprint(make_scan_blueprint(settings))
    app.register_blueprint(make_evidence_blueprint(node, node))
    app.register_blueprint(make_verify_blueprint(node))
    app.register_blueprint(make_ledger_blueprint(node))
    app.register_blueprint(make_proofs_blueprint(node))
    app.register_blueprint(make_node_blueprint(node))

    @app.after_request
    def say_how_far_behind(response: Response) -> Response:
        behind = node.behind_seconds()
        if behind is not None:
            response.headers[BEHIND_HEADER] = f"{behind:.3f}"
        return response

    return app


def _now() -> datetime:
    return datetime.now(UTC)


def make_node_blueprint(node: Node) -> Blueprint:
    """GET /, /healthz, /api/v1/node, and the item hashes that were mirrored."""
    pages = Blueprint("node", __name__)

    @pages.get("/")
    def landing() -> AnyResponse:
        return redirect("/check", 303)

    @pages.get("/healthz")
    def health() -> Response:
        trouble = node.why_not_well()
        if trouble is not None:
            raise trouble  # a 503
        return Response("ok\n", mimetype="text/plain")

    @pages.get("/api/v1/node")
    def describe() -> Response:
        body = json.dumps(node.describe(), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        return allow_any_origin(Response(body, mimetype="application/json"))

    @pages.get("/api/v1/batches/<issuer>/<batch>/items")
    def items(issuer: str, batch: str) -> Response:
        found = node.read_items(parse_id(issuer), parse_decimal(batch))
        if found is None:
            raise NotHere("unknown_batch", f"the item hashes of {issuer}'s batch {batch} are not here, or not yet")
        record, tiles = found
        response = Response(tiles, mimetype="application/octet-stream", headers={"Cache-Control": FOR_EVER})
        response.content_length = HASH_SIZE * record.statement.count
        return allow_any_origin(response)

    return pages
