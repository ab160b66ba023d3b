# SPDX-License-Identifier: Apache-2.0
"""API tokens of the reader's organisation: the list, a new one that is shown once, revoking."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts import TOKEN_SCOPES, Role
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.accounts_input import parse_days, parse_scopes
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.web.console.frame import ConsoleFrame

TOKENS = "/console/tokens"
DEFAULT_DAYS = "90"


def add_token_pages(console: Blueprint, frame: ConsoleFrame) -> None:
    """A token's text is in one answer, and nowhere else."""
    tokens = frame.accounts.tokens

    def shown() -> dict[str, Any]:
        principal = frame.principal
        return {
            "tokens": tokens.list(principal),
            "now": datetime.now(UTC),
            "scopes": [scope for scope in TOKEN_SCOPES if scope in principal.scopes],
            "may_make": bool(principal.roles & {Role.OWNER, Role.OPERATOR}),
            "may_revoke_all": Role.OWNER in principal.roles,
        }

    @console.route("/tokens", methods=["GET", "POST"], endpoint="tokens")
    def list_tokens() -> AnyResponse:
        if request.method != "POST":
            return frame.page("tokens.html", **shown(), typed_name="", typed_scopes=[], typed_days=DEFAULT_DAYS)
        name, scopes = request.form.get("display_name", ""), request.form.getlist("scopes")
        days = request.form.get("days", "")
        try:
            new = tokens.create(frame.principal, name, parse_scopes(scopes), parse_days(days))
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            typed = {"typed_name": name[:80], "typed_scopes": scopes, "typed_days": days[:3]}
            return frame.refuse("tokens.html", error, **shown(), **typed)
        return frame.page("token.html", token=new.token, text=new.text, base_url=request.host_url.rstrip("/"))

    @console.post("/tokens/<token_id>/revoke")
    def revoke(token_id: str) -> AnyResponse:
        tokens.revoke(frame.principal, token_id)
        return frame.done(TOKENS, "token_revoked")
