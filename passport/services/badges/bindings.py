# SPDX-License-Identifier: Apache-2.0
"""What the registry's own data say of a listing whose badge is asked for. Port: verifier/web/badge_ports.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from passport.domain.accounts import OrganisationState
from passport.domain.ledger_values import LedgerError
from passport.domain.listings import ListingState
from passport.services.badges.ports import Business, SanctionSource
from passport.services.listings.kit import clean_id
from verifier.protocol.errors import DidNotArrive
from verifier.web.badge_ports import Binding
from verifier.web.embedding import origin_of

_SUSPENDED = "platform_suspended"  # no state of a listing, and none that a badge is green for


class ListingBindings:
    """For badges, which name a platform and one of its listings; no principal asks, and no more is told than this."""

    def __init__(self, business: Business, sanctions: SanctionSource, clock: Callable[[], datetime]) -> None:
        self._business, self._sanctions, self._clock = business, sanctions, clock

    def find(self, organisation: str, listing_id: str) -> Binding | None:
        """Raises DidNotArrive when the tables cannot be read: then nothing is said, and nothing is green."""
        try:
            with self._business.read() as books:
                listing = books.listings.find_in(organisation, clean_id(listing_id))
                if listing is None:
                    return None
                policy = books.badge_policies.find(organisation)
                platform = books.organisations.find(organisation)
            fields, state = listing.fields, listing.state.value
            if listing.state is ListingState.BOUND and platform.state is not OrganisationState.ACTIVE:
                state = _SUSPENDED  # nobody can look after it; what a recall says is said all the same
            is_bound = state == ListingState.BOUND.value
            # Asked for those alone whose badge could be green.
            sanctions = self._sanctions.find_active(organisation, fields.seller_id, self._clock()) if is_bound else ()
        except LedgerError as error:
            raise DidNotArrive("bindings_unavailable", f"The listings cannot be read: {error}") from error
        return Binding(
            state=state,
            url=fields.url,
            gtin=fields.gtin,
            lots=fields.lots,
            seller_id=fields.seller_id,
            seller_name=fields.seller_name,
            origins=frozenset((origin_of(fields.url), *policy.origins)),
            is_on=policy.is_on,
            is_blocked=bool(sanctions),
        )
