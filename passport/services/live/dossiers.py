# SPDX-License-Identifier: Apache-2.0
"""A platform's selection dossiers: enter, change, submit; and the chief quality officer's decision about them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_audit import Action
from passport.domain.dossier_values import (
    Dossier,
    DossierConflict,
    DossierDecision,
    DossierFields,
    DossierFilter,
    DossierState,
    SampleCheck,
    UnknownDossier,
)
from passport.domain.dossiers import APPROVED, REFUSED, REJECTED, DossierFacts, DossierVerdict, judge, make_document
from passport.domain.lines import parse_note
from passport.services.listings.kit import actor_of, clean_id
from passport.services.live.kit import LiveKit, note, require_platform
from passport.services.live.ports import Books
from verifier.dossier_document import dossier_digest

_OPEN = (DossierState.DRAFT, DossierState.SUBMITTED, DossierState.REJECTED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A dossier as it is shown. `ledger_index`: the published entry with its digest, read from the ledger itself."""

    dossier: Dossier
    ledger_index: int | None = None

    @property
    def state(self) -> DossierState:
        return self.dossier.state if self.ledger_index is None else DossierState.LOGGED


class DossierDesk:
    """Everything by the principal's organisation."""

    def __init__(self, kit: LiveKit) -> None:
        self._kit = kit

    def create(self, principal: Principal, fields: DossierFields) -> Shown:
        """A new dossier, a draft. The sample is checked for the page's sake. Raises NotAllowed."""
        require_platform(principal, Scope.DOSSIERS_WRITE)
        now = self._kit.now()
        made = Dossier(
            self._kit.ids(), principal.organisation, fields, self._check(fields, now), DossierState.DRAFT, 1, now, now
        )
        with self._kit.business.write() as books:
            books.dossiers.add(made)
            note(books, principal, Action.DOSSIER_CREATED, ("dossier", made.id), now)
        return Shown(made)

    def update(self, principal: Principal, dossier_id: str, fields: DossierFields) -> Shown:
        """The whole dossier anew; a draft then. Raises NotAllowed, UnknownDossier, DossierConflict."""
        require_platform(principal, Scope.DOSSIERS_WRITE)
        now = self._kit.now()
        sample = self._check(fields, now)
        with self._kit.business.write() as books:
            old = _get(books, principal, dossier_id)
            if old.state not in _OPEN:
                raise DossierConflict("dossier_decided", "The dossier is approved: make a new one.")
            state, revision = DossierState.DRAFT, old.revision + 1
            new = replace(old, fields=fields, sample=sample, state=state, revision=revision, changed_at=now)
            books.dossiers.put(new)
            note(books, principal, Action.DOSSIER_UPDATED, ("dossier", new.id), now)
        return Shown(new)

    def submit(self, principal: Principal, dossier_id: str) -> Shown:
        """Hand it to the chief quality officer. Doing it twice changes nothing.

        Raises NotAllowed, UnknownDossier, DossierConflict("dossier_decided").
        """
        require_platform(principal, Scope.DOSSIERS_WRITE)
        now = self._kit.now()
        with self._kit.business.write() as books:
            old = _get(books, principal, dossier_id)
            if old.state is DossierState.SUBMITTED:
                return Shown(old)
            if old.state is not DossierState.DRAFT:
                raise DossierConflict("dossier_decided", "The dossier is decided. Change it, or make a new one.")
            new = replace(old, state=DossierState.SUBMITTED, revision=old.revision + 1, changed_at=now)
            books.dossiers.put(new)
            note(books, principal, Action.DOSSIER_SUBMITTED, ("dossier", new.id), now)
        return Shown(new)

    def get(self, principal: Principal, dossier_id: str) -> Shown:
        """Raises NotAllowed, UnknownDossier."""
        require_platform(principal, Scope.DOSSIERS_READ)
        with self._kit.business.read() as books:
            found = _get(books, principal, dossier_id)
        return self._shown(found)

    def page(self, principal: Principal, which: DossierFilter, before: str, limit: int) -> list[Shown]:
        """The newest first, below the id `before`. Raises NotAllowed."""
        require_platform(principal, Scope.DOSSIERS_READ)
        with self._kit.business.read() as books:
            found = books.dossiers.page(principal.organisation, which, clean_id(before), limit)
        return [self._shown(dossier) for dossier in found]

    def count_by_state(self, principal: Principal) -> dict[str, int]:
        """How many there are in each stored state. Raises NotAllowed."""
        require_platform(principal, Scope.DOSSIERS_READ)
        with self._kit.business.read() as books:
            return books.dossiers.count_by_state(principal.organisation)

    def decisions(self, principal: Principal, dossier_id: str) -> list[DossierDecision]:
        """What was decided about it, the newest first. Raises NotAllowed, UnknownDossier."""
        require_platform(principal, Scope.DOSSIERS_READ)
        with self._kit.business.read() as books:
            found = _get(books, principal, dossier_id)
            return books.dossiers.decisions(principal.organisation, found.id)

    def document(self, principal: Principal, dossier_id: str) -> bytes:
        """The approved document, byte for byte. Raises NotAllowed, UnknownDossier("no_document")."""
        found = self.get(principal, dossier_id).dossier
        if not found.document:
            raise UnknownDossier("no_document", "A dossier has a document once it is approved.")
        return found.document

    def _check(self, fields: DossierFields, now: datetime) -> SampleCheck | None:
        if not fields.sample_code:
            return None
        fact = self._kit.ledger.check_sample(fields.sample_code)
        return SampleCheck(fact.status, fact.reason, fact.lot, now)

    def _shown(self, found: Dossier) -> Shown:
        if found.state is not DossierState.APPROVED:
            return Shown(found)
        return Shown(found, self._kit.ledger.find_logged(found.organisation, found.id, found.digest))


class ApprovalDesk:
    """Approvals are the chief quality officer's alone: a person of the platform with that role."""

    def __init__(self, kit: LiveKit) -> None:
        self._kit = kit

    def preview(self, principal: Principal, dossier_id: str) -> DossierVerdict:
        """What the rules say of it now. Nothing is kept. Raises NotAllowed, UnknownDossier, Unavailable."""
        require_platform(principal, Scope.DOSSIERS_READ)
        with self._kit.business.read() as books:
            found = _get(books, principal, dossier_id)
        now = self._kit.now()
        facts = self._kit.ledger.gather(found.fields, now)
        with self._kit.business.read() as books:
            return self._judge(books, found, facts, now)

    def approve(self, principal: Principal, dossier_id: str, revision: int, text: str = "") -> DossierDecision:
        """Approved, or refused with every reason: then it stays submitted. `revision` is the one that was looked at.

        The sample is checked again and the ledger asked again; the write looks again at the dossier and at the
        sanctions, so that neither can have changed in between. Raises NotAllowed: person_needed, role_missing;
        UnknownDossier, DossierConflict: dossier_changed, dossier_not_submitted; Unavailable.
        """
        self._require(principal)
        said = parse_note(text) if text.strip() else ""
        with self._kit.business.read() as books:
            seen = self._submitted(books, principal, dossier_id, revision)
        now = self._kit.now()
        facts = self._kit.ledger.gather(seen.fields, now)
        with self._kit.business.write() as books:
            dossier = self._submitted(books, principal, dossier_id, revision)
            verdict = self._judge(books, dossier, facts, now)
            decision = self._decision(principal, dossier, verdict, said)
            new = replace(dossier, decision=decision.id, revision=dossier.revision + 1, changed_at=now)
            if verdict.may_be_approved:
                data = make_document(dossier, verdict).to_bytes()
                new = replace(new, state=DossierState.APPROVED, document=data, digest=dossier_digest(data))
            books.dossiers.add_decision(decision)
            books.dossiers.put(new)
            action = Action.DOSSIER_APPROVED if verdict.may_be_approved else Action.DOSSIER_REFUSED
            outcome = "done" if verdict.may_be_approved else verdict.reasons[0].code
            note(books, principal, action, ("dossier", dossier.id), now, outcome)
        return decision

    def reject(self, principal: Principal, dossier_id: str, revision: int, text: str) -> DossierDecision:
        """No, and why; it may be changed and submitted again.

        Raises NotAllowed, Malformed("bad_note"), UnknownDossier, DossierConflict.
        """
        self._require(principal)
        said = parse_note(text)
        now = self._kit.now()
        with self._kit.business.write() as books:
            dossier = self._submitted(books, principal, dossier_id, revision)
            actor_kind, actor = actor_of(principal)
            decision = DossierDecision(
                id=self._kit.ids(),
                organisation=dossier.organisation,
                dossier=dossier.id,
                revision=dossier.revision,
                outcome=REJECTED,
                rule_version="",
                decided_at=now,
                reasons=(),
                facts={},
                note=said,
                actor_kind=actor_kind,
                actor=actor,
            )
            books.dossiers.add_decision(decision)
            state, revision = DossierState.REJECTED, dossier.revision + 1
            new = replace(dossier, state=state, decision=decision.id, revision=revision, changed_at=now)
            books.dossiers.put(new)
            note(books, principal, Action.DOSSIER_REJECTED, ("dossier", dossier.id), now)
        return decision

    def _require(self, principal: Principal) -> None:
        require_platform(principal, Scope.DOSSIERS_WRITE)
        principal.require_role(Role.CHIEF_QUALITY_OFFICER)

    def _submitted(self, books: Books, principal: Principal, dossier_id: str, revision: int) -> Dossier:
        found = _get(books, principal, dossier_id)
        if found.revision != revision:
            raise DossierConflict("dossier_changed", "The dossier was changed meanwhile. Look at it again.")
        if found.state is not DossierState.SUBMITTED:
            raise DossierConflict("dossier_not_submitted", "The dossier is not waiting for a decision.")
        return found

    def _judge(self, books: Books, dossier: Dossier, facts: DossierFacts, now: datetime) -> DossierVerdict:
        seller = dossier.fields.seller_id
        sanctions = books.sanctions.find_active(dossier.organisation, seller, self._kit.today())
        return judge(dossier.fields, DossierFacts(replace(facts.gate, sanctions=sanctions)), now)

    def _decision(self, principal: Principal, dossier: Dossier, verdict: DossierVerdict, said: str) -> DossierDecision:
        actor_kind, actor = actor_of(principal)
        return DossierDecision(
            id=self._kit.ids(),
            organisation=dossier.organisation,
            dossier=dossier.id,
            revision=dossier.revision,
            outcome=APPROVED if verdict.may_be_approved else REFUSED,
            rule_version=verdict.rule_version,
            decided_at=verdict.decided_at,
            reasons=verdict.reasons,
            facts=verdict.facts.to_json(),
            note=said,
            actor_kind=actor_kind,
            actor=actor,
        )


def _get(books: Books, principal: Principal, dossier_id: str) -> Dossier:
    """One of the principal's own. Raises UnknownDossier("unknown_dossier"), the same for another's."""
    found = books.dossiers.find_in(principal.organisation, clean_id(dossier_id))
    if found is None:
        raise UnknownDossier("unknown_dossier", "There is no such dossier in your organisation.")
    return found
