# SPDX-License-Identifier: Apache-2.0
"""What the public is shown: one immutable view per published checkpoint, with its snapshot and the evidence behind it.

The view is folded from the published entries alone, as an auditor would, and not from what the sequencer has in its
head.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from passport.domain.ledger_values import CorruptLedger, Head, LedgerError
from passport.services.ports import AppendableLedger, Clock, ItemStore, PublishedLedger
from passport.signing import Signer, sign_note
from verifier.evidence import BatchEvidence, Evidence, ItemPath, ItemTile, item_path_of
from verifier.facts import (
    BatchRecord,
    CertificateRecord,
    DossierRecord,
    InspectionRecord,
    NumberedName,
    ProductRecord,
    find_next_batch,
)
from verifier.fold import LedgerState
from verifier.protocol.errors import DidNotArrive
from verifier.protocol.merkle import inclusion_proof, root_from_leaf_hashes
from verifier.protocol.note import VKey
from verifier.protocol.policy import TlogPolicy
from verifier.protocol.product_code import ProductCode
from verifier.protocol.tile import TILE_WIDTH, Tile, TileTree, parse_entry_bundle
from verifier.snapshot import Snapshot, make_shard, make_snapshot, snapshot_text
from verifier.verify import Trust

LOG = logging.getLogger(__name__)
_HASH = 32
_CACHED_TILES = 4096  # 8 KiB each: at most 32 MiB
_CACHED_BATCHES = 256


def read_entries(store: PublishedLedger, start: int, end: int) -> Iterator[bytes]:
    """The entries start … end-1. Raises CorruptLedger when a bundle is missing or short."""
    for bundle_index in range(start // TILE_WIDTH, -(-end // TILE_WIDTH)):
        blob = store.read_bundle(bundle_index)
        first = bundle_index * TILE_WIDTH
        needed = min(end - first, TILE_WIDTH)
        if blob is None or blob.width < needed:
            raise CorruptLedger("bundle_missing", f"entry bundle {bundle_index} has fewer than {needed} entries")
        yield from parse_entry_bundle(blob.data, width=blob.width)[max(start - first, 0) : needed]


class ItemTiles:
    """Item hashes with their paths, as evidence. Shared by all views: a batch's item tree never changes."""

    def __init__(self, items: ItemStore) -> None:
        self._items = items
        self._tiles: OrderedDict[tuple[str, int, int], ItemTile] = OrderedDict()
        self._roots: OrderedDict[tuple[str, int], tuple[bytes, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get_tile(self, issuer: str, record: BatchRecord, tile_index: int) -> ItemTile:
        """One tile and its path. Raises DidNotArrive while the maker has not uploaded all item hashes."""
        key = (issuer, record.statement.batch, tile_index)
        tile = self._tiles.get(key)
        if tile is not None:
            return tile
        roots = self._get_roots(issuer, record)
        data = self._items.read_tile(*key)
        if data is None:
            raise DidNotArrive("items_not_uploaded", "an item tile of this batch is missing")
        path = inclusion_proof(tile_index, len(roots), lambda lo, hi: root_from_leaf_hashes(roots[lo:hi]))
        with self._lock:
            tile = self._tiles.setdefault(key, ItemTile(tile_index, data, path))
            while len(self._tiles) > _CACHED_TILES:
                self._tiles.popitem(last=False)
        return tile

    def get_path(self, issuer: str, record: BatchRecord, seq: int) -> ItemPath:
        """One item's hash and its whole path: inside its tile, then from the tile to the item root."""
        return item_path_of(self.get_tile(issuer, record, seq // TILE_WIDTH), seq)

    def _get_roots(self, issuer: str, record: BatchRecord) -> tuple[bytes, ...]:
        key = (issuer, record.statement.batch)
        roots = self._roots.get(key)
        if roots is not None:
            return roots
        if not self._items.is_complete(*key):
            raise DidNotArrive("items_not_uploaded", "the maker has not uploaded the item hashes of this batch yet")
        found = self._items.read_subtree_roots(*key)
        with self._lock:
            roots = self._roots.setdefault(key, found)
            while len(self._roots) > _CACHED_BATCHES:
                self._roots.popitem(last=False)
        return roots


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One published tree and everything that is said of it. Safe to read from many threads.

    The mappings are those of the fold; they may grow while the view is in use, so a reader compares an index with
    `size`.
    """

    head: Head
    trust: Trust
    snapshot: Snapshot
    batches: Mapping[tuple[str, int], BatchRecord]
    batches_of_gtin: Mapping[str, list[BatchRecord]]
    products: Mapping[str, ProductRecord]
    certificates: Mapping[tuple[str, str], CertificateRecord]
    inspections: Mapping[str, InspectionRecord]
    inspections_of_gtin: Mapping[str, Sequence[str]]
    dossiers: Mapping[tuple[str, str], DossierRecord]
    next_revisions: Mapping[NumberedName, int]
    next_batches: Mapping[str, int]
    used_batches: Set[tuple[str, int]]
    status_vkey: VKey | None
    store: PublishedLedger
    items: ItemTiles
    tree: TileTree
    _evidence: dict[tuple[str, int], BatchEvidence] = field(default_factory=dict, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def next_batch(self, issuer: str) -> int:
        """A batch number that the issuer has not used; see `LedgerState.next_batch`."""
        return find_next_batch(issuer, self.next_batches, self.used_batches)

    def find_batch(self, issuer: str, batch: int) -> BatchRecord | None:
        record = self.batches.get((issuer, batch))
        return None if record is None or record.index >= self.head.size else record

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        """Implements EvidenceSource for those who check many codes: evidence by the tile. Raises DidNotArrive."""
        record = self._find_record(code, issuer_id)
        if record is None:
            return None
        try:
            tile = self.items.get_tile(issuer_id, record, code.seal.seq // TILE_WIDTH)
            return Evidence(self.head.checkpoint, self._batch_evidence(issuer_id, record), tile)
        except LedgerError as error:  # one code that cannot be told must not spoil a thousand others
            raise DidNotArrive("ledger_unavailable", f"the stored ledger cannot be read: {error}") from error

    def find_proof(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        """The same evidence for somebody far away: the path of one item."""
        record = self._find_record(code, issuer_id)
        if record is None:
            return None
        path = self.items.get_path(issuer_id, record, code.seal.seq)
        return Evidence(self.head.checkpoint, self._batch_evidence(issuer_id, record), path)

    def prove_entry(self, index: int) -> tuple[bytes, ...]:
        """The inclusion proof of an entry under the head."""
        with self._lock:  # the tree caches the tiles that it has read
            return self.tree.inclusion_proof(index)

    def _find_record(self, code: ProductCode, issuer_id: str) -> BatchRecord | None:
        record = self.find_batch(issuer_id, code.seal.batch)
        return None if record is None or code.seal.seq >= record.statement.count else record

    def _batch_evidence(self, issuer_id: str, record: BatchRecord) -> BatchEvidence:
        key = (issuer_id, record.statement.batch)
        known = self._evidence.get(key)
        if known is None:
            with self._lock:  # the tree caches the tiles that it has read
                (entry,) = read_entries(self.store, record.index, record.index + 1)
                made = BatchEvidence(entry, record.index, self.tree.inclusion_proof(record.index))
                known = self._evidence.setdefault(key, made)
        return known


@dataclass(frozen=True, slots=True)
class SnapshotPlan:
    """Who signs snapshots, how long one is good for, and how often a new one is signed while nothing happens."""

    signer: Signer
    lifetime: timedelta = timedelta(hours=24)
    refresh: timedelta = timedelta(seconds=60)


class Views:
    """Keeps the current view: follows what the ledger publishes, signs snapshots, wakes those who wait for a change."""

    def __init__(
        self,
        store: PublishedLedger,
        items: ItemStore,
        *,
        policy: TlogPolicy,
        origin: str,
        clock: Clock,
        plan: SnapshotPlan,
    ) -> None:
        self._store = store
        self._items = ItemTiles(items)
        self._policy = policy
        self._state = LedgerState(origin)
        self._clock = clock
        self.plan = plan
        self._current: View | None = None
        self._notes: dict[str | None, bytes] = {}
        self._changes = 0
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> View | None:
        return self._current

    def change_count(self) -> int:
        return self._changes

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._changes > since, timeout_seconds)
            return self._changes

    def wait_for_size(self, size: int, timeout_seconds: float) -> bool:
        """Wait until the view holds at least `size` entries."""
        with self._changed:
            return self._changed.wait_for(
                lambda: self._current is not None and self._current.head.size >= size, timeout_seconds
            )

    def follow(self, ledger: AppendableLedger) -> None:
        """Starts the thread that keeps the view current until `stop`."""
        self._thread = threading.Thread(target=self._run, args=(ledger,), name="views", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def refresh(self) -> None:
        """Folds what has been published since, and signs a new snapshot."""
        head = self._store.read_published()
        if head is None:
            return
        state = self._state
        for index, entry in enumerate(read_entries(self._store, state.size, head.size), start=state.size):
            state.read(index, entry)
        as_of_at = self._clock().replace(microsecond=0)
        snapshot = make_snapshot(
            state, root_hash=head.root_hash, as_of_at=as_of_at, next_update_at=as_of_at + self.plan.lifetime
        )
        view = View(
            head=head,
            trust=Trust(self._policy, snapshot),
            snapshot=snapshot,
            batches=state.batches,
            batches_of_gtin=state.batches_of_gtin,
            products=state.products,
            certificates=state.certificates,
            inspections=state.inspections,
            inspections_of_gtin=state.inspections_of_gtin,
            dossiers=state.dossiers,
            next_revisions=state.next_revisions,
            next_batches=state.next_batches,
            used_batches=state.used_batches,
            status_vkey=None if state.registry is None else state.registry.status_vkey,
            store=self._store,
            items=self._items,
            tree=TileTree(head.size, self._read_tile),
        )
        notes: dict[str | None, bytes] = {None: self._sign(snapshot)}
        with self._changed:
            self._current, self._notes = view, notes
            self._changes += 1
            self._changed.notify_all()

    def snapshot_note(self, shard: str | None) -> bytes | None:
        """The signed snapshot, whole or one issuer's shard. None: no such issuer, or nothing is published yet."""
        notes, view = self._notes, self._current  # in this order: an old view's shard must not enter the new notes
        if view is None:
            return None
        if shard not in notes:
            try:
                notes[shard] = self._sign(make_shard(view.snapshot, str(shard)))
            except KeyError:
                return None
        return notes[shard]

    def sign_view(self, view: View, shard: str | None) -> bytes:
        """The snapshot of one view, which need not be the current one any more. Raises KeyError for no such issuer."""
        if view is self._current:
            note = self.snapshot_note(shard)
            if note is not None and view is self._current:
                return note
        return self._sign(view.snapshot if shard is None else make_shard(view.snapshot, shard))

    def _sign(self, snapshot: Snapshot) -> bytes:
        return sign_note(snapshot_text(snapshot), f"{snapshot.origin}/status", self.plan.signer)

    def _read_tile(self, tile: Tile) -> bytes:
        blob = self._store.read_tile(tile.level, tile.index)
        if blob is None or blob.width < tile.width:
            raise CorruptLedger("tile_missing", f"{tile.path} is not stored")
        return blob.data[: _HASH * tile.width]

    def _run(self, ledger: AppendableLedger) -> None:
        while not self._stopping.is_set():
            count = ledger.publication_count
            try:
                self.refresh()
            except Exception:
                # The old view stands until its snapshot expires; then every verdict says "cannot tell".
                LOG.exception("the view could not be refreshed")
                self._stopping.wait(1.0)
            wanted = 1 if self._current is None else self._current.head.size + 1
            deadline: datetime = self._clock() + self.plan.refresh
            while not self._stopping.is_set() and self._clock() < deadline:
                if ledger.wait_published(wanted, 0.25) or ledger.publication_count != count:
                    break  # a larger tree, or the same one with newer cosignatures
                if ledger.fatal_error is not None:
                    self._stopping.wait(1.0)
