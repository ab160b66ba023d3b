# SPDX-License-Identifier: Apache-2.0
"""Counts of checks in SQL, one row per code. Implements passport.services.check_ports.CheckStore.

One writer: read the rows, merge in Python, write them whole, in one transaction. On PostgreSQL writers of several
processes queue at an advisory lock of their own, never at the ledger's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, select, tuple_, update

from passport.domain.check_values import CheckRow, CodeKey, ShippedRange
from passport.storage.check_schema import checks_version, code_checks, shipments
from verifier.suspicion import FORMULA_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from passport.domain.check_values import Delta, Deltas
    from passport.storage.engine import Database

Rows = dict[CodeKey, CheckRow]

_CHUNK = 250  # keys in one look-up; below every limit on parameters
_MEMBERS = (
    *("first_day", "sessions", "provinces", "chosen", "travels"),
    *("before_shipping", "after_opening", "opened_day", "platform", "days", "suspect"),
)
_COLUMNS = ("issuer", "batch", "seq", *_MEMBERS)
_KEY = tuple_(code_checks.c.issuer, code_checks.c.batch, code_checks.c.seq)
_SELECT = select(code_checks)
_SELECT_ONE = f"SELECT {', '.join(_MEMBERS)} FROM code_checks WHERE issuer = %s AND batch = %s AND seq = %s"
_INSERT = f"INSERT INTO code_checks ({', '.join(_COLUMNS)}) VALUES (%s) ON CONFLICT (issuer, batch, seq) DO UPDATE SET "
_WRITE = _INSERT + ", ".join(f"{name} = excluded.{name}" for name in _MEMBERS)
_ADD_SCANS = _INSERT + "platform = code_checks.platform + excluded.platform"


class CheckStore:
    """Safe to use from several threads. Every method raises StoreFailed."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._mark = "?" if database.is_sqlite else "%s"
        # As text: every check page asks this, and building the statement costs more than the answer.
        self._select_one = _SELECT_ONE.replace("%s", self._mark)

    def find(self, key: CodeKey) -> CheckRow | None:
        """The row of a code, or None."""
        row = self._database.fetch_one(self._select_one, tuple(key))
        return None if row is None else CheckRow(*row)

    def apply(self, deltas: Deltas, on_merged: Callable[[Rows], None]) -> Rows:
        """Adds what came in, all or nothing. `on_merged` is given the new rows just before they are committed.

        The rows of the answer are those that somebody checked; what only platforms scanned is added unseen.
        """
        scans = [(key, days) for key, days in deltas.items() if all(day.is_only_platform for day in days.values())]
        counted = deltas.keys() - {key for key, _ in scans}
        with self._database.write() as connection:
            rows = {key: CheckRow() for key in counted} | _find_many(connection, counted)
            for key in counted:
                for day, delta in sorted(deltas[key].items()):
                    rows[key] = rows[key].plus(delta, day)
            self._execute(connection, _WRITE, [_values(key, rows[key]) for key in sorted(rows)])
            self._execute(connection, _ADD_SCANS, [_scan_values(key, days) for key, days in sorted(scans, key=_first)])
            on_merged(rows)
        # Crash before the commit: at most what came in since the last one is gone. After it: nothing.
        return rows

    def accept_shipment(self, shipped: ShippedRange) -> tuple[Rows, ShippedRange]:
        """Turns the sessions so far into sessions before shipping, for codes that no earlier notice covers.

        A notice that was accepted before changes nothing and is answered as it was then.
        """
        with self._database.write() as connection:
            known = connection.execute(select(shipments).where(shipments.c.digest == shipped.digest)).one_or_none()
            if known is not None:
                return {}, _shipment(known)
            of_batch = and_(shipments.c.issuer == shipped.issuer, shipments.c.batch == shipped.batch)
            earlier = [_shipment(row) for row in connection.execute(select(shipments).where(of_batch))]
            connection.execute(insert(shipments), _shipment_values(shipped))
            in_range = and_(
                code_checks.c.issuer == shipped.issuer,
                code_checks.c.batch == shipped.batch,
                code_checks.c.seq.between(shipped.first_seq, shipped.last_seq),
                code_checks.c.sessions > 0,
            )
            rows = {}
            for found in connection.execute(_SELECT.where(in_range)):
                key = _key(found)
                if not any(notice.first_seq <= key.seq <= notice.last_seq for notice in earlier):
                    rows[key] = _row(found).shipped()
            self._execute(connection, _WRITE, [_values(key, row) for key, row in rows.items()])
        return rows, shipped

    def load_suspects(self) -> Rows:
        """The rows that are suspect. Judges all rows again if they were judged by another formula.

        That is the only way in which a row stops being suspect.
        """
        with self._database.read() as connection:
            formula = connection.execute(select(checks_version.c.formula)).scalar_one()
        if formula != FORMULA_VERSION:
            with self._database.write() as connection:
                self._judge_all(connection)
        with self._database.read() as connection:
            return {_key(row): _row(row) for row in connection.execute(_SELECT.where(code_checks.c.suspect == 1))}

    def _judge_all(self, connection: Connection) -> None:
        connection.execute(update(code_checks).where(code_checks.c.suspect == 1).values(suspect=0))
        several = code_checks.c.provinces.op("&")(code_checks.c.provinces - 1) != 0  # at least two bits
        judged = [(_key(row), _row(row).judged()) for row in connection.execute(_SELECT.where(several))]
        self._execute(connection, _WRITE, [_values(key, row) for key, row in judged if row.suspect])
        connection.execute(update(checks_version).values(formula=FORMULA_VERSION))

    def _execute(self, connection: Connection, statement: str, values: Sequence[tuple[Any, ...]]) -> None:
        if values:
            marks = ", ".join([self._mark] * len(_COLUMNS))
            connection.exec_driver_sql(statement.replace("%s", marks, 1), list(values))


def _find_many(connection: Connection, keys: Iterable[CodeKey]) -> Rows:
    rows: Rows = {}
    for chunk in _chunks(keys):
        for row in connection.execute(_SELECT.where(_KEY.in_(chunk))):
            rows[_key(row)] = _row(row)
    return rows


def _chunks(keys: Iterable[CodeKey]) -> Iterator[list[CodeKey]]:
    rest = iter(keys)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _key(row: Any) -> CodeKey:
    return CodeKey(row.issuer, row.batch, row.seq)


def _row(row: Any) -> CheckRow:
    return CheckRow(*(getattr(row, name) for name in _MEMBERS))


def _values(key: CodeKey, row: CheckRow) -> tuple[Any, ...]:
    return (*key, *(getattr(row, name) for name in _MEMBERS))


def _first(pair: tuple[CodeKey, Mapping[int, Delta]]) -> CodeKey:
    return pair[0]


def _scan_values(key: CodeKey, days: Mapping[int, Delta]) -> tuple[Any, ...]:
    return _values(key, CheckRow(platform=sum(delta.platform for delta in days.values())))


def _shipment_values(shipped: ShippedRange) -> dict[str, Any]:
    return {
        "digest": shipped.digest,
        "issuer": shipped.issuer,
        "batch": shipped.batch,
        "first_seq": shipped.first_seq,
        "last_seq": shipped.last_seq,
        "accepted_at": int(shipped.accepted_at.timestamp()),
    }


def _shipment(row: Any) -> ShippedRange:
    accepted_at = datetime.fromtimestamp(row.accepted_at, UTC)
    return ShippedRange(bytes(row.digest), row.issuer, row.batch, row.first_seq, row.last_seq, accepted_at)
