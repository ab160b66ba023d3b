# SPDX-License-Identifier: Apache-2.0
"""What the use cases of live commerce need: tables beside those of listings, and what the ledger says of an item."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from passport.domain.appeals import AppealNote
from passport.domain.dossier_values import Dossier, DossierDecision, DossierFields, DossierFilter
from passport.domain.dossiers import DossierFacts
from passport.domain.gate import CodeFact
from passport.domain.sanctions import (
    Sanction,
    SanctionAppeal,
    SanctionEvent,
    SanctionFact,
    SanctionFilter,
    SellerRecord,
)
from passport.services.accounts import ports as accounts

Place = tuple[str, int]
"""The id that a page goes on below ("" for the first page), and how many there may be on it."""


class DossierTable(Protocol):
    def add(self, dossier: Dossier) -> None: ...
    def put(self, dossier: Dossier) -> None: ...
    def find_in(self, organisation_id: str, dossier_id: str) -> Dossier | None: ...
    def page(self, organisation_id: str, which: DossierFilter, before: str, limit: int) -> list[Dossier]:
        """The newest first, below the id `before` ("" for all)."""
        ...

    def count_by_state(self, organisation_id: str) -> dict[str, int]: ...
    def add_decision(self, decision: DossierDecision) -> None: ...
    def decisions(self, organisation_id: str, dossier_id: str) -> list[DossierDecision]:
        """The newest first."""
        ...


class SanctionTable(Protocol):
    def add(self, sanction: Sanction) -> None: ...
    def put_state(self, sanction: Sanction) -> None: ...
    def find_seen(self, organisation_id: str, sanction_id: str, *, sees_authorities: bool) -> Sanction | None: ...
    def page_seen(
        self, organisation_id: str, which: SanctionFilter, today: date, place: Place, *, sees_authorities: bool
    ) -> list[Sanction]:
        """The newest first."""
        ...

    def find_active(self, organisation_id: str, seller_id: str, today: date) -> tuple[SanctionFact, ...]:
        """Those in force against a seller: the platform's own, against any of its ids with this seller's credit code,
        and authorities' against that code."""
        ...

    def add_event(self, sanction_id: str, event: SanctionEvent) -> None: ...
    def history(self, sanction_id: str) -> list[SanctionEvent]: ...


class SanctionAppealTable(Protocol):
    def add(self, appeal: SanctionAppeal) -> None: ...
    def add_note(self, appeal_id: str, seq: int, note: AppealNote) -> None: ...
    def close(self, appeal: SanctionAppeal) -> None: ...
    def find(self, appeal_id: str) -> SanctionAppeal | None: ...
    def of_sanction(self, sanction_id: str, organisation_id: str | None = None) -> list[SanctionAppeal]:
        """The newest 100, the newest first; of one appellant, or None for all."""
        ...


class SellerTable(Protocol):
    def put(self, seller: SellerRecord) -> None: ...
    def find_in(self, organisation_id: str, seller_id: str) -> SellerRecord | None: ...
    def page(self, organisation_id: str, after: str, limit: int) -> list[SellerRecord]: ...


class Books(accounts.Books, Protocol):
    @property
    def dossiers(self) -> DossierTable: ...
    @property
    def sanctions(self) -> SanctionTable: ...
    @property
    def sanction_appeals(self) -> SanctionAppealTable: ...
    @property
    def sellers(self) -> SellerTable: ...


class Business(Protocol):
    """Where units of work come from, as in passport/services/accounts/ports.py."""

    def write(self) -> AbstractContextManager[Books]: ...
    def read(self) -> AbstractContextManager[Books]: ...


class DossierLedger(Protocol):
    """What the published ledger says; passport/services/dossier_facts.py. Raises Unavailable when it cannot say."""

    def check_sample(self, code: str) -> CodeFact:
        """Never fails: what it cannot find out it says."""
        ...

    def gather(self, fields: DossierFields, now: datetime) -> DossierFacts: ...

    def find_logged(self, organisation: str, dossier_id: str, digest: str) -> int | None:
        """The published entry that says this digest of this dossier."""
        ...
