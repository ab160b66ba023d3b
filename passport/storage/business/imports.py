# SPDX-License-Identifier: Apache-2.0
"""Rows of imports of listings and the pieces of their files. Port: passport/services/listings/ports.py. ADR 0022."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, insert, select, update

from passport.domain.listing_file import RowError
from passport.domain.listing_imports import BUSY, ImportState, ListingImport, Progress
from passport.storage.business.columns import instant, seconds
from passport.storage.business.schema_listings import listing_import_parts, listing_imports

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

_TABLE = listing_imports
_BUSY = [state.value for state in BUSY]


class ImportRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, job: ListingImport) -> None:
        fixed = {
            "id": job.id,
            "organisation": job.organisation,
            "file_name": job.file_name,
            "digest": job.digest,
            "size": job.size,
            "encoding": job.encoding,
            "created_at": seconds(job.created_at),
            "actor_kind": job.actor_kind,
            "actor": job.actor,
            "worker": "",
            "lease_until": 0,
        }
        self._connection.execute(insert(_TABLE), fixed | _changing(job))

    def add_part(self, import_id: str, seq: int, data: bytes) -> None:
        self._connection.execute(insert(listing_import_parts), {"import_id": import_id, "seq": seq, "data": data})

    def read_part(self, import_id: str, seq: int) -> bytes | None:
        parts = listing_import_parts
        query = select(parts.c.data).where((parts.c.import_id == import_id) & (parts.c.seq == seq))
        found = self._connection.execute(query).scalar_one_or_none()
        return None if found is None else bytes(found)

    def drop_parts(self, import_id: str) -> None:
        self._connection.execute(delete(listing_import_parts).where(listing_import_parts.c.import_id == import_id))

    def find_in(self, organisation_id: str, import_id: str) -> ListingImport | None:
        return self._first((_TABLE.c.organisation == organisation_id) & (_TABLE.c.id == import_id))

    def find_busy(self, organisation_id: str) -> ListingImport | None:
        return self._first((_TABLE.c.organisation == organisation_id) & _TABLE.c.state.in_(_BUSY))

    def find_ready(self, organisation_id: str) -> list[ListingImport]:
        where = (_TABLE.c.organisation == organisation_id) & (_TABLE.c.state == ImportState.READY.value)
        return [_job(row) for row in self._connection.execute(select(_TABLE).where(where))]

    def page(self, organisation_id: str, before: str, limit: int) -> list[ListingImport]:
        where = _TABLE.c.organisation == organisation_id
        if before:
            where &= _TABLE.c.id < before
        query = select(_TABLE).where(where).order_by(_TABLE.c.id.desc()).limit(limit)
        return [_job(row) for row in self._connection.execute(query)]

    def put(self, job: ListingImport) -> None:
        self._connection.execute(update(_TABLE).where(_TABLE.c.id == job.id).values(**_changing(job)))

    def claim(self, worker: str, now: datetime, until: datetime) -> ListingImport | None:
        is_free = (_TABLE.c.worker == worker) | (_TABLE.c.lease_until < seconds(now))
        job = self._first(_TABLE.c.state.in_(_BUSY) & is_free)
        if job is not None:
            values = {"worker": worker, "lease_until": seconds(until)}
            self._connection.execute(update(_TABLE).where(_TABLE.c.id == job.id).values(**values))
        return job

    def hold(self, import_id: str, worker: str, state: ImportState, until: datetime) -> bool:
        where = (_TABLE.c.id == import_id) & (_TABLE.c.worker == worker) & (_TABLE.c.state == state.value)
        return self._connection.execute(update(_TABLE).where(where).values(lease_until=seconds(until))).rowcount == 1

    def _first(self, where: ColumnElement[bool]) -> ListingImport | None:
        row = self._connection.execute(select(_TABLE).where(where).order_by(_TABLE.c.id).limit(1)).first()
        return None if row is None else _job(row)


def _changing(job: ListingImport) -> dict[str, Any]:
    return {
        "state": job.state.value,
        "changed_at": seconds(job.changed_at),
        "checked": _dump(job.checked),
        "run": _dump(job.run),
        "failure": job.failure,
    }


def _job(row: Row[Any]) -> ListingImport:
    return ListingImport(
        id=row.id,
        organisation=row.organisation,
        file_name=row.file_name,
        digest=bytes(row.digest),
        size=row.size,
        encoding=row.encoding,
        state=ImportState(row.state),
        created_at=instant(row.created_at),
        changed_at=instant(row.changed_at),
        actor_kind=row.actor_kind,
        actor=row.actor,
        checked=_load(row.checked),
        run=_load(row.run),
        failure=row.failure,
    )


def _dump(progress: Progress) -> str:
    errors = [[error.line, error.code, error.message, error.other_line] for error in progress.errors]
    numbers = [progress.position, progress.line, progress.rows, progress.good, progress.bad]
    value = {"codes": progress.codes, "columns": progress.columns, "errors": errors, "numbers": numbers}
    return json.dumps(value, ensure_ascii=False)


def _load(text: str) -> Progress:
    value = json.loads(text)
    errors = tuple(RowError(*error) for error in value["errors"])
    position, line, rows, good, bad = value["numbers"]
    return Progress(position, line, rows, good, bad, tuple(value["columns"]), errors, value["codes"])
