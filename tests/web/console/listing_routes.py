# SPDX-License-Identifier: Apache-2.0
"""Rows for tests/web/console/test_routes.py: listings are the shop's, so its column is the one that is let in."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from passport.services.listings import make_listings
from passport.services.listings.kit import ListingKit
from tests.support.accounts import Cast
from tests.support.listings import GTIN, Market, ToldLedger, fields

IN = 303
_SHOPS_ALONE = (403, 200, 403, 403, IN)
_SHOPS_FORM = (403, 303, 403, 403, IN)

# For maker, shop, stranger, reader of the maker, nobody. Another platform: tests/services/listings/test_permissions.py.
LISTING_GETS = dict.fromkeys(
    [
        "/console/listings",
        "/console/listings/export",
        "/console/listings/new",
        "/console/listings/<listing_id>",
        "/console/listings/<listing_id>/edit",
        "/console/decisions/<decision_id>",
        "/console/decisions/<decision_id>/appeal",
        "/console/ledger/<index>",
        "/console/appeals",
        "/console/appeals/<appeal_id>",
        "/console/imports",
        "/console/imports/<import_id>",
    ],
    _SHOPS_ALONE,
)
LISTING_POSTS = {
    "/console/listings/new": _SHOPS_FORM,
    "/console/listings/preview": _SHOPS_ALONE,
    "/console/listings/bind": _SHOPS_ALONE,
    "/console/listings/<listing_id>/edit": _SHOPS_FORM,
    "/console/listings/<listing_id>/bind": _SHOPS_FORM,
    "/console/listings/<listing_id>/delist": _SHOPS_FORM,
    "/console/decisions/<decision_id>/appeal": _SHOPS_FORM,
    "/console/appeals/<appeal_id>/answer": _SHOPS_FORM,
    "/console/appeals/<appeal_id>/close": _SHOPS_FORM,
    "/console/imports": (403, 400, 403, 403, IN),  # the shop sends no file here; with one: test_listings.py
    "/console/imports/<import_id>/run": _SHOPS_FORM,
    "/console/imports/<import_id>/discard": _SHOPS_FORM,
}
_LISTING = {"seller_id": "s-9", "seller_name": "Some seller", "gtin": GTIN, "lots": "L1", "codes": ""}
LISTING_FIELDS: dict[str, dict[str, Any]] = {
    "/console/listings/new": {**_LISTING, "url": "https://shop.example.cn/item/9"},
    "/console/listings/<listing_id>/edit": {**_LISTING, "url": "https://shop.example.cn/item/8"},
    "/console/listings/preview": {},
    "/console/listings/bind": {},
    "/console/decisions/<decision_id>/appeal": {"text": "Look again."},
    "/console/appeals/<appeal_id>/answer": {"text": "We do."},
    "/console/appeals/<appeal_id>/close": {"text": "Done.", "outcome": "upheld"},
}


@dataclass
class ShopThings:
    """What stands in the addresses."""

    listing: str
    decision: str
    appeal: str
    import_id: str
    appealed: str

    def fill(self, route: str) -> str:
        filled = route.replace("<listing_id>", self.listing).replace("<decision_id>", self.decision)
        return filled.replace("<appeal_id>", self.appeal).replace("<import_id>", self.import_id).replace("<index>", "3")


def make_things(cast: Cast) -> ShopThings:
    """A refused listing with two decisions, an appeal against one of them, and a file that was checked."""
    ledger = ToldLedger()
    listings = make_listings(ListingKit(cast.site.business, ledger, cast.site.clock))
    market = Market(cast, cast.shop, listings, ledger)
    market.refuse_by_recall()
    shop = cast.shop.principal
    listing = listings.desk.create(shop, fields(1))
    appealed = listings.gatekeeper.bind(shop, listing.id).decision
    decision = listings.gatekeeper.bind(shop, listing.id).decision
    appeal = listings.appeals.open(shop, appealed.id, "It was remedied.", wants_person=True)
    row = f"https://shop.example.cn/csv,s,n,{GTIN},L1\n"
    job = listings.imports.upload(shop, "a.csv", io.BytesIO(b"url,seller_id,seller_name,gtin,lots\n" + row.encode()))
    listings.worker.work()
    return ShopThings(listing.id, decision.id, appeal.id, job.id, appealed.id)
