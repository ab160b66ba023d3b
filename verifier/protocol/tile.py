# SPDX-License-Identifier: Apache-2.0
"""Tiles and entry bundles: the ledger as files that any static web server can serve. C2SP tlog-tiles.

A tile is up to 256 neighbouring hashes of one level, 32 bytes each; level L holds the roots of *full* tiles of level
L - 1. An entry bundle is the up to 256 entries below a tile of level 0, each behind its length in two bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import (
    EMPTY_ROOT,
    HASH_SIZE,
    MAX_SIZE,
    consistency_proof,
    inclusion_proof,
    node_hash,
    root_from_leaf_hashes,
    split_point,
)

TILE_HEIGHT = 8
TILE_WIDTH = 256
MAX_LEVEL = 63
MAX_ENTRY_SIZE = 65535

_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """A tile's place: level 0–63, index within the level, width 1–256 in hashes (256 is full).

    Raises Malformed("malformed_tile_path") for a place outside of every tree of less than 2^63 leaves.
    """

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check_place(self.level, self.index, self.width)

    @property
    def path(self) -> str:
        """Path below the ledger's prefix, such as `tile/0/x001/067.p/5` (tlog-tiles, Merkle Tree)."""
        return f"tile/{self.level}/{_index_path(self.index, self.width)}"

    @property
    def size(self) -> int:
        """Length of the tile in bytes."""
        return self.width * HASH_SIZE


@dataclass(frozen=True, slots=True, order=True)
class EntryBundle:
    """An entry bundle's place: index, and width 1–256 in entries. Raises Malformed as `Tile` does."""

    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        _check_place(0, self.index, self.width)

    @property
    def path(self) -> str:
        """Path below the ledger's prefix, such as `tile/entries/x001/067.p/5` (tlog-tiles, Log entries)."""
        return f"tile/entries/{_index_path(self.index, self.width)}"


ReadTile = Callable[[Tile], bytes]
"""Fetches exactly the bytes of that tile; may raise what it likes."""


def parse_tile_path(path: str) -> Tile | EntryBundle:
    """Parse a path below the ledger's prefix. Raises Malformed("malformed_tile_path") unless it is the one spelling."""
    match = _PATH.fullmatch(path) if len(path) <= 200 else None
    if match is None:
        raise Malformed("malformed_tile_path", "A tile path is tile/<level or entries>/<index>[.p/<width 1 to 255>].")
    kind, digits, suffix = match.groups()
    index = int(digits.replace("x", "").replace("/", ""))
    width = TILE_WIDTH if suffix is None else int(suffix)
    place = EntryBundle(index, width) if kind == "entries" else Tile(int(kind), index, width)
    if place.path != path:
        raise Malformed("malformed_tile_path", f"Not the one spelling of this path, which is {place.path}.")
    return place


def tiles_for_size(size: int) -> tuple[Tile, ...]:
    """List every tile of a tree of `size` leaves, level by level, full ones before the partial one."""
    return tuple(_tiles(size))


def right_edge_tiles(size: int) -> tuple[Tile, ...]:
    """List the partial tiles of a tree of `size` leaves, lowest level first: they alone give its root hash."""
    _check_size(size)
    edges = []
    for level in range(_levels(size)):
        count = size >> (TILE_HEIGHT * level)
        if count % TILE_WIDTH:
            edges.append(Tile(level, count // TILE_WIDTH, count % TILE_WIDTH))
    return tuple(edges)


def entry_bundles_for_size(size: int) -> tuple[EntryBundle, ...]:
    """List every entry bundle of a tree of `size` leaves, the partial one last."""
    _check_size(size)
    bundles = [EntryBundle(index) for index in range(size // TILE_WIDTH)]
    if size % TILE_WIDTH:
        bundles.append(EntryBundle(size // TILE_WIDTH, size % TILE_WIDTH))
    return tuple(bundles)


def parse_tile(data: bytes, *, width: int) -> tuple[bytes, ...]:
    """Cut a tile into its hashes, 32 bytes each. Raises Malformed("malformed_tile") at any other length."""
    if not 1 <= width <= TILE_WIDTH or len(data) != width * HASH_SIZE:
        raise Malformed("malformed_tile", f"A tile of width {width} is {width * HASH_SIZE} bytes, not {len(data)}.")
    return tuple(data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE))


def encode_entry_bundle(entries: Sequence[bytes]) -> bytes:
    """Join 1 to 256 entries of at most 65,535 bytes each. Raises Malformed("malformed_entry_bundle")."""
    if not 1 <= len(entries) <= TILE_WIDTH:
        raise Malformed("malformed_entry_bundle", f"An entry bundle holds 1 to 256 entries, not {len(entries)}.")
    if any(len(entry) > MAX_ENTRY_SIZE for entry in entries):
        raise Malformed("malformed_entry_bundle", "An entry is at most 65,535 bytes.")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_entry_bundle(data: bytes, *, width: int) -> tuple[bytes, ...]:
    """Cut an entry bundle into exactly `width` entries. Raises Malformed("malformed_entry_bundle")."""
    if not 1 <= width <= TILE_WIDTH:
        raise Malformed("malformed_entry_bundle", f"An entry bundle holds 1 to 256 entries, not {width}.")
    entries: list[bytes] = []
    at = 0
    for _ in range(width):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data):
            raise Malformed("malformed_entry_bundle", f"The bundle ends inside its entry {len(entries)}.")
        entries.append(data[at + 2 : end])
        at = end
    if at != len(data):
        raise Malformed("malformed_entry_bundle", f"{len(data) - at} bytes follow the {width} entries.")
    return tuple(entries)


class TileTree:
    """The tree of `size` leaves, read from its tiles; every tile is asked for once and kept.

    With `root_hash` (from a signed checkpoint) each tile is checked before it is used: the partial tiles must give the
    root, a full tile must hash to its place in the tile above. Without it, the answers are as good as the reader.
    Raises Malformed("malformed_tile") for a tile of the wrong length, DoesNotHold("bad_tile") for a wrong one.
    Kept tiles are never dropped (16 KiB each): use one tree per question or per checkpoint.
    """

    def __init__(self, size: int, read_tile: ReadTile, *, root_hash: bytes | None = None) -> None:
        _check_size(size)
        self.size = size
        self._read = read_tile
        self._expected = root_hash
        self._tiles: dict[Tile, list[bytes]] = {}
        self._root: bytes | None = None

    def root_hash(self) -> bytes:
        """Compute the root of the whole tree from its partial tiles."""
        if self._root is None:
            edges = [(tile.level, parse_tile(self._load(tile)[0], width=tile.width)) for tile in self._edges()]
            root = _root_from_edges(edges)
            if self._expected is not None and root != self._expected:
                raise DoesNotHold("bad_tile", "The tiles on the right edge do not give the signed root hash.")
            self._root = root
        return self._root

    def leaf_hash(self, index: int) -> bytes:
        """Read the hash of one leaf. Raises ValueError for an index outside the tree."""
        return self.subtree_hash(index, index + 1)

    def subtree_hash(self, lo: int, hi: int) -> bytes:
        """Compute the hash of the leaves `lo` to `hi - 1`; (0, n) is the root of the tree when it had n leaves.

        Raises ValueError for a range that is outside the tree or no node of any tree on these leaves.
        """
        if not 0 <= lo <= hi <= self.size or lo & ((1 << (hi - lo - 1).bit_length()) - 1):
            raise ValueError(f"the leaves {lo} to {hi} are no node of a tree of {self.size} leaves")
        if lo == hi:
            return EMPTY_ROOT
        parts = []
        while lo < hi:
            whole = split_point(hi - lo + 1)
            parts.append(self._whole_subtree(lo, whole))
            lo += whole
        value = parts.pop()
        while parts:
            value = node_hash(parts.pop(), value)
        return value

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Prove that the leaf stands in this tree. Raises ValueError unless 0 ≤ index < size."""
        return inclusion_proof(index, self.size, self.subtree_hash)

    def consistency_proof(self, old_size: int) -> tuple[bytes, ...]:
        """Prove that this tree extends the one of `old_size` leaves. Raises ValueError unless 0 ≤ old_size ≤ size."""
        return consistency_proof(old_size, self.size, self.subtree_hash)

    def _edges(self) -> tuple[Tile, ...]:
        return right_edge_tiles(self.size)

    def _whole_subtree(self, lo: int, width: int) -> bytes:
        """Hash of a complete subtree of `width` leaves, a power of two that divides `lo`."""
        level, height = divmod(width.bit_length() - 1, TILE_HEIGHT)
        index, position = divmod(lo >> (TILE_HEIGHT * level), TILE_WIDTH)
        row = self._pyramid(self._tile_at(level, index))[height]
        at = (position >> height) * HASH_SIZE
        return row[at : at + HASH_SIZE]

    def _tile_at(self, level: int, index: int) -> Tile:
        count = self.size >> (TILE_HEIGHT * level)
        return Tile(level, index, min(TILE_WIDTH, count - index * TILE_WIDTH))

    def _pyramid(self, tile: Tile) -> list[bytes]:
        """Rows of the tile's own small tree, its hashes first, then each row of complete parents above them."""
        # Partial tiles are kept from the first look at them, but answer nothing until they gave the signed root.
        if tile in self._tiles and (self._root is not None or self._expected is None):
            return self._tiles[tile]
        if self._expected is not None:
            self.root_hash()
            if tile.width == TILE_WIDTH:
                index, position = divmod(tile.index, TILE_WIDTH)
                above = self._pyramid(self._tile_at(tile.level + 1, index))[0]
                rows = self._load(tile)
                if rows[TILE_HEIGHT] != above[position * HASH_SIZE : (position + 1) * HASH_SIZE]:
                    del self._tiles[tile]
                    raise DoesNotHold("bad_tile", f"{tile.path} does not hash to its place in the tile above it.")
        return self._load(tile)

    def _load(self, tile: Tile) -> list[bytes]:
        rows = self._tiles.get(tile)
        if rows is None:
            data = bytes(self._read(tile))
            if len(data) != tile.size:
                raise Malformed("malformed_tile", f"{tile.path} is {tile.size} bytes, not {len(data)}.")
            rows = [data]
            while len(rows[-1]) > HASH_SIZE:
                below = rows[-1]
                pairs = range(0, len(below) - 2 * HASH_SIZE + 1, 2 * HASH_SIZE)
                rows.append(b"".join(node_hash(below[at : at + 32], below[at + 32 : at + 64]) for at in pairs))
            self._tiles[tile] = rows
        return rows


def new_tiles(old_size: int, new_leaf_hashes: Sequence[bytes], read_tile: ReadTile) -> tuple[dict[Tile, bytes], bytes]:
    """Append leaves: return (every tile that is new or wider than before, by its place; the new root hash).

    `read_tile` is asked for the old partial tiles only. The result holds the full tiles and the partial tiles of the
    new size, not those of sizes between; how the leaves are cut into batches never changes the tree.
    Raises ValueError for a hash that is not 32 bytes, Malformed("malformed_tile") for an old tile of the wrong length.
    """
    if any(len(value) != HASH_SIZE for value in new_leaf_hashes):
        raise ValueError("every leaf hash is 32 bytes")
    new_size = old_size + len(new_leaf_hashes)
    _check_size(new_size)
    old_edges = {tile.level: tile for tile in right_edge_tiles(old_size)}
    changed: dict[Tile, bytes] = {}
    edges: list[tuple[int, tuple[bytes, ...]]] = []
    fresh: list[bytes] = list(new_leaf_hashes)
    for level in range(_levels(new_size)):
        edge = old_edges.get(level)
        row = [*(parse_tile(read_tile(edge), width=edge.width) if edge else ()), *fresh]
        first = (old_size >> (TILE_HEIGHT * level)) // TILE_WIDTH
        parents: list[bytes] = []
        for offset in range(0, len(row), TILE_WIDTH):
            hashes = row[offset : offset + TILE_WIDTH]
            if fresh:
                changed[Tile(level, first + offset // TILE_WIDTH, len(hashes))] = b"".join(hashes)
            if len(hashes) == TILE_WIDTH:
                parents.append(root_from_leaf_hashes(hashes))
            else:
                edges.append((level, tuple(hashes)))
        fresh = parents
    return changed, _root_from_edges(edges)


def _root_from_edges(edges: Sequence[tuple[int, tuple[bytes, ...]]]) -> bytes:
    """Fold partial tiles, lowest level first, into the root.

    The incomplete subtree from below stands at the right of each level as one more node, just as in the RFC's tree.
    """
    value: bytes | None = None
    for _, hashes in edges:
        value = root_from_leaf_hashes(hashes if value is None else (*hashes, value))
    return EMPTY_ROOT if value is None else value


def _tiles(size: int) -> Iterator[Tile]:
    _check_size(size)
    for level in range(_levels(size)):
        full, width = divmod(size >> (TILE_HEIGHT * level), TILE_WIDTH)
        for index in range(full):
            yield Tile(level, index)
        if width:
            yield Tile(level, full, width)


def _levels(size: int) -> int:
    """Number of levels that hold at least one hash."""
    return (size.bit_length() + TILE_HEIGHT - 1) // TILE_HEIGHT


def _check_size(size: int) -> None:
    if not 0 <= size <= MAX_SIZE:
        raise ValueError(f"a tree has 0 to 2^63 - 1 leaves, not {size}")


def _check_place(level: int, index: int, width: int) -> None:
    if not 0 <= level <= MAX_LEVEL or not 1 <= width <= TILE_WIDTH or index < 0:
        raise Malformed("malformed_tile_path", "A tile has level 0 to 63, index from 0 and width 1 to 256.")
    if (index << (TILE_HEIGHT * (level + 1))) > MAX_SIZE:
        raise Malformed("malformed_tile_path", "This tile is outside of every tree of less than 2^63 leaves.")


def _index_path(index: int, width: int) -> str:
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return path if width == TILE_WIDTH else f"{path}.p/{width}"
