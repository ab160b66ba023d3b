# SPDX-License-Identifier: Apache-2.0
"""What happens to listings and concerns a recall: sellers who try again, and what was taken down. One transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import cast

from passport.domain.gate import GateDecision, Outcome
from passport.domain.listings import Listing, ListingConflict
from passport.domain.recall_cases import RecallCase, RelistAttempt
from passport.services.listings import ports as listings
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.ports import Books


class RecallWatch:
    """Implements the port of passport/services/listings. It decides nothing: the gate does."""

    def __init__(self, kit: RecallKit) -> None:
        self._kit = kit

    def note_decision(self, books: listings.Books, listing: Listing, decision: GateDecision) -> None:
        """Raises ListingConflict("listing_changed") where a recall came while the gate was looking at older facts."""
        here, now = cast(Books, books), decision.decided_at.replace(microsecond=0)
        if decision.outcome is Outcome.BOUND:
            self._refuse_stale(here, listing, decision)
            self._note_other_lots(here, listing, now)
            return
        for reason in decision.reasons:
            if reason.code == "open_recall":
                self._note_blocked(here, listing, reason.about, now)

    def note_delisted(self, books: listings.Books, listing_id: str, now: datetime) -> None:
        """The listing's own report counts for every case that holds it."""
        here = cast(Books, books)
        here.case_listings.report_delisted(None, [listing_id], now)

    def _refuse_stale(self, books: Books, listing: Listing, decision: GateDecision) -> None:
        # A process whose view lags behind could let in what another has just stopped.
        if books.recall_marks.handled_size() <= decision.facts.as_of.size:
            return
        for mark in books.recall_marks.all_marks().values():
            if mark.state.is_active and mark.state.coverage.touches_listing(listing.fields):
                raise ListingConflict("listing_changed", "A recall came in meanwhile. Ask again.")

    def _note_other_lots(self, books: Books, listing: Listing, now: datetime) -> None:
        """A listing that a recall holds and that was let in: it names other lots by now. It stays in its case."""
        for held in books.case_listings.of_listing(listing.id):
            case = books.recall_cases.find(None, held.case)
            if case is not None and case.pushed_at is not None:
                self._add(books, case, listing, now, was_blocked=False)
        books.case_listings.report_rebound(listing.id, now)

    def _note_blocked(self, books: Books, listing: Listing, recall_id: str, now: datetime) -> None:
        mark = books.recall_marks.find_mark(recall_id)
        if mark is None:
            return  # it was published this very moment: nobody was told yet
        case = books.recall_cases.find_of(listing.organisation, recall_id)
        if case is None:
            # The platform had no such listing, so nothing was pushed; the attempt is counted all the same.
            case = RecallCase(self._kit.ids(), listing.organisation, recall_id, now, mark.state.revision)
            case = replace(case, is_changed=False)
            books.recall_cases.add(case)
        elif case.pushed_at is None and books.case_listings.page(case.id, "", 1):
            return  # its push is on the way
        self._add(books, case, listing, now, was_blocked=True)

    def _add(self, books: Books, case: RecallCase, listing: Listing, now: datetime, *, was_blocked: bool) -> None:
        one = listing.fields
        had_listing = books.case_listings.sold_in(case.id, one.seller_id)
        books.recall_cases.add_attempt(
            RelistAttempt(
                self._kit.ids(),
                case.id,
                one.seller_id,
                one.seller_name,
                listing.id,
                one.url,
                now,
                was_blocked=was_blocked,
                had_listing=had_listing,
            )
        )
