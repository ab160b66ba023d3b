# SPDX-License-Identifier: Apache-2.0
"""The tree over a batch's items, in tiles of 256 item hashes. RFC 6962, section 2.1; docs/spec/ledger.md."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.protocol.merkle import EMPTY_ROOT, HASH_SIZE, inclusion_proof, node_hash, root_from_leaf_hashes

TILE_WIDTH = 256
TILE_SIZE = TILE_WIDTH * HASH_SIZE
"""Bytes of a full tile; the last tile of a batch may be shorter."""


def tile_count(count: int) -> int:
    """Tiles of a batch of `count` items."""
    return -(-count // TILE_WIDTH)


def tile_hashes(tile: bytes) -> list[bytes]:
    """The item hashes, 32 bytes each, that a tile holds."""
    return [tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE)]


class ItemTree:
    """What lies above the tiles of a batch: 64 bytes for each tile (8 MB for the largest batch of version 1).

    A full tile is a whole subtree, and so is the last one, whatever its width: RFC 6962 splits at powers of two. So the
    tiles' roots are the leaves of the rest.
    """

    def __init__(self, tiles: Iterable[bytes]) -> None:
        """`tiles` in order, every one but the last full; one pass, nothing of them is kept but their roots."""
        level = [root_from_leaf_hashes(tile_hashes(tile)) for tile in tiles]
        self._levels = [level]
        while len(level) > 1:
            pairs = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
            # An odd last node is carried up unchanged, as the RFC's split at a power of two has it.
            level = [*pairs, level[-1]] if len(level) % 2 else pairs
            self._levels.append(level)

    @property
    def root(self) -> bytes:
        """The item root."""
        return self._levels[-1][0] if self._levels[-1] else EMPTY_ROOT

    def path(self, index: int) -> tuple[bytes, ...]:
        """Inclusion proof of a tile's root in the item root."""
        return inclusion_proof(index, len(self._levels[0]), self._subtree)

    def _subtree(self, lo: int, hi: int) -> bytes:
        # A node of the tree is 2^k wide, or stands at the right edge, where `level` k holds it carried up.
        height = (hi - lo - 1).bit_length()
        return self._levels[height][lo >> height]
