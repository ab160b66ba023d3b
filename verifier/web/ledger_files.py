# SPDX-License-Identifier: Apache-2.0
"""The ledger as static bytes: checkpoint, tiles, entry bundles, snapshots, policy. C2SP tlog-tiles, docs/spec.

Any web server could serve the same files; caches in between may keep tiles for ever and the rest for a few seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from verifier.protocol.fields import parse_id
from verifier.protocol.gs1 import parse_gtin14
from verifier.web.api import ledger_operations as operations
from verifier.web.api.operations import declare
from verifier.web.headers import allow_any_origin
from verifier.web.targets import raw_target

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from verifier.web.ports import Ledger

FOR_EVER = "public, max-age=31536000, immutable"
A_MOMENT = "public, max-age=2"
_PREFIX = "/ledger/"


def make_ledger_blueprint(ledger: Ledger) -> Blueprint:
    """GET /ledger/…"""
    files = Blueprint("ledger_files", __name__, url_prefix="/ledger")
    files.after_request(allow_any_origin)

    @files.get("/checkpoint")
    @declare(operations.CHECKPOINT)
    def checkpoint() -> AnyResponse:
        return text_response(ledger.checkpoint())

    @files.get("/tile/<tail:place>")
    @declare(operations.TILE)
    def tile(place: str) -> Response:
        path = raw_target(request.environ).partition("?")[0].removeprefix(_PREFIX)
        data = ledger.read_tile_path(path)  # the raw path: a percent-encoded spelling is another path, so a 404
        if data is None:
            raise NotFound("There is no such tile in the published tree.")
        return Response(data, mimetype="application/octet-stream", headers={"Cache-Control": FOR_EVER})

    @files.get("/snapshot")
    @declare(operations.SNAPSHOT)
    def snapshot() -> AnyResponse:
        return text_response(_found(ledger.snapshot(None)))

    @files.get("/snapshot/<issuer>")
    @declare(operations.SHARD)
    def shard(issuer: str) -> AnyResponse:
        return text_response(_found(ledger.snapshot(parse_id(issuer))))

    @files.get("/snapshot/gtin/<gtin>")
    @declare(operations.SHARD_OF_GTIN)
    def shard_for_gtin(gtin: str) -> AnyResponse:
        return text_response(_found(ledger.snapshot_for_gtin(parse_gtin14(gtin))))

    @files.get("/policy")
    @declare(operations.POLICY)
    def policy() -> AnyResponse:
        return text_response(ledger.policy_text())

    return files


def _found(data: bytes | None) -> bytes:
    if data is None:
        raise NotFound("No admitted issuer goes by this name or GTIN.")
    return data


def text_response(data: bytes) -> AnyResponse:
    """A small signed text that changes: kept for two seconds, then asked for again by its ETag."""
    response = Response(data, mimetype="text/plain", headers={"Cache-Control": A_MOMENT})
    response.add_etag()
    return response.make_conditional(request)
