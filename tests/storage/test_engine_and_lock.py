# SPDX-License-Identifier: Apache-2.0
"""What a database must be before we write to it, and who may."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from passport.domain.ledger_values import DirectoryLocked, SchemaMismatch, StoreFailed, UnsafeDatabase
from passport.storage.engine import open_database
from passport.storage.lock import DirectoryLock
from tests.support.ledgers import Site
from tests.support.postgres import PostgresCluster, new_postgres_url, require_programs

if TYPE_CHECKING:
    from pathlib import Path

    from passport.storage import engine

HOLD = """
import sys
from pathlib import Path
from passport.storage.lock import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
lock.acquire("http://127.0.0.1:8123")
print("held", flush=True)
sys.stdin.read()
"""


def scalar(database: engine.Database, sql: str) -> object:
    with database.read() as connection:
        return connection.execute(text(sql)).scalar_one()


def test_sqlite_runs_with_a_log_and_syncs_every_commit(tmp_path: Path) -> None:
    with DirectoryLock(tmp_path) as lock:
        database = open_database(f"sqlite:///{tmp_path}/p.sqlite3", lock)
        assert scalar(database, "PRAGMA journal_mode") == "wal"
        with database.write() as connection:
            assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
            assert connection.execute(text("PRAGMA foreign_keys")).scalar_one() == 1
        database.close()


def test_a_reading_sqlite_connection_cannot_write(tmp_path: Path) -> None:
    with Site(tmp_path).database() as database, pytest.raises(StoreFailed):
        scalar(database, "DELETE FROM ledger_heads RETURNING 1")


def delete_and_fail(database: engine.Database) -> None:
    with database.write() as connection:
        connection.execute(text("DELETE FROM schema_version"))
        raise ZeroDivisionError


def test_a_block_that_raises_leaves_nothing_behind(site: Site) -> None:
    with site.database() as database:
        with pytest.raises(ZeroDivisionError):
            delete_and_fail(database)
        assert scalar(database, "SELECT version FROM schema_version") == 1


def test_a_second_writer_is_told_pid_url_and_what_to_do(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(DirectoryLocked) as caught:
            DirectoryLock(tmp_path).acquire()
        assert f"process {process.pid}" in str(caught.value)
        assert "http://127.0.0.1:8123" in str(caught.value)
        assert "--server http://127.0.0.1:8123" in caught.value.remedy
        assert caught.value.exit_code == 82
    finally:
        process.communicate("")
    DirectoryLock(tmp_path).acquire()


def test_a_process_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    process.kill()
    process.communicate()
    with DirectoryLock(tmp_path) as lock:
        holder = lock.read_holder()
        assert holder is not None
        assert holder.pid == os.getpid()


def test_a_second_lock_in_one_process_is_refused_too(tmp_path: Path) -> None:
    with DirectoryLock(tmp_path), pytest.raises(DirectoryLocked):
        DirectoryLock(tmp_path).acquire()


def test_sqlite_is_not_opened_while_the_lock_is_not_held(tmp_path: Path) -> None:
    with pytest.raises(UnsafeDatabase) as caught:
        open_database(f"sqlite:///{tmp_path}/p.sqlite3", DirectoryLock(tmp_path))
    assert caught.value.code == "lock_missing"
    assert not (tmp_path / "p.sqlite3").exists()


def test_the_lock_of_another_directory_does_not_count(tmp_path: Path) -> None:
    with DirectoryLock(tmp_path / "a") as lock, pytest.raises(UnsafeDatabase):
        open_database(f"sqlite:///{tmp_path}/b/p.sqlite3", lock)


def test_nothing_is_written_after_the_lock_was_given_back(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    lock.acquire()
    database = open_database(f"sqlite:///{tmp_path}/p.sqlite3", lock)
    lock.release()
    with pytest.raises(UnsafeDatabase), database.write():
        pass
    database.close()


@pytest.mark.parametrize(("version", "is_opened"), [((3, 51, 2), False), ((3, 51, 3), True)])
def test_several_writing_processes_need_a_sqlite_without_the_race(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], is_opened: bool
) -> None:
    monkeypatch.setattr("sqlite3.sqlite_version_info", version)
    url = f"sqlite:///{tmp_path}/p.sqlite3"
    if is_opened:
        open_database(url).close()
        return
    with pytest.raises(UnsafeDatabase) as caught:
        open_database(url)
    assert caught.value.code == "sqlite_too_old"
    assert "PostgreSQL" in caught.value.remedy


def test_a_forked_child_may_not_use_its_parents_database(tmp_path: Path) -> None:
    program = f"""
import os
from pathlib import Path
from passport.domain.ledger_values import UnsafeDatabase
from passport.storage.engine import open_database
from passport.storage.lock import DirectoryLock
lock = DirectoryLock(Path({str(tmp_path)!r})); lock.acquire()
database = open_database("sqlite:///{tmp_path}/p.sqlite3", lock)
child = os.fork()
if not child:
    try:
        with database.write(): pass
    except UnsafeDatabase as error:
        os._exit(7 if error.code == "database_after_fork" else 1)
    os._exit(2)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == "7\n"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/x"])
def test_a_database_that_cannot_keep_a_ledger_is_refused(url: str) -> None:
    with pytest.raises(UnsafeDatabase):
        open_database(url)


@pytest.mark.parametrize(("version", "code"), [(0, "schema_too_old"), (2, "schema_too_new")])
def test_a_database_of_another_schema_version_is_refused(site: Site, version: int, code: str) -> None:
    with site.database() as database, database.write() as connection:
        connection.execute(text("UPDATE schema_version SET version = :version"), {"version": version})
    with pytest.raises(SchemaMismatch) as caught, site.database():
        pass
    assert caught.value.code == code
    assert caught.value.exit_code == 83


def test_a_postgresql_session_syncs_its_commits_even_where_the_server_does_not_ask_for_it() -> None:
    url = new_postgres_url()
    setup = open_database(url)
    with setup.write() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    setup.close()
    database = open_database(url)
    assert scalar(database, "SHOW synchronous_commit") == "on"
    with database.write() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    database.close()


def test_a_stronger_synchronous_commit_is_left_as_it_is() -> None:
    url = new_postgres_url()
    setup = open_database(url)
    with setup.write() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = remote_apply"))
    setup.close()
    database = open_database(url)
    assert scalar(database, "SHOW synchronous_commit") == "remote_apply"
    database.close()


def test_a_missing_synchronous_standby_is_said_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        open_database(new_postgres_url()).close()
    assert "synchronous standby" in caplog.text


@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
def test_a_postgresql_that_may_lose_rows_is_refused(setting: str) -> None:
    cluster = PostgresCluster(require_programs(), f"{setting}=off")
    try:
        with pytest.raises(UnsafeDatabase) as caught:
            open_database(cluster.new_url())
        assert caught.value.code == f"{setting}_off"
        assert caught.value.exit_code == 84
    finally:
        cluster.stop()


def test_no_lock_outlives_a_transaction() -> None:
    database = open_database(new_postgres_url())
    with database.write() as connection:
        assert connection.execute(text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")).scalar_one() == 1
    assert scalar(database, "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0
    database.close()
