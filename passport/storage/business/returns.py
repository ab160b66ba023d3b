# SPDX-License-Identifier: Apache-2.0
"""Rows of what came back of recalls. Port: passport/services/returns/ports.py."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Row, func, insert, select

from passport.domain.returns import Affected, Recovery, Remedy
from passport.storage.business.columns import instant, seconds
from passport.storage.business.schema_returns import return_affected, return_confirmations, return_recoveries

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


class ReturnRows:
    """Adding needs a transaction that writes: these take turns, so nothing comes in between looking and adding."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def confirm(self, digest: bytes, recall_id: str, remedy: Remedy, day: date) -> bool:
        if self.is_confirmed(digest):
            return False
        row = {"digest": digest, "recall": recall_id, "remedy": remedy.value, "day": day.isoformat()}
        self._connection.execute(insert(return_confirmations), row)
        return True

    def is_confirmed(self, digest: bytes) -> bool:
        query = select(return_confirmations.c.digest).where(return_confirmations.c.digest == digest)
        return self._connection.execute(query).first() is not None

    def count_confirmed(self, recall_id: str) -> dict[Remedy, int]:
        table = return_confirmations
        query = select(table.c.remedy, func.count().label("number")).where(table.c.recall == recall_id)
        found = {row.remedy: row.number for row in self._connection.execute(query.group_by(table.c.remedy))}
        return {remedy: found.get(remedy.value, 0) for remedy in Remedy}

    def add_recovery(self, recovery: Recovery) -> None:
        row = {
            "id": recovery.id,
            "organisation": recovery.organisation,
            "recall": recovery.recall_id,
            "count": recovery.count,
            "day": recovery.on.isoformat(),
            "lot": recovery.lot,
            "note": recovery.note,
            "at": seconds(recovery.at),
            "actor_kind": recovery.actor_kind,
            "actor": recovery.actor,
        }
        self._connection.execute(insert(return_recoveries), row)

    def sum_recovered(self, recall_id: str) -> int:
        table = return_recoveries
        found = self._connection.execute(select(func.sum(table.c.count)).where(table.c.recall == recall_id))
        return int(found.scalar() or 0)

    def sum_of(self, organisation_id: str, recall_id: str) -> tuple[int, int]:
        table = return_recoveries
        where = (table.c.recall == recall_id) & (table.c.organisation == organisation_id)
        total, number = self._connection.execute(select(func.sum(table.c.count), func.count()).where(where)).one()
        return int(total or 0), number

    def recoveries(self, organisation_id: str, recall_id: str, before: str, limit: int) -> list[Recovery]:
        table = return_recoveries
        query = select(table).where((table.c.recall == recall_id) & (table.c.organisation == organisation_id))
        if before:
            query = query.where(table.c.id < before)
        return [_recovery(row) for row in self._connection.execute(query.order_by(table.c.id.desc()).limit(limit))]

    def add_affected(self, affected: Affected) -> None:
        row = {
            "id": affected.id,
            "organisation": affected.organisation,
            "is_authority": affected.is_authority,
            "recall": affected.recall_id,
            "count": affected.count,
            "reason": affected.reason,
            "at": seconds(affected.at),
            "actor_kind": affected.actor_kind,
            "actor": affected.actor,
        }
        self._connection.execute(insert(return_affected), row)

    def declarations(self, recall_id: str) -> list[Affected]:
        query = select(return_affected).where(return_affected.c.recall == recall_id)
        return [_affected(row) for row in self._connection.execute(query.order_by(return_affected.c.id))]


def _recovery(row: Row[Any]) -> Recovery:
    return Recovery(
        id=row.id,
        recall_id=row.recall,
        organisation=row.organisation,
        count=row._mapping["count"],  # a row is a tuple, which has a method of that name
        on=date.fromisoformat(row.day),
        lot=row.lot,
        note=row.note,
        at=instant(row.at),
        actor_kind=row.actor_kind,
        actor=row.actor,
    )


def _affected(row: Row[Any]) -> Affected:
    return Affected(
        id=row.id,
        recall_id=row.recall,
        organisation=row.organisation,
        is_authority=row.is_authority,
        count=row._mapping["count"],
        reason=row.reason,
        at=instant(row.at),
        actor_kind=row.actor_kind,
        actor=row.actor,
    )
