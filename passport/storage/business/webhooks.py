# SPDX-License-Identifier: Apache-2.0
"""Rows of webhooks: endpoints and events. Port: passport/services/webhooks/ports.py. ADR 0023."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, exists, insert, select, update

from passport.domain.webhooks import (
    DeliveryState,
    Endpoint,
    EndpointFields,
    EndpointState,
    EventType,
    SealedSecrets,
    StoredEvent,
)
from passport.storage.business.columns import instant, join_words, optional_instant, optional_seconds, seconds
from passport.storage.business.schema_webhooks import (
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
    webhook_events,
)

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

_ENDPOINTS = webhook_endpoints
_EVENTS = webhook_events
_GONE = EndpointState.DELETED.value


class EndpointRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, endpoint: Endpoint, secrets: SealedSecrets) -> None:
        fixed = {
            "id": endpoint.id,
            "organisation": endpoint.organisation,
            "created_at": seconds(endpoint.created_at),
            "worker": "",
            "lease_until": 0,
        }
        secret = _secret_columns(secrets, endpoint.created_at)
        self._connection.execute(insert(_ENDPOINTS), fixed | secret | _changing(endpoint))

    def find_in(self, organisation_id: str, endpoint_id: str) -> Endpoint | None:
        where = (_ENDPOINTS.c.organisation == organisation_id) & (_ENDPOINTS.c.id == endpoint_id)
        row = self._connection.execute(select(_ENDPOINTS).where(where & (_ENDPOINTS.c.state != _GONE))).first()
        return None if row is None else endpoint_of(row)

    def get(self, endpoint_id: str) -> Endpoint:
        row = self._connection.execute(select(_ENDPOINTS).where(_ENDPOINTS.c.id == endpoint_id)).one()
        return endpoint_of(row)

    def list_all(self, organisation_id: str) -> list[Endpoint]:
        where = (_ENDPOINTS.c.organisation == organisation_id) & (_ENDPOINTS.c.state != _GONE)
        query = select(_ENDPOINTS).where(where).order_by(_ENDPOINTS.c.id)
        return [endpoint_of(row) for row in self._connection.execute(query)]

    def put(self, endpoint: Endpoint) -> None:
        self._update(endpoint.id, _changing(endpoint))

    def put_secrets(self, endpoint_id: str, secrets: SealedSecrets, made_at: datetime) -> None:
        self._update(endpoint_id, _secret_columns(secrets, made_at))

    def secrets_of(self, endpoint_id: str) -> SealedSecrets:
        row = self._connection.execute(select(_ENDPOINTS).where(_ENDPOINTS.c.id == endpoint_id)).one()
        return secrets_of(row)

    def release(self, endpoint_id: str, lease: str) -> bool:
        where = (_ENDPOINTS.c.id == endpoint_id) & (_ENDPOINTS.c.worker == lease)
        done = self._connection.execute(update(_ENDPOINTS).where(where).values(worker="", lease_until=0))
        return done.rowcount == 1

    def remove_unused(self) -> None:
        used = exists().where(webhook_deliveries.c.endpoint == _ENDPOINTS.c.id)
        self._connection.execute(delete(_ENDPOINTS).where((_ENDPOINTS.c.state == _GONE) & ~used))

    def _update(self, endpoint_id: str, values: dict[str, Any]) -> None:
        self._connection.execute(update(_ENDPOINTS).where(_ENDPOINTS.c.id == endpoint_id).values(**values))


class EventRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, event: StoredEvent) -> None:
        values = {
            "id": event.id,
            "organisation": event.organisation,
            "type": event.type.value,
            "at": seconds(event.at),
            "body": event.body,
            "first_delivered_at": optional_seconds(event.first_delivered_at),
        }
        self._connection.execute(insert(_EVENTS), values)

    def find(self, event_id: str) -> StoredEvent | None:
        row = self._connection.execute(select(_EVENTS).where(_EVENTS.c.id == event_id)).first()
        if row is None:
            return None
        first = optional_instant(row.first_delivered_at)
        return StoredEvent(row.id, row.organisation, EventType(row.type), instant(row.at), bytes(row.body), first)

    def note_delivered(self, event_id: str, at: datetime) -> None:
        where = (_EVENTS.c.id == event_id) & _EVENTS.c.first_delivered_at.is_(None)
        self._connection.execute(update(_EVENTS).where(where).values(first_delivered_at=seconds(at)))

    def remove_before(self, at: datetime, limit: int) -> int:
        sent = webhook_deliveries
        pending = exists().where((sent.c.event == _EVENTS.c.id) & (sent.c.state == DeliveryState.PENDING.value))
        query = select(_EVENTS.c.id).where((_EVENTS.c.at < seconds(at)) & ~pending).limit(limit)
        old = list(self._connection.execute(query).scalars())
        if old:
            deliveries = select(sent.c.id).where(sent.c.event.in_(old))
            attempts = webhook_attempts
            self._connection.execute(delete(attempts).where(attempts.c.delivery.in_(deliveries)))
            self._connection.execute(delete(sent).where(sent.c.event.in_(old)))
            self._connection.execute(delete(_EVENTS).where(_EVENTS.c.id.in_(old)))
        return len(old)


def endpoint_of(row: Row[Any]) -> Endpoint:
    types = tuple(EventType(word) for word in row.types.split())
    return Endpoint(
        id=row.id,
        organisation=row.organisation,
        fields=EndpointFields(row.url, types, row.label),
        state=EndpointState(row.state),
        created_at=instant(row.created_at),
        changed_at=instant(row.changed_at),
        failing_since=optional_instant(row.failing_since),
        last_delivered_at=optional_instant(row.last_delivered_at),
        secret_made_at=instant(row.secret_made_at),
        old_secret_until=optional_instant(row.old_secret_until),
    )


def secrets_of(row: Row[Any]) -> SealedSecrets:
    return SealedSecrets(bytes(row.secret), bytes(row.old_secret), optional_instant(row.old_secret_until))


def _changing(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "url": endpoint.fields.url,
        "types": join_words(endpoint.fields.types),
        "label": endpoint.fields.label,
        "state": endpoint.state.value,
        "changed_at": seconds(endpoint.changed_at),
        "failing_since": optional_seconds(endpoint.failing_since),
        "last_delivered_at": optional_seconds(endpoint.last_delivered_at),
    }


def _secret_columns(secrets: SealedSecrets, made_at: datetime) -> dict[str, Any]:
    return {
        "secret": secrets.new,
        "secret_made_at": seconds(made_at),
        "old_secret": secrets.old,
        "old_secret_until": optional_seconds(secrets.old_until),
    }
