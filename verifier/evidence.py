# SPDX-License-Identifier: Apache-2.0
"""What the ledger has to say about one code: raw bytes and hashes, from wherever, believed only after `verify()`.

A stranger gets it as a proof document over the network; a mirror makes it from its own tiles. Both go through the same
list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
)
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import Fields, parse_id
from verifier.protocol.merkle import HASH_SIZE, inclusion_proof, root_from_leaf_hashes, verify_inclusion
from verifier.protocol.product_code import ProductCode
from verifier.protocol.proof import TlogProof, parse_tlog_proof
from verifier.protocol.tile import TILE_WIDTH

TYPE = "product-passport/proof/v1"
MAX_PROOF_DOCUMENT_SIZE = 256 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class BatchEvidence:
    """The entry of a `batch.issued` statement with its inclusion proof. Compared by identity: a memo can hold it."""

    entry: bytes
    index: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class ItemPath:
    """The hash of one item and its inclusion path in the batch's item tree: at most 32 hashes."""

    item_hash: bytes
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ItemTile:
    """Up to 256 item hashes side by side and the path from their subtree to the item root.

    For those who check many codes of a batch: the tile is verified once and then only indexed. Compared by identity.
    """

    index: int
    hashes: bytes
    path: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """How a maker uploads it: one byte with the number of path hashes, the path, then the item hashes."""
        return bytes([len(self.path)]) + b"".join(self.path) + self.hashes


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that steps 4 to 8 of `verify()` look at.

    `checkpoint` is a signed note. `snapshot_link` is the consistency proof between the snapshot's tree and the
    checkpoint's when they differ in size, and empty when they are the same tree.
    """

    checkpoint: bytes
    batch: BatchEvidence
    item: ItemPath | ItemTile
    snapshot_link: tuple[bytes, ...] = ()


class EvidenceSource(Protocol):
    """Where evidence comes from.

    None: the ledger holds no such batch or item. Raises DidNotArrive when it cannot say.
    """

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None: ...


def parse_item_tile(index: int, data: bytes) -> ItemTile:
    """The tile that `ItemTile.to_bytes` wrote. Raises Malformed. Where its path leads is not checked here."""
    start = 1 + HASH_SIZE * data[0] if data else 0
    width, rest = divmod(len(data) - start, HASH_SIZE)
    if not data or data[0] > 32 or rest or not 1 <= width <= TILE_WIDTH:
        raise Malformed("wrong_length", "an item tile is a path of at most 32 hashes and 1 to 256 item hashes")
    path = tuple(data[at : at + HASH_SIZE] for at in range(1, start, HASH_SIZE))
    return ItemTile(index, data[start:], path)


def verify_item_tile(tile: ItemTile, *, count: int, item_root: bytes) -> None:
    """Checks that a tile's hashes are the items 256·index … of a batch of `count`. Raises Malformed or DoesNotHold.

    A full tile is one node of the item tree; so is the last, shorter one, because the tree of RFC 6962 splits at powers
    of two. Its place among the tiles is therefore a leaf's place in a tree of ⌈count / 256⌉ leaves.
    """
    tiles = -(-count // TILE_WIDTH)
    if not 0 <= tile.index < tiles:
        raise DoesNotHold("bad_inclusion_proof", f"a batch of {count} items has no item tile {tile.index}")
    width = TILE_WIDTH if tile.index < tiles - 1 else count - TILE_WIDTH * (tiles - 1)
    if len(tile.hashes) != 32 * width:
        raise Malformed("wrong_length", f"item tile {tile.index} must have {width} hashes of 32 bytes")
    subtree = root_from_leaf_hashes(tile.hashes[at : at + 32] for at in range(0, len(tile.hashes), 32))
    verify_inclusion(leaf_hash=subtree, index=tile.index, size=tiles, proof=tile.path, root_hash=item_root)


def item_path_of(tile: ItemTile, seq: int) -> ItemPath:
    """The hash of item `seq`, which is in this tile, and its whole path: inside the tile, then from it to the root."""
    hashes = [tile.hashes[at : at + HASH_SIZE] for at in range(0, len(tile.hashes), HASH_SIZE)]
    place = seq % TILE_WIDTH
    inner = inclusion_proof(place, len(hashes), lambda lo, hi: root_from_leaf_hashes(hashes[lo:hi]))
    return ItemPath(hashes[place], (*inner, *tile.path))


def make_proof_document(issuer_id: str, evidence: Evidence) -> bytes:
    """The document that a phone fetches for one code: canonical JSON, a few KB. `evidence.item` must be an ItemPath."""
    if not isinstance(evidence.item, ItemPath):
        raise TypeError("a proof document carries the path of one item")
    proof = TlogProof(
        index=evidence.batch.index, hashes=evidence.batch.proof, checkpoint=evidence.checkpoint, extra=None
    )
    value: dict[str, JsonValue] = {
        "entry": evidence.batch.entry.decode(),
        "issuer": issuer_id,
        "item_hash": encode_base64(evidence.item.item_hash),
        "item_path": [encode_base64(item) for item in evidence.item.hashes],
        "proof": proof.to_bytes().decode(),
        "snapshot_link": [encode_base64(item) for item in evidence.snapshot_link],
        "type": TYPE,
    }
    return encode_canonical_json(value)


def parse_proof_document(data: bytes) -> tuple[str, Evidence]:
    """The issuer id and the evidence of a proof document. Raises Malformed. Nothing in it is believed yet."""
    fields = Fields(parse_canonical_json(data, max_size=MAX_PROOF_DOCUMENT_SIZE), "proof document")
    if fields.string("type") != TYPE:
        raise Malformed("bad_proof_document", f"a proof document's type is {TYPE}")
    issuer_id = fields.parsed("issuer", parse_id)
    proof = parse_tlog_proof(fields.string("proof", maximum=100_000).encode())
    if proof.extra is not None:
        raise Malformed("bad_proof_document", "the tlog-proof of a proof document has no extra line")
    evidence = Evidence(
        checkpoint=proof.checkpoint,
        batch=BatchEvidence(fields.string("entry", maximum=65_535).encode(), proof.index, proof.hashes),
        item=ItemPath(_hash(fields.take("item_hash")), _read_hashes(fields, "item_path", maximum=32)),
        snapshot_link=_read_hashes(fields, "snapshot_link", maximum=128),
    )
    fields.done()
    return issuer_id, evidence


def _read_hashes(fields: Fields, name: str, *, maximum: int) -> tuple[bytes, ...]:
    return tuple(_hash(value) for value in fields.items(name, maximum=maximum))


def _hash(value: JsonValue) -> bytes:
    raw = decode_base64(value) if isinstance(value, str) else b""
    if len(raw) != HASH_SIZE:
        raise Malformed("wrong_length", "a proof document holds SHA-256 hashes in base64")
    return raw
