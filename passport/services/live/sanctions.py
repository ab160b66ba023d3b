# SPDX-License-Identifier: Apache-2.0
"""The sanction list: propose, put on it, take off it; what a platform knows of its sellers; who is listed now."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from passport.domain.accounts import OrganisationKind, Principal, Scope
from passport.domain.accounts_audit import Action
from passport.domain.dossier_values import local_date
from passport.domain.lines import parse_note
from passport.domain.listings import parse_seller_id, parse_seller_name
from passport.domain.sanctions import (
    Sanction,
    SanctionConflict,
    SanctionEvent,
    SanctionFact,
    SanctionFields,
    SanctionFilter,
    SanctionState,
    SellerRecord,
    SubjectKind,
    UnknownSanction,
    parse_credit_code,
)
from passport.services.listings.kit import actor_of, clean_id
from passport.services.live.kit import LiveKit, may_decide, note, require_decider, require_lister, require_platform
from passport.services.live.ports import Books, Business
from verifier.protocol.errors import Malformed

_SUBJECTS = {OrganisationKind.PLATFORM: SubjectKind.SELLER, OrganisationKind.AUTHORITY: SubjectKind.COMPANY}


@dataclass(frozen=True, slots=True)
class ShownSanction:
    """A sanction with its state by the calendar of today."""

    sanction: Sanction
    state: SanctionState


class SanctionSource:
    """Who is on a list now: for the gate and for badges. It takes no principal, so no view may answer with it."""

    def __init__(self, business: Business) -> None:
        self._business = business

    def find_active(self, organisation_id: str, seller_id: str, now: datetime) -> tuple[SanctionFact, ...]:
        """The sanctions in force against a platform's seller: its own, against this id or another of the same credit
        code, and authorities' against that code."""
        with self._business.read() as books:
            return books.sanctions.find_active(organisation_id, seller_id, local_date(now))


class SanctionDesk:
    """A platform sees its own list and what authorities have listed; an authority sees its own."""

    def __init__(self, kit: LiveKit) -> None:
        self._kit = kit

    def create(self, principal: Principal, fields: SanctionFields) -> ShownSanction:
        """On the list at once if the principal may decide, else a proposal. What is said never changes afterwards.

        Raises NotAllowed, Malformed("wrong_subject_kind").
        """
        require_lister(principal, Scope.SANCTIONS_WRITE)
        if fields.subject_kind is not _SUBJECTS[principal.kind]:
            raise Malformed("wrong_subject_kind", "A platform lists its sellers, an authority lists companies.")
        now, decides = self._kit.now(), may_decide(principal)
        made = Sanction(
            id=self._kit.ids(),
            organisation=principal.organisation,
            by_authority=principal.kind is OrganisationKind.AUTHORITY,
            fields=fields,
            state=SanctionState.ACTIVE if decides else SanctionState.PROPOSED,
            created_at=now,
            changed_at=now,
        )
        with self._kit.business.write() as books:
            books.sanctions.add(made)
            self._log(books, principal, made, "activated" if decides else "proposed", "")
        return self._shown(made)

    def activate(self, principal: Principal, sanction_id: str, text: str = "") -> ShownSanction:
        """A proposal comes onto the list. Raises NotAllowed, UnknownSanction, SanctionConflict."""
        said = parse_note(text) if text.strip() else ""
        return self._decide(principal, sanction_id, (SanctionState.PROPOSED, SanctionState.ACTIVE, "activated"), said)

    def decline(self, principal: Principal, sanction_id: str, text: str) -> ShownSanction:
        """A proposal does not come onto the list. Raises NotAllowed, Malformed, UnknownSanction, SanctionConflict."""
        change = (SanctionState.PROPOSED, SanctionState.DECLINED, "declined")
        return self._decide(principal, sanction_id, change, parse_note(text))

    def lift(self, principal: Principal, sanction_id: str, text: str) -> ShownSanction:
        """Off the list, with the reason: what was blocked by it may be shown again.

        Raises NotAllowed, Malformed("bad_note"), UnknownSanction, SanctionConflict("sanction_not_active").
        """
        change = (SanctionState.ACTIVE, SanctionState.LIFTED, "lifted")
        return self._decide(principal, sanction_id, change, parse_note(text))

    def get(self, principal: Principal, sanction_id: str) -> ShownSanction:
        """Raises NotAllowed, UnknownSanction."""
        require_lister(principal, Scope.SANCTIONS_READ)
        with self._kit.business.read() as books:
            return self._shown(find_sanction(books, principal, sanction_id))

    def history(self, principal: Principal, sanction_id: str) -> list[SanctionEvent]:
        """All that was done with it, in order. Raises NotAllowed, UnknownSanction."""
        require_lister(principal, Scope.SANCTIONS_READ)
        with self._kit.business.read() as books:
            return books.sanctions.history(find_sanction(books, principal, sanction_id).id)

    def page(self, principal: Principal, which: SanctionFilter, before: str, limit: int) -> list[ShownSanction]:
        """The newest first, below the id `before`. Raises NotAllowed."""
        require_lister(principal, Scope.SANCTIONS_READ)
        with self._kit.business.read() as books:
            found = books.sanctions.page_seen(
                principal.organisation,
                which,
                self._kit.today(),
                (clean_id(before), limit),
                sees_authorities=_sees_authorities(principal),
            )
        return [self._shown(sanction) for sanction in found]

    def _decide(
        self, principal: Principal, sanction_id: str, change: tuple[SanctionState, SanctionState, str], text: str
    ) -> ShownSanction:
        require_lister(principal, Scope.SANCTIONS_WRITE)
        require_decider(principal)
        wanted, state, action = change
        with self._kit.business.write() as books:
            old = get_own(books, principal, sanction_id)
            if old.state is not wanted:
                code = "sanction_not_active" if wanted is SanctionState.ACTIVE else "sanction_not_proposed"
                raise SanctionConflict(code, f"The sanction is {old.state}, not {wanted}.")
            new = replace(old, state=state, changed_at=self._kit.now())
            books.sanctions.put_state(new)
            self._log(books, principal, new, action, text)
        return self._shown(new)

    def _log(self, books: Books, principal: Principal, sanction: Sanction, action: str, text: str) -> None:
        """One line in the history and one in the trail, in the same transaction as the change."""
        books.sanctions.add_event(
            sanction.id, SanctionEvent(sanction.changed_at, *actor_of(principal), action=action, text=text)
        )
        note(books, principal, Action(f"sanction.{action}"), ("sanction", sanction.id), sanction.changed_at)

    def _shown(self, sanction: Sanction) -> ShownSanction:
        return ShownSanction(sanction, sanction.state_on(self._kit.today()))


class SellerDesk:
    """A platform's own record of which company a seller is."""

    def __init__(self, kit: LiveKit) -> None:
        self._kit = kit

    def put(self, principal: Principal, seller_id: str, name: str, uscc: str) -> SellerRecord:
        """Says which company a seller is, so that authorities' sanctions reach it. Raises NotAllowed, Malformed.

        Whom a sanction reaches already, only who decides may give another code: else a new code would lift it, an
        authority's, or a platform's own for another id of the same company.
        """
        require_platform(principal, Scope.SANCTIONS_WRITE)
        now = self._kit.now()
        record = SellerRecord(
            principal.organisation, parse_seller_id(seller_id), parse_seller_name(name), parse_credit_code(uscc), now
        )
        with self._kit.business.write() as books:
            old = books.sellers.find_in(principal.organisation, record.id)
            facts = books.sanctions.find_active(principal.organisation, record.id, self._kit.today())
            if facts and old is not None and old.uscc != record.uscc:
                require_decider(principal)
            books.sellers.put(record)
            note(books, principal, Action.SELLER_CHANGED, ("seller", record.id), now)
        return record

    def page(self, principal: Principal, after: str, limit: int) -> list[SellerRecord]:
        """In the order of their ids, behind the id `after`. Raises NotAllowed."""
        require_platform(principal, Scope.SANCTIONS_READ)
        with self._kit.business.read() as books:
            return books.sellers.page(principal.organisation, after.replace("\0", "")[:64], limit)


def _sees_authorities(principal: Principal) -> bool:
    return principal.kind is OrganisationKind.PLATFORM


def find_sanction(books: Books, principal: Principal, sanction_id: str) -> Sanction:
    """One that the principal sees. Raises UnknownSanction("unknown_sanction"), the same for one that it does not."""
    found = books.sanctions.find_seen(
        principal.organisation, clean_id(sanction_id), sees_authorities=_sees_authorities(principal)
    )
    if found is None:
        raise UnknownSanction("unknown_sanction", "There is no such sanction on your lists.")
    return found


def get_own(books: Books, principal: Principal, sanction_id: str) -> Sanction:
    """One of the principal's own organisation. Raises UnknownSanction("unknown_sanction")."""
    found = find_sanction(books, principal, sanction_id)
    if found.organisation != principal.organisation:
        raise UnknownSanction("unknown_sanction", "There is no such sanction on your own list.")
    return found
