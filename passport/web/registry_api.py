# SPDX-License-Identifier: Apache-2.0
"""What makers' machines send and ask: statements, item hashes, passports, proofs. docs/http-api.md."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.services.registry import MAX_ENTRIES, NotFound, Submitted
from passport.web.api import registry_operations as operations
from passport.web.api.pagination import link_next, read_page_request
from verifier.protocol.encoding import JsonValue, parse_decimal, parse_hex
from verifier.protocol.fields import parse_id
from verifier.protocol.gs1 import parse_gtin14
from verifier.protocol.merkle import HASH_SIZE
from verifier.protocol.statements import MAX_ENTRY_SIZE
from verifier.protocol.statements.products import PASSPORT_MEDIA_TYPE
from verifier.web.api.operations import declare
from verifier.web.bodies import read_bytes, read_strings
from verifier.web.headers import allow_any_origin
from verifier.web.ledger_files import FOR_EVER
from verifier.web.problems import Problem, problem_response

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from passport.web.ports import Registry

_MAX_SUBMISSION_SIZE = MAX_ENTRIES * 2 * (MAX_ENTRY_SIZE + 1024)  # entries are quoted once more inside the JSON body


def json_response(value: JsonValue, status: int = 200) -> Response:
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, mimetype="application/json")


def make_registry_blueprint(registry: Registry) -> Blueprint:
    """POST statements; PUT item tiles and documents; GET registry, issuers, batches, proofs."""
    api = Blueprint("registry_api", __name__, url_prefix="/api/v1")

    @api.post("/statements")
    @declare(operations.SUBMIT_STATEMENTS)
    def submit() -> Response:
        request.max_content_length = _MAX_SUBMISSION_SIZE
        entries = read_strings(request, "entries", maximum=MAX_ENTRIES)
        # Half a surrogate pair becomes bytes that are no UTF-8: the registry refuses that one entry, not the others.
        return submission_response(registry.submit([entry.encode("utf-8", "surrogatepass") for entry in entries]))

    @api.get("/registry")
    @declare(operations.DESCRIBE_REGISTRY)
    def describe() -> Response:
        return json_response(registry.describe())

    @api.get("/issuers")
    @declare(operations.LIST_ISSUERS)
    def issuers() -> Response:
        asked = read_page_request("issuers")
        after = "" if asked.after is None else str(asked.after[0])
        page = asked.cut(registry.list_issuers(after, asked.limit + 1), lambda found: (str(found["id"]),))
        value: dict[str, JsonValue] = {"issuers": list(page.items)}
        if page.next_cursor is not None:
            value["next"] = page.next_cursor
        return link_next(json_response(value), asked, page.next_cursor)

    @api.get("/issuers/<issuer>")
    @declare(operations.FIND_ISSUER)
    def issuer(issuer: str) -> Response:
        found = registry.find_issuer(parse_id(issuer))
        if found is None:
            raise NotFound("unknown_issuer", f"no issuer {issuer} is admitted here")
        return json_response(found)

    @api.get("/issuers/<issuer>/products/<gtin>")
    @declare(operations.FIND_PRODUCT)
    def product(issuer: str, gtin: str) -> Response:
        found = registry.find_product(parse_id(issuer), parse_gtin14(gtin))
        if found is None:
            raise NotFound("unknown_issuer", f"no issuer {issuer} is admitted here")
        return json_response(found)

    _add_batches(api, registry)

    @api.put("/documents/<digest>")
    @declare(operations.PUT_DOCUMENT)
    def put_document(digest: str) -> Response:
        parse_hex(digest, size=32)
        is_new = registry.find_document(digest) is None
        registry.put_document(digest, read_bytes(request, PASSPORT_MEDIA_TYPE))
        return Response(status=201, headers={"Location": f"/documents/{digest}"}) if is_new else Response(status=204)

    return api


def _add_batches(api: Blueprint, registry: Registry) -> None:
    """How far a batch is, its item hashes, tile by tile from the maker and as a whole for whoever wants them."""

    @api.get("/batches/<issuer>/<batch>")
    @declare(operations.FIND_BATCH)
    def batch(issuer: str, batch: str) -> Response:
        found = registry.batch_status(parse_id(issuer), parse_decimal(batch))
        if found is None:
            raise NotFound("unknown_batch", f"{issuer} has no batch {batch} in the ledger")
        return json_response(found)

    @api.put("/batches/<issuer>/<batch>/items/<tile>")
    @declare(operations.PUT_ITEM_TILE)
    def put_items(issuer: str, batch: str, tile: str) -> Response:
        data = read_bytes(request, "application/octet-stream")
        registry.put_item_tile(parse_id(issuer), parse_decimal(batch), parse_decimal(tile), data)
        return Response(status=204)

    @api.get("/batches/<issuer>/<batch>/items")
    @declare(operations.READ_ITEMS)
    def items(issuer: str, batch: str) -> AnyResponse:
        """All item hashes of a batch. They never change: whoever has them need not ask again."""
        found = registry.read_items(parse_id(issuer), parse_decimal(batch))
        response = Response(found.tiles, mimetype="application/octet-stream", headers={"Cache-Control": FOR_EVER})
        response.content_length = HASH_SIZE * found.count
        response.set_etag(found.item_root.hex())
        return allow_any_origin(response).make_conditional(request)


def submission_response(results: list[Submitted]) -> Response:
    """200 when at least one entry is in the ledger now; 422 when every one was refused."""
    values: list[JsonValue] = [result.to_json() for result in results]
    if all(result.error is not None for result in results):
        problem = Problem(422, "all_refused", "No entry was accepted; each result names the rule.")
        return problem_response(problem, {"results": values})
    return json_response({"results": values})
