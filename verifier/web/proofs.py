# SPDX-License-Identifier: Apache-2.0
"""What a stranger needs of one code beside the ledger: its proof document, and the passport. docs/http-api.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from verifier.protocol.encoding import parse_hex
from verifier.web.api.ledger_operations import FETCH_PROOF, READ_DOCUMENT
from verifier.web.api.operations import declare
from verifier.web.headers import allow_any_origin
from verifier.web.ledger_files import FOR_EVER
from verifier.web.problems import NotHere
from verifier.web.targets import raw_target

if TYPE_CHECKING:
    from verifier.web.ports import Ledger

_PROOF_PREFIX = "/api/v1/proof"


def make_proofs_blueprint(ledger: Ledger) -> Blueprint:
    """GET /api/v1/proof/01/<gtin>/21/<serial>, /documents/<digest>"""
    proofs = Blueprint("proofs", __name__)
    proofs.after_request(allow_any_origin)

    @proofs.get(_PROOF_PREFIX + "/01/<gtin>/21/<tail:serial>")
    @declare(FETCH_PROOF)
    def proof(gtin: str, serial: str) -> Response:
        found = ledger.find_proof_document(raw_target(request.environ).removeprefix(_PROOF_PREFIX))
        if found is None:
            raise NotHere("not_logged", "the ledger holds no such code, or the seal is not its maker's")
        return Response(found, mimetype="application/json")

    @proofs.get("/documents/<digest>")
    @declare(READ_DOCUMENT)
    def document(digest: str) -> Response:
        found = ledger.find_document(parse_hex(digest, size=32).hex())
        if found is None:
            raise NotHere("unknown_document", "no document with this SHA-256 is kept here")
        media_type, data = found
        return Response(data, content_type=media_type, headers={"Cache-Control": FOR_EVER})

    return proofs
