# SPDX-License-Identifier: Apache-2.0
"""Puts together what organisations work with beside their accounts: listings, and what stands on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from passport.services.gate_facts import LedgerGateFacts
from passport.services.listings import Listings, make_listings
from passport.services.listings.kit import ListingKit
from passport.storage.business import SqlBusiness


@dataclass(frozen=True, slots=True)
class Platform:
    """The use cases over the open business database."""

    listings: Listings

    def stop(self) -> None:
        """Ends the workers, the last one first. Call it before the databases are closed."""
        self.listings.worker.stop()


def open_platform(business: SqlBusiness, facts: LedgerGateFacts, clock: Callable[[], datetime]) -> Platform:
    """Starts the workers; each takes up what an earlier process left behind."""
    listings = make_listings(ListingKit(business, facts, clock))
    listings.worker.start()
    return Platform(listings)
