# SPDX-License-Identifier: Apache-2.0
"""The header Idempotency-Key on writes that are not idempotent by content. draft-ietf-httpapi-idempotency-key-header.

The first answer is stored and given again for 24 hours, an error too; a failure of ours (5xx) is not an answer, and the
key is free again. A key belongs to whoever sent it: two callers may choose the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from flask import Response, current_app, g, request

from passport.domain.idempotency import Claim, KeyUse, StoredAnswer
from passport.web.api import codes
from verifier.web.api.openapi import KEY_HEADER
from verifier.web.api.operations import Repeat, find_operation, routes_of
from verifier.web.problems import Problem, problem_response

if TYPE_CHECKING:
    from flask import Flask

    from verifier.web.api.codes import ProblemCode

REPLAYED = "Idempotency-Replayed"
_KEY = re.compile(r'"([!#-\[\]-~]{8,64})"', re.ASCII)  # a structured-field string that needs no escapes


class IdempotencyStore(Protocol):
    """Where keys are kept; passport.storage.business.idempotency.SqlIdempotencyStore."""

    def claim(self, use: KeyUse, now: datetime) -> Claim | StoredAnswer: ...

    def finish(self, use: KeyUse, answer: StoredAnswer) -> None: ...

    def release(self, use: KeyUse) -> None: ...


def install_idempotency(
    app: Flask, store: IdempotencyStore | None, identify: Callable[[], str], *, is_needed: bool = True
) -> None:
    """Holds every operation declared with Repeat.KEY to it. Raises ValueError if there is one and no store.

    Call it when all blueprints are registered. Not `is_needed`: no token is good, so those with scopes need none.
    """
    if store is None:
        if any(
            route.operation.repeat is Repeat.KEY and (is_needed or not route.operation.scopes)
            for route in routes_of(app)
        ):
            raise ValueError("an operation needs an Idempotency-Key, and there is no store for keys")
        return

    @app.before_request
    def claim() -> Response | None:
        operation = find_operation(current_app, request.endpoint)
        if operation is None or operation.repeat is not Repeat.KEY:
            return None
        header = request.headers.get(KEY_HEADER)
        match = _KEY.fullmatch(header or "")
        if match is None:
            missing = header is None
            return _refuse(codes.KEY_MISSING if missing else codes.KEY_MALFORMED)
        use = KeyUse(identify(), match[1], _fingerprint())
        outcome = store.claim(use, datetime.now(UTC))
        match outcome:
            case StoredAnswer():
                return _replay(outcome)
            case Claim.IN_FLIGHT:
                return _refuse(codes.KEY_IN_FLIGHT)
            case Claim.REUSED:
                return _refuse(codes.KEY_REUSED)
        g.idempotent_use = use
        return None

    @app.after_request
    def keep(response: Response) -> Response:
        use = g.pop("idempotent_use", None)
        if use is not None:
            if response.status_code >= 500 or response.status_code == 429:
                store.release(use)
            else:
                location = response.headers.get("Location", "")
                media_type = response.headers.get("Content-Type", "")
                body = g.pop("idempotent_body", None)
                kept = response.get_data() if body is None else body
                store.finish(use, StoredAnswer(response.status_code, media_type, location, kept))
        return response


def keep_instead(body: bytes) -> None:
    """What is kept of this request's answer, and given again: without a secret that is shown once."""
    g.idempotent_body = body


def _fingerprint() -> bytes:
    """Of everything that makes it this request: method, target, media type, body. The body stays readable."""
    digest = sha256()
    for part in (request.method, request.full_path, request.mimetype):
        digest.update(part.encode("utf-8", "surrogatepass") + b"\n")
    digest.update(request.get_data(cache=True))
    return digest.digest()


def _refuse(problem: ProblemCode) -> Response:
    return problem_response(Problem(problem.status, problem.code, problem.about.en))


def _replay(answer: StoredAnswer) -> Response:
    response = Response(answer.body, status=answer.status, content_type=answer.media_type or None)
    if answer.location:
        response.headers["Location"] = answer.location
    response.headers[REPLAYED] = "true"
    return response
