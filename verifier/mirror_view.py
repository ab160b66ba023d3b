# SPDX-License-Identifier: Apache-2.0
"""What a mirror vouches for at one moment: one verified tree, its fold, and evidence for each code out of its own file.

An `EvidenceSource`. Everything that it hands on goes through `verify()` like a stranger's.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field

from verifier.evidence import BatchEvidence, Evidence, ItemPath, ItemTile, item_path_of
from verifier.facts import BatchRecord, ProductRecord
from verifier.ledger_client import LedgerView
from verifier.mirror_store import MirrorStore
from verifier.protocol.errors import DidNotArrive
from verifier.protocol.merkle import inclusion_proof, root_from_leaf_hashes
from verifier.protocol.policy import VerifiedCheckpoint
from verifier.protocol.product_code import ProductCode
from verifier.protocol.tile import TILE_WIDTH
from verifier.snapshot import Snapshot
from verifier.verify import Trust

_CACHED_TILES = 4096  # 8 KiB each: at most 32 MiB
_CACHED_BATCHES = 256


class ItemShelf:
    """Item tiles with their paths, as evidence. Shared by all views: a batch's item tree never changes."""

    def __init__(self, store: MirrorStore) -> None:
        self._store = store
        self._tiles: OrderedDict[tuple[str, int, int], ItemTile] = OrderedDict()
        self._roots: OrderedDict[tuple[str, int], tuple[bytes, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get_tile(self, issuer: str, batch: int, index: int) -> ItemTile:
        """One tile and its path to the item root. Raises DidNotArrive while the batch is not here."""
        key = (issuer, batch, index)
        tile = self._tiles.get(key)
        if tile is not None:
            return tile
        roots = self._get_roots(issuer, batch)
        data = self._store.read_items(*key)
        if data is None:
            raise DidNotArrive("items_not_uploaded", "an item tile of this batch is missing")
        path = inclusion_proof(index, len(roots), lambda lo, hi: root_from_leaf_hashes(roots[lo:hi]))
        with self._lock:
            tile = self._tiles.setdefault(key, ItemTile(index, data, path))
            while len(self._tiles) > _CACHED_TILES:
                self._tiles.popitem(last=False)
        return tile

    def _get_roots(self, issuer: str, batch: int) -> tuple[bytes, ...]:
        known = self._roots.get((issuer, batch))
        if known is not None:
            return known
        found = self._store.read_roots(issuer, batch)
        if found is None:
            raise DidNotArrive("items_not_uploaded", "the item hashes of this batch have not arrived yet")
        with self._lock:
            known = self._roots.setdefault((issuer, batch), found)
            while len(self._roots) > _CACHED_BATCHES:
                self._roots.popitem(last=False)
        return known


@dataclass(frozen=True, slots=True, eq=False)
class MirrorView:
    """Safe to read from many threads. The mappings are the fold's and may grow meanwhile: indices say what counts.

    `snapshot_note` is the newest signed snapshot. `trust.snapshot` is the fold's own, at this very tree, with the dates
    of the signed one: a recall counts as soon as it is in the ledger, and nothing is good for longer than was signed.
    """

    ledger: LedgerView  # over the mirror's own file, held against the signed root
    trust: Trust
    snapshot: Snapshot
    snapshot_note: bytes
    batches: Mapping[tuple[str, int], BatchRecord]
    batches_of_gtin: Mapping[str, list[BatchRecord]]
    products: Mapping[str, ProductRecord]
    shelf: ItemShelf
    _evidence: dict[tuple[str, int], BatchEvidence] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def checkpoint(self) -> VerifiedCheckpoint:
        return self.ledger.checkpoint

    def find_batch(self, issuer: str, batch: int) -> BatchRecord | None:
        """A batch of this tree that counts."""
        record = self.batches.get((issuer, batch))
        return None if record is None or record.index >= self.checkpoint.size else record

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        """Evidence by the tile, for those who check many codes. Raises DidNotArrive, and whatever the file's damage
        gives: `verify()` turns each into "cannot tell"."""
        record = self._find_record(code, issuer_id)
        if record is None:
            return None
        tile = self.shelf.get_tile(issuer_id, code.seal.batch, code.seal.seq // TILE_WIDTH)
        return Evidence(self.checkpoint.note, self._batch_evidence(issuer_id, record), tile)

    def find_proof(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        """The same for somebody far away: the path of one item."""
        record = self._find_record(code, issuer_id)
        if record is None:
            return None
        seq = code.seal.seq
        path: ItemPath = item_path_of(self.shelf.get_tile(issuer_id, code.seal.batch, seq // TILE_WIDTH), seq)
        return Evidence(self.checkpoint.note, self._batch_evidence(issuer_id, record), path)

    def prove_entry(self, index: int) -> tuple[bytes, tuple[bytes, ...]]:
        """An entry with its inclusion proof."""
        with self._lock:  # the tree keeps the tiles that it has read
            (entry,) = self.ledger.fetch_entries(index, index + 1)
            return entry, self.ledger.tree.inclusion_proof(index)

    def _find_record(self, code: ProductCode, issuer_id: str) -> BatchRecord | None:
        record = self.find_batch(issuer_id, code.seal.batch)
        return None if record is None or code.seal.seq >= record.statement.count else record

    def _batch_evidence(self, issuer_id: str, record: BatchRecord) -> BatchEvidence:
        key = (issuer_id, record.statement.batch)
        known = self._evidence.get(key)
        if known is None:
            entry, path = self.prove_entry(record.index)
            known = self._evidence.setdefault(key, BatchEvidence(entry, record.index, path))
        return known
