# SPDX-License-Identifier: Apache-2.0
"""Appeals against sanctions. One that asks for a person is answered and closed by a person alone, as the gate's."""

from __future__ import annotations

from dataclasses import replace

from passport.domain.accounts import Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.appeals import AppealNote, AppealOutcome, AppealState, parse_appeal_text
from passport.domain.sanctions import Sanction, SanctionAppeal, SanctionConflict, SanctionState, UnknownSanction
from passport.services.listings.kit import actor_of, clean_id
from passport.services.live.kit import LiveKit, note, require_lister
from passport.services.live.ports import Books
from passport.services.live.sanctions import find_sanction

MAX_NOTES = 100


class SanctionAppealDesk:
    """An appeal changes no sanction: where the facts have changed, whoever decides lifts it.

    A platform's own are its own business. Against an authority's a platform appeals, and the authority closes;
    nobody else sees it.
    """

    def __init__(self, kit: LiveKit) -> None:
        self._kit = kit

    def open(self, principal: Principal, sanction_id: str, text: str, *, wants_person: bool) -> SanctionAppeal:
        """One at a time for each organisation. Raises NotAllowed, Malformed, UnknownSanction, SanctionConflict."""
        require_lister(principal, Scope.SANCTIONS_WRITE)
        said = parse_appeal_text(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            sanction = find_sanction(books, principal, sanction_id)
            if sanction.state is not SanctionState.ACTIVE:
                raise SanctionConflict("nothing_to_appeal", "The sanction is not on the list.")
            mine = books.sanction_appeals.of_sanction(sanction.id, principal.organisation)
            if any(one.state is AppealState.OPEN for one in mine):
                raise SanctionConflict("appeal_open", "An appeal against this sanction is open. Add to that one.")
            appeal = SanctionAppeal(
                id=self._kit.ids(),
                sanction=sanction.id,
                organisation=principal.organisation,
                wants_person=wants_person,
                state=AppealState.OPEN,
                notes=(AppealNote(now, *actor_of(principal), said),),
            )
            books.sanction_appeals.add(appeal)
            note(books, principal, Action.APPEAL_OPENED, ("sanction_appeal", appeal.id), now)
        return appeal

    def answer(self, principal: Principal, appeal_id: str, text: str) -> SanctionAppeal:
        """Adds to an open appeal. Raises NotAllowed, Malformed, UnknownSanction, SanctionConflict."""
        require_lister(principal, Scope.SANCTIONS_WRITE)
        said = parse_appeal_text(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            appeal, _ = self._add(books, principal, appeal_id, AppealNote(now, *actor_of(principal), said))
            note(books, principal, Action.APPEAL_ANSWERED, ("sanction_appeal", appeal.id), now)
        return appeal

    def close(self, principal: Principal, appeal_id: str, outcome: AppealOutcome, text: str) -> SanctionAppeal:
        """Ends it, with a reason; only whose sanction it is may. Raises as `answer`; and "not_yours_to_close"."""
        require_lister(principal, Scope.SANCTIONS_WRITE)
        said = parse_appeal_text(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            found, sanction = _get(books, principal, appeal_id)
            if sanction.organisation != principal.organisation:
                # Who does not decide about the sanction must not be able to end the question about it.
                raise SanctionConflict("not_yours_to_close", "Who put the sanction on the list closes the appeal.")
            appeal, _ = self._add(books, principal, found.id, AppealNote(now, *actor_of(principal), said))
            closed = replace(appeal, state=AppealState.CLOSED, outcome=outcome, closed_at=now)
            books.sanction_appeals.close(closed)
            note(books, principal, Action.APPEAL_CLOSED, ("sanction_appeal", appeal.id), now, outcome.value)
        return closed

    def get(self, principal: Principal, appeal_id: str) -> SanctionAppeal:
        """Raises NotAllowed, UnknownSanction("unknown_sanction_appeal")."""
        require_lister(principal, Scope.SANCTIONS_READ)
        with self._kit.business.read() as books:
            return _get(books, principal, appeal_id)[0]

    def of_sanction(self, principal: Principal, sanction_id: str) -> list[SanctionAppeal]:
        """Those that the principal may see. Raises NotAllowed, UnknownSanction."""
        require_lister(principal, Scope.SANCTIONS_READ)
        with self._kit.business.read() as books:
            sanction = find_sanction(books, principal, sanction_id)
            is_own = sanction.organisation == principal.organisation
            return books.sanction_appeals.of_sanction(sanction.id, None if is_own else principal.organisation)

    def _add(
        self, books: Books, principal: Principal, appeal_id: str, said: AppealNote
    ) -> tuple[SanctionAppeal, Sanction]:
        appeal, sanction = _get(books, principal, appeal_id)
        if appeal.wants_person:
            principal.require_person()
        if appeal.state is not AppealState.OPEN:
            raise SanctionConflict("appeal_closed", "The appeal is closed. Open another one if need be.")
        if len(appeal.notes) >= MAX_NOTES:
            raise SanctionConflict("appeal_too_long", "The appeal has as many answers as there can be. Close it.")
        books.sanction_appeals.add_note(appeal.id, len(appeal.notes) + 1, said)
        return replace(appeal, notes=(*appeal.notes, said)), sanction


def _get(books: Books, principal: Principal, appeal_id: str) -> tuple[SanctionAppeal, Sanction]:
    """An appeal of the principal's organisation, or against its sanction."""
    found = books.sanction_appeals.find(clean_id(appeal_id))
    if found is not None:
        try:
            sanction = find_sanction(books, principal, found.sanction)
        except UnknownSanction:
            sanction = None
        if sanction is not None and principal.organisation in (found.organisation, sanction.organisation):
            return found, sanction
    raise UnknownSanction("unknown_sanction_appeal", "There is no such appeal against your lists.")
