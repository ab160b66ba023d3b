# SPDX-License-Identifier: Apache-2.0
"""Which entry has this digest? An index in memory over the index rows, which on disk are in ledger order.

A tree of digests on disk is the obvious way and the slow one: digests fall anywhere, so each entry dirties a page of
its own, and that was 80 % of a commit. Here a row is appended on disk, and memory holds 16 bytes per entry: the first 8
bytes of the digest, sorted in a few runs, and the index. The rows stay the authority: a hit is read back and compared.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import bindparam, select

from passport.storage.schema import ledger_entries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray
    from sqlalchemy import Connection

_READ_ROWS: Final = 65_536
_MERGE_RATIO: Final = 4
_SELECT_NEW = (
    select(ledger_entries.c.entry_index, ledger_entries.c.digest)
    .where(ledger_entries.c.entry_index >= bindparam("first"))
    .order_by(ledger_entries.c.entry_index)
    .limit(_READ_ROWS)
)

Run = tuple["NDArray[np.uint64]", "NDArray[np.int64]"]
"""Sorted prefixes, and the index of each."""


class DigestIndex:
    """Follows the rows of one database, whoever writes them. Thread-safe."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._next = 0
        self._turn = threading.Lock()

    def find(self, connection: Connection, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Find the indexes of those digests (32 bytes each) that have a row now."""
        with self._turn:
            self._follow(connection)
            candidates = self._candidates(digests)
        if not candidates:
            return {}
        wanted = set(digests)
        rows = connection.execute(
            select(ledger_entries.c.digest, ledger_entries.c.entry_index).where(
                ledger_entries.c.entry_index.in_(candidates)
            )
        )
        # The first place counts if there were two: the highest index is put in first.
        found = sorted(((index, bytes(digest)) for digest, index in rows), reverse=True)
        return {digest: index for index, digest in found if digest in wanted}

    def note(self, rows: Sequence[tuple[int, bytes]]) -> None:
        """Take in rows (index, digest) that this process has just committed, which saves reading them back."""
        with self._turn:
            if rows and rows[0][0] == self._next:
                self._take(rows)

    def forget(self) -> None:
        """Start over: rows were deleted."""
        with self._turn:
            self._runs.clear()
            self._next = 0

    def _follow(self, connection: Connection) -> None:
        """Take in the rows that were committed since the last look."""
        while True:
            rows = connection.execute(_SELECT_NEW, {"first": self._next}).all()
            if rows:
                self._take([(index, bytes(digest)) for index, digest in rows])
            if len(rows) < _READ_ROWS:
                return

    def _take(self, rows: Sequence[tuple[int, bytes]]) -> None:
        indexes = np.array([index for index, _ in rows], dtype=np.int64)
        keys = _prefixes(digest for _, digest in rows)
        order = np.argsort(keys, kind="stable")
        self._add((keys[order], indexes[order]))
        self._next = int(indexes[-1]) + 1

    def _add(self, run: Run) -> None:
        while self._runs and len(self._runs[-1][0]) <= _MERGE_RATIO * len(run[0]):
            other = self._runs.pop()
            keys = np.concatenate((other[0], run[0]))
            order = np.argsort(keys, kind="stable")
            run = (keys[order], np.concatenate((other[1], run[1]))[order])
        self._runs.append(run)

    def _candidates(self, digests: Sequence[bytes]) -> list[int]:
        """List the indexes of all entries whose digests begin with the same 8 bytes as one of these."""
        wanted = np.sort(_prefixes(digests))
        found: list[int] = []
        for keys, indexes in self._runs:
            first = np.searchsorted(keys, wanted, side="left")
            hits = np.flatnonzero(keys[np.minimum(first, len(keys) - 1)] == wanted)
            for hit in hits.tolist():
                # Whoever makes entries can make prefixes meet; all of them are looked at.
                last = int(np.searchsorted(keys, wanted[hit], side="right"))
                found += indexes[int(first[hit]) : last].tolist()
        return found


def _prefixes(digests: Iterable[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(digest[:8] for digest in digests), dtype=">u8").astype(np.uint64)
