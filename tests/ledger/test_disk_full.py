# SPDX-License-Identifier: Apache-2.0
"""A full disk: nothing acknowledged is lost, the ledger says what is the matter, and goes on when there is room."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from passport.domain.ledger_values import Appended, AppendFailed
from passport.ledger.fsck import fsck, fsck_store
from passport.storage.ledger_store import SqlLedgerStore
from tests.ledger.test_kill import parse_report, start_writer
from tests.support.ledgers import VKEY, Site, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_database_that_may_not_grow_fails_the_entry_and_takes_it_later(tmp_path: Path) -> None:
    site = Site(tmp_path)
    with site.database() as database:
        store = SqlLedgerStore(database)
        with running(site.ledger(store)) as ledger:
            assert ledger.append(b"before").result(10) == Appended(0, True)
            with database.write() as connection:
                pages = connection.execute(text("PRAGMA page_count")).scalar_one()
                connection.execute(text(f"PRAGMA max_page_count = {pages}"))
            with pytest.raises(AppendFailed, match="full"):
                ledger.append(bytes(60_000)).result(10)
            assert ledger.fatal_error is None
            with database.write() as connection:
                connection.execute(text("PRAGMA max_page_count = 1000000"))
            assert ledger.append(bytes(60_000)).result(10) == Appended(1, True)
            assert ledger.wait_published(2, 10)
        assert fsck_store(store, VKEY) == []
    assert fsck(site.sink(), VKEY) == []


@pytest.mark.parametrize("limit", [150_000, 300_000, 700_000])
def test_a_process_that_may_write_no_larger_file_keeps_what_it_acknowledged(tmp_path: Path, limit: int) -> None:
    site = Site(tmp_path)
    process = start_writer(site, "full", PASSPORT_TEST_FSIZE=str(limit))
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 3
    assert b"failed store_failed" in output
    assert_kept(site, output)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB; needs the right to mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small tmpfs takes root and CAP_SYS_ADMIN; the other disk-full tests run without")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_file_system_without_room_keeps_what_was_acknowledged(small_disk: Path) -> None:
    site = Site(small_disk)
    process = start_writer(site, "full")
    output = process.communicate(timeout=120)[0]
    assert process.returncode == 3
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    assert_kept(site, output)


def assert_kept(site: Site, output: bytes) -> None:
    acknowledged = parse_report(output)
    assert len(acknowledged) >= 8
    with site.store() as store:
        assert store.find_entries(list(acknowledged)) == acknowledged
        with running(site.ledger(store)) as ledger:
            assert ledger.append(b"there is room again").result(10).is_new
            assert ledger.wait_published(ledger.head.size, 10)
        assert fsck_store(store, VKEY) == []
    assert fsck(site.sink(), VKEY) == []
