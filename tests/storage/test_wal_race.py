# SPDX-License-Identifier: Apache-2.0
"""The race that loses rows in SQLite 3.7.0 to 3.51.2, run against our database class: nobody can enter it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from passport.storage.engine import open_database
from passport.storage.lock import DirectoryLock

if TYPE_CHECKING:
    from pathlib import Path

SECONDS = float(os.environ.get("PASSPORT_WAL_RACE_SECONDS") or (120 if os.environ.get("CI") else 5))
PROCESSES = 4


@pytest.mark.timeout(SECONDS * 2 + 120)
def test_processes_that_write_and_checkpoint_one_directory_lose_no_acknowledged_row(tmp_path: Path) -> None:
    data = tmp_path / "data"
    logs = [tmp_path / f"acknowledged-{number}" for number in range(PROCESSES)]
    end_at = time.time() + SECONDS
    running: list[subprocess.Popen[bytes]] = []
    run = 0
    while time.time() < end_at:
        running = [process for process in running if process.poll() is None]
        while len(running) < PROCESSES:
            command = [sys.executable, "-m", "tests.support.wal_racer", str(data), str(logs[run % PROCESSES])]
            running.append(subprocess.Popen([*command, str(end_at), str(run)]))
            run += 1
        time.sleep(0.05)
    codes = [process.wait(30) for process in running]
    assert set(codes) <= {0, 9}
    acknowledged = {line for log in logs for line in log.read_text().split()}
    with DirectoryLock(data) as lock:
        database = open_database(f"sqlite:///{data}/passport.sqlite3", lock)
        with database.read() as connection:
            assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
            stored = {row.hex() for row in connection.execute(text("SELECT digest FROM documents")).scalars()}
        database.close()
    assert len(acknowledged) > 100
    assert acknowledged <= stored, f"{len(acknowledged - stored)} of {len(acknowledged)} acknowledged rows are lost"
