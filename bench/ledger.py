# SPDX-License-Identifier: Apache-2.0
"""How many statements per second does the ledger make durable, against a bare SQLite insert of the same bytes?

The limit is a transaction of 256 rows in one table with the driver alone: WAL, synchronous=FULL, no index, no hashes.
Both write to the same disk, in turns. Run: python -m bench.ledger [--profile]

What the ledger does beyond the limit, per entry: three SHA-256 (leaf, digest, its share of the tree) and a look-up; per
batch: the bundle and tiles read back, a signature, and the high-water mark, which is a file made, synced and renamed.
"""

from __future__ import annotations

import argparse
import cProfile
import json
import pstats
import random
import sqlite3
import statistics
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from passport.ledger.high_water import HighWater
from passport.ledger.integrator import Integrator
from passport.ledger.sequencer import Ledger, LedgerOptions
from passport.signing import LedgerSigner, make_memory_signer
from passport.storage.engine import open_database
from passport.storage.ledger_store import SqlLedgerStore
from passport.storage.lock import DirectoryLock
from passport.storage.tile_directory import TileDirectory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BATCH = 256
ROUNDS = 4
SECONDS_PER_PART = 0.9
ORIGIN = "bench.example/ledger"
SIGNER = LedgerSigner(ORIGIN, make_memory_signer(bytes(32)))


class AdmitAll:
    """Every entry may enter: what the registration rules cost is another question."""

    size = 0

    def admit(self, index: int, entry: bytes) -> None:
        self.size = index + 1

    replay = admit

    def rollback(self, size: int) -> None:
        self.size = min(self.size, size)


def make_batches(count: int) -> list[list[bytes]]:
    """Statements of the usual size: 480 to 560 bytes, no two alike."""
    chance = random.Random(7)
    return [[chance.randbytes(chance.randrange(240, 281)).hex().encode() for _ in range(BATCH)] for _ in range(count)]


def bare_insert(directory: Path, batches: list[list[bytes]]) -> float:
    """Insert with the driver alone; return statements per second."""
    connection = sqlite3.connect(directory / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE IF NOT EXISTS entries (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")

    def insert(batch: list[bytes]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO entries (data) VALUES (?)", [(entry,) for entry in batch])
        connection.execute("COMMIT")

    rate = _rate(insert, batches)
    connection.close()
    return rate


@contextmanager
def ledger_store(directory: Path) -> Iterator[SqlLedgerStore]:
    with DirectoryLock(directory) as lock:
        database = open_database(f"sqlite:///{directory}/ledger.sqlite3", lock)
        try:
            yield SqlLedgerStore(database)
        finally:
            database.close()


def integrate_only(directory: Path, batches: list[list[bytes]]) -> float:
    """Make durable and acknowledge, without threads and without exporting."""
    with ledger_store(directory) as store:
        integrator = Integrator(store, AdmitAll(), SIGNER, HighWater(directory / "mark.json", ORIGIN))
        integrator.open()
        return _rate(lambda batch: integrator.integrate(batch), batches)


def whole_ledger(directory: Path, batches: list[list[bytes]]) -> float:
    """As a service does: pool, two threads, tiles exported and published beside it; one caller per batch."""
    with ledger_store(directory) as store:
        options = LedgerOptions(HighWater(directory / "mark.json", ORIGIN), TileDirectory(directory / "public"))
        ledger = Ledger(store, AdmitAll(), SIGNER, options)
        ledger.start()
        rate = _rate(lambda batch: ledger.append_many(batch).result(), batches)
        ledger.stop()
        return rate


def _rate(write: Callable[[list[bytes]], object], batches: list[list[bytes]]) -> float:
    done = 0
    started = time.perf_counter()
    while done < len(batches) and time.perf_counter() - started < SECONDS_PER_PART:
        write(batches[done])
        done += 1
    return done * BATCH / (time.perf_counter() - started)


PARTS = {"bare SQLite insert (the limit)": bare_insert, "made durable": integrate_only, "whole ledger": whole_ledger}


def measure() -> dict[str, float]:
    """Run the parts in turns and return the median rate of each."""
    batches = make_batches(1200)
    rates: dict[str, list[float]] = {name: [] for name in PARTS}
    with tempfile.TemporaryDirectory(dir=".") as directory:
        for turn in range(ROUNDS):
            for name, part in PARTS.items():
                place = Path(directory) / f"{turn}-{part.__name__}"
                place.mkdir()
                rates[name].append(part(place, batches))
    return {name: statistics.median(values) for name, values in rates.items()}


def print_profile() -> None:
    """Say where the time of "made durable" goes."""
    batches = make_batches(400)
    with tempfile.TemporaryDirectory(dir=".") as directory:
        profile = cProfile.Profile()
        profile.enable()
        integrate_only(Path(directory), batches)
        profile.disable()
    pstats.Stats(profile).sort_stats("tottime").print_stats(18)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--profile", action="store_true", help="say where the time goes")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    arguments = parser.parse_args()
    if arguments.profile:
        print_profile()
        return
    rates = measure()
    limit = next(iter(rates.values()))
    if arguments.json:
        print(json.dumps(rates))
        return
    print(f"{'statements per second, batches of 256':<40}{'rate':>10}{'of limit':>10}")
    for name, rate in rates.items():
        print(f"{name:<40}{rate:>10,.0f}{rate / limit:>10.0%}")


if __name__ == "__main__":
    main()
