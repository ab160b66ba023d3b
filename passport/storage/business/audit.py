# SPDX-License-Identifier: Apache-2.0
"""Rows of the audit trail: only ever added, each hashed onto the one before. Port: passport/services/accounts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Row, insert, select, update

from passport.domain.accounts_audit import Act, ActorKind, AuditEvent, AuditFilter, chain_hash
from passport.storage.business.columns import instant, seconds
from passport.storage.business.schema import audit_events, organisations

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


class AuditRows:
    """Adding needs a transaction that writes: these take turns, so no two rows get one number."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, organisation_id: str, at: datetime, act: Act) -> None:
        count, before = self.head(organisation_id)
        seq, hash_ = count + 1, chain_hash(before, count + 1, at, act)
        row = {
            "organisation": organisation_id,
            "seq": seq,
            "at": seconds(at),
            "actor_kind": str(act.actor_kind),
            "actor": act.actor,
            "action": act.action,
            "object_kind": act.object_kind,
            "object_id": act.object_id,
            "outcome": act.outcome,
            "request_id": act.request_id,
            "hash": hash_,
        }
        self._connection.execute(insert(audit_events), row)
        self._connection.execute(
            update(organisations).where(organisations.c.id == organisation_id).values(audit_count=seq, audit_hash=hash_)
        )

    def head(self, organisation_id: str) -> tuple[int, bytes]:
        query = select(organisations.c.audit_count, organisations.c.audit_hash)
        row = self._connection.execute(query.where(organisations.c.id == organisation_id)).one()
        return row.audit_count, bytes(row.audit_hash)

    def page(self, organisation_id: str, which: AuditFilter, limit: int) -> list[AuditEvent]:
        query = select(audit_events).where(audit_events.c.organisation == organisation_id)
        if which.before:
            query = query.where(audit_events.c.seq < min(which.before, 2**62))
        if which.action:
            query = query.where(audit_events.c.action == which.action)
        if which.actor:
            query = query.where(audit_events.c.actor == which.actor)
        rows = self._connection.execute(query.order_by(audit_events.c.seq.desc()).limit(limit))
        return [_event(row) for row in rows]

    def after(self, organisation_id: str, seq: int, limit: int) -> list[AuditEvent]:
        where = (audit_events.c.organisation == organisation_id) & (audit_events.c.seq > seq)
        query = select(audit_events).where(where).order_by(audit_events.c.seq).limit(limit)
        return [_event(row) for row in self._connection.execute(query)]


def _event(row: Row[Any]) -> AuditEvent:
    act = Act(
        actor_kind=ActorKind(row.actor_kind),
        actor=row.actor,
        action=row.action,
        object_kind=row.object_kind,
        object_id=row.object_id,
        outcome=row.outcome,
        request_id=row.request_id,
    )
    return AuditEvent(row.seq, instant(row.at), act, bytes(row.hash))
