# SPDX-License-Identifier: Apache-2.0
"""What webhooks need: tables beside those of accounts, somebody who sends, and a box for secrets."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from passport.domain.webhooks import (
    Attempt,
    Delivery,
    Endpoint,
    HourCount,
    Job,
    SealedSecrets,
    StoredEvent,
)
from passport.services.accounts import ports as accounts


class EndpointTable(Protocol):
    def add(self, endpoint: Endpoint, secrets: SealedSecrets) -> None: ...
    def find_in(self, organisation_id: str, endpoint_id: str) -> Endpoint | None:
        """Read one; None for one that was deleted."""
        ...

    def get(self, endpoint_id: str) -> Endpoint: ...
    def list_all(self, organisation_id: str) -> list[Endpoint]:
        """Read those that were not deleted, the oldest first."""
        ...

    def put(self, endpoint: Endpoint) -> None: ...
    def put_secrets(self, endpoint_id: str, secrets: SealedSecrets, made_at: datetime) -> None: ...
    def secrets_of(self, endpoint_id: str) -> SealedSecrets: ...
    def release(self, endpoint_id: str, lease: str) -> bool:
        """Let go of it. False if somebody else has it now."""
        ...

    def remove_unused(self) -> None:
        """Remove deleted ones that have no deliveries any more."""
        ...


class EventTable(Protocol):
    def add(self, event: StoredEvent) -> None: ...
    def find(self, event_id: str) -> StoredEvent | None: ...
    def note_delivered(self, event_id: str, at: datetime) -> None:
        """Set the first delivery, if this is it."""
        ...

    def remove_before(self, at: datetime, limit: int) -> int:
        """Remove events with their deliveries and attempts, unless something is pending; returns how many."""
        ...


class DeliveryTable(Protocol):
    def add(self, deliveries: Iterable[Delivery]) -> None: ...
    def find_in(self, organisation_id: str, delivery_id: str) -> Delivery | None: ...
    def get(self, delivery_id: str) -> Delivery: ...
    def put(self, delivery: Delivery) -> None: ...
    def page(self, endpoint_id: str, before: str, limit: int) -> list[Delivery]: ...
    def has_pending(self, endpoint_id: str, event_id: str) -> bool: ...
    def count_pending(self, endpoint_ids: Iterable[str]) -> dict[str, int]: ...
    def give_up_all(self, endpoint_id: str, error: str, now: datetime) -> None: ...
    def hurry(self, endpoint_id: str, now: datetime) -> None:
        """Make everything pending due now."""
        ...

    def is_due(self, now: datetime) -> bool:
        """Whether there is something to claim. Nothing of a suspended organisation is: it waits."""
        ...

    def claim(self, lease: str, now: datetime, until: datetime) -> Job | None:
        """Read the due delivery whose turn it is, of an endpoint that nobody holds, and hold that endpoint.

        Recalls go first, then endpoints that answer, then who had nothing for the longest time, then the oldest.
        """
        ...

    def add_attempt(self, delivery: Delivery, attempt: Attempt) -> None: ...
    def attempts_of(self, delivery_id: str) -> list[Attempt]: ...
    def count_by_hour(self, endpoint_id: str, since: datetime) -> list[HourCount]: ...


class Books(accounts.Books, Protocol):
    @property
    def webhook_endpoints(self) -> EndpointTable: ...
    @property
    def webhook_events(self) -> EventTable: ...
    @property
    def webhook_deliveries(self) -> DeliveryTable: ...


class Business(Protocol):
    """Where units of work come from, as in passport/services/accounts/ports.py."""

    def write(self) -> AbstractContextManager[Books]: ...
    def read(self) -> AbstractContextManager[Books]: ...


class Sealer(Protocol):
    """Keeps secrets at rest; passport/sealing.py. `context` says whose it is, and must be the same to open it."""

    def seal(self, plain: bytes, context: str) -> bytes: ...
    def open(self, sealed: bytes, context: str) -> bytes:
        """Raise PassportError("unreadable_secret") when the key is another one now."""
        ...


class Sender(Protocol):
    """Posts one message; passport/webhook_sender.py. Never raises: an error is a result."""

    def send(self, url: str, body: bytes, headers: dict[str, str], at: datetime) -> Attempt:
        """Return what came of it; `at` is the instant that it is noted under."""
        ...

    def stop(self) -> None:
        """Break off what is going on. Nothing is sent after it."""
        ...
