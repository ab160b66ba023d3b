# SPDX-License-Identifier: Apache-2.0
"""What the registry's services need of the ledger and of storage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Protocol

from passport.domain.ledger_values import Appended, Head, LedgerError, StoredBlob

Clock = Callable[[], datetime]


class AppendableLedger(Protocol):
    """The sequencer, as the services see it."""

    @property
    def fatal_error(self) -> LedgerError | None: ...

    @property
    def publication_count(self) -> int: ...

    @property
    def is_publishing_late(self) -> bool: ...

    def append_many(self, entries: Sequence[bytes]) -> Future[tuple[Appended | Exception, ...]]: ...

    def wait_published(self, size: int, timeout_seconds: float) -> bool: ...


class PublishedLedger(Protocol):
    """The stored ledger, read side."""

    def read_published(self) -> Head | None: ...

    def read_tile(self, level: int, index: int) -> StoredBlob | None: ...

    def read_bundle(self, index: int) -> StoredBlob | None: ...


class ItemStore(Protocol):
    """Item hashes of batches, in tiles of up to 256 × 32 bytes. No row per item."""

    def write_tile(self, issuer: str, batch: int, tile_index: int, data: bytes) -> None: ...

    def read_tile(self, issuer: str, batch: int, tile_index: int) -> bytes | None: ...

    def read_subtree_roots(self, issuer: str, batch: int) -> tuple[bytes, ...]: ...

    def list_tiles(self, issuer: str, batch: int) -> Sequence[int]: ...

    def mark_complete(self, issuer: str, batch: int, *, count: int, item_root: bytes) -> None: ...

    def is_complete(self, issuer: str, batch: int) -> bool: ...


class DocumentStore(Protocol):
    """Exact bytes of documents, by SHA-256."""

    def put(self, digest: bytes, gtin: str, media_type: str, data: bytes) -> None: ...

    def get(self, digest: bytes) -> tuple[str, bytes] | None: ...
