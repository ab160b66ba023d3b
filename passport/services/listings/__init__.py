# SPDX-License-Identifier: Apache-2.0
"""The use cases of listings. Each takes the Principal first and decides by it. docs/listings.md."""

from __future__ import annotations

from dataclasses import dataclass

from passport.services.listings.appeals import AppealDesk
from passport.services.listings.desk import ListingDesk
from passport.services.listings.gatekeeper import Gatekeeper
from passport.services.listings.imports import ImportDesk
from passport.services.listings.kit import ListingKit
from passport.services.listings.worker import ImportWorker


@dataclass(frozen=True, slots=True)
class Listings:
    """All of them, over one database. `worker` has to be started and stopped."""

    desk: ListingDesk
    gatekeeper: Gatekeeper
    appeals: AppealDesk
    imports: ImportDesk
    worker: ImportWorker


def make_listings(kit: ListingKit) -> Listings:
    """Puts the use cases together."""
    worker = ImportWorker(kit)
    return Listings(ListingDesk(kit), Gatekeeper(kit), AppealDesk(kit), ImportDesk(kit, worker), worker)
