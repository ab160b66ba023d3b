# SPDX-License-Identifier: Apache-2.0
"""What platforms' programs ask about their badges, with a token. docs/badge.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.domain.accounts_errors import InvalidToken
from passport.web import listing_values as values
from passport.web.api.badge_operations import LIST_BADGE_ALERTS
from passport.web.api.pagination import link_next, read_page_request
from passport.web.principals import get_principal
from verifier.badge_types import BadgeAlert, BadgeAlertPage
from verifier.protocol.errors import Malformed
from verifier.web.api.operations import declare

if TYPE_CHECKING:
    from passport.domain import badges as domain
    from passport.services.badges import Badges


def make_badges_blueprint(badges: Badges | None) -> Blueprint:
    """Without `badges` there are no accounts either, so no token is good and every call is 401."""
    api = Blueprint("badges_api", __name__, url_prefix="/api/v1")

    @api.get("/badge-alerts")
    @declare(LIST_BADGE_ALERTS)
    def alerts() -> Response:
        principal = get_principal(request)
        if badges is None:
            raise InvalidToken
        asked = read_page_request("badge-alerts")
        of_listing = request.args.getlist("listing")
        if len(of_listing) > 1 or of_listing == [""]:
            raise Malformed("bad_listing", "Give listing once, with an id, or leave it out.")
        listing = of_listing[0] if of_listing else ""
        found = badges.desk.page_of_alerts(principal, listing, values.before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.id,))
        shown = BadgeAlertPage(tuple(map(_alert, page.items)), page.next_cursor)
        return link_next(values.answer(shown), asked, page.next_cursor)

    return api


def _alert(alert: domain.BadgeAlert) -> BadgeAlert:
    return BadgeAlert(
        id=alert.id,
        listing=alert.key.listing,
        reason=alert.key.reason,  # type: ignore[arg-type]  # one of the findings that are noted
        place=alert.key.place,
        first_seen_at=alert.first_seen_at,
        last_seen_at=alert.last_seen_at,
        count=alert.count,
        marked_at=alert.marked_at,
    )
