# SPDX-License-Identifier: Apache-2.0
"""One id for one request: in the answer, a problem, the log. The sender's own if it is well formed, else ours."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HEADER = "X-Request-Id"
REQUEST_ID = "[A-Za-z0-9._-]{8,64}"
ENVIRON_KEY = "product_passport.request_id"
_WELL_FORMED = re.compile(REQUEST_ID, re.ASCII)


def choose_request_id(sent: str | None) -> str:
    """The id that was sent, or 128 random bits: nothing of a stranger's goes into a log but these characters."""
    return sent if sent is not None and _WELL_FORMED.fullmatch(sent) else secrets.token_hex(16)


def request_id_of(environ: dict[str, Any]) -> str | None:
    """The id of a request that came through RequestIds."""
    found = environ.get(ENVIRON_KEY)
    return found if isinstance(found, str) else None


class RequestIds:
    """WSGI middleware: every answer has the header, also one that Flask never saw."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        request_id = environ[ENVIRON_KEY] = choose_request_id(environ.get("HTTP_X_REQUEST_ID"))

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            return start_response(status, [*headers, (HEADER, request_id)], *more)

        return self._app(environ, start)
