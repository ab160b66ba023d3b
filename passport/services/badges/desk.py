# SPDX-License-Identifier: Apache-2.0
"""A platform's badge policy, which its chief quality officer alone changes, and its alerts. docs/badge.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from passport.domain.accounts import OrganisationKind, Principal, Role, Scope
from passport.domain.accounts_audit import Action
from passport.domain.accounts_errors import NotAllowed
from passport.domain.badges import BadgeAlert, BadgePolicy, UnknownAlert
from passport.services.badges.ports import Business
from passport.services.listings.kit import clean_id, note


class BadgeDesk:
    """Everything by the principal's organisation."""

    def __init__(self, business: Business, clock: Callable[[], datetime]) -> None:
        self._business, self._clock = business, clock

    def get_policy(self, principal: Principal) -> BadgePolicy:
        """Raises NotAllowed."""
        _require(principal, Scope.BADGES_READ)
        with self._business.read() as books:
            policy: BadgePolicy = books.badge_policies.find(principal.organisation)
        return policy

    def change_policy(self, principal: Principal, *, is_on: bool, origins: tuple[str, ...]) -> BadgePolicy:
        """For the chief quality officer alone. `origins` as of `parse_origins`. Raises NotAllowed."""
        _require(principal, Scope.BADGES_READ)
        principal.require_role(Role.CHIEF_QUALITY_OFFICER)
        now = self._now()
        policy = BadgePolicy(is_on, origins, now, principal.member)
        with self._business.write() as books:
            before = books.badge_policies.find(principal.organisation)
            if (before.is_on, before.origins) == (is_on, origins):
                return before  # type: ignore[no-any-return]
            books.badge_policies.put(principal.organisation, policy, now)
            about = ("organisation", principal.organisation)
            note(books, principal, Action.BADGE_POLICY_CHANGED, about, now)
        return policy

    def page_of_alerts(self, principal: Principal, listing_id: str, before: str, limit: int) -> list[BadgeAlert]:
        """The newest first, below the id `before`; of one listing, or with "" of all. Raises NotAllowed."""
        _require(principal, Scope.BADGES_READ)
        if listing_id and not clean_id(listing_id):
            return []
        with self._business.read() as books:
            found: list[BadgeAlert] = books.badge_alerts.page(
                principal.organisation, clean_id(listing_id), clean_id(before), limit
            )
        return found

    def count_unmarked(self, principal: Principal) -> int:
        """How many places nobody has marked as seen. Raises NotAllowed."""
        _require(principal, Scope.BADGES_READ)
        with self._business.read() as books:
            count: int = books.badge_alerts.count_unmarked(principal.organisation)
        return count

    def mark_alert(self, principal: Principal, alert_id: str) -> None:
        """Somebody of the platform has seen it. Doing it twice changes nothing. Raises NotAllowed, UnknownAlert."""
        _require(principal, Scope.LISTINGS_WRITE)
        now = self._now()
        with self._business.write() as books:
            alert = books.badge_alerts.find_in(principal.organisation, clean_id(alert_id))
            if alert is None:
                raise UnknownAlert("unknown_alert", "Your organisation has no such alert.")
            if alert.marked_at is None:
                books.badge_alerts.mark(alert.id, now)
                note(books, principal, Action.BADGE_ALERT_MARKED, ("badge_alert", alert.id), now)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)


def _require(principal: Principal, scope: Scope) -> None:
    if principal.kind is not OrganisationKind.PLATFORM:
        raise NotAllowed("not_a_platform", "Listings are for platforms. Your organisation is none.")
    principal.require_scope(scope)
