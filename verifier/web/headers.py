# SPDX-License-Identifier: Apache-2.0
"""Headers of every answer: what a page may load, who may frame it (CSP Level 3) and who may read it (Fetch, CORS)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

from verifier.web.static_files import style_hash

if TYPE_CHECKING:
    from flask import Response

_POLICY = (
    f"default-src 'none'; style-src 'self' '{style_hash()}'; img-src 'self' data:; script-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors "
)
PAGE_POLICY = _POLICY + "'none'"
BADGE_POLICY = _POLICY + "*"  # a listing of any platform may frame a badge; first form, not bound to a listing


def framed_by(origin: str) -> str:
    """The policy of a badge that one origin alone may frame."""
    return _POLICY + origin


_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),  # a page's address holds a product code: it must not leak to other sites
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def secure(response: Response) -> Response:
    """Adds what every answer carries. A view may have set its own policy or caching."""
    headers = response.headers
    for name, value in _ALWAYS:
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", PAGE_POLICY)
    headers.setdefault("Cache-Control", "no-store")
    return response


def allow_any_origin(response: Response) -> Response:
    """For public data: any site's script may read it. No credentials are ever involved."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
