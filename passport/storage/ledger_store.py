# SPDX-License-Identifier: Apache-2.0
"""The ledger in SQL: heads, 256-wide blobs and an index of entries. Implements passport.ledger.ports.LedgerStore."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from passport.domain.ledger_values import CorruptLedger, Head, HeadMoved, IntegratedBatch, NotEmpty, StoredBlob
from passport.storage.digest_index import DigestIndex
from passport.storage.schema import BUNDLE_LEVEL, ledger_blobs, ledger_entries, ledger_heads
from verifier.protocol.tile import EntryBundle, Tile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from passport.storage.engine import Database

_HEAD, _PUBLISHED = "head", "published"

_SELECT_HEAD = select(ledger_heads.c.size, ledger_heads.c.root_hash, ledger_heads.c.checkpoint).where(
    ledger_heads.c.name == bindparam("name")
)
_SELECT_BLOB = select(ledger_blobs.c.width, ledger_blobs.c.data).where(
    ledger_blobs.c.level == bindparam("at_level"), ledger_blobs.c.blob_index == bindparam("at_index")
)
_UPDATE_BLOB = (
    update(ledger_blobs)
    .where(ledger_blobs.c.level == bindparam("at_level"), ledger_blobs.c.blob_index == bindparam("at_index"))
    .values(width=bindparam("new_width"), data=bindparam("new_data"))
)
_SWAP_HEAD = (
    update(ledger_heads)
    .where(
        ledger_heads.c.name == _HEAD,
        ledger_heads.c.size == bindparam("old_size"),
        ledger_heads.c.root_hash == bindparam("old_root"),
    )
    .values(size=bindparam("new_size"), root_hash=bindparam("new_root"), checkpoint=bindparam("new_checkpoint"))
)
_INSERT = f"INSERT INTO {ledger_entries.name} (entry_index, digest) VALUES "


class SqlLedgerStore:
    """The tables of one ledger. Safe to use from several threads; raises StoreFailed when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._index = DigestIndex()

    def read_head(self) -> Head | None:
        """Read what was signed last."""
        with self._database.read() as connection:
            return _read_head(connection, _HEAD)

    def read_published(self) -> Head | None:
        """Read what was published last, with its cosignatures."""
        with self._database.read() as connection:
            return _read_head(connection, _PUBLISHED)

    def read_tile(self, level: int, index: int) -> StoredBlob | None:
        """Read the widest tile at that place."""
        return self._read_blob(level, index)

    def read_bundle(self, index: int) -> StoredBlob | None:
        """Read the widest entry bundle at that place."""
        return self._read_blob(BUNDLE_LEVEL, index)

    def find_entry(self, digest: bytes) -> int | None:
        """Find the index of the entry with that SHA-256."""
        return self.find_entries([digest]).get(digest)

    def find_entries(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Find the indexes of those entries that are stored, by SHA-256."""
        if not digests:
            return {}
        with self._database.read() as connection:
            return self._index.find(connection, digests)

    def count_entries(self) -> int:
        """Count the rows of the index; fsck compares the number with the size of the tree."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(ledger_entries)).scalar_one())

    def commit(self, batch: IntegratedBatch) -> None:
        """Store a batch, whole or not at all.

        Raises HeadMoved if the head is not `batch.expected` (nothing is stored); CorruptLedger if a stored blob is not
        the beginning of its successor; StoreFailed, after which it may be stored all the same.
        """
        with self._database.write() as connection:
            _swap_head(connection, batch)
            _write_blobs(connection, batch)
            self._insert_entries(connection, batch.entries)
        self._index.note(batch.entries)
        # Crash here: everything above is on disk and nobody was told. The next start finds it and publishes it; the
        # client sends its entry again and gets the same index.

    def write_published(self, head: Head) -> None:
        """Say what is public now. An older head than the one that is there changes nothing: it never goes back."""
        with self._database.write() as connection:
            current = _read_head(connection, _PUBLISHED)
            if current is None:
                connection.execute(insert(ledger_heads), _head_row(_PUBLISHED, head))
                return
            if current.size > head.size:
                return
            if current.size == head.size and current.root_hash != head.root_hash:
                raise CorruptLedger("published_fork", f"Two trees of {head.size} entries were about to be published.")
            row = {"size": head.size, "root_hash": head.root_hash, "checkpoint": head.checkpoint}
            connection.execute(update(ledger_heads).where(ledger_heads.c.name == _PUBLISHED).values(row))

    def stage(self, batch: IntegratedBatch) -> None:
        """Store blobs and index rows of a rebuild while there is no head yet. Raises HeadMoved if there is one."""
        with self._database.write() as connection:
            if _read_head(connection, _HEAD) is not None:
                raise HeadMoved("head_moved", "A ledger appeared in the store during the rebuild.")
            _write_blobs(connection, batch)
            self._insert_entries(connection, batch.entries)

    def discard_staged(self) -> None:
        """Forget what an unfinished rebuild has left. Raises HeadMoved, and forgets nothing, if there is a head."""
        with self._database.write() as connection:
            if _read_head(connection, _HEAD) is not None:
                raise HeadMoved("head_moved", "There is a ledger in the store.")
            connection.execute(delete(ledger_blobs))
            connection.execute(delete(ledger_entries))
        self._index.forget()

    def _insert_entries(self, connection: Connection, entries: Sequence[tuple[int, bytes]]) -> None:
        if entries:
            marks = "(?, ?)" if self._database.is_sqlite else "(%s, %s)"
            connection.exec_driver_sql(_INSERT + marks, list(entries))

    def _read_blob(self, level: int, index: int) -> StoredBlob | None:
        with self._database.read() as connection:
            return _read_blob(connection, level, index)


def _read_head(connection: Connection, name: str) -> Head | None:
    row = connection.execute(_SELECT_HEAD, {"name": name}).one_or_none()
    return None if row is None else Head(row.size, bytes(row.root_hash), bytes(row.checkpoint))


def _read_blob(connection: Connection, level: int, index: int) -> StoredBlob | None:
    row = connection.execute(_SELECT_BLOB, {"at_level": level, "at_index": index}).one_or_none()
    return None if row is None else StoredBlob(row.width, bytes(row.data))


def _head_row(name: str, head: Head) -> dict[str, Any]:
    return {"name": name, "size": head.size, "root_hash": head.root_hash, "checkpoint": head.checkpoint}


def _swap_head(connection: Connection, batch: IntegratedBatch) -> None:
    """Compare and swap, first thing in the transaction: it takes the row lock that later writers wait at."""
    expected, new = batch.expected, batch.new
    if expected is None:
        if _read_head(connection, _HEAD) is not None:
            raise HeadMoved("head_moved", "The store has a ledger already.")
        if connection.execute(select(func.count()).select_from(ledger_blobs)).scalar_one() and not new.size:
            raise NotEmpty("half_rebuilt", "The store holds an unfinished rebuild.", "Run the rebuild again.")
        connection.execute(insert(ledger_heads), _head_row(_HEAD, new))
        return
    swap = {
        "old_size": expected.size,
        "old_root": expected.root_hash,
        "new_size": new.size,
        "new_root": new.root_hash,
        "new_checkpoint": new.checkpoint,
    }
    if connection.execute(_SWAP_HEAD, swap).rowcount != 1:
        raise HeadMoved("head_moved", f"The stored head is no longer the tree of {expected.size} entries.")


def _write_blobs(connection: Connection, batch: IntegratedBatch) -> None:
    fresh: list[dict[str, Any]] = []
    for (level, index), blob in _all_blobs(batch.tiles, batch.bundles).items():
        old = _read_blob(connection, level, index)
        if old is None:
            fresh.append({"level": level, "blob_index": index, "width": blob.width, "data": blob.data})
            continue
        if blob.width < old.width or not blob.data.startswith(old.data):
            path = (EntryBundle(index) if level == BUNDLE_LEVEL else Tile(level, index)).path
            raise CorruptLedger("blob_changed", f"{path}: the stored bytes are not the beginning of the new ones.")
        key = {"at_level": level, "at_index": index}
        connection.execute(_UPDATE_BLOB, key | {"new_width": blob.width, "new_data": blob.data})
    if fresh:
        connection.execute(insert(ledger_blobs), fresh)


def _all_blobs(
    tiles: Mapping[tuple[int, int], StoredBlob], bundles: Mapping[int, StoredBlob]
) -> dict[tuple[int, int], StoredBlob]:
    return dict(tiles) | {(BUNDLE_LEVEL, index): blob for index, blob in bundles.items()}
