# SPDX-License-Identifier: Apache-2.0
"""Errors as HTTP answers: one table from exception to status, one shape on the wire. RFC 9457 (problem+json)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, has_request_context, request
from werkzeug.exceptions import HTTPException

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed
from verifier.web.api.request_ids import request_id_of

_WORD = re.compile(r"[^a-z]+")
RETRY_AFTER_SECONDS = 2
_HTTP_CODES = {429: "rate_limited"}


class NotHere(DoesNotHold):
    """What the request names does not exist here."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer: `code` is stable and for programs, `detail` says what and what to do."""

    status: int
    code: str
    detail: str

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "code": self.code,
            "detail": self.detail,
            "status": self.status,
            "title": self.title,
            "type": "about:blank",
        }


class TooLarge(Malformed):
    """Well formed as far as it was read, and more than is taken. HTTP 413."""


class ProblemTable:
    """Exception classes and their status. The most specific class decides; what is not in the table is a 500."""

    def __init__(self, rows: dict[type[Exception], int]) -> None:
        self.rows = {**_VERIFIER_ROWS, **rows}

    def describe(self, error: Exception) -> Problem:
        """The problem for an error. An unexpected error tells the outside nothing about itself."""
        if isinstance(error, HTTPException) and error.code is not None:
            code = _HTTP_CODES.get(error.code) or _WORD.sub("_", error.name.lower()).strip("_")
            return Problem(error.code, code, error.description or error.name)
        for cls in type(error).__mro__:
            if cls in self.rows:
                return Problem(self.rows[cls], getattr(error, "code", "error"), str(error))
        return Problem(500, "internal_server_error", "The server failed. Trying again later may help.")


_VERIFIER_ROWS: dict[type[Exception], int] = {
    Malformed: 400,
    TooLarge: 413,
    NotHere: 404,
    DoesNotHold: 422,
    DidNotArrive: 503,
}


def problem_response(problem: Problem, extra: dict[str, JsonValue] | None = None) -> Response:
    """application/problem+json; `extra` are further members, such as the results of each entry."""
    request_id = request_id_of(request.environ) if has_request_context() else None
    mine: dict[str, JsonValue] = {} if request_id is None else {"request_id": request_id}
    body = json.dumps(problem.to_json() | mine | (extra or {}), ensure_ascii=False, separators=(",", ":"))
    response = Response(body, status=problem.status, mimetype="application/problem+json")
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
