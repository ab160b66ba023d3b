# SPDX-License-Identifier: Apache-2.0
"""What a ledger and its store say to each other: heads, blobs, batches, and what can go wrong. C2SP tlog-tiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from passport.domain.errors import PassportError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Head:
    """A signed state of the tree: `size` in entries, 32-byte root hash, the checkpoint as a signed note."""

    size: int
    root_hash: bytes
    checkpoint: bytes

    def is_same_tree(self, other: Head) -> bool:
        """Tell whether both speak of one tree; their signatures and cosignatures may differ."""
        return self.size == other.size and self.root_hash == other.root_hash


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """The widest tile or entry bundle at a place: width 1–256 in hashes or entries, and its bytes.

    Every narrower one is a prefix of it, because both formats only ever append.
    """

    width: int
    data: bytes


@dataclass(frozen=True, slots=True)
class IntegratedBatch:
    """Everything that one commit stores, or nothing of it.

    `expected` is the head that the batch was built on (None: the store is empty); `tiles` by (level, index), `bundles`
    by index; `entries` pairs each new entry's index with the SHA-256 of its bytes.
    """

    expected: Head | None
    new: Head
    tiles: Mapping[tuple[int, int], StoredBlob]
    bundles: Mapping[int, StoredBlob]
    entries: Sequence[tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Appended:
    """Where an entry stands. `is_new` is False when the same bytes were stored before."""

    index: int
    is_new: bool


class LedgerError(PassportError):
    """Base of the errors of ledger and store."""


class AppendFailed(LedgerError):
    """The entry was not acknowledged. The same bytes can be sent again: appending is idempotent."""


class StoreFailed(LedgerError):
    """The store could not do it. Whether a commit happened all the same is for the caller to find out."""


class HeadMoved(LedgerError):
    """Compare-and-swap lost: the stored head is no longer the one that the batch was built on. Nothing was stored."""


class CorruptLedger(LedgerError):
    """Stored bytes do not hash to what was signed, or stored history changed. The sequencer stops for good."""

    exit_code: ClassVar[int] = 80


class OutcomeUnknown(LedgerError):
    """A commit failed and the store cannot be read, so nobody knows whether it happened. The sequencer stops."""

    exit_code: ClassVar[int] = 85


class StartRefused(LedgerError):
    """The service does not start. `remedy` says what to do; it is part of the message too."""

    exit_code: ClassVar[int] = 86

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(code, f"{message} {remedy}")
        self.remedy = remedy


class BelowHighWater(StartRefused):
    """The database knows less than this ledger has signed, or something else."""

    exit_code: ClassVar[int] = 81


class DirectoryLocked(StartRefused):
    """Another process has the data directory."""

    exit_code: ClassVar[int] = 82


class SchemaMismatch(StartRefused):
    """The database was made by another version of this program."""

    exit_code: ClassVar[int] = 83


class UnsafeDatabase(StartRefused):
    """The database engine, or its settings, can lose acknowledged rows."""

    exit_code: ClassVar[int] = 84


class NotEmpty(StartRefused):
    """A rebuild found a ledger where it wanted to write one."""

    exit_code: ClassVar[int] = 87
