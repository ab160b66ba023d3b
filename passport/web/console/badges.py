# SPDX-License-Identifier: Apache-2.0
"""Badges of the reader's platform: the policy, and places where one was seen that it does not belong. docs/badge.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts import Role, Scope
from passport.domain.accounts_errors import NotAllowed
from passport.domain.badges import parse_origins
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint, Response
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.badges import Badges
    from passport.web.console.frame import ConsoleFrame

BADGES = "/console/badges"
_PAGE = 50
_MAX_TYPED = 10_000


def add_badge_pages(console: Blueprint, frame: ConsoleFrame, badges: Badges) -> None:
    """One page, and what its two forms do."""
    desk = badges.desk

    def page_of(**more: object) -> dict[str, Any]:
        principal = frame.principal
        found = desk.page_of_alerts(principal, "", request.args.get("before", ""), _PAGE + 1)
        shown = found[:_PAGE]
        return {
            "policy": desk.get_policy(principal),
            "alerts": shown,
            "older": f"{BADGES}?before={shown[-1].id}" if len(found) > _PAGE else "",
            "is_officer": Role.CHIEF_QUALITY_OFFICER in principal.roles,
            "may_write": Scope.LISTINGS_WRITE in principal.scopes,
            "typed": None,
            **more,
        }

    @console.get("/badges", endpoint="badges")
    def index() -> Response:
        return frame.page("badges.html", **page_of())

    @console.post("/badges/policy", endpoint="badge_policy")
    def policy() -> AnyResponse:
        typed = request.form.get("origins", "")[:_MAX_TYPED]
        is_on = request.form.get("is_on") == "yes"
        try:
            # Who may not change it is told that, and not what is wrong with the form.
            origins = parse_origins(typed.split()) if Role.CHIEF_QUALITY_OFFICER in frame.principal.roles else ()
            desk.change_policy(frame.principal, is_on=is_on, origins=origins)
        except NotAllowed:
            raise
        except Malformed as error:
            return frame.refuse("badges.html", error, **page_of(typed=typed))
        return frame.done(BADGES, "badge_policy_changed")

    @console.post("/badges/alerts/<alert_id>/mark", endpoint="badge_alert_mark")
    def mark(alert_id: str) -> AnyResponse:
        desk.mark_alert(frame.principal, alert_id)
        return frame.done(BADGES, "badge_alert_marked")
