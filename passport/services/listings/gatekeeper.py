# SPDX-License-Identifier: Apache-2.0
"""Asks the gate for a listing and keeps what it said; and the appeals against that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.gate import GateDecision, GateFacts, Outcome, decide
from passport.domain.gate_records import DayOfDecisions, StoredDecision, store_decision
from passport.domain.listings import Listing, ListingConflict, ListingState, UnknownListing
from passport.services.listings.kit import CHINA_OFFSET, ListingKit, actor_of, clean_id, get_listing, note, require
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
        gathered = [self._gather(listing) for listing in found]
        with self._kit.business.read() as books:
            return [
                Preview(listing, self._decide(books, listing, facts))
                for listing, facts in zip(found, gathered, strict=True)
            ]

    def bind(self, principal: Principal, listing_id: str) -> Bound:
        """Bound, or refused with every reason. A listing whose sale is stopped, or that was delisted, stays so then.

        Raises NotAllowed, UnknownListing, ListingConflict("listing_changed"), Unavailable.
        """
        require(principal, Scope.LISTINGS_WRITE)
        with self._kit.business.read() as books:
            listing = get_listing(books, principal, listing_id)
        gathered = self._gather(listing)
        with self._kit.business.write() as books:
            now = get_listing(books, principal, listing_id)
            if now.revision != listing.revision:
                raise ListingConflict("listing_changed", "The listing was changed meanwhile. Ask again.")
            return self._keep(books, principal, listing, self._decide(books, listing, gathered))

    def _gather(self, listing: Listing) -> tuple[GateFacts, datetime]:
        now = self._kit.now()
        return self._kit.ledger.gather(listing.fields, now), now

    def _decide(self, books: Books, listing: Listing, gathered: tuple[GateFacts, datetime]) -> GateDecision:
        """Sanctions are read where the decision is kept: one that began meanwhile counts."""
        facts, now = gathered
        today = (now + CHINA_OFFSET).date()
        sanctions = books.sanctions.find_active(listing.organisation, listing.fields.seller_id, today)
        return decide(listing.fields, replace(facts, sanctions=sanctions), now)

    def _keep(self, books: Books, principal: Principal, listing: Listing, decision: GateDecision) -> Bound:
        is_bound = decision.outcome is Outcome.BOUND
        if self._kit.watch is not None:
            self._kit.watch.note_decision(books, listing, decision)
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

    def history(self, principal: Principal, days: int) -> list[DayOfDecisions]:
        """What was decided on each of the last `days` days, today the last. Raises NotAllowed."""
        require(principal, Scope.LISTINGS_READ)
        today = (self._kit.now() + CHINA_OFFSET).date()
        first = today - timedelta(days=days - 1)
        since = datetime(first.year, first.month, first.day, tzinfo=UTC) - CHINA_OFFSET
        with self._kit.business.read() as books:
            counts = books.decisions.count_by_day(principal.organisation, since)
        return [
            DayOfDecisions(day, counts.get((day, Outcome.BOUND), 0), counts.get((day, Outcome.REFUSED), 0))
            for day in (first + timedelta(days=at) for at in range(days))
        ]


def find_decision(books: Books, principal: Principal, decision_id: str) -> StoredDecision:
    """One of the principal's own. Raises UnknownListing("unknown_decision")."""
    found = books.decisions.find_in(principal.organisation, clean_id(decision_id))
    if found is None:
        raise UnknownListing("unknown_decision", "There is no such decision in your organisation.")
    return found
