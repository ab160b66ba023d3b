# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree against a naive reading of RFC 6962, and against hostile proofs."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_vectors import load_cases, rehex, run_case, unhex
from tests.support.naive_tree import NaiveTree
from verifier.protocol import merkle
from verifier.protocol.errors import DoesNotHold

TREE = NaiveTree(20_000)


def _tree_over(entries: list[str]) -> NaiveTree:
    tree = NaiveTree(0)
    tree.leaves = [merkle.leaf_hash(data) for data in unhex(entries)]
    return tree


def _verify_inclusion(case: dict[str, Any]) -> dict[str, Any]:
    merkle.verify_inclusion(
        leaf_hash=bytes.fromhex(case["leaf_hash"]),
        index=int(case["index"]),
        size=int(case["size"]),
        proof=unhex(case["proof"]),
        root_hash=bytes.fromhex(case["root_hash"]),
    )
    return {}


def _verify_consistency(case: dict[str, Any]) -> dict[str, Any]:
    merkle.verify_consistency(
        old_size=int(case["old_size"]),
        old_root=bytes.fromhex(case["old_root"]),
        new_size=int(case["new_size"]),
        new_root=bytes.fromhex(case["new_root"]),
        proof=unhex(case["proof"]),
    )
    return {}


def _inclusion_proof(case: dict[str, Any]) -> dict[str, Any]:
    tree = _tree_over(case["entries"])
    return {"proof": rehex(merkle.inclusion_proof(int(case["index"]), len(tree.leaves), tree.subtree))}


def _consistency_proof(case: dict[str, Any]) -> dict[str, Any]:
    tree = _tree_over(case["entries"])
    return {"proof": rehex(merkle.consistency_proof(int(case["old_size"]), len(tree.leaves), tree.subtree))}


OPERATIONS = {
    "leaf_hash": lambda case: {"hash": merkle.leaf_hash(bytes.fromhex(case["data"])).hex()},
    "root": lambda case: {
        "root_hash": merkle.root_from_leaf_hashes(merkle.leaf_hash(data) for data in unhex(case["entries"])).hex()
    },
    "inclusion_proof": _inclusion_proof,
    "consistency_proof": _consistency_proof,
    "verify_inclusion": _verify_inclusion,
    "verify_consistency": _verify_consistency,
}


@pytest.mark.parametrize("case", load_cases("merkle.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


def _check_inclusion(index: int, size: int) -> None:
    proof = merkle.inclusion_proof(index, size, TREE.subtree)
    assert proof == TREE.path(index, size)
    merkle.verify_inclusion(
        leaf_hash=TREE.leaves[index], index=index, size=size, proof=proof, root_hash=TREE.root(size)
    )


def _check_consistency(old: int, new: int) -> None:
    proof = merkle.consistency_proof(old, new, TREE.subtree)
    assert proof == TREE.consistency(old, new)
    merkle.verify_consistency(old_size=old, old_root=TREE.root(old), new_size=new, new_root=TREE.root(new), proof=proof)


def test_all_sizes_up_to_600_have_the_naive_root() -> None:
    for size in range(601):
        assert merkle.root_from_leaf_hashes(TREE.leaves[:size]) == TREE.root(size)


def test_every_leaf_of_every_tree_up_to_70_is_proved() -> None:
    for size in range(1, 71):
        for index in range(size):
            _check_inclusion(index, size)


def test_leaves_of_every_tree_up_to_600_are_proved() -> None:
    sample = random.Random(6962)
    for size in range(1, 601):
        edges = {0, size - 1, size // 2, merkle.split_point(size + 1) - 1, merkle.split_point(size + 1) % size}
        for index in edges | {sample.randrange(size) for _ in range(4)}:
            _check_inclusion(index, size)


def test_every_pair_of_trees_up_to_100_is_consistent() -> None:
    for new in range(101):
        for old in range(new + 1):
            _check_consistency(old, new)


def test_every_tree_up_to_600_extends_its_predecessors() -> None:
    sample = random.Random(2162)
    for new in range(1, 601):
        for old in {0, 1, new - 1, new, merkle.split_point(new + 1), *(sample.randrange(new) for _ in range(5))}:
            _check_consistency(old, new)


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(1, 20_000))
def test_larger_trees_agree_with_the_naive_definition(data: st.DataObject, size: int) -> None:
    _check_inclusion(data.draw(st.integers(0, size - 1)), size)
    _check_consistency(data.draw(st.integers(0, size)), size)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(1, 600))
def test_an_inclusion_proof_with_one_flipped_bit_is_refused(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    pieces = [TREE.leaves[index], TREE.root(size), *TREE.path(index, size)]
    _flip_one(data, pieces)
    with pytest.raises(DoesNotHold, match="root hash"):
        merkle.verify_inclusion(leaf_hash=pieces[0], root_hash=pieces[1], proof=pieces[2:], index=index, size=size)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(2, 600))
def test_a_consistency_proof_with_one_flipped_bit_is_refused(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new - 1))
    pieces = [TREE.root(old), TREE.root(new), *TREE.consistency(old, new)]
    _flip_one(data, pieces)
    with pytest.raises(DoesNotHold, match="not an extension"):
        merkle.verify_consistency(old_size=old, old_root=pieces[0], new_size=new, new_root=pieces[1], proof=pieces[2:])


def _flip_one(data: st.DataObject, pieces: list[bytes]) -> None:
    which = data.draw(st.integers(0, len(pieces) - 1))
    bit = data.draw(st.integers(0, 255))
    pieces[which] = (int.from_bytes(pieces[which], "big") ^ (1 << bit)).to_bytes(32, "big")


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 700), st.integers(0, 700), st.integers(0, 700), st.integers(0, 12))
def test_a_proof_holds_at_its_own_index_and_size_alone(index: int, size: int, claimed: int, extra: int) -> None:
    """Any index, size and number of hashes other than those of the proof raise DoesNotHold and nothing else."""
    true_size = max(size, 1)
    true_index = index % true_size
    proof = [*TREE.path(true_index, true_size), *TREE.leaves[:extra]]
    if claimed == true_index and not extra:
        return
    with pytest.raises(DoesNotHold):
        merkle.verify_inclusion(
            leaf_hash=TREE.leaves[true_index],
            index=claimed,
            size=true_size,
            proof=proof,
            root_hash=TREE.root(true_size),
        )


@pytest.mark.parametrize(("index", "size"), [(0, 0), (5, 5), (-1, 5)])
def test_building_a_proof_outside_the_tree_is_a_mistake_of_the_program(index: int, size: int) -> None:
    with pytest.raises(ValueError):
        merkle.inclusion_proof(index, size, TREE.subtree)
    with pytest.raises(ValueError):
        merkle.consistency_proof(size + 1, size, TREE.subtree)
