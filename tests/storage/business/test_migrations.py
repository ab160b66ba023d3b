# SPDX-License-Identifier: Apache-2.0
"""The business database from nothing, from an older version, and from a newer one; on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

from passport.domain.ledger_values import SchemaMismatch, UnsafeDatabase
from passport.storage.business import open_business
from passport.storage.business.migrate import VERSION_TABLE, load_scripts, migrate
from passport.storage.business.schema import METADATA
from passport.storage.business.unit import FILE_NAME
from passport.storage.engine import Tables, open_database
from passport.storage.lock import DirectoryLock
from tests.support.postgres import new_postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, DirectoryLock | None]]:
    if request.param == "postgresql":
        yield new_postgres_url(), None
        return
    with DirectoryLock(tmp_path) as lock:
        yield f"sqlite:///{tmp_path / FILE_NAME}", lock


def test_the_migrations_make_exactly_the_tables_of_the_program(place: tuple[str, DirectoryLock | None]) -> None:
    business = open_business(*place)
    with business._database.read() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE, "compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_heads() == tuple(load_scripts().get_heads())
    business.close()


def test_opening_twice_changes_nothing(place: tuple[str, DirectoryLock | None]) -> None:
    for _ in range(2):
        business = open_business(*place)
        with business.read() as books:
            assert books.organisations.list_all() == []
        business.close()


def test_every_older_version_is_brought_up_to_date(place: tuple[str, DirectoryLock | None]) -> None:
    versions = [script.revision for script in load_scripts().walk_revisions()][::-1]
    assert len(load_scripts().get_heads()) == 1, "one line of versions, without branches"

    def step_by_step(connection: Connection) -> None:
        for version in versions:
            migrate(connection, version)
            context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
            assert context.get_current_heads() == (version,)

    open_database(*place, Tables(step_by_step, 7)).close()
    open_business(*place).close()


def test_a_newer_schema_is_refused_and_left_alone(place: tuple[str, DirectoryLock | None]) -> None:
    business = open_business(*place)
    with business._database.write() as connection:
        connection.execute(text(f"UPDATE {VERSION_TABLE} SET version_num = '9999'"))
    business.close()
    with pytest.raises(SchemaMismatch) as refused:
        open_business(*place)
    assert refused.value.code == "schema_too_new"
    assert refused.value.exit_code == 83


def test_a_migration_that_fails_leaves_nothing_behind(place: tuple[str, DirectoryLock | None]) -> None:
    def fail(connection: Connection) -> None:
        migrate(connection)
        raise SchemaMismatch("a_test", "It fails after the last step.", "")

    with pytest.raises(SchemaMismatch):
        open_database(*place, Tables(fail, 7))
    seen: list[list[str]] = []
    open_database(*place, Tables(lambda connection: seen.append(inspect(connection).get_table_names()), 7)).close()
    assert seen == [[]]


def test_a_unit_of_work_that_fails_stores_nothing_of_it(place: tuple[str, DirectoryLock | None]) -> None:
    from passport.services.accounts.kit import Kit
    from tests.support.accounts import SECRET, AccountsSite, Clock, make_accounts, quick_hasher

    business = open_business(*place)
    kit = Kit(business, quick_hasher(), Clock(), SECRET)
    site = AccountsSite(make_accounts(kit), business, Clock(), kit)
    site.add("maker-a")

    def half() -> None:
        with business.write() as books:
            found = books.organisations.find("maker-a")
            assert found is not None
            books.organisations.set_state(found.id, type(found.state)("suspended"))
            raise KeyError("half way")

    with pytest.raises(KeyError):
        half()
    with business.read() as books:
        found = books.organisations.find("maker-a")
    assert found is not None and found.state == "active"
    business.close()


def test_without_the_directorys_lock_the_file_is_not_opened(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    with pytest.raises(UnsafeDatabase):
        open_business(f"sqlite:///{tmp_path / FILE_NAME}", lock)
