# SPDX-License-Identifier: Apache-2.0
"""Errors as HTTP answers: one table from exception to status, one shape on the wire. RFC 9457 (problem+json)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response
from werkzeug.exceptions import HTTPException

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed

_WORD = re.compile(r"[^a-z]+")
RETRY_AFTER_SECONDS = 2


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


class ProblemTable:
    """Exception classes and their status. The most specific class decides; what is not in the table is a 500."""

    def __init__(self, rows: dict[type[Exception], int]) -> None:
        self.rows = {**_VERIFIER_ROWS, **rows}

    def describe(self, error: Exception) -> Problem:
        """The problem for an error. An unexpected error tells the outside nothing about itself."""
        if isinstance(error, HTTPException) and error.code is not None:
            code = _WORD.sub("_", error.name.lower()).strip("_")
            return Problem(error.code, code, error.description or error.name)
        for cls in type(error).__mro__:
            if cls in self.rows:
                return Problem(self.rows[cls], getattr(error, "code", "error"), str(error))
        return Problem(500, "internal_server_error", "The server failed. Trying again later may help.")


_VERIFIER_ROWS: dict[type[Exception], int] = {Malformed: 400, DoesNotHold: 422, DidNotArrive: 503}


def problem_response(problem: Problem, extra: dict[str, JsonValue] | None = None) -> Response:
    """application/problem+json; `extra` are further members, such as the results of each entry."""
    body = json.dumps(problem.to_json() | (extra or {}), ensure_ascii=False, separators=(",", ":"))
    response = Response(body, status=problem.status, mimetype="application/problem+json")
    if problem.status == 503:
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response
