# SPDX-License-Identifier: Apache-2.0
"""Ledgers for tests: real stores in a directory, a policy that polices its caller, a watcher of what is published."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from passport.ledger.high_water import HighWater
from passport.ledger.integrate import check_extends
from passport.ledger.sequencer import Ledger, LedgerOptions
from passport.signing import LedgerSigner, make_memory_signer
from passport.storage.engine import Database, open_database
from passport.storage.ledger_store import SqlLedgerStore
from passport.storage.lock import DirectoryLock
from passport.storage.tile_directory import TileDirectory
from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.errors import DoesNotHold
from verifier.protocol.note import parse_note, verify_note

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from passport.domain.ledger_values import LedgerError
    from passport.ledger.ports import LedgerStore

ORIGIN = "registry.example/ledger"
SIGNER = LedgerSigner(ORIGIN, make_memory_signer(bytes(range(32))))
VKEY = SIGNER.vkey


class PolicingPolicy:
    """Admits everything but entries that begin with "refuse", and insists on being called in order."""

    def __init__(self) -> None:
        self.entries: list[bytes] = []

    @property
    def size(self) -> int:
        return len(self.entries)

    def admit(self, index: int, entry: bytes) -> None:
        if entry.startswith(b"refuse"):
            raise DoesNotHold("refused", "It asks to be refused.")
        self.replay(index, entry)

    def replay(self, index: int, entry: bytes) -> None:
        assert index == len(self.entries), f"entry {index} after {len(self.entries)} entries"
        assert entry not in self.entries[-300:], "the same entry twice"
        self.entries.append(entry)

    def rollback(self, size: int) -> None:
        assert size <= len(self.entries), f"rollback to {size}, beyond {len(self.entries)}"
        del self.entries[size:]


@dataclass
class Site:
    """A data directory as a registry has it; `url` is a PostgreSQL database instead of the SQLite file."""

    directory: Path
    url: str | None = None
    fatal: list[LedgerError] = field(default_factory=list)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def database_file(self) -> Path:
        return self.data / "passport.sqlite3"

    @property
    def public(self) -> Path:
        return self.directory / "public"

    @property
    def mark_file(self) -> Path:
        return self.directory / "high-water" / "ledger.json"

    def high_water(self) -> HighWater:
        return HighWater(self.mark_file, ORIGIN)

    def sink(self) -> TileDirectory:
        return TileDirectory(self.public)

    @contextmanager
    def database(self) -> Iterator[Database]:
        if self.url is not None:
            database = open_database(self.url)
            try:
                yield database
            finally:
                database.close()
            return
        with DirectoryLock(self.data) as lock:
            database = open_database(f"sqlite:///{self.database_file}", lock)
            try:
                yield database
            finally:
                database.close()

    @contextmanager
    def store(self) -> Iterator[SqlLedgerStore]:
        with self.database() as database:
            yield SqlLedgerStore(database)

    def ledger(self, store: LedgerStore, policy: PolicingPolicy | None = None, **options: Any) -> Ledger:
        """Make a ledger that is not started."""
        values: dict[str, Any] = {"high_water": self.high_water(), "sink": self.sink(), "on_fatal": self.fatal.append}
        return Ledger(store, policy or PolicingPolicy(), SIGNER, LedgerOptions(**(values | options)))

    @contextmanager
    def running(self, **options: Any) -> Iterator[Ledger]:
        with self.store() as store, running(self.ledger(store, **options)) as ledger:
            yield ledger

    def fill(self, count: int, prefix: str = "entry") -> None:
        """Append so many entries and publish them."""
        with self.running() as ledger:
            append_all(ledger, [f"{prefix} {number}".encode() for number in range(count)])
            assert ledger.wait_published(ledger.head.size, 10)


@contextmanager
def running(ledger: Ledger) -> Iterator[Ledger]:
    ledger.start()
    try:
        yield ledger
    finally:
        ledger.stop()


def naive_root(entries: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, word for word: MTH over entries."""
    if len(entries) < 2:
        return sha256(b"\x00" + entries[0] if entries else b"").digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(b"\x01" + naive_root(entries[:k]) + naive_root(entries[k:])).digest()


def append_all(ledger: Ledger, entries: list[bytes]) -> list[int]:
    """Append and wait; return the indexes. Raises what any of them raised."""
    indexes = []
    for outcome in ledger.append_many(entries).result(30):
        if isinstance(outcome, Exception):
            raise outcome
        indexes.append(outcome.index)
    return indexes


def assert_chain(store: LedgerStore, notes: list[bytes]) -> None:
    """Check that each checkpoint is signed, begins the next one, and the last begins what the store has signed."""
    head = store.read_head()
    assert head is not None
    last = 0
    for note in notes:
        parsed = parse_note(note)
        verify_note(parsed, [VKEY])
        checkpoint = parse_checkpoint(parsed.text)
        assert checkpoint.size >= last, "a published checkpoint went back"
        # Prefixes of one tree are prefixes of each other.
        assert check_extends(store, head, checkpoint.size, checkpoint.root_hash), f"a fork at size {checkpoint.size}"
        last = checkpoint.size
