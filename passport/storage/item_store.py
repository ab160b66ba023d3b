# SPDX-License-Identifier: Apache-2.0
"""Item hashes of issued batches: 256 to a row, addressed by (issuer, batch, tile). DESIGN §3.

No row per item: batch and seq come from the code itself. The tree over the items is that of RFC 6962, section 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, select

from passport.storage.schema import item_batches, item_tiles
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import HASH_SIZE, root_from_leaf_hashes
from verifier.protocol.tile import TILE_WIDTH, parse_tile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection

    from passport.storage.engine import Database

_FULL: Final = TILE_WIDTH * HASH_SIZE


@dataclass(frozen=True, slots=True)
class CompleteBatch:
    """A batch whose item hashes are all there: how many items, and their 32-byte root."""

    count: int
    item_root: bytes


class ItemStore:
    """Tables of item hashes. Raises StoreFailed when the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def write_tile(self, issuer: str, batch: int, tile_index: int, data: bytes) -> None:
        """Store one tile: 1 to 256 item hashes of 32 bytes. See `write_tiles`."""
        self.write_tiles(issuer, batch, {tile_index: data})

    def write_tiles(self, issuer: str, batch: int, tiles: Mapping[int, bytes]) -> None:
        """Store tiles in one transaction. The same bytes again change nothing.

        Raises Malformed("malformed_item_tile"); DoesNotHold("item_tile_differs") if other bytes are there; nothing is
        stored then. Crash after it: stored; the issuer sends them again, which changes nothing.
        """
        roots = {index: _subtree_root(data) for index, data in tiles.items()}
        if any(index < 0 for index in tiles):
            raise Malformed("malformed_item_tile", "Tile indexes count from 0.")
        with self._database.write() as connection:
            for index, data in tiles.items():
                found = _read_tile(connection, issuer, batch, index)
                if found is None:
                    key = {"issuer": issuer, "batch": batch, "tile_index": index}
                    connection.execute(insert(item_tiles), key | {"subtree_root": roots[index], "data": data})
                elif found != data:
                    raise DoesNotHold(
                        "item_tile_differs",
                        f"Tile {index} of batch {batch} was stored with other item hashes. Use each number once.",
                    )

    def read_tile(self, issuer: str, batch: int, tile_index: int) -> bytes | None:
        """Read the item hashes of one tile, 32 bytes each."""
        with self._database.read() as connection:
            return _read_tile(connection, issuer, batch, tile_index)

    def read_subtree_roots(self, issuer: str, batch: int) -> tuple[bytes, ...]:
        """Read the root of each tile, in order: with one tile they make any inclusion proof of the batch."""
        with self._database.read() as connection:
            return _subtree_roots(connection, issuer, batch)

    def list_tiles(self, issuer: str, batch: int) -> tuple[int, ...]:
        """List the indexes of the tiles that are stored, ascending."""
        with self._database.read() as connection:
            columns = item_tiles.c
            query = select(columns.tile_index).where(columns.issuer == issuer, columns.batch == batch)
            return tuple(connection.execute(query.order_by(columns.tile_index)).scalars())

    def count(self, issuer: str, batch: int) -> int:
        """Count the item hashes that are stored, complete or not."""
        with self._database.read() as connection:
            total = select(func.coalesce(func.sum(func.length(item_tiles.c.data)), 0)).where(
                item_tiles.c.issuer == issuer, item_tiles.c.batch == batch
            )
            return int(connection.execute(total).scalar_one()) // HASH_SIZE

    def mark_complete(self, issuer: str, batch: int, *, count: int, item_root: bytes) -> None:
        """Say that all items are there. Repeating it changes nothing.

        Raises DoesNotHold("item_count_differs") or DoesNotHold("item_root_differs") unless the stored tiles are those
        of `count` items under `item_root`. Crash after it: complete.
        """
        with self._database.write() as connection:
            widths = connection.execute(
                select(item_tiles.c.tile_index, func.length(item_tiles.c.data))
                .where(item_tiles.c.issuer == issuer, item_tiles.c.batch == batch)
                .order_by(item_tiles.c.tile_index)
            ).all()
            starts = range(0, count, TILE_WIDTH)
            expected = [(at // TILE_WIDTH, min(TILE_WIDTH, count - at) * HASH_SIZE) for at in starts]
            if [tuple(row) for row in widths] != expected:
                stored = sum(length for _, length in widths) // HASH_SIZE
                raise DoesNotHold("item_count_differs", f"Batch {batch} has {count} items; {stored} hashes are stored.")
            if root_from_leaf_hashes(_subtree_roots(connection, issuer, batch)) != item_root:
                raise DoesNotHold("item_root_differs", f"The item hashes of batch {batch} do not give its item_root.")
            if _find_complete(connection, issuer, batch) is None:
                row = {"issuer": issuer, "batch": batch, "count": count, "item_root": item_root}
                connection.execute(insert(item_batches), row)

    def find_complete(self, issuer: str, batch: int) -> CompleteBatch | None:
        """Find the marker of a complete batch."""
        with self._database.read() as connection:
            return _find_complete(connection, issuer, batch)

    def is_complete(self, issuer: str, batch: int) -> bool:
        """Tell whether all item hashes of the batch are there."""
        return self.find_complete(issuer, batch) is not None

    def check_batch(self, issuer: str, batch: int, *, count: int, item_root: bytes) -> list[str]:
        """Hash everything that is stored of a batch and name what is wrong, for fsck. A missing tile is named too."""
        problems = []
        roots = []
        with self._database.read() as connection:
            for index in range(-(-count // TILE_WIDTH)):
                name = f"items/{issuer}/{batch}/{index}"
                width = min(TILE_WIDTH, count - index * TILE_WIDTH)
                row = connection.execute(
                    select(item_tiles.c.data, item_tiles.c.subtree_root).where(*_at(issuer, batch, index))
                ).one_or_none()
                if row is None or len(row.data) != width * HASH_SIZE:
                    problems.append(f"{name}: {width} item hashes are not there")
                    continue
                roots.append(_subtree_root(bytes(row.data)))
                if roots[-1] != bytes(row.subtree_root):
                    problems.append(f"{name}: the item hashes do not give the stored subtree root")
        if not problems and root_from_leaf_hashes(roots) != item_root:
            problems.append(f"items/{issuer}/{batch}: the item hashes do not give the item_root of the statement")
        return problems


def _at(issuer: str, batch: int, index: int) -> tuple[ColumnElement[bool], ...]:
    columns = item_tiles.c
    return columns.issuer == issuer, columns.batch == batch, columns.tile_index == index


def _subtree_root(data: bytes) -> bytes:
    if not data or len(data) % HASH_SIZE or len(data) > _FULL:
        raise Malformed("malformed_item_tile", f"A tile is 1 to {TILE_WIDTH} item hashes of {HASH_SIZE} bytes.")
    return root_from_leaf_hashes(parse_tile(data, width=len(data) // HASH_SIZE))


def _read_tile(connection: Connection, issuer: str, batch: int, index: int) -> bytes | None:
    data = connection.execute(select(item_tiles.c.data).where(*_at(issuer, batch, index))).scalar_one_or_none()
    return None if data is None else bytes(data)


def _subtree_roots(connection: Connection, issuer: str, batch: int) -> tuple[bytes, ...]:
    query = select(item_tiles.c.subtree_root).where(item_tiles.c.issuer == issuer, item_tiles.c.batch == batch)
    return tuple(bytes(root) for root in connection.execute(query.order_by(item_tiles.c.tile_index)).scalars())


def _find_complete(connection: Connection, issuer: str, batch: int) -> CompleteBatch | None:
    row = connection.execute(
        select(item_batches.c.count, item_batches.c.item_root).where(
            item_batches.c.issuer == issuer, item_batches.c.batch == batch
        )
    ).one_or_none()
    return None if row is None else CompleteBatch(row[0], bytes(row[1]))
