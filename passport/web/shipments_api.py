# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/shipments: a maker says that codes left the factory. docs/counting.md, docs/http-api.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.services.registry import NotFound
from passport.web.api.registry_operations import SUBMIT_SHIPMENT
from passport.web.registry_api import json_response
from verifier.protocol.shipment import MAX_SHIPMENT_SIZE
from verifier.web.api.operations import declare
from verifier.web.bodies import read_bytes

if TYPE_CHECKING:
    from passport.web.ports import Shipments


def make_shipments_blueprint(shipments: Shipments | None) -> Blueprint:
    """The route is there without counting too, and says that nobody counts."""
    api = Blueprint("shipments_api", __name__)

    @api.post("/api/v1/shipments")
    @declare(SUBMIT_SHIPMENT)
    def accept() -> Response:
        request.max_content_length = MAX_SHIPMENT_SIZE
        data = read_bytes(request, "application/json")
        if shipments is None:
            raise NotFound("no_counting", "this registry does not count checks, so it takes no shipment notices")
        return json_response(shipments.accept(data))

    return api
