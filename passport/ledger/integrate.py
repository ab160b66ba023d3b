# SPDX-License-Identifier: Apache-2.0
"""From a head and new entries to the next signed head, and back: what is read is hashed before it is believed.

RFC 6962, section 2.1; C2SP tlog-tiles. No threads and no state here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from passport.domain.ledger_values import CorruptLedger, Head, IntegratedBatch, StoredBlob
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import EMPTY_ROOT, leaf_hash, root_from_leaf_hashes
from verifier.protocol.note import parse_note, verify_note
from verifier.protocol.tile import (
    TILE_WIDTH,
    EntryBundle,
    Tile,
    TileTree,
    encode_entry_bundle,
    new_tiles,
    parse_entry_bundle,
    right_edge_tiles,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from passport.ledger.ports import CheckpointSigner, LedgerStore
    from verifier.protocol.note import VKey


@dataclass(frozen=True, slots=True)
class Edge:
    """The right edge of a tree, read back from the store and found to hash to the signed root.

    `tiles` are the partial tiles; `bundle` is the encoded partial entry bundle, b"" if the last one is full.
    """

    tiles: dict[Tile, bytes]
    bundle: bytes


def check_head(head: Head, vkey: VKey) -> None:
    """Check that a stored head is what this ledger signed. Raises CorruptLedger."""
    try:
        note = parse_note(head.checkpoint)
        verify_note(note, [vkey])
        checkpoint = parse_checkpoint(note.text)
    except (Malformed, DoesNotHold) as error:
        raise CorruptLedger("bad_checkpoint", f"The stored checkpoint is not what this key signed: {error}") from error
    if checkpoint != Checkpoint(vkey.name, head.size, head.root_hash):
        raise CorruptLedger("bad_checkpoint", "The stored checkpoint speaks of another tree than the stored head.")


def stored_tree(store: LedgerStore, head: Head) -> TileTree:
    """Read the tree of `head` from the store; every tile is checked against the signed root before it is used."""
    return TileTree(head.size, lambda tile: read_tile(store, tile), root_hash=head.root_hash)


def read_tile(store: LedgerStore, tile: Tile) -> bytes:
    """Read a tile at exactly its width. Raises CorruptLedger if the store does not have it."""
    blob = store.read_tile(tile.level, tile.index)
    if blob is None or blob.width < tile.width or len(blob.data) < tile.size:
        raise CorruptLedger("missing_blob", f"{tile.path} is not in the store.")
    return blob.data[: tile.size]


def read_bundle(store: LedgerStore, bundle: EntryBundle) -> bytes:
    """Read an entry bundle at exactly its width. Raises CorruptLedger if the store does not have it."""
    blob = store.read_bundle(bundle.index)
    data = None if blob is None or blob.width < bundle.width else _bundle_prefix(blob.data, bundle.width)
    if data is None:
        raise CorruptLedger("missing_blob", f"{bundle.path} is not in the store.")
    return data


def _bundle_prefix(data: bytes, width: int) -> bytes | None:
    """Cut the first `width` entries off a bundle; None if it is too short."""
    at = 0
    for _ in range(width):
        at += 2 + int.from_bytes(data[at : at + 2], "big")
    return data[:at] if at <= len(data) else None


def read_edge(store: LedgerStore, head: Head) -> Edge:
    """Read the right edge back: at most one tile per level and the partial bundle. Raises CorruptLedger.

    This comes before every signature. A bit that flipped in the store, or in our memory on the way to it, would
    otherwise be signed over, and no later tree could be consistent with both.
    """
    edge = Edge({tile: read_tile(store, tile) for tile in right_edge_tiles(head.size)}, _read_last_bundle(store, head))
    _, root = new_tiles(head.size, (), edge.tiles.__getitem__)
    if root != head.root_hash:
        raise CorruptLedger("bad_edge", f"The last tiles of the tree of {head.size} do not give the signed root.")
    width = head.size % TILE_WIDTH
    if width:
        hashes = b"".join(map(leaf_hash, _parse_bundle(edge.bundle, EntryBundle(head.size // TILE_WIDTH, width))))
        if hashes != edge.tiles[Tile(0, head.size // TILE_WIDTH, width)]:
            raise CorruptLedger("bad_edge", "The last entry bundle does not hash to the tile above it.")
    return edge


def _read_last_bundle(store: LedgerStore, head: Head) -> bytes:
    index, width = divmod(head.size, TILE_WIDTH)
    return read_bundle(store, EntryBundle(index, width)) if width else b""


def _parse_bundle(data: bytes, bundle: EntryBundle) -> tuple[bytes, ...]:
    try:
        return parse_entry_bundle(data, width=bundle.width)
    except Malformed as error:
        raise CorruptLedger("bad_bundle", f"{bundle.path}: {error}") from error


def integrate(head: Head, edge: Edge, fresh: Mapping[bytes, bytes], signer: CheckpointSigner) -> IntegratedBatch:
    """Append entries (by their SHA-256, in order) and sign the new tree.

    The tree does not depend on how entries were cut into batches.
    """
    entries = list(fresh.values())
    tiles, root = new_tiles(head.size, [leaf_hash(entry) for entry in entries], edge.tiles.__getitem__)
    size = head.size + len(entries)
    note = signer.sign_checkpoint(Checkpoint(signer.vkey.name, size, root))
    return IntegratedBatch(
        expected=head,
        new=Head(size, root, note),
        tiles={(tile.level, tile.index): StoredBlob(tile.width, data) for tile, data in tiles.items()},
        bundles=_new_bundles(head.size, edge.bundle, entries),
        entries=[(head.size + at, digest) for at, digest in enumerate(fresh)],
    )


def _new_bundles(size: int, partial: bytes, entries: Sequence[bytes]) -> dict[int, StoredBlob]:
    bundles: dict[int, StoredBlob] = {}
    at = 0
    while at < len(entries):
        index, width = divmod(size + at, TILE_WIDTH)
        chunk = entries[at : at + TILE_WIDTH - width]
        data = (partial if width else b"") + encode_entry_bundle(chunk)
        bundles[index] = StoredBlob(width + len(chunk), data)
        at += len(chunk)
    return bundles


def empty_batch(signer: CheckpointSigner) -> IntegratedBatch:
    """The first head of a new ledger: the signed tree of nothing."""
    note = signer.sign_checkpoint(Checkpoint(signer.vkey.name, 0, EMPTY_ROOT))
    return IntegratedBatch(expected=None, new=Head(0, EMPTY_ROOT, note), tiles={}, bundles={}, entries=())


def read_entries(store: LedgerStore, head: Head, start: int) -> Iterator[tuple[int, bytes]]:
    """Read (index, entry) from `start` on, each bundle hashed against the signed tree. Raises CorruptLedger."""
    tree = stored_tree(store, head)
    for index in range(start // TILE_WIDTH, -(-head.size // TILE_WIDTH)):
        first = index * TILE_WIDTH
        bundle = EntryBundle(index, min(TILE_WIDTH, head.size - first))
        entries = _parse_bundle(read_bundle(store, bundle), bundle)
        hashes = [leaf_hash(entry) for entry in entries]
        try:
            if bundle.width == TILE_WIDTH:
                is_right = root_from_leaf_hashes(hashes) == tree.subtree_hash(first, first + TILE_WIDTH)
            else:
                is_right = all(value == tree.leaf_hash(first + at) for at, value in enumerate(hashes))
        except (Malformed, DoesNotHold) as error:
            raise CorruptLedger("bad_tile", str(error)) from error
        if not is_right:
            raise CorruptLedger("bad_bundle", f"{bundle.path} does not hash to the signed tree.")
        for at in range(max(start - first, 0), len(entries)):
            yield first + at, entries[at]


def check_extends(store: LedgerStore, head: Head, size: int, root_hash: bytes) -> bool:
    """Tell whether the stored tree of `head` begins with the tree (size, root_hash), size ≤ head.size."""
    try:
        return stored_tree(store, head).subtree_hash(0, size) == root_hash
    except (Malformed, DoesNotHold) as error:
        raise CorruptLedger("bad_tile", str(error)) from error
