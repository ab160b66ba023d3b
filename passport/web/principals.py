# SPDX-License-Identifier: Apache-2.0
"""Who asks over the API: `Authorization: Bearer pp_…` to a Principal, once per request. RFC 6750.

Browsers' cookies say nothing here, so a page of another site can do nothing through them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app, g

from passport.domain.accounts_errors import (
    Conflict,
    InvalidToken,
    NotAllowed,
    SignInRefused,
    TooBusy,
    TooManyAttempts,
    UnknownObject,
)
from verifier.web.api.request_ids import request_id_of
from verifier.web.api.request_log import ENVIRON_PRINCIPAL

if TYPE_CHECKING:
    from flask import Flask, Request, Response

    from passport.domain.accounts import Principal
    from passport.services.accounts import Accounts

ACCOUNT_PROBLEMS: dict[type[Exception], int] = {
    InvalidToken: 401,
    NotAllowed: 403,
    UnknownObject: 404,
    Conflict: 409,
    SignInRefused: 422,
    TooManyAttempts: 429,
    TooBusy: 503,
}
"""Rows for the application's ProblemTable."""

_EXTENSION = "product_passport_accounts"
CHALLENGE = 'Bearer realm="product-passport"'


def install_principals(app: Flask, accounts: Accounts) -> None:
    """Call it once when the application is made; `find_principal` works from then on, and a 401 says how to ask."""
    app.extensions[_EXTENSION] = accounts

    @app.after_request
    def challenge(response: Response) -> Response:
        if response.status_code == 401:
            error = ', error="invalid_token"' if "principal_failed" in g else ""
            response.headers.setdefault("WWW-Authenticate", CHALLENGE + error)
        return response


def find_accounts() -> Accounts | None:
    """The use cases of this application; None when it was made without accounts."""
    found: Accounts | None = current_app.extensions.get(_EXTENSION)
    return found


def find_principal(request: Request) -> Principal | None:
    """Who the request's token speaks for; None when it brings none. Looked up once per request.

    Raises InvalidToken, which is 401, for one that is malformed, unknown, revoked or expired.
    """
    if "principal" in g:
        found: Principal | None = g.principal
        return found
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    accounts = find_accounts()
    if scheme.lower() != "bearer" or accounts is None:
        return None
    try:
        principal = accounts.tokens.get_principal(text.strip(), request_id_of(request.environ) or "")
    except InvalidToken:
        g.principal_failed = True
        raise
    g.principal = principal
    request.environ[ENVIRON_PRINCIPAL] = caller_of(principal)
    return principal


def get_principal(request: Request) -> Principal:
    """The same for a call that nobody may make without a token. Raises InvalidToken."""
    principal = find_principal(request)
    if principal is None:
        raise InvalidToken
    return principal


def caller_of(principal: Principal) -> str:
    """How logs and limits name who asks: `token:<id>` or `member:<id>`."""
    return f"token:{principal.token}" if principal.token else f"member:{principal.member}"
