# SPDX-License-Identifier: Apache-2.0
"""What a mirror fetches beside the tree: item hashes of each batch, passports, and the shards that phones ask for.

It works through them one after another and never holds the tree up. Everything is verified against the view: item
hashes by the logged root, passports by their digest, shards by the recomputed snapshot.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from verifier.facts import BatchRecord
from verifier.fetch import Fetcher, NotFound
from verifier.ledger_client import LedgerClient
from verifier.mirror import Mirror
from verifier.mirror_store import MirrorStore
from verifier.mirror_view import MirrorView
from verifier.passport_document import MAX_DOCUMENT_SIZE
from verifier.protocol.errors import DoesNotHold, VerifierError
from verifier.protocol.merkle import HASH_SIZE, root_from_leaf_hashes
from verifier.protocol.tile import TILE_WIDTH
from verifier.snapshot import Snapshot, parse_snapshot
from verifier.snapshot_check import check_equal

TILE_SIZE = TILE_WIDTH * HASH_SIZE
MAX_SHARDS = 64  # of the issuers that were asked for last: each is signed anew with every growth
_TILES_AT_ONCE = 64  # between two writes
_FIRST_WAIT_SECONDS = 1.0
_LONGEST_WAIT_SECONDS = 60.0

BatchKey = tuple[str, int]


@dataclass(slots=True)
class _Patience:
    """When to ask again for what could not be had."""

    not_before: float = 0.0
    wait_seconds: float = _FIRST_WAIT_SECONDS

    def fail(self) -> None:
        self.not_before = time.monotonic() + self.wait_seconds
        self.wait_seconds = min(2 * self.wait_seconds, _LONGEST_WAIT_SECONDS)


@dataclass(slots=True)
class _ItemWriter:
    """Cuts a body that arrives in pieces into tiles, keeps them, and remembers their roots."""

    store: MirrorStore
    key: BatchKey
    roots: list[bytes] = field(default_factory=list)
    _rest: bytes = b""
    _tiles: list[tuple[int, bytes]] = field(default_factory=list)

    def take(self, piece: bytes) -> None:
        data = self._rest + piece
        whole = len(data) - len(data) % TILE_SIZE
        for at in range(0, whole, TILE_SIZE):
            self._keep(data[at : at + TILE_SIZE])
        self._rest = data[whole:]

    def finish(self) -> None:
        if self._rest:
            self._keep(self._rest)
            self._rest = b""
        self._flush()

    def _keep(self, tile: bytes) -> None:
        self._tiles.append((len(self.roots), tile))
        self.roots.append(root_from_leaf_hashes(tile[at : at + HASH_SIZE] for at in range(0, len(tile), HASH_SIZE)))
        if len(self._tiles) >= _TILES_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self.store.write_items(*self.key, self._tiles)
        self._tiles = []


class Filler:
    """`step` is for one thread; `want_shard`, `find_shard`, `missing` and `faults` for any.

    `fetcher` may take long for one batch: give it a longer time than the one that follows the tree.
    """

    def __init__(self, client: LedgerClient, fetcher: Fetcher, store: MirrorStore, mirror: Mirror) -> None:
        self._client = client
        self._fetcher = fetcher
        self._store = store
        self._mirror = mirror
        self._complete = store.list_batches()
        self._documents = store.list_documents()
        self._shards: dict[str, tuple[bytes, Snapshot | None]] = {
            issuer: (note, None) for issuer, note in store.list_shards().items()
        }
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()
        self._patience: dict[object, _Patience] = {}
        self.faults: dict[BatchKey, VerifierError] = {}  # of batches, the last word on each

    def missing(self, view: MirrorView) -> list[BatchKey]:
        """The batches whose item hashes are not here."""
        return [key for key, record in list(view.batches.items()) if self._is_missing(key, record, view)]

    def _is_missing(self, key: BatchKey, record: BatchRecord, view: MirrorView) -> bool:
        return key not in self._complete and record.index < view.checkpoint.size

    def step(self, is_ended: Callable[[], bool]) -> float | None:
        """Fetch all that is due; how many seconds until something is due again, None if nothing is missing."""
        for key, work in self._due():
            if is_ended():
                return None
            try:
                work()
            except VerifierError as error:
                self._patience.setdefault(key, _Patience()).fail()
                if isinstance(key, tuple):
                    self.faults[key] = error
            else:
                self._patience.pop(key, None)
                if isinstance(key, tuple):
                    self.faults.pop(key, None)
        waits = [patience.not_before - time.monotonic() for patience in self._patience.values()]
        return max(min(waits), 0.05) if waits else None

    def _due(self) -> Iterator[tuple[object, Callable[[], None]]]:
        view = self._mirror.view
        if view is None:
            return
        now = time.monotonic()

        def is_due(key: object) -> bool:
            return key not in self._patience or self._patience[key].not_before <= now

        for issuer in self._stale_shards(view):
            if is_due(issuer):
                yield issuer, partial(self._fetch_shard, view, issuer)
        for key in self.missing(view):
            if is_due(key):
                yield key, partial(self._fetch_items, key, view.batches[key])
        for product in list(view.products.values()):
            if product.digest not in self._documents and is_due(product.digest):
                yield product.digest, partial(self._fetch_document, product.digest)

    # Items

    def _fetch_items(self, key: BatchKey, record: BatchRecord) -> None:
        """All item hashes of a batch, as they come; believed when they give the logged root."""
        issuer, batch = key
        statement = record.statement
        writer = _ItemWriter(self._store, key)
        url = f"{self._client.registry_url}/api/v1/batches/{issuer}/{batch}/items"
        size = self._fetcher.fetch_pieces(url, writer.take, max_size=statement.count * HASH_SIZE)
        writer.finish()
        if size != statement.count * HASH_SIZE or root_from_leaf_hashes(writer.roots) != statement.item_root:
            raise DoesNotHold("item_root_differs", f"The item hashes of {issuer}/{batch} do not give the logged root.")
        self._store.finish_batch(issuer, batch, b"".join(writer.roots))
        self._complete.add(key)

    # Passports

    def _fetch_document(self, digest: str) -> None:
        url = f"{self._client.registry_url}/documents/{digest}"
        data = self._fetcher.fetch(url, max_size=MAX_DOCUMENT_SIZE)
        if sha256(data).hexdigest() != digest:
            raise DoesNotHold("digest_differs", "The passport's bytes have another digest than the one that was asked.")
        self._store.write_document(digest, data)
        self._documents.add(digest)

    # Shards

    def want_shard(self, issuer: str) -> None:
        """Remember that somebody asks for an issuer's shard."""
        with self._lock:
            self._wanted[issuer] = None
            self._wanted.move_to_end(issuer)
            while len(self._wanted) > MAX_SHARDS:
                self._wanted.popitem(last=False)

    def find_shard(self, issuer: str, view: MirrorView) -> bytes | None:
        """The signed shard, if it is as new as the whole list: an older one would hide the recalls in between."""
        note, snapshot = self._shards.get(issuer, (b"", None))
        return note if snapshot is not None and snapshot.size == view.snapshot.size else None

    def _stale_shards(self, view: MirrorView) -> list[str]:
        """Those to be fetched: asked for, and of other issuers as many as there is room for."""
        with self._lock:
            names = list(reversed(self._wanted))
        names += [issuer.id for issuer in view.snapshot.issuers[:MAX_SHARDS] if issuer.id not in names]
        return [
            name
            for name in names[:MAX_SHARDS]
            if view.snapshot.find_issuer(name) is not None and not self._is_current(name, view)
        ]

    def _is_current(self, issuer: str, view: MirrorView) -> bool:
        note, snapshot = self._shards.get(issuer, (b"", None))
        if note and snapshot is None:  # from the disk: read it now that there is something to hold it against
            try:
                snapshot = self._read_shard(note, issuer, view)
            except VerifierError:
                del self._shards[issuer]
                return False
            self._shards[issuer] = (note, snapshot)
        return snapshot is not None and (snapshot.size, snapshot.as_of_at) >= (
            view.snapshot.size,
            view.snapshot.as_of_at,
        )

    def _fetch_shard(self, view: MirrorView, issuer: str) -> None:
        note = self._client.fetch_snapshot(shard=issuer)
        snapshot = self._read_shard(note, issuer, view)
        self._store.write_shard(issuer, note)
        self._shards[issuer] = (note, snapshot)

    def _read_shard(self, note: bytes, issuer: str, view: MirrorView) -> Snapshot:
        if self._mirror.status_vkey is None:
            raise NotFound("Entry 0 has not been read yet.")
        snapshot = parse_snapshot(note, self._mirror.status_vkey)
        check_equal(snapshot, issuer, view.snapshot)
        return snapshot
