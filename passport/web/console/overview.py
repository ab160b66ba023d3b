# SPDX-License-Identifier: Apache-2.0
"""The first page: what needs the reader today. A later part adds its own lines to `things_to_do`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from passport.domain.accounts import Principal, Role, Scope

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.accounts import Accounts
    from passport.web.console.frame import ConsoleFrame

_FEW_CODES = 3
_SOON = timedelta(days=14)


def add_overview_page(console: Blueprint, frame: ConsoleFrame) -> None:
    """GET /console."""

    @console.get("", strict_slashes=False)
    def overview() -> AnyResponse:
        accounts, principal = frame.accounts, frame.principal
        return frame.page(
            "overview.html",
            me=accounts.members.me(principal),
            organisation=accounts.organisations.get_own(principal),
            things=things_to_do(accounts, principal),
        )


def things_to_do(accounts: Accounts, principal: Principal) -> list[tuple[str, str]]:
    """Pairs of a word's key and the address where it is done."""
    found = []
    if accounts.profile.count_recovery_codes(principal) < _FEW_CODES:
        found.append(("few_codes", "/console/account"))
    if Role.OWNER in principal.roles:
        owners = [listed for listed in accounts.members.list(principal) if listed.member.is_active_owner]
        if len(owners) == 1:
            found.append(("only_owner", "/console/members"))
    if Scope.TOKENS_READ in principal.scopes:
        now = datetime.now(UTC)
        if any(token.is_good(now) and token.expires_at - now < _SOON for token in accounts.tokens.list(principal)):
            found.append(("tokens_end_soon", "/console/tokens"))
    return found
