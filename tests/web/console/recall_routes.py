# SPDX-License-Identifier: Apache-2.0
"""Rows for tests/web/console/test_routes.py: a case is the shop's, so its column is the one that is let in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.services.listings import make_listings
from passport.services.listings.kit import ListingKit
from passport.services.recalls import Recalls, make_recalls
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.watch import RecallWatch
from passport.services.webhooks import make_webhooks
from tests.support.accounts import AccountsSite, Cast
from tests.support.listings import Market, ToldLedger, fields
from tests.support.recalls import RECALL, ToldRecalls, state_of
from tests.support.webhooks import ToldSender, make_kit

IN = 303
_SHOPS_ALONE = (403, 200, 403, 403, IN)
_SHOPS_FORM = (403, 303, 403, 403, IN)

# For maker, shop, stranger, reader of the maker, nobody. Another platform and an authority:
# tests/services/recalls/test_permissions.py.
RECALL_GETS = dict.fromkeys(
    [
        "/console/recalls",
        "/console/recalls/<case_id>",
        "/console/recall-board",
        "/console/recall-board/csv",
        "/console/recall-board/evidence",
    ],
    _SHOPS_ALONE,
)
RECALL_POSTS = {
    "/console/recalls/<case_id>/acknowledge": _SHOPS_FORM,
    "/console/recalls/<case_id>/preview": _SHOPS_ALONE,
    "/console/recalls/<case_id>/report": _SHOPS_FORM,
    "/console/recalls/<case_id>/measures": _SHOPS_FORM,
    "/console/recalls/<case_id>/close": (403, 403, 403, 403, IN),  # the chief quality officer's: test_recalls.py
}
RECALL_FORMS: dict[str, dict[str, Any]] = {
    "/console/recalls/<case_id>/preview": {"what": "delisted", "which": "all"},
    "/console/recalls/<case_id>/report": {"what": "notice", "which": "all", "url": "https://shop.example.cn/n"},
    "/console/recalls/<case_id>/measures": {"seller_id": "s-1", "kind": "warned", "text": "First warning."},
}


def told_kit(site: AccountsSite, ledger: ToldRecalls | None = None) -> RecallKit:
    outbox = make_webhooks(make_kit(site, ToldSender())).outbox
    return RecallKit(site.business, ledger or ToldRecalls(), outbox, site.clock, "https://registry.example")


def told_recalls(site: AccountsSite) -> Recalls:
    """For an application whose ledger says nothing."""
    return make_recalls(told_kit(site))


@dataclass
class RecallThings:
    """What stands in the addresses."""

    case: str

    def fill(self, route: str) -> str:
        return route.replace("<case_id>", self.case)


def make_recall_things(cast: Cast) -> RecallThings:
    """A case of one listing, a seller of which has tried again."""
    ledger, told = ToldRecalls(), ToldLedger()
    kit = told_kit(cast.site, ledger)
    listings = make_listings(ListingKit(cast.site.business, told, cast.site.clock, RecallWatch(kit)))
    market = Market(cast, cast.shop, listings, told)
    listing = listings.desk.create(cast.shop.principal, fields(71))
    ledger.publish(state_of())
    recalls = make_recalls(kit)
    while recalls.worker.work():
        pass
    market.refuse_by_recall()
    listings.gatekeeper.bind(cast.shop.principal, listing.id)
    with cast.site.business.read() as books:
        case = books.recall_cases.find_of("shop-b", RECALL)
    assert case is not None
    return RecallThings(case.id)
