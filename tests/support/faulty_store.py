# SPDX-License-Identifier: Apache-2.0
"""A store and a sink that police their caller and fail by a table: wrapped around the real ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from passport.domain.ledger_values import StoreFailed
from passport.ledger.high_water import HighWater

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from passport.domain.ledger_values import Head, IntegratedBatch, StoredBlob
    from passport.ledger.high_water import Mark
    from passport.storage.ledger_store import SqlLedgerStore
    from passport.storage.tile_directory import TileDirectory

FAILED = "failed"
FAILED_BUT_STORED = "failed but stored"
UNREADABLE = "failed, and unreadable from then on"


@dataclass
class Faults:
    """Which call (counted from 0) of which durable write goes wrong, and how."""

    table: dict[tuple[str, int], str]
    calls: dict[str, int] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)
    is_unreadable: bool = False

    def around(self, name: str, error: type[Exception], write: Callable[[], None]) -> None:
        call = self.calls.get(name, 0)
        self.calls[name] = call + 1
        fault = self.table.get((name, call))
        if fault is None:
            write()
            return
        self.hits.append(f"{name}: {fault}")
        if fault == FAILED_BUT_STORED:
            write()
        if fault == UNREADABLE:
            self.is_unreadable = True
        raise error("injected", fault) if error is StoreFailed else error(28, f"injected: {fault}")

    def check_readable(self) -> None:
        if self.is_unreadable:
            raise StoreFailed("injected", "the store cannot be read")


class FaultyStore:
    """Implements LedgerStore. Refuses, with AssertionError, what the write order of DESIGN §3 does not allow."""

    def __init__(self, store: SqlLedgerStore, faults: Faults) -> None:
        self._store = store
        self._faults = faults
        self._has_read_back = False

    def read_head(self) -> Head | None:
        self._faults.check_readable()
        return self._store.read_head()

    def read_tile(self, level: int, index: int) -> StoredBlob | None:
        self._faults.check_readable()
        self._has_read_back = True
        return self._store.read_tile(level, index)

    def read_bundle(self, index: int) -> StoredBlob | None:
        self._faults.check_readable()
        return self._store.read_bundle(index)

    def find_entries(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        self._faults.check_readable()
        return self._store.find_entries(digests)

    def count_entries(self) -> int:
        return self._store.count_entries()

    def commit(self, batch: IntegratedBatch) -> None:
        start = batch.expected.size if batch.expected else 0
        assert [index for index, _ in batch.entries] == list(range(start, batch.new.size)), "a gap in the indexes"
        assert start == 0 or self._has_read_back, "signed without reading the right edge back"
        self._has_read_back = False
        self._faults.around("commit", StoreFailed, lambda: self._store.commit(batch))

    def read_published(self) -> Head | None:
        self._faults.check_readable()
        return self._store.read_published()

    def write_published(self, head: Head) -> None:
        stored = self._store.read_head()
        assert stored is not None, "published before anything was stored"
        assert head.size <= stored.size, "published before it was stored"
        self._faults.around("write_published", StoreFailed, lambda: self._store.write_published(head))


class FaultyHighWater(HighWater):
    """A mark that must be stored before it is raised, and never goes down."""

    def __init__(self, path: Path, origin: str, faults: Faults, store: SqlLedgerStore) -> None:
        super().__init__(path, origin)
        self._faults = faults
        self._store = store

    def raise_to(self, mark: Mark) -> None:
        stored, old = self._store.read_head(), self.read()
        assert stored is not None
        assert mark.size <= stored.size, "the mark is above what is stored"
        assert old is None or mark.size >= old.size, "the mark went down"
        self._faults.around("high_water", OSError, lambda: super(FaultyHighWater, self).raise_to(mark))


class FaultySink:
    """A tile directory in which the checkpoint comes last."""

    def __init__(self, sink: TileDirectory, faults: Faults) -> None:
        self._sink = sink
        self._faults = faults

    def write_blob(self, path: str, data: bytes) -> None:
        self._faults.around("write_blob", OSError, lambda: self._sink.write_blob(path, data))

    def remove_partials(self, path: str) -> None:
        self._sink.remove_partials(path)

    def read_checkpoint(self) -> bytes | None:
        return self._sink.read_checkpoint()

    def write_checkpoint(self, note: bytes) -> None:
        self._faults.around("write_checkpoint", OSError, lambda: self._sink.write_checkpoint(note))
