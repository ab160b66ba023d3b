# SPDX-License-Identifier: Apache-2.0
"""The first page: what needs the reader today, and how things went of late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from passport.domain.accounts import OrganisationKind, Principal, Scope
from passport.web.console.charts import Column, ColumnChart, Series
from passport.web.console.to_do import things_to_do
from passport.web.console.words import WORDS
from verifier.web.skeleton import current_language
from verifier.web.words import say

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.listings import Listings
    from passport.services.recalls import Recalls
    from passport.web.api.frame import ApiFrame
    from passport.web.console.frame import ConsoleFrame

_DAYS = 14
_RECALLS = 20
_HOUR = 3600


def add_overview_page(console: Blueprint, frame: ConsoleFrame, parts: ApiFrame) -> None:
    """GET /console."""

    @console.get("", strict_slashes=False)
    def overview() -> AnyResponse:
        accounts, principal = frame.accounts, frame.principal
        return frame.page(
            "overview.html",
            me=accounts.members.me(principal),
            organisation=accounts.organisations.get_own(principal),
            things=things_to_do(accounts, parts, principal),
            charts=list(_charts(parts, principal)),
        )


def _charts(parts: ApiFrame, principal: Principal) -> list[ColumnChart]:
    found = []
    is_platform = principal.kind is OrganisationKind.PLATFORM
    if parts.listings is not None and is_platform and Scope.LISTINGS_READ in principal.scopes:
        found.append(decisions_chart(parts.listings, principal))
    sees_recalls = is_platform or principal.kind is OrganisationKind.AUTHORITY
    if parts.recalls is not None and sees_recalls and Scope.RECALLS_READ in principal.scopes:
        found.append(hours_chart(parts.recalls, principal))
    return found


def _word(key: str) -> str:
    return say(WORDS[key], current_language())


def decisions_chart(listings: Listings, principal: Principal) -> ColumnChart:
    """What the gate said on each of the last 14 days."""
    days = listings.gatekeeper.history(principal, _DAYS)
    return ColumnChart(
        "decisions",
        _word("chart_decisions"),
        (Series(_word("chart_bound"), "good"), Series(_word("chart_refused"), "bad")),
        tuple(Column(f"{one.day:%m-%d}", (one.bound, one.refused)) for one in days),
    )


def hours_chart(recalls: Recalls, principal: Principal) -> ColumnChart:
    """The hours from push to the last delisting report, for the newest recalls, with the 24 hours as a line.

    A recall of which nothing was reported yet has no column: its hours are not known.
    """
    rows = [row for row in recalls.board.show(principal).rows if row.figures.worst_seconds is not None]
    columns = []
    for row in reversed(rows[:_RECALLS]):
        hours = (row.figures.worst_seconds or 0) / _HOUR
        in_time = hours <= 24
        columns.append(Column(row.mark.state.recall_id, (hours if in_time else 0, 0 if in_time else hours)))
    series = (Series(_word("chart_in_time"), "good"), Series(_word("chart_late"), "bad"))
    return ColumnChart("hours", _word("chart_hours"), series, tuple(columns), limit=24, limit_name=_word("chart_limit"))
