# SPDX-License-Identifier: Apache-2.0
"""The figures of a recall's return, and what organisations report for them. Each takes the Principal first.

Figures are public. Reports are seen by the organisation that made them, and by nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from passport.domain.accounts import OrganisationKind, Principal, Scope
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import NotAllowed
from passport.domain.returns import (
    MAX_REPORTS,
    Affected,
    RecallFacts,
    Recovery,
    ReturnConflict,
    ReturnFigures,
    ReturnRate,
    binding_declaration,
    parse_count,
    parse_note,
    parse_optional_lot,
    parse_past_day,
    unknown_recall,
)
from passport.services.listings.kit import clean_id
from passport.services.returns.kit import ReturnKit
from passport.services.returns.ports import Books


@dataclass(frozen=True, slots=True)
class TypedRecovery:
    """What somebody reports, not looked at yet."""

    count: int
    on: date
    lot: str = ""
    note: str = ""


class ReturnDesk:
    """A maker reports about recalls of its own GTINs, an authority about every recall, a platform for itself."""

    def __init__(self, kit: ReturnKit) -> None:
        self._kit = kit

    def of_recall(self, recall_id: str) -> ReturnRate | None:
        """None for a recall that the ledger does not have. Raises Unavailable."""
        facts = self._kit.ledger.find(recall_id)
        return None if facts is None else self._figures(facts).rate

    def figures(self, recall_id: str) -> ReturnFigures:
        """What the public sees. Raises UnknownRecall, Unavailable."""
        return self._figures(self._get(recall_id))

    def recalls_of(self, principal: Principal) -> list[ReturnFigures]:
        """The recalls that the principal's organisation may report about. Raises NotAllowed, Unavailable."""
        principal.require_scope(Scope.RECALLS_READ)
        found = [facts for facts in self._kit.ledger.list_all() if may_recover(principal, facts)]
        return [self._figures(facts) for facts in found]

    def recoveries(self, principal: Principal, recall_id: str, before: str, limit: int) -> list[Recovery]:
        """The organisation's own reports, the newest first. Raises NotAllowed, UnknownRecall, Unavailable."""
        principal.require_scope(Scope.RECALLS_READ)
        facts = self._get(recall_id)
        with self._kit.business.read() as books:
            return books.returns.recoveries(principal.organisation, facts.record.recall_id, clean_id(before), limit)

    def report_recovered(self, principal: Principal, recall_id: str, typed: TypedRecovery) -> Recovery:
        """Adds a report. Raises NotAllowed, UnknownRecall, Malformed, ReturnConflict, Unavailable."""
        principal.require_scope(Scope.RECALLS_REPORT)
        facts = self._get(recall_id)
        if not may_recover(principal, facts):
            raise _not_yours()
        count, lot = parse_count(typed.count, lowest=-(10**9)), parse_optional_lot(typed.lot)
        on, note = parse_past_day(typed.on, self._kit.today()), parse_note(typed.note)
        if lot and lot not in facts.lots:
            raise ReturnConflict("lot_not_recalled", f"The recall {recall_id} covers no lot {lot}.")
        now, kind, actor = self._kit.now(), *_actor(principal)
        report = Recovery(
            self._kit.ids(), recall_id, principal.organisation, count, on, lot, note, now, kind.value, actor
        )
        with self._kit.business.write() as books:
            so_far, number = books.returns.sum_of(principal.organisation, recall_id)
            if so_far + count < 0:
                raise ReturnConflict("below_zero", f"You have reported {so_far} so far, and cannot take back more.")
            if number >= MAX_REPORTS:
                raise ReturnConflict("too_many_returns", f"There are {MAX_REPORTS} reports already. Report sums.")
            books.returns.add_recovery(report)
            self._note(books, principal, Action.RETURNS_RECOVERED, recall_id)
        return report

    def declare_affected(self, principal: Principal, recall_id: str, count: int | None, reason: str) -> Affected:
        """Another number than the ledger's, or that one again (None).

        Raises NotAllowed, UnknownRecall, Malformed, ReturnConflict, Unavailable.
        """
        principal.require_scope(Scope.RECALLS_REPORT)
        facts = self._get(recall_id)
        if not may_declare(principal, facts):
            raise _not_yours()
        counted = None if count is None else parse_count(count, lowest=0)
        said = parse_note(reason, code="bad_return_reason", minimum=1)
        kind, actor = _actor(principal)
        declared = Affected(
            id=self._kit.ids(),
            recall_id=recall_id,
            organisation=principal.organisation,
            is_authority=principal.kind is OrganisationKind.AUTHORITY,
            count=counted,
            reason=said,
            at=self._kit.now(),
            actor_kind=kind.value,
            actor=actor,
        )
        with self._kit.business.write() as books:
            if len(books.returns.declarations(recall_id)) >= MAX_REPORTS:
                raise ReturnConflict("too_many_returns", f"There are {MAX_REPORTS} declarations already.")
            books.returns.add_affected(declared)
            self._note(books, principal, Action.RETURNS_AFFECTED, recall_id)
        return declared

    def _get(self, recall_id: str) -> RecallFacts:
        facts = self._kit.ledger.find(recall_id)
        if facts is None:
            raise unknown_recall()
        return facts

    def _figures(self, facts: RecallFacts) -> ReturnFigures:
        recall_id = facts.record.recall_id
        with self._kit.business.read() as books:
            return ReturnFigures(
                facts=facts,
                confirmed=books.returns.count_confirmed(recall_id),
                recovered=books.returns.sum_recovered(recall_id),
                declared=binding_declaration(books.returns.declarations(recall_id)),
                at=self._kit.now(),
            )

    def _note(self, books: Books, principal: Principal, action: Action, recall_id: str) -> None:
        kind, actor = _actor(principal)
        act = Act(kind, actor, str(action), "recall", recall_id, request_id=principal.request_id)
        books.audit.append(principal.organisation, self._kit.now(), act)


def may_declare(principal: Principal, facts: RecallFacts) -> bool:
    """The maker of one of the recall's GTINs, and authorities. A maker's account bears its id in the ledger."""
    if principal.kind is OrganisationKind.MAKER:
        return principal.organisation in facts.makers
    return principal.kind is OrganisationKind.AUTHORITY


def may_recover(principal: Principal, facts: RecallFacts) -> bool:
    """The same, and platforms."""
    return principal.kind is OrganisationKind.PLATFORM or may_declare(principal, facts)


def _actor(principal: Principal) -> tuple[ActorKind, str]:
    return (ActorKind.MEMBER, principal.member) if principal.is_person else (ActorKind.TOKEN, principal.token)


def _not_yours() -> NotAllowed:
    return NotAllowed(
        "not_your_recall", "Of this recall only the maker of its products, an authority or a platform may report."
    )
