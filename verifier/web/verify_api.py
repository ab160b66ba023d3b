# SPDX-License-Identifier: Apache-2.0
"""POST /api/v1/verify: many codes in one call, one verdict each, in the same order. docs/http-api.md."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from verifier.web.bodies import read_strings
from verifier.web.headers import allow_any_origin
from verifier.web.verdict_json import VerdictWriter

if TYPE_CHECKING:
    from verifier.web.ports import Checker

MAX_CODES = 1000
WHOLE_SIZE = 1 << 20  # characters of an answer that are sent in one piece


def make_verify_blueprint(checker: Checker) -> Blueprint:
    """The API for platforms. One bad code never spoils the rest: it is its own malformed verdict."""
    api = Blueprint("verify_api", __name__)
    api.after_request(allow_any_origin)

    @api.post("/api/v1/verify")
    def verify_codes() -> Response:
        codes = read_strings(request, "codes", maximum=MAX_CODES)
        pieces = VerdictWriter().pieces(map(checker.check, codes))
        begun: list[str] = []
        size = 0
        for piece in pieces:
            begun.append(piece)
            size += len(piece)
            if size > WHOLE_SIZE:  # long recall texts, a thousand times: never all of it in memory
                return Response(chain(begun, pieces), mimetype="application/json")
        return Response("".join(begun), mimetype="application/json")

    return api
