# SPDX-License-Identifier: Apache-2.0
"""What the use cases of returns need: tables beside those of accounts, and what the ledger says of a recall."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date
from typing import Protocol

from passport.domain.returns import Affected, RecallFacts, Recovery, Remedy
from passport.services.accounts import ports as accounts


class ReturnTable(Protocol):
    """Rows are only ever added."""

    def confirm(self, digest: bytes, recall_id: str, remedy: Remedy, day: date) -> bool:
        """False if the digest is there already: then nothing is stored."""
        ...

    def is_confirmed(self, digest: bytes) -> bool: ...
    def count_confirmed(self, recall_id: str) -> dict[Remedy, int]: ...
    def add_recovery(self, recovery: Recovery) -> None: ...
    def sum_recovered(self, recall_id: str) -> int: ...
    def sum_of(self, organisation_id: str, recall_id: str) -> tuple[int, int]:
        """Of one organisation: the sum of its reports, and how many there are."""
        ...

    def recoveries(self, organisation_id: str, recall_id: str, before: str, limit: int) -> list[Recovery]:
        """One organisation's own, the newest first, below the id `before` ("" for all)."""
        ...

    def add_affected(self, affected: Affected) -> None: ...
    def declarations(self, recall_id: str) -> list[Affected]:
        """The oldest first."""
        ...


class Books(accounts.Books, Protocol):
    @property
    def returns(self) -> ReturnTable: ...


class Business(Protocol):
    """Where units of work come from, as in passport/services/accounts/ports.py."""

    def write(self) -> AbstractContextManager[Books]: ...
    def read(self) -> AbstractContextManager[Books]: ...


class RecallSource(Protocol):
    """What the published ledger says; passport/services/recall_facts.py. Raises Unavailable when it cannot say."""

    def find(self, recall_id: str) -> RecallFacts | None: ...
    def list_all(self) -> list[RecallFacts]: ...
