# SPDX-License-Identifier: Apache-2.0
"""Notes and verifier keys, and the vector files of the ledger as a whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_vectors import VECTORS, load_cases, run_case, text_or_bytes, value_or_none
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.keys import parse_public_key
from verifier.protocol.note import (
    ALG_COSIGNATURE,
    ALG_ED25519,
    Note,
    NoteSignature,
    VKey,
    is_key_name,
    make_vkey,
    parse_note,
    parse_vkey,
    verify_note,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VKEY = make_vkey("ledger.example/a", ALG_ED25519, parse_public_key(PRIVATE.public_key().public_bytes_raw()))


def _parse_vkey(case: dict[str, Any]) -> dict[str, Any]:
    vkey = parse_vkey(case["vkey"])
    assert vkey.to_text() == case["vkey"]
    return {
        "name": vkey.name,
        "key_id": f"{vkey.key_id:08x}",
        "algorithm": str(vkey.algorithm),
        "public_key": vkey.public_key.raw.hex(),
    }


def _parse_note(case: dict[str, Any]) -> dict[str, Any]:
    note = parse_note(text_or_bytes(case, "note"))
    lines = [{"name": s.name, "key_id": f"{s.key_id:08x}", "signature": s.signature.hex()} for s in note.signatures]
    return {"text": note.text, "signatures": lines}


def _verify_note(case: dict[str, Any]) -> dict[str, Any]:
    signers = verify_note(parse_note(case["note"].encode()), [parse_vkey(text) for text in case["vkeys"]])
    return {"signers": [vkey.to_text() for vkey in signers]}


OPERATIONS = {"parse_vkey": _parse_vkey, "parse_note": _parse_note, "verify_note": _verify_note}


@pytest.mark.parametrize("case", load_cases("note.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


def test_the_vector_files_are_what_the_generator_writes() -> None:
    script = VECTORS / "make_ledger_vectors.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


LEDGER_FILES = ("merkle", "tile", "note", "checkpoint", "cosignature", "tlog_proof", "tlog_policy")
VECTOR_TEXT = {name: (VECTORS / f"{name}.json").read_text(encoding="utf-8") for name in LEDGER_FILES}
SPEC = (VECTORS.parents[1] / "docs" / "spec" / "ledger.md").read_text(encoding="utf-8")


def test_everything_quoted_in_the_specification_stands_in_a_vector() -> None:
    quoted = re.findall(r"[0-9a-f]{40,}|^    — \S+ \S+$|\S+\+[0-9a-f]{8}\+\S{44}", SPEC, re.MULTILINE)
    assert len(quoted) > 20
    everything = "".join(VECTOR_TEXT.values())
    assert [text for text in quoted if text.strip() not in everything] == []


def test_every_operation_and_error_code_of_the_vectors_is_documented() -> None:
    readme = (VECTORS / "README-ledger.md").read_text(encoding="utf-8")
    for name, text in VECTOR_TEXT.items():
        assert f"`{name}.json`" in SPEC
        for case in json.loads(text)["cases"]:
            assert f"`{case['op']}`" in readme
            assert case["ok"] or f"`{case['error']}`" in SPEC


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(is_key_name)
LINES = st.builds(NoteSignature, NAMES, st.integers(0, 2**32 - 1), st.binary(min_size=1, max_size=80))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=200).map(lambda t: t + "\n")


@given(st.builds(Note, TEXTS, st.lists(LINES, min_size=1, max_size=5).map(tuple)))
def test_every_note_survives_its_bytes(note: Note) -> None:
    assert parse_note(note.to_bytes()) == note


@given(st.binary(max_size=300) | TEXTS.map(str.encode))
def test_any_bytes_are_a_note_in_its_one_spelling_or_malformed(data: bytes) -> None:
    parsed = value_or_none(lambda: parse_note(data), "malformed_note")
    assert parsed is None or parsed.to_bytes() == data


@given(st.text(max_size=100) | st.text("+aA=0123456789", max_size=80))
def test_any_text_is_a_vkey_in_its_one_spelling_or_malformed(text: str) -> None:
    parsed = value_or_none(lambda: parse_vkey(text), "malformed_vkey")
    assert parsed is None or parsed.to_text() == text


SIGNED = Note("Signed.\n", (NoteSignature(VKEY.name, VKEY.key_id, PRIVATE.sign(b"Signed.\n")),)).to_bytes()


@settings(max_examples=300)
@given(st.integers(0, len(SIGNED) * 8 - 1))
def test_a_note_with_one_flipped_bit_is_never_accepted(bit: int) -> None:
    changed = bytearray(SIGNED)
    changed[bit // 8] ^= 1 << bit % 8
    with pytest.raises((Malformed, DoesNotHold)):
        verify_note(parse_note(bytes(changed)), [VKEY])


@given(st.integers(0, len(SIGNED) - 1))
def test_a_note_that_was_cut_short_is_never_accepted(length: int) -> None:
    with pytest.raises(Malformed):
        parse_note(SIGNED[:length])


def test_a_hundred_signatures_are_read_and_a_larger_note_is_read_on_request() -> None:
    lines = tuple(NoteSignature(f"s{n}.example", n, bytes(64)) for n in range(100))
    assert parse_note(Note("T\n", lines).to_bytes()).signatures == lines
    large = Note("x" * 70_000 + "\n", lines[:1])
    with pytest.raises(Malformed):
        parse_note(large.to_bytes())
    assert parse_note(large.to_bytes(), max_size=80_000) == large


def test_a_key_that_shares_name_and_id_with_another_makes_the_note_fail() -> None:
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key().public_bytes_raw()
    twin = VKey(VKEY.name, VKEY.key_id, ALG_ED25519, parse_public_key(other))
    with pytest.raises(DoesNotHold) as caught:
        verify_note(parse_note(SIGNED), [VKEY, twin])
    assert caught.value.code == "bad_signature"


def test_a_key_given_twice_signs_once() -> None:
    assert verify_note(parse_note(SIGNED), [VKEY, parse_vkey(VKEY.to_text())]) == (VKEY,)


def test_a_witness_key_does_not_verify_notes() -> None:
    witness = make_vkey(VKEY.name, ALG_COSIGNATURE, VKEY.public_key)
    assert witness.key_id != VKEY.key_id
    with pytest.raises(ValueError, match="verify_cosignature"):
        verify_note(parse_note(SIGNED), [witness])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u00a0b", "a\u2028b", "a\u200ab", "a\tb", "a\ud800", "a\x00"])
def test_no_key_is_made_with_a_bad_name(name: str) -> None:
    with pytest.raises(Malformed):
        make_vkey(name, ALG_ED25519, VKEY.public_key)
