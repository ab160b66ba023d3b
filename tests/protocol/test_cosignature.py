# SPDX-License-Identifier: Apache-2.0
"""Witnesses' cosignatures."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_vectors import load_cases, run_case
from verifier.protocol.checkpoint import Checkpoint
from verifier.protocol.cosignature import (
    Cosignature,
    cosigned_text,
    find_cosignature,
    parse_cosignature,
    verify_cosignature,
)
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.keys import parse_public_key
from verifier.protocol.note import (
    ALG_COSIGNATURE,
    ALG_ED25519,
    Note,
    NoteSignature,
    make_vkey,
    parse_note,
    parse_vkey,
)


def _parse(case: dict[str, Any]) -> dict[str, Any]:
    cosignature = parse_cosignature(bytes.fromhex(case["signature"]))
    assert cosignature.to_bytes().hex() == case["signature"]
    return {"timestamp": str(cosignature.timestamp), "signature": cosignature.signature.hex()}


def _verify(case: dict[str, Any]) -> dict[str, Any]:
    timestamp = verify_cosignature(parse_note(case["note"].encode()), parse_vkey(case["vkey"]))
    return {"timestamp": str(timestamp)}


OPERATIONS = {
    "parse_cosignature": _parse,
    "verify_cosignature": _verify,
    "cosigned_text": lambda case: {"message": cosigned_text(case["text"], int(case["timestamp"])).hex()},
}


@pytest.mark.parametrize("case", load_cases("cosignature.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


@given(st.binary(max_size=80) | st.binary(min_size=72, max_size=72))
def test_any_bytes_are_a_cosignature_in_its_one_spelling_or_malformed(data: bytes) -> None:
    try:
        assert parse_cosignature(data).to_bytes() == data
    except Malformed:
        assert len(data) != 72 or data[0] >= 0x80


PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = parse_public_key(PRIVATE.public_key().public_bytes_raw())
WITNESS = make_vkey("witness.example", ALG_COSIGNATURE, PUBLIC)
TEXT = Checkpoint("ledger.example", 9, bytes(32)).to_text()


def _note(raw: bytes) -> Note:
    return Note(TEXT, (NoteSignature(WITNESS.name, WITNESS.key_id, raw),))


@settings(max_examples=200)
@given(st.integers(0, 2**63 - 1), st.integers(0, 72 * 8 - 1))
def test_every_time_verifies_and_one_flipped_bit_is_refused(timestamp: int, bit: int) -> None:
    raw = Cosignature(timestamp, PRIVATE.sign(cosigned_text(TEXT, timestamp))).to_bytes()
    assert verify_cosignature(_note(raw), WITNESS) == timestamp
    changed = (int.from_bytes(raw, "big") ^ (1 << bit)).to_bytes(72, "big")
    with pytest.raises(DoesNotHold) as caught:
        verify_cosignature(_note(changed), WITNESS)
    assert caught.value.code == "bad_signature"


def test_absence_is_none_where_it_is_asked_for() -> None:
    assert find_cosignature(Note(TEXT, ()), WITNESS) is None


def test_a_ledger_key_does_not_verify_cosignatures() -> None:
    with pytest.raises(ValueError, match="not a key for cosignatures"):
        verify_cosignature(Note(TEXT, ()), make_vkey("ledger.example", ALG_ED25519, PUBLIC))
