# SPDX-License-Identifier: Apache-2.0
"""Rows of deliveries and their attempts; who is next. Port: passport/services/webhooks/ports.py. ADR 0023."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Row, case, func, insert, select, update

from passport.domain.accounts import OrganisationState
from passport.domain.webhooks import (
    Attempt,
    Delivery,
    DeliveryState,
    EndpointState,
    EventType,
    HourCount,
    Job,
)
from passport.storage.business.columns import instant, optional_instant, optional_seconds, seconds
from passport.storage.business.schema import organisations
from passport.storage.business.schema_webhooks import (
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_events,
)
from passport.storage.business.webhooks import endpoint_of, secrets_of

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Connection, Select

_TABLE = webhook_deliveries
_ENDPOINTS = webhook_endpoints
_PENDING = DeliveryState.PENDING.value
_URGENT = (EventType.RECALL_PUBLISHED.value, EventType.RECALL_REVISED.value, EventType.RECALL_CLOSED.value)
_SENT_TO = (EndpointState.ACTIVE.value, EndpointState.FAILING.value)
_HOUR = 3600


class DeliveryRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, deliveries: Iterable[Delivery]) -> None:
        rows = [_row(delivery) for delivery in deliveries]
        if rows:
            self._connection.execute(insert(_TABLE), rows)

    def find_in(self, organisation_id: str, delivery_id: str) -> Delivery | None:
        where = (_TABLE.c.organisation == organisation_id) & (_TABLE.c.id == delivery_id)
        row = self._connection.execute(select(_TABLE).where(where)).first()
        return None if row is None else _delivery(row)

    def get(self, delivery_id: str) -> Delivery:
        return _delivery(self._connection.execute(select(_TABLE).where(_TABLE.c.id == delivery_id)).one())

    def put(self, delivery: Delivery) -> None:
        row = _row(delivery)
        for fixed in ("id", "organisation", "endpoint", "event", "type", "created_at", "is_replay"):
            del row[fixed]
        self._connection.execute(update(_TABLE).where(_TABLE.c.id == delivery.id).values(**row))

    def page(self, endpoint_id: str, before: str, limit: int) -> list[Delivery]:
        where = _TABLE.c.endpoint == endpoint_id
        if before:
            where &= _TABLE.c.id < before
        query = select(_TABLE).where(where).order_by(_TABLE.c.id.desc()).limit(limit)
        return [_delivery(row) for row in self._connection.execute(query)]

    def has_pending(self, endpoint_id: str, event_id: str) -> bool:
        where = (_TABLE.c.endpoint == endpoint_id) & (_TABLE.c.event == event_id) & (_TABLE.c.state == _PENDING)
        return self._connection.execute(select(_TABLE.c.id).where(where).limit(1)).first() is not None

    def count_pending(self, endpoint_ids: Iterable[str]) -> dict[str, int]:
        where = _TABLE.c.endpoint.in_(list(endpoint_ids)) & (_TABLE.c.state == _PENDING)
        query = select(_TABLE.c.endpoint, func.count().label("number")).where(where).group_by(_TABLE.c.endpoint)
        return {row.endpoint: row.number for row in self._connection.execute(query)}

    def give_up_all(self, endpoint_id: str, error: str, now: datetime) -> None:
        values = {"state": DeliveryState.GIVEN_UP.value, "ended_at": seconds(now), "status": 0, "error": error}
        self._connection.execute(update(_TABLE).where(_pending_of(endpoint_id)).values(**values))

    def hurry(self, endpoint_id: str, now: datetime) -> None:
        late = _TABLE.c.next_at > seconds(now)
        self._connection.execute(update(_TABLE).where(_pending_of(endpoint_id) & late).values(next_at=seconds(now)))

    def is_due(self, now: datetime) -> bool:
        return self._connection.execute(_due(select(_TABLE.c.id), now).limit(1)).first() is not None

    def claim(self, lease: str, now: datetime, until: datetime) -> Job | None:
        # Strangers can cause alerts, and receivers can be slow on purpose: a recall waits for neither.
        turn = (
            case((_TABLE.c.type.in_(_URGENT), 0), else_=1),
            case((_ENDPOINTS.c.failing_since.is_(None), 0), else_=1),
            func.coalesce(_ENDPOINTS.c.last_delivered_at, 0),
            _TABLE.c.id,
        )
        row = self._connection.execute(_due(select(_TABLE), now).order_by(*turn).limit(1)).first()
        if row is None:
            return None
        delivery = _delivery(row)
        held = _ENDPOINTS.c.id == delivery.endpoint
        self._connection.execute(update(_ENDPOINTS).where(held).values(worker=lease, lease_until=seconds(until)))
        endpoint = self._connection.execute(select(_ENDPOINTS).where(held)).one()
        body = select(webhook_events.c.body).where(webhook_events.c.id == delivery.event)
        event = self._connection.execute(body).scalar_one()
        return Job(delivery, endpoint_of(endpoint), secrets_of(endpoint), bytes(event), lease)

    def add_attempt(self, delivery: Delivery, attempt: Attempt) -> None:
        table = webhook_attempts
        last = select(func.max(table.c.seq)).where(table.c.delivery == delivery.id)
        seq = (self._connection.execute(last).scalar_one() or 0) + 1
        values = {
            "delivery": delivery.id,
            "seq": seq,
            "endpoint": delivery.endpoint,
            "at": seconds(attempt.at),
            "status": attempt.status,
            "error": attempt.error,
            "duration_ms": attempt.duration_ms,
            "answer": attempt.answer,
        }
        self._connection.execute(insert(table), values)

    def attempts_of(self, delivery_id: str) -> list[Attempt]:
        table = webhook_attempts
        query = select(table).where(table.c.delivery == delivery_id).order_by(table.c.seq)
        return [
            Attempt(instant(row.at), row.status, row.error, row.duration_ms, row.answer)
            for row in self._connection.execute(query)
        ]

    def count_by_hour(self, endpoint_id: str, since: datetime) -> list[HourCount]:
        table = webhook_attempts
        hour = table.c.at - table.c.at % _HOUR
        is_good = case((table.c.status.between(200, 299), 1), else_=0)
        query = (
            select(hour.label("hour"), func.sum(is_good).label("good"), func.count().label("number"))
            .where((table.c.endpoint == endpoint_id) & (table.c.at >= seconds(since)))
            .group_by(hour)
            .order_by(hour)
        )
        return [
            HourCount(instant(row.hour), int(row.good), row.number - int(row.good))
            for row in self._connection.execute(query)
        ]


def _due(query: Select[Any], now: datetime) -> Select[Any]:
    """What may be sent now: nobody holds the endpoint, its owner wants it, and the organisation is not suspended."""
    due = (_TABLE.c.state == _PENDING) & (_TABLE.c.next_at <= seconds(now))
    is_free = (_ENDPOINTS.c.lease_until < seconds(now)) & _ENDPOINTS.c.state.in_(_SENT_TO)
    is_active = organisations.c.state == OrganisationState.ACTIVE.value
    return (
        query.join(_ENDPOINTS, _ENDPOINTS.c.id == _TABLE.c.endpoint)
        .join(organisations, organisations.c.id == _TABLE.c.organisation)
        .where(due & is_free & is_active)
    )


def _pending_of(endpoint_id: str) -> ColumnElement[bool]:
    return (_TABLE.c.endpoint == endpoint_id) & (_TABLE.c.state == _PENDING)


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "organisation": delivery.organisation,
        "endpoint": delivery.endpoint,
        "event": delivery.event,
        "type": delivery.type.value,
        "state": delivery.state.value,
        "created_at": seconds(delivery.created_at),
        "next_at": seconds(delivery.next_at),
        "give_up_at": seconds(delivery.give_up_at),
        "attempts": delivery.attempts,
        "ended_at": optional_seconds(delivery.ended_at),
        "status": delivery.status,
        "error": delivery.error,
        "is_replay": delivery.is_replay,
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        organisation=row.organisation,
        endpoint=row.endpoint,
        event=row.event,
        type=EventType(row.type),
        state=DeliveryState(row.state),
        created_at=instant(row.created_at),
        next_at=instant(row.next_at),
        give_up_at=instant(row.give_up_at),
        attempts=row.attempts,
        ended_at=optional_instant(row.ended_at),
        status=row.status,
        error=row.error,
        is_replay=row.is_replay,
    )
