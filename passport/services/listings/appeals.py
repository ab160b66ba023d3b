# SPDX-License-Identifier: Apache-2.0
"""Appeals against decisions of the gate. One that asks for a person is answered and closed by a person alone."""

from __future__ import annotations

from dataclasses import replace

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.appeals import Appeal, AppealNote, AppealOutcome, AppealState, parse_appeal_text
from passport.domain.gate import Outcome
from passport.domain.listings import ListingConflict, UnknownListing
from passport.services.listings.gatekeeper import find_decision
from passport.services.listings.kit import ListingKit, actor_of, clean_id, note, require
from passport.services.listings.ports import Books

MAX_NOTES = 100


class AppealDesk:
    """An appeal changes no decision: where the facts have changed, the gate is asked again."""

    def __init__(self, kit: ListingKit) -> None:
        self._kit = kit

    def open(self, principal: Principal, decision_id: str, text: str, *, wants_person: bool) -> Appeal:
        """Against a refusal; one at a time for each. Raises NotAllowed, Malformed, UnknownListing, ListingConflict."""
        require(principal, Scope.LISTINGS_WRITE)
        said = parse_appeal_text(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            decision = find_decision(books, principal, decision_id)
            if decision.outcome != Outcome.REFUSED.value:
                raise ListingConflict("nothing_to_appeal", "The decision is not a refusal.")
            earlier = books.appeals.of_decision(principal.organisation, decision.id)
            if any(one.state is AppealState.OPEN for one in earlier):
                raise ListingConflict("appeal_open", "An appeal against this decision is open. Add to that one.")
            first = AppealNote(now, *actor_of(principal), said)
            appeal = Appeal(
                id=self._kit.ids(),
                organisation=principal.organisation,
                decision=decision.id,
                listing=decision.listing,
                wants_person=wants_person,
                state=AppealState.OPEN,
                notes=(first,),
            )
            books.appeals.add(appeal)
            note(books, principal, Action.APPEAL_OPENED, ("appeal", appeal.id), now)
        return appeal

    def answer(self, principal: Principal, appeal_id: str, text: str) -> Appeal:
        """Adds to an open appeal. Raises NotAllowed("person_needed"), Malformed, UnknownListing, ListingConflict."""
        require(principal, Scope.LISTINGS_WRITE)
        said = parse_appeal_text(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            appeal = self._add(books, principal, appeal_id, AppealNote(now, *actor_of(principal), said))
            note(books, principal, Action.APPEAL_ANSWERED, ("appeal", appeal.id), now)
        return appeal

    def close(self, principal: Principal, appeal_id: str, outcome: AppealOutcome, text: str) -> Appeal:
        """Ends it, with a reason. Raises NotAllowed("person_needed"), Malformed, UnknownListing, ListingConflict."""
        require(principal, Scope.LISTINGS_WRITE)
        said = parse_appeal_text(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            appeal = self._add(books, principal, appeal_id, AppealNote(now, *actor_of(principal), said))
            closed = replace(appeal, state=AppealState.CLOSED, outcome=outcome, closed_at=now)
            books.appeals.close(closed)
            note(books, principal, Action.APPEAL_CLOSED, ("appeal", appeal.id), now, outcome.value)
        return closed

    def get(self, principal: Principal, appeal_id: str) -> Appeal:
        """Raises NotAllowed, UnknownListing("unknown_appeal")."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return _get(books, principal, appeal_id)

    def of_decision(self, principal: Principal, decision_id: str) -> list[Appeal]:
        """Raises NotAllowed, UnknownListing."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return books.appeals.of_decision(principal.organisation, find_decision(books, principal, decision_id).id)

    def page(self, principal: Principal, state: str, before: str, limit: int) -> list[Appeal]:
        """Open or closed ones ("" for both), the newest first. Raises NotAllowed."""
        require(principal, Scope.LISTINGS_READ)
        with self._kit.business.read() as books:
            return books.appeals.page(principal.organisation, state, clean_id(before), limit)

    def _add(self, books: Books, principal: Principal, appeal_id: str, said: AppealNote) -> Appeal:
        appeal = _get(books, principal, appeal_id)
        if appeal.wants_person:
            principal.require_person()
        if appeal.state is not AppealState.OPEN:
            raise ListingConflict("appeal_closed", "The appeal is closed. Open another one if need be.")
        if len(appeal.notes) >= MAX_NOTES:
            raise ListingConflict("appeal_too_long", "The appeal has as many answers as there can be. Close it.")
        books.appeals.add_note(appeal.id, len(appeal.notes) + 1, said)
        return replace(appeal, notes=(*appeal.notes, said))


def _get(books: Books, principal: Principal, appeal_id: str) -> Appeal:
    found = books.appeals.find_in(principal.organisation, clean_id(appeal_id))
    if found is None:
        raise UnknownListing("unknown_appeal", "There is no such appeal in your organisation.")
    return found
