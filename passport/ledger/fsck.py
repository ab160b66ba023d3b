# SPDX-License-Identifier: Apache-2.0
"""fsck: hash a whole ledger again, from the entries up to the signed root, and name every blob that is wrong.

C2SP tlog-tiles. It works on a store, on a directory of tiles, and on a URL, whatever implements LedgerSource.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from passport.domain.ledger_values import CorruptLedger
from passport.ledger.integrate import check_extends
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import HASH_SIZE, leaf_hash, root_from_leaf_hashes
from verifier.protocol.note import parse_note, verify_note
from verifier.protocol.tile import TILE_WIDTH, EntryBundle, Tile, parse_entry_bundle, parse_tile, right_edge_tiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passport.ledger.ports import EntryIndex, IndexedStore, LedgerSource, LedgerStore
    from verifier.protocol.note import VKey


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: `where` is a tile path, "checkpoint", "index row N", or what a callback calls it."""

    where: str
    message: str

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


CheckEntry = Callable[[int, bytes], Iterable[Finding]]
"""Called with each (index, entry); checks what the statement refers to, such as item blobs against item_root."""


class StoreSource:
    """A store read as a ledger: its signed head is the checkpoint."""

    def __init__(self, store: LedgerStore) -> None:
        self._store = store

    def read_checkpoint(self) -> bytes | None:
        head = self._store.read_head()
        return None if head is None else head.checkpoint

    def read_tile(self, tile: Tile) -> bytes | None:
        blob = self._store.read_tile(tile.level, tile.index)
        if blob is None or blob.width < tile.width:
            return None
        # A wrong length of the widest form is passed on, to be found.
        return blob.data[: tile.size] if blob.width > tile.width else blob.data

    def read_bundle(self, bundle: EntryBundle) -> bytes | None:
        blob = self._store.read_bundle(bundle.index)
        if blob is None or blob.width < bundle.width:
            return None
        if blob.width == bundle.width:
            return blob.data
        at = 0
        for _ in range(bundle.width):
            at += 2 + int.from_bytes(blob.data[at : at + 2], "big")
        return blob.data[:at]

    def list_partials(self) -> tuple[Tile | EntryBundle, ...]:
        return ()


def fsck(
    source: LedgerSource, vkey: VKey, *, index: EntryIndex | None = None, check_entry: CheckEntry | None = None
) -> list[Finding]:
    """Check a ledger against its signed checkpoint and return what is wrong; an empty list is a sound ledger.

    `index` is a store's index of entries, `check_entry` looks at what statements refer to. Errors of the source
    (StoreFailed, OSError, DidNotArrive) pass through: they say nothing about the ledger.
    """
    note = source.read_checkpoint()
    if note is None:
        return [Finding("checkpoint", "there is none")]
    try:
        checkpoint = read_checkpoint(note, vkey)
    except (Malformed, DoesNotHold) as error:
        return [Finding("checkpoint", str(error))]
    return _Fsck(source, checkpoint, index, check_entry).run()


def fsck_store(store: IndexedStore, vkey: VKey, *, check_entry: CheckEntry | None = None) -> list[Finding]:
    """Check a store: its ledger, its index, and that what is published is the beginning of what is signed."""
    findings = fsck(StoreSource(store), vkey, index=store, check_entry=check_entry)
    head, published = store.read_head(), store.read_published()
    if head is not None and published is not None:
        try:
            read_checkpoint(published.checkpoint, vkey)
            if published.size > head.size or not check_extends(store, head, published.size, published.root_hash):
                findings.append(Finding("published checkpoint", "it is no earlier state of the signed tree"))
        except (Malformed, DoesNotHold) as error:
            findings.append(Finding("published checkpoint", str(error)))
        except CorruptLedger:
            pass  # the tiles in its way are wrong, and named already
    return findings


def read_checkpoint(note: bytes, vkey: VKey) -> Checkpoint:
    """Parse and verify a checkpoint of exactly this ledger. Raises Malformed, DoesNotHold."""
    parsed = parse_note(note)
    verify_note(parsed, [vkey])
    checkpoint = parse_checkpoint(parsed.text)
    if checkpoint.origin != vkey.name or checkpoint.extensions:
        raise DoesNotHold("wrong_origin", f"The checkpoint is of {checkpoint.origin!r}, not of {vkey.name!r}.")
    return checkpoint


class _Fsck:
    """One run: from the entries upwards, level by level, so that memory holds one hash per 256 entries."""

    def __init__(
        self, source: LedgerSource, checkpoint: Checkpoint, index: EntryIndex | None, check_entry: CheckEntry | None
    ) -> None:
        self._source = source
        self._checkpoint = checkpoint
        self._index = index
        self._check_entry = check_entry
        self._above: dict[int, list[bytes] | None] = {}
        self.findings: list[Finding] = []

    def run(self) -> list[Finding]:
        size = self._checkpoint.size
        edges: list[list[bytes]] = []
        parents: list[bytes] | None = []
        for at in range(-(-size // TILE_WIDTH)):
            hashes = self._check_bundle(at, min(TILE_WIDTH, size - at * TILE_WIDTH))
            if hashes is None:
                parents = None  # the tree above cannot be computed; go on naming what is wrong below
            elif len(hashes) < TILE_WIDTH:
                edges.append(hashes)
            elif parents is not None:
                parents.append(root_from_leaf_hashes(hashes))
        level = 1
        while parents:
            parents = self._check_row(level, parents, edges)
            level += 1
        if parents is not None and _root(edges) != self._checkpoint.root_hash:
            self._find("checkpoint", f"the entries give another root hash than the signed one of {size} entries")
        self._check_partials()
        if self._index is not None and (rows := self._index.count_entries()) != size:
            self._find("index", f"it has {rows} rows for {size} entries")
        return self.findings

    def _find(self, where: str, message: str) -> None:
        self.findings.append(Finding(where, message))

    def _check_bundle(self, at: int, width: int) -> list[bytes] | None:
        """Check one bundle and the tile above it; return the leaf hashes to go on with, None if neither is any use."""
        bundle, tile = EntryBundle(at, width), Tile(0, at, width)
        entries = self._read_entries(bundle)
        from_bundle = None if entries is None else [leaf_hash(entry) for entry in entries]
        from_tile = self._read_hashes(tile)
        if entries is not None:
            self._check_entries(at * TILE_WIDTH, entries)
        if from_bundle is None or from_tile is None:
            return from_bundle if from_bundle is not None else from_tile
        if from_bundle == from_tile:
            return from_bundle
        bundle_fits, tile_fits = self._fits(at, from_bundle), self._fits(at, from_tile)
        if bundle_fits or not tile_fits:
            self._find(tile.path, _difference(from_tile, from_bundle, "what its entry gives"))
        if tile_fits or not bundle_fits:
            where = _first_difference(from_tile, from_bundle)
            self._find(bundle.path, f"entry {where} does not hash to its place in {tile.path}")
        return from_tile if tile_fits and not bundle_fits else from_bundle

    def _fits(self, at: int, hashes: list[bytes]) -> bool:
        """Tell whether these leaf hashes agree with what stands above: the next tile, or the signed root."""
        if len(hashes) == TILE_WIDTH:
            index, position = divmod(at, TILE_WIDTH)
            above = self._row_above(index)
            if above is not None:
                return root_from_leaf_hashes(hashes) == above[position]
        edges = [hashes]
        for tile in right_edge_tiles(self._checkpoint.size)[1:]:
            data = self._source.read_tile(tile)
            if data is None or len(data) != tile.size:
                return False
            edges.append(list(parse_tile(data, width=tile.width)))
        return _root(edges) == self._checkpoint.root_hash

    def _row_above(self, index: int) -> list[bytes] | None:
        if index not in self._above:
            count = self._checkpoint.size // TILE_WIDTH
            tile = Tile(1, index, min(TILE_WIDTH, count - index * TILE_WIDTH))
            data = self._source.read_tile(tile)
            is_whole = data is not None and len(data) == tile.size
            self._above = {index: list(parse_tile(data, width=tile.width)) if data is not None and is_whole else None}
        return self._above[index]

    def _check_row(self, level: int, computed: list[bytes], edges: list[list[bytes]]) -> list[bytes]:
        """Compare the tiles of a level with what the level below gives; return the level above."""
        parents = []
        for start in range(0, len(computed), TILE_WIDTH):
            hashes = computed[start : start + TILE_WIDTH]
            tile = Tile(level, start // TILE_WIDTH, len(hashes))
            stored = self._read_hashes(tile)
            if stored is not None and stored != hashes:
                self._find(tile.path, _difference(stored, hashes, "what the tile below gives"))
            if len(hashes) == TILE_WIDTH:
                parents.append(root_from_leaf_hashes(hashes))
            else:
                edges.append(hashes)
        return parents

    def _read_entries(self, bundle: EntryBundle) -> tuple[bytes, ...] | None:
        data = self._source.read_bundle(bundle)
        if data is None:
            self._find(bundle.path, "it is not there")
            return None
        try:
            return parse_entry_bundle(data, width=bundle.width)
        except Malformed as error:
            self._find(bundle.path, str(error))
            return None

    def _read_hashes(self, tile: Tile) -> list[bytes] | None:
        data = self._source.read_tile(tile)
        if data is None:
            self._find(tile.path, "it is not there")
            return None
        if len(data) != tile.size:
            self._find(tile.path, f"it is {len(data)} bytes long, not {tile.width} × {HASH_SIZE}")
            return None
        return list(parse_tile(data, width=tile.width))

    def _check_entries(self, first: int, entries: Sequence[bytes]) -> None:
        if self._index is not None:
            digests = [sha256(entry).digest() for entry in entries]
            found = self._index.find_entries(digests)
            for at, digest in enumerate(digests):
                if digest not in found:
                    self._find(f"index row {first + at}", "the entry's digest is not in the index")
                elif found[digest] != first + at:
                    self._find(f"index row {first + at}", f"the index says {found[digest]}")
        if self._check_entry is not None:
            for at, entry in enumerate(entries):
                self.findings += self._check_entry(first + at, entry)

    def _check_partials(self) -> None:
        """Every narrower form that is still kept must be the beginning of the one that was checked above."""
        for place in self._source.list_partials():
            level = place.level if isinstance(place, Tile) else 0
            count = self._checkpoint.size >> (8 * level)
            width = min(TILE_WIDTH, count - place.index * TILE_WIDTH)
            if width <= place.width:
                continue  # checked above, or of a tree that is not public yet
            if isinstance(place, Tile):
                data, whole = self._source.read_tile(place), self._source.read_tile(Tile(level, place.index, width))
            else:
                data, whole = self._source.read_bundle(place), self._source.read_bundle(EntryBundle(place.index, width))
            if whole is not None and (data is None or not _is_beginning(place, data, whole)):
                self._find(place.path, f"it is not the beginning of the form of width {width}")


def _is_beginning(place: Tile | EntryBundle, data: bytes, whole: bytes) -> bool:
    if isinstance(place, Tile):
        return data == whole[: place.size]
    try:
        parse_entry_bundle(data, width=place.width)
    except Malformed:
        return False
    return whole.startswith(data)


def _first_difference(left: Sequence[bytes], right: Sequence[bytes]) -> int:
    return next(at for at, (a, b) in enumerate(zip(left, right, strict=True)) if a != b)


def _difference(stored: Sequence[bytes], expected: Sequence[bytes], what: str) -> str:
    where = [at for at, (a, b) in enumerate(zip(stored, expected, strict=True)) if a != b]
    more = f", and {len(where) - 1} more" if len(where) > 1 else ""
    return f"hash {where[0]} differs from {what}{more}"


def _root(edges: Sequence[list[bytes]]) -> bytes:
    """Fold partial tiles, lowest level first; what is below stands at the right of each as one more node."""
    value: bytes | None = None
    for hashes in edges:
        value = root_from_leaf_hashes(hashes if value is None else [*hashes, value])
    return root_from_leaf_hashes([]) if value is None else value
