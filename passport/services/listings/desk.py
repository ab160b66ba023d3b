# SPDX-License-Identifier: Apache-2.0
"""A platform's listings: enter, change, find, take down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.listings import (
    Listing,
    ListingConflict,
    ListingFields,
    ListingFilter,
    ListingState,
)
from passport.services.listings.kit import ListingKit, clean_id, get_listing, note, require

_CHUNK = 500
_STAYS = (ListingState.STOP_SALE, ListingState.DELISTED)


class ListingDesk:
    """Everything by the principal's organisation."""

    def __init__(self, kit: ListingKit) -> None:
        self._kit = kit

    def create(self, principal: Principal, fields: ListingFields) -> Listing:
        """A new listing, a draft until it is bound. Raises NotAllowed, ListingConflict("url_taken")."""
        require(principal, Scope.LISTINGS_WRITE)
        now = self._kit.now()
        listing = Listing(self._kit.ids(), principal.organisation, fields, ListingState.DRAFT, 1, now, now)
        with self._kit.business.write() as books:
            if books.listings.find_places(principal.organisation, [fields.url_digest]):
                raise _taken()
            books.listings.add(listing)
            note(books, principal, Action.LISTING_CREATED, ("listing", listing.id), now)
        return listing

    def update(self, principal: Principal, listing_id: str, fields: ListingFields) -> Listing:
        """What the platform says now. It is a draft then, and must be bound again; a stopped sale stays stopped.

        Raises NotAllowed, UnknownListing, ListingConflict("url_taken").
        """
        require(principal, Scope.LISTINGS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            old = get_listing(books, principal, listing_id)
            if old.fields == fields:
                return old
            place = books.listings.find_places(principal.organisation, [fields.url_digest]).get(fields.url_digest)
            if place is not None and place.listing != old.id:
                raise _taken()
            state = old.state if old.state in _STAYS else ListingState.DRAFT
            new = replace(old, fields=fields, state=state, revision=old.revision + 1, changed_at=now)
            books.listings.put(new)
            note(books, principal, Action.LISTING_UPDATED, ("listing", new.id), now)
        return new

    def get(self, principal: Principal, listing_id: str) -> Listing:
        """Raises NotAllowed, UnknownListing."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return get_listing(books, principal, listing_id)

    def page(self, principal: Principal, which: ListingFilter, before: str, limit: int) -> list[Listing]:
        """The newest first, below the id `before`. Raises NotAllowed."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return books.listings.page(principal.organisation, which, clean_id(before), limit)

    def count_by_state(self, principal: Principal) -> dict[str, int]:
        """How many there are in each state. Raises NotAllowed."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return books.listings.count_by_state(principal.organisation)

    def delist(self, principal: Principal, listing_id: str) -> Listing:
        """The platform has taken it down. Doing it twice changes nothing. Raises NotAllowed, UnknownListing."""
        require(principal, Scope.LISTINGS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            old = get_listing(books, principal, listing_id)
            if old.state is ListingState.DELISTED:
                return old
            new = replace(old, state=ListingState.DELISTED, revision=old.revision + 1, changed_at=now)
            books.listings.put(new)
            if self._kit.watch is not None:
                self._kit.watch.note_delisted(books, new.id, now)
            note(books, principal, Action.LISTING_DELISTED, ("listing", new.id), now)
        return new

    def export(self, principal: Principal, which: ListingFilter) -> Iterator[Listing]:
        """All of them, page by page. That it was done stands in the trail. Raises NotAllowed at once."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.write() as books:
            note(books, principal, Action.LISTINGS_EXPORTED, ("organisation", principal.organisation), self._kit.now())
        return self._each(principal, which)

    def _each(self, principal: Principal, which: ListingFilter) -> Iterator[Listing]:
        before = ""
        while found := self.page(principal, which, before, _CHUNK):
            yield from found
            before = found[-1].id

    def find_entry(self, principal: Principal, index: int) -> bytes | None:
        """A published entry of the ledger, which is what a reason points to. Raises NotAllowed, Unavailable."""
        require(principal, Scope.LISTINGS_READ)
        return self._kit.ledger.find_entry(index)


def _taken() -> ListingConflict:
    return ListingConflict("url_taken", "Another listing of your organisation has this address.")
