# SPDX-License-Identifier: Apache-2.0
"""Rows for tests/web/console/test_routes.py: the badge policy is the chief quality officer's, whom nobody here is."""

from __future__ import annotations

from passport.domain.badges import AlertKey, BadgeAlert
from passport.services.badges import AlertRecorder, BadgeDesk, Badges, ListingBindings
from passport.services.badges.ports import NoSanctions
from tests.support.accounts import AccountsSite, Cast
from verifier.web.badge_ports import ListingBadges
from verifier.web.badge_secrets import BadgeSecrets

IN = 303
ALERT = "0193bbbb-0000-7000-8000-000000000001"
BADGE_GETS = {"/console/badges": (403, 200, 403, 403, IN)}
BADGE_POSTS = {
    "/console/badges/policy": (403, 403, 403, 403, IN),  # with the role: tests/services/badges
    "/console/badges/alerts/<alert_id>/mark": (403, 303, 403, 403, IN),
}
BADGE_FIELDS = {"/console/badges/policy": {"is_on": "yes", "origins": "https://m.shop.example.cn"}}


def make_badges(site: AccountsSite, ledger: str = "registry.example.cn/ledger") -> Badges:
    """Over the site's tables; the recorder is not started: a test calls `flush`."""
    recorder = AlertRecorder(site.business, site.clock)
    bindings = ListingBindings(site.business, NoSanctions(), site.clock)
    served = ListingBadges(ledger, BadgeSecrets(bytes(32)), recorder, site.clock, bindings)
    return Badges(served, BadgeDesk(site.business, site.clock), recorder)


def add_alert(cast: Cast, listing: str) -> None:
    """One of the shop's listing, under a fixed id."""
    key = AlertKey("shop-b", listing, "foreign_origin", "https://copy.example/fake")
    at = cast.site.clock()
    with cast.site.business.write() as books:
        books.badge_alerts.add(BadgeAlert(ALERT, key, at, at, 3))


def fill_alert(route: str) -> str:
    return route.replace("<alert_id>", ALERT)
