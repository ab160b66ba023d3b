# SPDX-License-Identifier: Apache-2.0
"""What makers' machines send and ask: statements, item hashes, passports, proofs. docs/http-api.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.services.registry import MAX_ENTRIES, NotFound, Submitted
from verifier.protocol.encoding import JsonValue, parse_decimal, parse_hex
from verifier.protocol.fields import parse_id
from verifier.protocol.statements import MAX_ENTRY_SIZE
from verifier.protocol.statements.products import PASSPORT_MEDIA_TYPE
from verifier.web.bodies import read_bytes, read_strings
from verifier.web.headers import allow_any_origin
from verifier.web.problems import Problem, problem_response
from verifier.web.targets import raw_target

if TYPE_CHECKING:
    from passport.web.ports import Registry

_MAX_SUBMISSION_SIZE = MAX_ENTRIES * 2 * (MAX_ENTRY_SIZE + 1024)  # entries are quoted once more inside the JSON body
_PROOF_PREFIX = "/api/v1/proof"


def json_response(value: JsonValue, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, mimetype="application/json")


def make_registry_blueprint(registry: Registry) -> Blueprint:
    """POST statements; PUT item tiles and documents; GET registry, issuers, batches, proofs."""
    api = Blueprint("registry_api", __name__, url_prefix="/api/v1")

    @api.post("/statements")
    def submit() -> Response:
        request.max_content_length = _MAX_SUBMISSION_SIZE
        entries = read_strings(request, "entries", maximum=MAX_ENTRIES)
        # Half a surrogate pair becomes bytes that are no UTF-8: the registry refuses that one entry, not the others.
        return submission_response(registry.submit([entry.encode("utf-8", "surrogatepass") for entry in entries]))

    @api.get("/registry")
    def describe() -> Response:
        return json_response(registry.describe())

    @api.get("/issuers/<issuer>")
    def issuer(issuer: str) -> Response:
        found = registry.find_issuer(parse_id(issuer))
        if found is None:
            raise NotFound("unknown_issuer", f"no issuer {issuer} is admitted here")
        return json_response(found)

    @api.get("/batches/<issuer>/<batch>")
    def batch(issuer: str, batch: str) -> Response:
        found = registry.batch_status(parse_id(issuer), parse_decimal(batch))
        if found is None:
            raise NotFound("unknown_batch", f"{issuer} has no batch {batch} in the ledger")
        return json_response(found)

    @api.put("/batches/<issuer>/<batch>/items/<tile>")
    def put_items(issuer: str, batch: str, tile: str) -> Response:
        data = read_bytes(request, "application/octet-stream")
        registry.put_item_tile(parse_id(issuer), parse_decimal(batch), parse_decimal(tile), data)
        return Response(status=204)

    @api.put("/documents/<digest>")
    def put_document(digest: str) -> Response:
        parse_hex(digest, size=32)
        is_new = registry.find_document(digest) is None
        registry.put_document(digest, read_bytes(request, PASSPORT_MEDIA_TYPE))
        return Response(status=201, headers={"Location": f"/documents/{digest}"}) if is_new else Response(status=204)

    @api.get("/proof/01/<gtin>/21/<tail:serial>")
    def proof(gtin: str, serial: str) -> Response:
        found = registry.find_proof_document(raw_target(request.environ).removeprefix(_PROOF_PREFIX))
        if found is None:
            raise NotFound("not_logged", "the ledger holds no such code, or the seal is not its maker's")
        return allow_any_origin(Response(found, mimetype="application/json"))

    return api


def submission_response(results: list[Submitted]) -> Response:
    """200 when at least one entry is in the ledger now; 422 when every one was refused."""
    values: list[JsonValue] = [result.to_json() for result in results]
    if all(result.error is not None for result in results):
        problem = Problem(422, "all_refused", "No entry was accepted; each result names the rule.")
        return problem_response(problem, {"results": values})
    return json_response({"results": values})
