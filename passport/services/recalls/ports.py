# SPDX-License-Identifier: Apache-2.0
"""What the use cases of recalls need: tables, the published ledger, somebody who carries messages, return rates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from passport.domain.recall_cases import (
    CaseListing,
    Measure,
    RecallCase,
    RecallMark,
    RecallState,
    RelistAttempt,
)
from passport.domain.returns import ReturnRate
from passport.services.listings import ports as listings


class MarkTable(Protocol):
    """How far the ledger's recalls have been dealt with."""

    def handled_size(self) -> int: ...
    def put_handled(self, size: int, now: datetime) -> None: ...
    def all_marks(self) -> dict[str, RecallMark]: ...
    def find_mark(self, recall_id: str) -> RecallMark | None: ...
    def put_mark(self, mark: RecallMark) -> None: ...
    def next_unsettled(self, without: Collection[str] = ()) -> RecallMark | None:
        """The oldest one that is not carried to its end, leaving out these recalls."""
        ...

    def newest_marks(self, organisation_id: str | None, limit: int) -> list[RecallMark]:
        """Of one platform's cases, or None for all."""
        ...


class CaseTable(Protocol):
    """Cases with what hangs on them. `organisation_id` None: of all platforms, for the worker and authorities."""

    def add(self, case: RecallCase) -> None: ...
    def put(self, case: RecallCase) -> None: ...
    def find(self, organisation_id: str | None, case_id: str) -> RecallCase | None: ...
    def find_of(self, organisation_id: str, recall_id: str) -> RecallCase | None: ...
    def of_recall(self, recall_id: str, after: str, limit: int) -> list[RecallCase]: ...
    def of_recalls(self, organisation_id: str | None, recall_ids: Sequence[str]) -> list[RecallCase]: ...
    def page(
        self, organisation_id: str | None, before: str, limit: int, state: str, search: str = ""
    ) -> list[RecallCase]:
        """The newest first. `state`: open, closed or all; `search`: a text in recall id, title or platform."""
        ...

    def waiting(self, after: str, limit: int) -> list[RecallCase]:
        """Those that were pushed and not received, in the order of their ids."""
        ...

    def add_attempt(self, attempt: RelistAttempt) -> None: ...
    def add_measure(self, measure: Measure) -> None: ...
    def attempts_of(self, case_ids: Sequence[str]) -> list[RelistAttempt]: ...
    def measures_of(self, case_ids: Sequence[str]) -> list[Measure]: ...


class CaseListingTable(Protocol):
    def put_all(self, rows: Sequence[CaseListing]) -> None:
        """Adds them, or has them anew where they were released."""
        ...

    def find_in(self, case_id: str, listing_ids: Iterable[str]) -> dict[str, CaseListing]: ...
    def page(self, case_id: str, after: str, limit: int, *, only_due: bool = False) -> list[CaseListing]: ...
    def of_cases(self, case_ids: Sequence[str]) -> list[CaseListing]: ...
    def held_of_recall(self, recall_id: str, after: tuple[str, str], limit: int) -> list[CaseListing]:
        """Those that are not released, in the order of case and listing."""
        ...

    def of_listing(self, listing_id: str) -> list[CaseListing]:
        """Not released ones, in any case."""
        ...

    def sold_in(self, case_id: str, seller_id: str) -> bool: ...
    def push(self, case_id: str, now: datetime) -> int: ...
    def report_notice(self, case_id: str, listing_ids: Sequence[str], url: str, now: datetime) -> int: ...
    def report_delisted(self, case_id: str | None, listing_ids: Sequence[str], now: datetime) -> int:
        """`case_id` None: in every case that holds them."""
        ...

    def report_rebound(self, listing_id: str, now: datetime) -> None: ...
    def release(self, case_id: str, listing_ids: Sequence[str], now: datetime) -> None: ...
    def held_elsewhere(self, recall_id: str, listing_ids: Sequence[str]) -> set[str]:
        """Those of the listings that another recall holds."""
        ...

    def stop_sales(self, listing_ids: Sequence[str], now: datetime) -> None: ...
    def back_to_draft(self, listing_ids: Sequence[str], now: datetime) -> None:
        """Those of them whose sale is stopped; what the platform has taken down stays down."""
        ...

    def take_down(self, listing_ids: Sequence[str], now: datetime) -> None: ...


class Books(listings.Books, Protocol):
    @property
    def recall_marks(self) -> MarkTable: ...
    @property
    def recall_cases(self) -> CaseTable: ...
    @property
    def case_listings(self) -> CaseListingTable: ...


class Business(Protocol):
    """Where units of work come from, as in passport/services/accounts/ports.py."""

    def write(self) -> AbstractContextManager[Books]: ...
    def read(self) -> AbstractContextManager[Books]: ...


@dataclass(frozen=True, slots=True)
class LedgerRecalls:
    """Every recall of one published tree."""

    size: int
    states: tuple[RecallState, ...]


@dataclass(frozen=True, slots=True)
class ProvenEntry:
    """An entry of the ledger and its inclusion proof under the checkpoint that comes with it."""

    index: int
    entry: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class LedgerProof:
    """What a bundle rests on: a published checkpoint, the snapshot of the same tree, and entries with their proofs."""

    origin: str
    checkpoint: bytes
    snapshot: bytes
    entries: tuple[ProvenEntry, ...]


class RecallLedger(Protocol):
    """The published ledger; passport/services/recalls/ledger.py. Raises Unavailable when it cannot say."""

    def size(self) -> int:
        """Entries published so far; 0 while nothing may be relied upon."""
        ...

    def wait(self, size: int, timeout_seconds: float) -> None:
        """Until more than `size` entries are published, or the time is over."""
        ...

    def read(self, since: int, known: dict[str, int]) -> LedgerRecalls:
        """`known`: the latest index of what was said of each recall before `since`."""
        ...

    def prove(self, recall_ids: frozenset[str]) -> LedgerProof:
        """Entry 0 and every statement about these recalls."""
        ...

    def sign(self, text: str) -> bytes:
        """A note of the status key, which is for what the registry says of recalls."""
        ...


class Outbox(Protocol):
    """Carries events to platforms; passport/services/webhooks. Both in the caller's transaction."""

    def put(self, books: Any, organisation_id: str, event: Any) -> str: ...
    def first_delivered_at(self, books: Any, event_id: str) -> datetime | None: ...


class ReturnSource(Protocol):
    """Who knows how much of a recall came back."""

    def of_recall(self, recall_id: str) -> ReturnRate | None: ...
