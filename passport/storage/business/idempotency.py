# SPDX-License-Identifier: Apache-2.0
"""Idempotency keys in a table: claimed before the work, filled with the answer after it. SQLAlchemy Core.

A claim whose answer never came belongs to a process that died: after a lease it may be claimed again by the same
request. Rows older than the retention are deleted by whoever claims next.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy import update as sql_update

from passport.domain.idempotency import Claim, KeyUse, StoredAnswer
from passport.storage.business.schema import idempotency_keys

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Row

    from passport.storage.engine import Database

RETENTION: Final = timedelta(hours=24)
LEASE: Final = timedelta(seconds=120)


class SqlIdempotencyStore:
    """Implements the port of passport.web.api.idempotency. Safe to use from many threads. Raises StoreFailed."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, use: KeyUse, now: datetime) -> Claim | StoredAnswer:
        """Take the key for a request, or say what became of the request that had it before."""
        table, at = idempotency_keys, int(now.timestamp())
        with self._database.write() as connection:
            connection.execute(delete(table).where(table.c.claimed_at < at - int(RETENTION.total_seconds())))
            row = self._find(connection, use)
            if row is None:
                values = {"caller": use.caller, "key": use.key, "fingerprint": use.fingerprint, "claimed_at": at}
                connection.execute(insert(table).values(**values, media_type="", location="", body=b""))
                # Crash after the commit: nobody works on it, and the lease below gives it to the next try.
                return Claim.NEW
            if bytes(row.fingerprint) != use.fingerprint:
                return Claim.REUSED
            if row.status is not None:
                return StoredAnswer(row.status, row.media_type, row.location, bytes(row.body))
            if row.claimed_at >= at - int(LEASE.total_seconds()):
                return Claim.IN_FLIGHT
            connection.execute(sql_update(table).where(*self._place(use)).values(claimed_at=at))
            return Claim.NEW

    def finish(self, use: KeyUse, answer: StoredAnswer) -> None:
        """Keep the answer; it is given again until the retention is over."""
        values = {
            "status": answer.status,
            "media_type": answer.media_type,
            "location": answer.location,
            "body": answer.body,
        }
        with self._database.write() as connection:
            connection.execute(sql_update(idempotency_keys).where(*self._place(use)).values(**values))

    def release(self, use: KeyUse) -> None:
        """The work failed and left nothing: the same request may be tried again at once."""
        with self._database.write() as connection:
            connection.execute(delete(idempotency_keys).where(*self._place(use), idempotency_keys.c.status.is_(None)))

    def _find(self, connection: Connection, use: KeyUse) -> Row[Any] | None:
        return connection.execute(select(idempotency_keys).where(*self._place(use))).one_or_none()

    def _place(self, use: KeyUse) -> tuple[ColumnElement[bool], ...]:
        return idempotency_keys.c.caller == use.caller, idempotency_keys.c.key == use.key
