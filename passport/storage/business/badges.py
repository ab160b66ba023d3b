# SPDX-License-Identifier: Apache-2.0
"""Rows of badge policies and alerts. Port: passport/services/badges/ports.py."""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import Row, func, insert, select, update

from passport.domain.badges import AlertKey, BadgeAlert, BadgePolicy
from passport.storage.business.columns import instant, seconds
from passport.storage.business.schema_badges import badge_alerts, badge_policies

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


class BadgePolicyRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, organisation_id: str) -> BadgePolicy:
        where = badge_policies.c.organisation == organisation_id
        row = self._connection.execute(select(badge_policies).where(where)).first()
        if row is None:
            return BadgePolicy()
        return BadgePolicy(row.is_on, tuple(json.loads(row.origins)), instant(row.changed_at), row.changed_by)

    def put(self, organisation_id: str, policy: BadgePolicy, now: datetime) -> None:
        values = {
            "is_on": policy.is_on,
            "origins": json.dumps(policy.origins),
            "changed_at": seconds(now),
            "changed_by": policy.changed_by,
        }
        where = badge_policies.c.organisation == organisation_id
        if not self._connection.execute(update(badge_policies).where(where).values(**values)).rowcount:
            self._connection.execute(insert(badge_policies).values(organisation=organisation_id, **values))


class BadgeAlertRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, key: AlertKey) -> BadgeAlert | None:
        where = (badge_alerts.c.listing == key.listing) & (badge_alerts.c.place_digest == _digest(key))
        row = self._connection.execute(select(badge_alerts).where(where)).first()
        return None if row is None else _alert(row)

    def find_in(self, organisation_id: str, alert_id: str) -> BadgeAlert | None:
        where = (badge_alerts.c.organisation == organisation_id) & (badge_alerts.c.id == alert_id)
        row = self._connection.execute(select(badge_alerts).where(where)).first()
        return None if row is None else _alert(row)

    def count_places(self, listing_id: str) -> int:
        where = (badge_alerts.c.listing == listing_id) & badge_alerts.c.marked_at.is_(None)
        return self._connection.execute(select(func.count()).select_from(badge_alerts).where(where)).scalar_one()

    def count_unmarked(self, organisation_id: str) -> int:
        where = (badge_alerts.c.organisation == organisation_id) & badge_alerts.c.marked_at.is_(None)
        return self._connection.execute(select(func.count()).select_from(badge_alerts).where(where)).scalar_one()

    def add(self, alert: BadgeAlert) -> None:
        key = alert.key
        row = {
            "id": alert.id,
            "organisation": key.organisation,
            "listing": key.listing,
            "reason": key.reason,
            "place": key.place,
            "place_digest": _digest(key),
            "first_seen_at": seconds(alert.first_seen_at),
            "last_seen_at": seconds(alert.last_seen_at),
            "count": alert.count,
            "marked_at": None,
        }
        self._connection.execute(insert(badge_alerts), row)

    def put_count(self, alert: BadgeAlert) -> None:
        values = {"last_seen_at": seconds(alert.last_seen_at), "count": alert.count}
        self._connection.execute(update(badge_alerts).where(badge_alerts.c.id == alert.id).values(**values))

    def mark(self, alert_id: str, now: datetime) -> None:
        where = badge_alerts.c.id == alert_id
        self._connection.execute(update(badge_alerts).where(where).values(marked_at=seconds(now)))

    def page(self, organisation_id: str, listing_id: str, before: str, limit: int) -> list[BadgeAlert]:
        query = select(badge_alerts).where(badge_alerts.c.organisation == organisation_id)
        if listing_id:
            query = query.where(badge_alerts.c.listing == listing_id)
        if before:
            query = query.where(badge_alerts.c.id < before)
        return [_alert(row) for row in self._connection.execute(query.order_by(badge_alerts.c.id.desc()).limit(limit))]


def _digest(key: AlertKey) -> bytes:
    return sha256(f"{key.reason}\n{key.place}".encode("utf-8", "replace")).digest()


def _alert(row: Row[Any]) -> BadgeAlert:
    return BadgeAlert(
        id=row.id,
        key=AlertKey(row.organisation, row.listing, row.reason, row.place),
        first_seen_at=instant(row.first_seen_at),
        last_seen_at=instant(row.last_seen_at),
        count=row._mapping["count"],
        marked_at=None if row.marked_at is None else instant(row.marked_at),
    )
