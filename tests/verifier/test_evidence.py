# SPDX-License-Identifier: Apache-2.0
"""Evidence as bytes: proof documents for phones, item tiles for those who check many codes."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_simulator import LedgerSimulator
from tests.support.ledger_vectors import load_cases, run_case
from tests.support.naive_tree import NaiveTree
from tests.support.statement_vectors import OPERATIONS
from verifier.evidence import (
    Evidence,
    ItemPath,
    ItemTile,
    make_proof_document,
    parse_item_tile,
    parse_proof_document,
    verify_item_tile,
)
from verifier.protocol.encoding import encode_base64
from verifier.protocol.errors import DoesNotHold, Malformed, VerifierError
from verifier.protocol.merkle import inclusion_proof, root_from_leaf_hashes, verify_inclusion

LEDGER = LedgerSimulator()
ACME = LEDGER.admit("acme", prefix="69012340")
BATCH = LEDGER.issue_batch(ACME, count=5)
DOCUMENT = LEDGER.proof_document(BATCH.codes[3]) or b""


@pytest.mark.parametrize("case", load_cases("proof_document.json"))
def test_each_vector_gives_its_answer(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


def test_a_proof_document_is_small_and_comes_back_as_it_was() -> None:
    assert len(DOCUMENT) < 4096
    issuer, evidence = parse_proof_document(DOCUMENT)
    assert issuer == "acme"
    assert make_proof_document(issuer, evidence) == DOCUMENT
    assert isinstance(evidence.item, ItemPath)
    assert evidence.item.item_hash == BATCH.item_hashes[3]


def test_a_proof_document_is_small_in_the_ledger_of_a_country_too() -> None:
    """A batch of 100,000 among a billion entries, a lot number of 20 characters, three cosignatures."""
    issuer, evidence = parse_proof_document(DOCUMENT)
    cosignature = f"— witness.example.cn/w1 {encode_base64(bytes(4 + 8 + 64))}\n".encode()
    large = replace(
        evidence,
        checkpoint=evidence.checkpoint + 3 * cosignature,
        batch=replace(
            evidence.batch,
            index=10**9 - 1,
            entry=evidence.batch.entry.replace(b'"lot":"L1"', b'"lot":"L2026112100000000001"'),
            proof=(bytes(range(32)),) * 30,
        ),
        item=ItemPath(bytes(32), (bytes(range(32)),) * 17),
    )
    size = len(make_proof_document(issuer, large))
    print(f"{size} bytes")
    assert size < 4096


def test_a_proof_document_carries_no_tile() -> None:
    evidence = LEDGER.find_evidence(BATCH.codes[0], "acme")
    assert evidence is not None
    tile = Evidence(evidence.checkpoint, evidence.batch, ItemTile(0, bytes(32), ()))
    with pytest.raises(TypeError):
        make_proof_document("acme", tile)


@given(st.binary(max_size=300))
def test_any_bytes_are_no_proof_document(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_proof_document(data)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(DOCUMENT) - 1), st.integers(0, 255))
def test_a_proof_document_with_one_byte_changed_is_refused_or_spells_itself(at: int, octet: int) -> None:
    changed = DOCUMENT[:at] + bytes([octet]) + DOCUMENT[at + 1 :]
    try:
        issuer, evidence = parse_proof_document(changed)
    except Malformed:
        return
    assert make_proof_document(issuer, evidence) == changed


def test_a_proof_document_of_300_kilobytes_is_not_read() -> None:
    with pytest.raises(Malformed) as caught:
        parse_proof_document(b" " * 300_000)
    assert caught.value.code == "too_long"


# Item tiles. A batch of `count` items is made of counted hashes; its root comes from the naive tree.


def hashes_of(count: int) -> list[bytes]:
    return [sha256(b"%d" % number).digest() for number in range(count)]


def tile_of(hashes: list[bytes], index: int) -> ItemTile:
    tiles = [hashes[at : at + 256] for at in range(0, len(hashes), 256)]
    roots = [root_from_leaf_hashes(tile) for tile in tiles]
    path = inclusion_proof(index, len(roots), lambda lo, hi: root_from_leaf_hashes(roots[lo:hi]))
    return ItemTile(index, b"".join(tiles[index]), path)


def naive_root(hashes: list[bytes]) -> bytes:
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while 2 * k < len(hashes):
        k *= 2
    return sha256(b"\x01" + naive_root(hashes[:k]) + naive_root(hashes[k:])).digest()


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 511, 512, 513, 700, 1025, 1281])
def test_every_tile_of_a_batch_leads_to_its_item_root(count: int) -> None:
    hashes = hashes_of(count)
    root = naive_root(hashes)
    for index in range(-(-count // 256)):
        tile = tile_of(hashes, index)
        verify_item_tile(tile, count=count, item_root=root)
        again = parse_item_tile(index, tile.to_bytes())
        assert (again.index, again.hashes, again.path) == (tile.index, tile.hashes, tile.path)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 1100), st.data())
def test_a_tile_with_anything_changed_leads_nowhere(count: int, data: st.DataObject) -> None:
    hashes = hashes_of(count)
    index = data.draw(st.integers(0, -(-count // 256) - 1))
    raw = bytearray(tile_of(hashes, index).to_bytes())
    bit = data.draw(st.integers(0, 8 * len(raw) - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VerifierError):
        verify_item_tile(parse_item_tile(index, bytes(raw)), count=count, item_root=naive_root(hashes))


@pytest.mark.parametrize("index", [-1, 3, 2**40])
def test_a_tile_outside_the_batch_is_refused(index: int) -> None:
    hashes = hashes_of(600)
    tile = ItemTile(index, b"".join(hashes[:256]), ())
    with pytest.raises(DoesNotHold) as caught:
        verify_item_tile(tile, count=600, item_root=naive_root(hashes))
    assert caught.value.code == "bad_inclusion_proof"


@given(st.binary(max_size=200))
def test_any_bytes_are_an_item_tile_or_malformed(data: bytes) -> None:
    try:
        tile = parse_item_tile(0, data)
    except Malformed as error:
        assert error.code == "wrong_length"  # noqa: PT017
        return
    assert tile.to_bytes() == data


def test_the_path_of_a_tile_and_the_path_inside_it_are_the_path_of_an_item() -> None:
    count, seq = 700, 600
    hashes = hashes_of(count)
    tile = tile_of(hashes, seq // 256)
    inner = [tile.hashes[at : at + 32] for at in range(0, len(tile.hashes), 32)]
    path = inclusion_proof(seq % 256, len(inner), lambda lo, hi: root_from_leaf_hashes(inner[lo:hi]))
    whole = (*path, *tile.path)
    verify_inclusion(leaf_hash=hashes[seq], index=seq, size=count, proof=whole, root_hash=naive_root(hashes))


def test_the_naive_trees_agree() -> None:
    tree = NaiveTree(9)
    assert naive_root(tree.leaves) == tree.root(9)
