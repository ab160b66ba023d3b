# SPDX-License-Identifier: Apache-2.0
"""What the use cases of badges need: tables beside those of listings, sanctions, and where events are put."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, Protocol

from passport.domain.badges import AlertKey, BadgeAlert, BadgePolicy
from passport.domain.webhooks import Event
from passport.services.listings import ports as listings


class PolicyTable(Protocol):
    def find(self, organisation_id: str) -> BadgePolicy: ...
    def put(self, organisation_id: str, policy: BadgePolicy, now: datetime) -> None: ...


class AlertTable(Protocol):
    def find(self, key: AlertKey) -> BadgeAlert | None: ...
    def find_in(self, organisation_id: str, alert_id: str) -> BadgeAlert | None: ...
    def count_places(self, listing_id: str) -> int:
        """How many of a listing's places nobody has marked as seen."""
        ...

    def count_unmarked(self, organisation_id: str) -> int: ...
    def add(self, alert: BadgeAlert) -> None: ...
    def put_count(self, alert: BadgeAlert) -> None: ...
    def mark(self, alert_id: str, now: datetime) -> None: ...
    def page(self, organisation_id: str, listing_id: str, before: str, limit: int) -> list[BadgeAlert]:
        """The newest first, below the id `before` ("" for all); of one listing, or with "" of all."""
        ...


class Books(listings.Books, Protocol):
    @property
    def badge_policies(self) -> PolicyTable: ...
    @property
    def badge_alerts(self) -> AlertTable: ...


class Business(Protocol):
    """Where units of work come from."""

    def write(self) -> AbstractContextManager[Any]: ...
    def read(self) -> AbstractContextManager[Any]: ...


class SanctionSource(Protocol):
    """Sanctions of a seller that are in force; passport/services/live."""

    def find_active(self, organisation_id: str, seller_id: str, now: datetime) -> Sequence[object]: ...


class Outbox(Protocol):
    """Where an event is put inside the transaction of what it is about; passport/services/webhooks."""

    def put(self, books: Any, organisation_id: str, event: Event) -> str: ...


class NoSanctions:
    """Where nobody keeps any."""

    def find_active(self, organisation_id: str, seller_id: str, now: datetime) -> Sequence[object]:
        return ()
