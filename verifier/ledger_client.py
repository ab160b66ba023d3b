# SPDX-License-Identifier: Apache-2.0
"""Reads a ledger over HTTP and believes none of it: every byte is held against a signed checkpoint. C2SP tlog-tiles.

`LedgerClient` fetches. `LedgerView` is the ledger as one verified checkpoint describes it: what it returns hashes to
that checkpoint's root, or does not return. `NetworkEvidence` is the `EvidenceSource` of somebody who is neither the
registry nor a mirror.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from verifier.evidence import MAX_PROOF_DOCUMENT_SIZE, Evidence, parse_proof_document
from verifier.facts import RegistryRecord
from verifier.fetch import Fetcher, NotFound, parse_fetch_url
from verifier.fold import LedgerState
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import HASH_SIZE, leaf_hash, verify_consistency
from verifier.protocol.note import MAX_NOTE_SIZE
from verifier.protocol.policy import MAX_POLICY_SIZE, TlogPolicy, VerifiedCheckpoint, verify_checkpoint
from verifier.protocol.product_code import ProductCode
from verifier.protocol.tile import (
    MAX_ENTRY_SIZE,
    TILE_WIDTH,
    EntryBundle,
    Tile,
    TileTree,
    parse_entry_bundle,
)
from verifier.snapshot import MAX_SNAPSHOT_SIZE, Snapshot

MAX_BUNDLE_SIZE = TILE_WIDTH * (2 + MAX_ENTRY_SIZE)
_LEDGER = "/ledger"


def ledger_url_of(url: str, *, allow_http: bool = False) -> str:
    """The ledger's URL for what people type: the registry ("https://host") or the ledger itself ("https://host/ledger").

    Raises Malformed for a URL that may not be fetched or has a query.
    """
    parse_fetch_url(url, allow_http=allow_http)
    if "?" in url:
        raise Malformed("bad_url", "The URL of a registry has no query.")
    base = url.rstrip("/")
    return base if base.endswith(_LEDGER) else base + _LEDGER


class LedgerClient:
    """Fetches from one ledger. `base_url` ends in "/ledger"; the registry's own pages lie beside it.

    Every method raises DidNotArrive (NotFound among them) when the network fails.
    """

    def __init__(self, base_url: str, policy: TlogPolicy, *, fetcher: Fetcher | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        if not self.base_url.endswith(_LEDGER):
            raise Malformed("bad_url", "The URL of a ledger ends in /ledger.")
        self.registry_url = self.base_url.removesuffix(_LEDGER)
        self.policy = policy
        self._fetcher = fetcher or Fetcher()

    def fetch_checkpoint(self) -> VerifiedCheckpoint:
        """The newest checkpoint, verified against the policy. Raises as `verify_checkpoint` does."""
        note = self._fetcher.fetch(f"{self.base_url}/checkpoint", max_size=MAX_NOTE_SIZE)
        return verify_checkpoint(note, self.policy)

    def view(self, checkpoint: VerifiedCheckpoint) -> LedgerView:
        """The ledger as this checkpoint describes it."""
        return LedgerView(self, checkpoint)

    def read_tile(self, tile: Tile) -> bytes:
        """The bytes of a tile, unverified: for `TileTree`, which verifies. A partial tile that is gone is cut from the
        full one, because servers may delete partial tiles then (tlog-tiles, Partial tiles)."""
        try:
            return self._fetcher.fetch(f"{self.base_url}/{tile.path}", max_size=TILE_WIDTH * HASH_SIZE)
        except NotFound:
            if tile.width == TILE_WIDTH:
                raise
            full = Tile(tile.level, tile.index)
            return self._fetcher.fetch(f"{self.base_url}/{full.path}", max_size=full.size)[: tile.size]

    def read_entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """The entries of a bundle, unverified: use `LedgerView.fetch_entries`. Raises Malformed."""
        try:
            data = self._fetcher.fetch(f"{self.base_url}/{bundle.path}", max_size=MAX_BUNDLE_SIZE)
        except NotFound:
            if bundle.width == TILE_WIDTH:
                raise
            data = self._fetcher.fetch(f"{self.base_url}/{EntryBundle(bundle.index).path}", max_size=MAX_BUNDLE_SIZE)
            return parse_entry_bundle(data, width=TILE_WIDTH)[: bundle.width]
        return parse_entry_bundle(data, width=bundle.width)

    def fetch_snapshot(self, *, shard: str | None = None, gtin: str | None = None) -> bytes:
        """A snapshot's note, for `parse_snapshot`: whole, the shard of an issuer, or the shard that has this GTIN."""
        tail = f"/gtin/{gtin}" if gtin is not None else f"/{shard}" if shard is not None else ""
        return self._fetcher.fetch(f"{self.base_url}/snapshot{tail}", max_size=MAX_SNAPSHOT_SIZE)

    def fetch_policy(self) -> bytes:
        """The policy that the registry recommends for itself: worth no more than the connection that it came over."""
        return self._fetcher.fetch(f"{self.base_url}/policy", max_size=MAX_POLICY_SIZE)

    def fetch_proof_document(self, code: ProductCode) -> bytes:
        """The proof document of one code, for `parse_proof_document`. Raises NotFound when it is not logged."""
        url = f"{self.registry_url}/api/v1/proof{code.to_path()}"
        return self._fetcher.fetch(url, max_size=MAX_PROOF_DOCUMENT_SIZE)

    def close(self) -> None:
        """Close what is kept open."""
        self._fetcher.close()


class TreeSource(Protocol):
    """Where tiles and entries come from, unverified: a server, or a file of one's own."""

    def read_tile(self, tile: Tile) -> bytes: ...

    def read_entries(self, bundle: EntryBundle) -> tuple[bytes, ...]: ...


class LedgerView:
    """One ledger at one verified checkpoint. Raises DoesNotHold("bad_tile", "bad_entry") and Malformed for anything
    that does not hash to the signed root, before it is used."""

    def __init__(self, source: TreeSource, checkpoint: VerifiedCheckpoint) -> None:
        self._source = source
        self.checkpoint = checkpoint
        self.tree = TileTree(checkpoint.size, source.read_tile, root_hash=checkpoint.root_hash)

    def fetch_entries(self, lo: int, hi: int) -> Iterator[bytes]:
        """The entries `lo` to `hi - 1` in order, bundle by bundle. Raises ValueError for a range outside the tree."""
        size = self.checkpoint.size
        if not 0 <= lo <= hi <= size:
            raise ValueError(f"there are no entries {lo} to {hi} in a ledger of {size}")
        for number in range(lo // TILE_WIDTH, -(-hi // TILE_WIDTH)):
            start = number * TILE_WIDTH
            entries = self._source.read_entries(EntryBundle(number, min(TILE_WIDTH, size - start)))
            for index in range(max(lo, start), min(hi, start + len(entries))):
                if leaf_hash(entries[index - start]) != self.tree.leaf_hash(index):
                    raise DoesNotHold("bad_entry", f"Entry {index} does not hash to its leaf in the ledger.")
                yield entries[index - start]

    def fetch_registry(self) -> RegistryRecord:
        """What entry 0 says: the operator's key and the key that signs snapshots.

        Raises DoesNotHold("no_registry") for an empty ledger, and the registration policy's Refused for a bad entry 0.
        """
        if self.checkpoint.size == 0:
            raise DoesNotHold("no_registry", "The ledger is empty; entry 0 would name the registry's keys.")
        state = LedgerState(self.checkpoint.origin)
        state.admit(0, next(self.fetch_entries(0, 1)))
        assert state.registry is not None  # entry 0 is registry.created, or admit refuses it
        return state.registry

    def check_history(self, other: VerifiedCheckpoint) -> None:
        """Check that this checkpoint and another one of the ledger, older or newer, are of one history.

        Raises DoesNotHold: "another_ledger", or "ledger_forked", which two signed notes then prove to anybody.
        """
        mine = self.checkpoint
        if other.origin != mine.origin:
            raise DoesNotHold("another_ledger", f"One checkpoint is of {other.origin}, the other of {mine.origin}.")
        old, new = sorted((mine, other), key=lambda checkpoint: checkpoint.size)
        if old.size == new.size:
            begins_with_old = old.root_hash == new.root_hash
        else:
            # Every hash of this tree has led to the newer signed root, so a prefix of it needs no further proof.
            tree = self.tree if new is mine else LedgerView(self._source, new).tree
            begins_with_old = tree.subtree_hash(0, old.size) == old.root_hash
        if not begins_with_old:
            raise DoesNotHold(
                "ledger_forked",
                f"The ledger signed two histories: its tree of {new.size} entries does not begin with its tree of "
                f"{old.size}. Keep both checkpoints: together they prove it.",
            )


@dataclass(slots=True)
class NetworkEvidence:
    """Evidence for one code at a time, fetched as proof documents. An `EvidenceSource`.

    `anchor` is a view whose history has been checked against what the caller saw before; every checkpoint that comes
    with evidence must be of its history. `newest` is the largest checkpoint that was, to be remembered by the caller.
    """

    client: LedgerClient
    anchor: LedgerView
    snapshot: Snapshot | None
    newest: VerifiedCheckpoint = field(init=False)

    def __post_init__(self) -> None:
        self.newest = self.anchor.checkpoint

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        """None when the registry says that it has not logged the code. Raises VerifierError of every kind."""
        try:
            document = self.client.fetch_proof_document(code)
        except NotFound:
            return None
        issuer, evidence = parse_proof_document(document)
        if issuer != issuer_id:
            raise DoesNotHold("another_code", f"The proof is of {issuer}; the code is of {issuer_id}.")
        checkpoint = verify_checkpoint(evidence.checkpoint, self.client.policy)
        self.anchor.check_history(checkpoint)
        if checkpoint.size > self.newest.size:
            self.newest = checkpoint
        return self._linked(evidence, checkpoint)

    def _linked(self, evidence: Evidence, checkpoint: VerifiedCheckpoint) -> Evidence:
        """The evidence with a link to *our* snapshot. The registry's own link is to the snapshot that it had when it
        was asked, and it may have published another since ours was fetched."""
        snapshot = self.snapshot
        if snapshot is None or snapshot.origin != checkpoint.origin or snapshot.size == checkpoint.size:
            return evidence
        ends = sorted(((snapshot.size, snapshot.root_hash), (checkpoint.size, checkpoint.root_hash)))
        (old_size, old_root), (new_size, new_root) = ends
        try:
            verify_consistency(
                old_size=old_size,
                old_root=old_root,
                new_size=new_size,
                new_root=new_root,
                proof=evidence.snapshot_link,
            )
        except DoesNotHold:
            tree = TileTree(new_size, self.client.read_tile, root_hash=new_root)
            return Evidence(evidence.checkpoint, evidence.batch, evidence.item, tree.consistency_proof(old_size))
        return evidence
