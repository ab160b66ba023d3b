# SPDX-License-Identifier: Apache-2.0
"""Asks the gate for a listing and keeps what it said; and the appeals against that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.gate import GateDecision, Outcome, decide
from passport.domain.gate_records import StoredDecision, store_decision
from passport.domain.listings import Listing, ListingConflict, ListingState, UnknownListing
from passport.services.listings.kit import ListingKit, actor_of, clean_id, get_listing, note, require
from passport.services.listings.ports import Books

MAX_BULK = 200
_BLOCKED = (ListingState.STOP_SALE, ListingState.DELISTED)


@dataclass(frozen=True, slots=True)
class Preview:
    """What the gate would say of a listing now. Nothing of it is kept."""

    listing: Listing
    decision: GateDecision


@dataclass(frozen=True, slots=True)
class Bound:
    """A listing as it is after the gate, and the decision that was kept."""

    listing: Listing
    decision: StoredDecision


class Gatekeeper:
    """Facts are read first, without holding up anybody; the decision is kept if the listing is still the same."""

    def __init__(self, kit: ListingKit) -> None:
        self._kit = kit

    def preview(self, principal: Principal, listing_ids: Sequence[str]) -> list[Preview]:
        """What `bind` would say, for up to 200 listings. Raises NotAllowed, UnknownListing, Unavailable."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            found = [get_listing(books, principal, one) for one in listing_ids[:MAX_BULK]]
        return [Preview(listing, self._decide(listing)) for listing in found]

    def bind(self, principal: Principal, listing_id: str) -> Bound:
        """Bound, or refused with every reason. A listing whose sale is stopped, or that was delisted, stays so then.

        Raises NotAllowed, UnknownListing, ListingConflict("listing_changed"), Unavailable.
        """
        require(principal, Scope.LISTINGS_WRITE)
        with self._kit.business.read() as books:
            listing = get_listing(books, principal, listing_id)
        decision = self._decide(listing)
        with self._kit.business.write() as books:
            now = get_listing(books, principal, listing_id)
            if now.revision != listing.revision:
                raise ListingConflict("listing_changed", "The listing was changed meanwhile. Ask again.")
            return self._keep(books, principal, listing, decision)

    def _decide(self, listing: Listing) -> GateDecision:
        now = self._kit.now()
        return decide(listing.fields, self._kit.ledger.gather(listing.fields, now), now)

    def _keep(self, books: Books, principal: Principal, listing: Listing, decision: GateDecision) -> Bound:
        is_bound = decision.outcome is Outcome.BOUND
        stored = store_decision(decision, self._kit.ids(), listing, actor_of(principal))
        books.decisions.add(stored)
        state = ListingState.BOUND if is_bound else ListingState.REFUSED
        if not is_bound and listing.state in _BLOCKED:
            state = listing.state
        new = replace(
            listing,
            state=state,
            revision=listing.revision + 1,
            changed_at=decision.decided_at,
            decision=stored.id,
        )
        books.listings.put(new)
        action = Action.LISTING_BOUND if is_bound else Action.LISTING_REFUSED
        outcome = "done" if is_bound else decision.reasons[0].code
        note(books, principal, action, ("listing", listing.id), decision.decided_at, outcome)
        return Bound(new, stored)

    def get_decision(self, principal: Principal, decision_id: str) -> StoredDecision:
        """Raises NotAllowed, UnknownListing("unknown_decision")."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return find_decision(books, principal, decision_id)

    def page(self, principal: Principal, listing_id: str, before: str, limit: int) -> list[StoredDecision]:
        """What was decided about a listing, the newest first. Raises NotAllowed, UnknownListing."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            listing = get_listing(books, principal, listing_id)
            return books.decisions.page(principal.organisation, listing.id, clean_id(before), limit)


def find_decision(books: Books, principal: Principal, decision_id: str) -> StoredDecision:
    """One of the principal's own. Raises UnknownListing("unknown_decision")."""
    found = books.decisions.find_in(principal.organisation, clean_id(decision_id))
    if found is None:
        raise UnknownListing("unknown_decision", "There is no such decision in your organisation.")
    return found
