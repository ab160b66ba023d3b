# SPDX-License-Identifier: Apache-2.0
"""rebuild: fill an empty store from a ledger's public tiles, believing nothing but the ledger's own key.

C2SP tlog-tiles, tlog-checkpoint. What was acknowledged but never published is not in public tiles and is not restored.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from passport.domain.ledger_values import BelowHighWater, Head, IntegratedBatch, NotEmpty, StoredBlob
from passport.ledger.fsck import read_checkpoint
from passport.ledger.high_water import Mark
from passport.ledger.integrate import check_extends
from verifier.protocol.errors import DidNotArrive, DoesNotHold
from verifier.protocol.merkle import EMPTY_ROOT, leaf_hash
from verifier.protocol.tile import (
    EntryBundle,
    Tile,
    entry_bundles_for_size,
    new_tiles,
    parse_entry_bundle,
    right_edge_tiles,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passport.ledger.high_water import HighWater
    from passport.ledger.ports import LedgerSource, RestorableStore
    from verifier.protocol.note import VKey

_BUNDLES_PER_STAGE: Final = 16


def rebuild(source: LedgerSource, store: RestorableStore, vkey: VKey, high_water: HighWater) -> Head:
    """Restore the ledger that `source` publishes into `store` and return its head.

    Raises NotEmpty if the store has a ledger; BelowHighWater if the source knows less than this ledger has signed, or
    something else; Malformed, DoesNotHold("wrong_root"), DidNotArrive if the source is damaged or incomplete. In each
    case the store has no head afterwards, and the rebuild can be run again.
    """
    if store.read_head() is not None:
        raise NotEmpty("not_empty", "The store has a ledger already.", "Rebuild into a new data directory or database.")
    note = source.read_checkpoint()
    if note is None:
        raise DidNotArrive("missing_checkpoint", "The source has no checkpoint.")
    checkpoint = read_checkpoint(note, vkey)
    head = Head(checkpoint.size, checkpoint.root_hash, note)
    mark = high_water.read()
    if mark is not None and mark.size > head.size:
        raise BelowHighWater(
            "below_high_water",
            f"The source has {head.size} entries, but this ledger has signed a tree of {mark.size}.",
            "Find a mirror that has them all; the entries beyond the source's are lost otherwise.",
        )
    # Left over from a rebuild that did not finish: without a head nothing in the store counts.
    store.discard_staged()
    try:
        _stage_all(source, store, head)
        if mark is not None and not check_extends(store, head, mark.size, mark.root_hash):
            raise BelowHighWater(
                "other_history",
                f"The source does not begin with the tree of {mark.size} entries that this ledger has signed.",
                "It shows another history under the same key: keep it as evidence, and use another source.",
            )
    except BaseException:
        store.discard_staged()
        raise
    if mark is None or mark.size < head.size:
        # Crash after this write: a mark, and a store without a head. The start refuses, the rebuild can be run again.
        high_water.raise_to(Mark(head.size, head.root_hash))
    # Crash after this write: the ledger is there; it was public already, and the start says so again.
    store.commit(IntegratedBatch(expected=None, new=head, tiles={}, bundles={}, entries=()))
    store.write_published(head)
    return head


def _stage_all(source: LedgerSource, store: RestorableStore, head: Head) -> None:
    """Write every blob and index row; raise DoesNotHold unless they hash to the signed root."""
    size, root = 0, EMPTY_ROOT
    edge: dict[Tile, bytes] = {}
    bundles = entry_bundles_for_size(head.size)
    for start in range(0, len(bundles), _BUNDLES_PER_STAGE):
        part = bundles[start : start + _BUNDLES_PER_STAGE]
        blobs = {bundle.index: _read(source, bundle) for bundle in part}
        entries = [entry for bundle in part for entry in parse_entry_bundle(blobs[bundle.index], width=bundle.width)]
        tiles, root = new_tiles(size, [leaf_hash(entry) for entry in entries], edge.__getitem__)
        store.stage(
            IntegratedBatch(
                expected=None,
                new=head,
                tiles={(tile.level, tile.index): StoredBlob(tile.width, data) for tile, data in tiles.items()},
                bundles={bundle.index: StoredBlob(bundle.width, blobs[bundle.index]) for bundle in part},
                entries=_index_rows(size, entries),
            )
        )
        size += len(entries)
        known = edge | tiles
        edge = {tile: known[tile] for tile in right_edge_tiles(size)}
    if root != head.root_hash or size != head.size:
        raise DoesNotHold("wrong_root", f"The entries do not give the signed root hash of {head.size} entries.")


def _index_rows(size: int, entries: Sequence[bytes]) -> list[tuple[int, bytes]]:
    return [(size + at, sha256(entry).digest()) for at, entry in enumerate(entries)]


def _read(source: LedgerSource, bundle: EntryBundle) -> bytes:
    data = source.read_bundle(bundle)
    if data is None:
        raise DidNotArrive("missing_blob", f"The source has no {bundle.path}.")
    return data
