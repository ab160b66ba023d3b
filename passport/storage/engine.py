# SPDX-License-Identifier: Apache-2.0
"""One opened database: who may write, how durable a commit is, and what is refused. SQLite and PostgreSQL.

Everything that can lose an acknowledged row is either set here for our own session or refused at the start.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool, StaticPool

from passport.domain.ledger_values import StoreFailed, UnsafeDatabase
from passport.storage.schema import prepare_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import URL

    from passport.storage.lock import DirectoryLock

LOG = logging.getLogger(__name__)
FIRST_SAFE_SQLITE: Final = (3, 51, 3)
_BUSY_TIMEOUT_MS: Final = 10_000
# 32 MiB of log instead of 4: a page of the index that many commits touch moves into the database file once.
_CHECKPOINT_PAGES: Final = 8192
# Any number of our own: what every commit of every process on one PostgreSQL database queues at.
_ADVISORY_KEY: Final = 0x70617373706F7274


@dataclass(frozen=True, slots=True)
class Tables:
    """Which tables a database is opened for: how they are made or checked, and the queue that their writers stand in.

    On PostgreSQL two kinds of tables lie in one database and must not wait for each other.
    """

    prepare: Callable[[Connection], None]
    advisory_key: int


LEDGER_TABLES: Final = Tables(prepare_schema, _ADVISORY_KEY)


class Database:
    """An open database. `write()` gives one transaction at a time, `read()` any number beside it; both threads-safe."""

    def __init__(self, url: URL, lock: DirectoryLock | None, advisory_key: int = _ADVISORY_KEY) -> None:
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._lock = lock
        self._advisory_key = advisory_key
        self._pid = os.getpid()
        self._turn = threading.Lock()
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, for_writing=True)
            self._reader = _sqlite_engine(url, for_writing=False)
        else:
            self._writer = self._reader = _postgresql_engine(url)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a transaction that commits at the end of the block. Raises StoreFailed, also when committing fails.

        Whether a commit that failed happened all the same is not known here: read again and see. On PostgreSQL the
        transactions of every process that uses this method queue up, so a block sees all that was committed before it.
        """
        self._check_process()
        try:
            if self.is_sqlite:
                # SQLite has one writer anyway. Waiting here is fair and cheap; waiting inside SQLite is neither.
                with self._turn, self._writer.begin() as connection:
                    yield connection
            else:
                with self._writer.begin() as connection:
                    # In the transaction, never in the session: it ends with commit or rollback, also behind a pooler.
                    connection.execute(_TAKE_TURN, {"key": self._advisory_key})
                    yield connection
        except SQLAlchemyError as error:
            raise _store_failed(error) from error

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection to read from. Raises StoreFailed."""
        self._check_process()
        try:
            with self._reader.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _store_failed(error) from error

    def fetch_one(self, statement: str, parameters: tuple[Any, ...]) -> Any:
        """The first row that one SELECT gives, or None: by the driver alone, for what every page asks.

        SQLAlchemy's connection and transaction around it cost ten times what SQLite needs. Raises StoreFailed.
        """
        self._check_process()
        try:
            with closing(self._reader.raw_connection()) as connection, closing(connection.cursor()) as cursor:
                cursor.execute(statement, parameters)
                return cursor.fetchone()
        except (SQLAlchemyError, self._reader.dialect.loaded_dbapi.Error) as error:
            raise _store_failed(error) from error

    def checkpoint(self) -> None:
        """Move SQLite's write-ahead log into the database file. Nothing is lost if we crash during it."""
        if self.is_sqlite:
            self._check_process()
            with self._turn, self._writer.connect() as connection:
                connection.connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close every connection. Closing a SQLite file is a checkpoint too: release the lock after this."""
        if self._pid == os.getpid():
            self._reader.dispose()
            with self._turn:
                self._writer.dispose()

    def _check_process(self) -> None:
        if os.getpid() != self._pid:
            raise UnsafeDatabase(
                "database_after_fork",
                "This database was opened before the process forked.",
                "Open it in the worker process; do not preload the application.",
            )
        if self._lock is not None and not self._lock.is_held:
            raise UnsafeDatabase(
                "lock_given_back",
                f"The lock on {self._lock.directory} was given back while its database is open.",
                "Close the database before releasing the lock.",
            )


_TAKE_TURN = text("SELECT pg_advisory_xact_lock(:key)")


def open_database(url: str, lock: DirectoryLock | None = None, tables: Tables = LEDGER_TABLES) -> Database:
    """Open a database by URL (`sqlite:////path/file` or `postgresql://…`), make or check its tables.

    A SQLite file needs `lock`, held, on its directory; without it several processes may write, which is refused below
    SQLite 3.51.3. Raises StartRefused: UnsafeDatabase, SchemaMismatch; StoreFailed if it cannot be opened.
    """
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        _check_sqlite(parsed, lock)
    elif backend == "postgresql":
        parsed, lock = parsed.set(drivername="postgresql+psycopg"), None
    else:
        raise UnsafeDatabase("unknown_database", f"'{backend}' is not supported.", "Use sqlite:/// or postgresql://.")
    database = Database(parsed, lock, tables.advisory_key)
    try:
        if backend == "postgresql":
            with database.read() as connection:
                _check_postgresql(connection)
        with database.write() as connection:
            tables.prepare(connection)
    except BaseException:
        database.close()
        raise
    return database


def _check_sqlite(url: URL, lock: DirectoryLock | None) -> None:
    if not url.database or url.database == ":memory:":
        raise UnsafeDatabase("no_file", "A ledger in memory is lost at exit.", "Name a file: sqlite:////path/file.")
    path = Path(url.database).absolute()
    if lock is None:
        if sqlite3.sqlite_version_info < FIRST_SAFE_SQLITE:
            raise UnsafeDatabase(
                "sqlite_too_old",
                f"SQLite {sqlite3.sqlite_version} can lose rows when several processes write one file.",
                "Let one process hold the directory lock, install SQLite 3.51.3 or newer, or use PostgreSQL.",
            )
    elif not lock.is_held or lock.directory.absolute() != path.parent:
        raise UnsafeDatabase(
            "lock_missing", f"The lock on {path.parent} is not held.", "Take the DirectoryLock before opening the file."
        )


def _sqlite_engine(url: URL, *, for_writing: bool) -> Engine:
    if for_writing:
        # One connection, kept open: closing the last one would be a checkpoint at an odd moment.
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = create_engine(url, poolclass=QueuePool, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # the driver must not begin transactions on its own
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-32768")  # KiB: the upper part of the index of a few million entries
        cursor.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT_PAGES}")
        if not for_writing:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if for_writing else "BEGIN")

    return engine


def _postgresql_engine(url: URL) -> Engine:
    engine = create_engine(url, pool_size=8, max_overflow=24, pool_pre_ping=True, connect_args={"connect_timeout": 10})

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            # "off" and "local" may acknowledge before the standby, or even the disk, has it. Stronger values stay.
            cursor.execute(
                "SELECT set_config('synchronous_commit', 'on', false)"
                " WHERE current_setting('synchronous_commit') IN ('off', 'local')"
            )
            cursor.execute("SET lock_timeout = '30s'")
        connection.commit()

    return engine


def _check_postgresql(connection: Connection) -> None:
    settings = {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in _SHOWN}
    for name in ("fsync", "full_page_writes"):
        if settings[name] != "on":
            raise UnsafeDatabase(
                f"{name}_off",
                f"This PostgreSQL server runs with {name}={settings[name]} and can lose or tear acknowledged rows.",
                f"Set {name} = on in postgresql.conf and reload.",
            )
    if not settings["synchronous_standby_names"]:
        LOG.warning("PostgreSQL has no synchronous standby: a failover can lose acknowledged statements")


_SHOWN: Final = ("fsync", "full_page_writes", "synchronous_standby_names")


def _store_failed(error: Exception) -> StoreFailed:
    cause = getattr(error, "orig", None) or error
    return StoreFailed("store_failed", f"The database failed: {str(cause).strip().splitlines()[0]}.")
