# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments under eight writers: what was acknowledged is kept, each checkpoint extends the last."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from passport.ledger.fsck import fsck, fsck_store
from tests.support.ledgers import VKEY, PolicingPolicy, assert_chain, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.ledgers import Site

ROUNDS = 20 if os.environ.get("CI") else 5


def start_writer(site: Site, name: str, **environment: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.ledger_writer", str(site.directory), name, site.url or "-"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env=os.environ | environment)


def watch(path: Path, seconds: float, notes: list[bytes]) -> None:
    """Read the public checkpoint over and over, as the world does."""
    end_at = time.monotonic() + seconds
    while time.monotonic() < end_at:
        if path.exists():
            note = path.read_bytes()
            if not notes or notes[-1] != note:
                notes.append(note)
        time.sleep(0.001)


def parse_report(output: bytes) -> dict[bytes, int]:
    """Parse what a writer has said: digest of each acknowledged entry → index."""
    acknowledged = {}
    for line in output.splitlines(keepends=True):
        if not line.endswith(b"\n") or line.startswith((b"started", b"failed")):
            continue
        index, name, padding = line.split()
        acknowledged[sha256(name + b" " + bytes(int(padding))).digest()] = int(index)
    return acknowledged


@pytest.mark.timeout(ROUNDS * 30)
def test_every_acknowledged_entry_survives_kill_9(site: Site) -> None:
    chance = random.Random()
    acknowledged: dict[bytes, int] = {}
    notes: list[bytes] = []
    for number in range(ROUNDS):
        process = start_writer(site, f"run{number}")
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        # The pipe holds 64 KiB, about 3,000 reports; a writer that fills it waits, and is killed all the same.
        watch(site.public / "checkpoint", chance.uniform(0.005, 0.4), notes)
        process.kill()
        acknowledged |= parse_report(process.communicate()[0])
        assert process.returncode == -9
        with site.store() as store:
            found = store.find_entries(list(acknowledged))
            lost = [index for digest, index in acknowledged.items() if found.get(digest) != index]
            assert not lost, f"round {number}: {len(lost)} of {len(acknowledged)} acknowledged entries are lost"
            assert_chain(store, notes)
            if number % 5 == ROUNDS % 5:
                assert fsck_store(store, VKEY) == []
    assert len(acknowledged) > 10 * ROUNDS
    with site.store() as store:
        policy = PolicingPolicy()
        with running(site.ledger(store, policy)) as ledger:
            assert ledger.wait_published(ledger.head.size, 60)
            assert [sha256(entry).digest() in acknowledged for entry in policy.entries].count(True) == len(acknowledged)
        assert_chain(store, [*notes, (site.public / "checkpoint").read_bytes()])
        assert fsck_store(store, VKEY) == []
    assert fsck(site.sink(), VKEY) == []
