# SPDX-License-Identifier: Apache-2.0
"""Proofs in one file."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_vectors import VECTORS, load_cases, rehex, run_case, value_or_none
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.policy import parse_policy
from verifier.protocol.proof import MAX_EXTRA_SIZE, TlogProof, parse_tlog_proof, verify_tlog_proof


def _parse(case: dict[str, Any]) -> dict[str, Any]:
    proof = parse_tlog_proof(case["proof"].encode())
    return {
        "index": str(proof.index),
        "hashes": rehex(proof.hashes),
        "extra": None if proof.extra is None else proof.extra.hex(),
        "checkpoint": proof.checkpoint.decode(),
    }


def _verify(case: dict[str, Any]) -> dict[str, Any]:
    checkpoint = verify_tlog_proof(
        parse_tlog_proof(case["proof"].encode()),
        leaf_hash=bytes.fromhex(case["leaf_hash"]),
        policy=parse_policy(case["policy"].encode()),
    )
    return {
        "origin": checkpoint.origin,
        "size": str(checkpoint.size),
        "root_hash": checkpoint.root_hash.hex(),
        "witnessed_at": [[name, str(timestamp)] for name, timestamp in checkpoint.witnessed_at],
    }


@pytest.mark.parametrize("case", load_cases("tlog_proof.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, {"parse_tlog_proof": _parse, "verify_tlog_proof": _verify})


CASES = {c["name"]: c["input"] for c in json.loads((VECTORS / "tlog_proof.json").read_text(encoding="utf-8"))["cases"]}
WHOLE = CASES["whole-proof"]
PROOF = parse_tlog_proof(WHOLE["proof"].encode())
LEAF = bytes.fromhex(WHOLE["leaf_hash"])
POLICY = parse_policy(WHOLE["policy"].encode())

HASHES = st.lists(st.binary(min_size=32, max_size=32), max_size=63).map(tuple)
EXTRAS = st.none() | st.binary(min_size=1, max_size=200)


@settings(max_examples=60, deadline=None)
@given(st.builds(TlogProof, st.integers(0, 2**63 - 1), HASHES, st.just(PROOF.checkpoint), EXTRAS))
def test_every_proof_survives_its_bytes(proof: TlogProof) -> None:
    assert parse_tlog_proof(proof.to_bytes()) == proof


@settings(deadline=None)
@given(st.data())
def test_any_bytes_are_a_proof_in_its_one_spelling_or_malformed(data: st.DataObject) -> None:
    whole = WHOLE["proof"].encode()
    at = data.draw(st.integers(0, len(whole)))
    changed = whole[:at] + data.draw(st.binary(max_size=3)) + whole[at + data.draw(st.integers(0, 3)) :]
    parsed = value_or_none(lambda: parse_tlog_proof(changed), "malformed_tlog_proof")
    assert parsed is None or parsed.to_bytes() == changed


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(WHOLE["proof"].encode()) * 8 - 1))
def test_a_proof_with_one_flipped_bit_is_refused(bit: int) -> None:
    changed = bytearray(WHOLE["proof"].encode())
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Malformed, DoesNotHold)):
        verify_tlog_proof(parse_tlog_proof(bytes(changed)), leaf_hash=LEAF, policy=POLICY)


def test_the_extra_data_is_not_part_of_what_is_proved() -> None:
    assert verify_tlog_proof(replace(PROOF, extra=b"anything"), leaf_hash=LEAF, policy=POLICY).size == 7


def test_the_largest_proof_is_read_and_more_extra_data_is_not() -> None:
    largest = replace(PROOF, extra=bytes(MAX_EXTRA_SIZE), hashes=(bytes(32),) * 63)
    assert parse_tlog_proof(largest.to_bytes()) == largest
    for proof in (replace(PROOF, extra=bytes(MAX_EXTRA_SIZE + 1)), replace(PROOF, extra=bytes(1_000_000))):
        with pytest.raises(Malformed):
            parse_tlog_proof(proof.to_bytes())
