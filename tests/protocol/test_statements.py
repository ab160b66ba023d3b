# SPDX-License-Identifier: Apache-2.0
"""Statements as ledger entries: one spelling, closed vocabulary, whatever the bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_simulator import LedgerSimulator
from tests.support.ledger_vectors import VECTORS, load_cases, run_case
from tests.support.makers import SigningKey
from tests.support.statement_vectors import OPERATIONS
from verifier.protocol.encoding import encode_base64, encode_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.keys import is_signature_valid
from verifier.protocol.statements import MAX_ENTRY_SIZE, STATEMENT_TYPES, make_entry, parse_entry, signed_bytes
from verifier.protocol.statements.recall import parse_recall_id
from verifier.protocol.statements.registry import possession_text

FILES = ("statements.json", "snapshot.json", "proof_document.json", "verdict.json")
SCRIPT = VECTORS / "make_statement_vectors.py"


def all_cases() -> list[dict[str, Any]]:
    return [case for name in FILES for case in json.loads((VECTORS / name).read_text(encoding="utf-8"))["cases"]]


@pytest.mark.parametrize("case", load_cases("statements.json"))
def test_each_statement_vector_gives_its_answer(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


def test_the_vector_files_are_what_the_generator_writes() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_generator_uses_no_line_of_the_verifier() -> None:
    names = ("statement_kit", "statement_cases", "snapshot_cases", "verdict_kit", "verdict_code_cases")
    names += ("verdict_ledger_cases", "verdict_status_cases", "make_statement_vectors")
    for name in names:
        text = (VECTORS / f"{name}.py").read_text(encoding="utf-8")
        assert "import verifier" not in text and "from verifier" not in text and "tests.support" not in text


def test_every_operation_of_the_vectors_is_described() -> None:
    readme = (VECTORS / "README-statements.md").read_text(encoding="utf-8")
    assert {case["op"] for case in all_cases()} == set(OPERATIONS)
    assert [name for name in (*FILES, *OPERATIONS) if f"`{name}`" not in readme] == []
    members = {member for case in all_cases() for member in case["input"]}
    assert [member for member in sorted(members) if f"`{member}`" not in readme] == []


def test_every_type_of_statement_has_a_vector() -> None:
    good = [case for case in all_cases() if case["op"] == "parse_entry" and case["ok"]]
    assert {case["expect"]["type"] for case in good} == set(STATEMENT_TYPES)


ENTRIES = [case["input"]["entry"] for case in all_cases() if case["op"] == "parse_entry" and case["ok"]]


@pytest.mark.parametrize("entry", ENTRIES, ids=range(len(ENTRIES)))
def test_a_parsed_entry_is_written_back_byte_for_byte(entry: str) -> None:
    signed = parse_entry(entry.encode())
    assert make_entry(signed.statement, key_id=signed.key_id, signature=signed.signature) == entry.encode()


@settings(max_examples=300)
@given(st.sampled_from(ENTRIES), st.data())
def test_an_entry_with_one_byte_changed_is_refused_or_is_another_statement(entry: str, data: st.DataObject) -> None:
    """The signature is not checked here; but nothing may be read from bytes that do not spell it."""
    raw = bytearray(entry.encode())
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        signed = parse_entry(bytes(raw))
    except Malformed:
        return
    assert make_entry(signed.statement, key_id=signed.key_id, signature=signed.signature) == bytes(raw)


JSON = st.recursive(
    st.booleans() | st.integers(-5, 2**53) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcdt", max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(STATEMENT_TYPES)), st.data())
def test_a_statement_with_a_member_of_any_shape_is_a_value_or_malformed(kind: str, data: st.DataObject) -> None:
    value = next(json.loads(text)["statement"] for text in ENTRIES if f'"type":"{kind}"' in text)
    value[data.draw(st.sampled_from(sorted(value)))] = data.draw(JSON)
    try:
        text = encode_canonical_json({"key_id": "ab" * 32, "signature": encode_base64(bytes(64)), "statement": value})
        parse_entry(text)
    except Malformed:
        return
    assert parse_entry(text).entry == text


@given(st.binary(max_size=200))
def test_any_bytes_are_an_entry_or_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_entry(data)


def test_an_entry_fits_a_bundles_length_prefix() -> None:
    ledger = LedgerSimulator()
    maker = ledger.admit("acme", prefix="69012340")
    ledger.recall(maker, "1", lot="L1")
    statement = parse_entry(ledger.entries[-1]).statement
    long = "x" * 2000
    value = json.loads(ledger.entries[-1])
    value["statement"]["notice"]["scope"] = [{"gtin": maker.gtin(), "lot": f"{n:020d}"} for n in range(200)]
    value["statement"]["notice"]["hazard"] = {"en": long, "zh": "甲" * 2000}
    assert len(parse_entry(encode_canonical_json(value)).entry) < MAX_ENTRY_SIZE
    exception = {"except": [{"lot": f"{n:020d}"} for n in range(20)], "gtin": maker.gtin()}
    value["statement"]["notice"]["scope"] = [exception] * 200
    with pytest.raises(Malformed, match="65535"):
        parse_entry(encode_canonical_json(value))
    assert statement.type == "recall.published"


def test_the_domain_keeps_statements_possession_and_codes_apart() -> None:
    ledger = LedgerSimulator()
    ledger.admit("acme", prefix="69012340")
    message = signed_bytes(parse_entry(ledger.entries[1]).statement)
    possession = possession_text(origin=ledger.origin, issuer="acme", key_id="ab" * 32)
    assert message.startswith(b"product-passport/statement/v1\n")
    assert possession.split(b"\n") == [b"product-passport/key-possession/v1", ledger.origin.encode(), b"acme", b"ab" * 32, b""]  # fmt: skip  # noqa: E501


def test_a_possession_is_bound_to_one_ledger_and_one_issuer() -> None:
    key = SigningKey("somebody")
    proof = key.prove(origin="a.example/ledger", issuer="acme").possession
    for origin, issuer, is_good in [
        ("a.example/ledger", "acme", True),
        ("b.example/ledger", "acme", False),
        ("a.example/ledger", "bolt", False),
    ]:
        text = possession_text(origin=origin, issuer=issuer, key_id=key.key_id)
        assert is_signature_valid(key.public_key, text, proof) is is_good


@pytest.mark.parametrize("text", ["acme", "acme/", "/1", "acme/1/2", "acme/-1", "Acme/1", "acme/" + "1" * 41, "acme/1\n"])  # fmt: skip  # noqa: E501
def test_a_recall_id_is_an_issuer_and_a_number(text: str) -> None:
    with pytest.raises(Malformed) as caught:
        parse_recall_id(text)
    assert caught.value.code == "bad_recall_id"
    assert parse_recall_id("acme/2026-1.b") == "acme/2026-1.b"


def test_the_readme_of_the_vectors_leads_to_this_one() -> None:
    assert "(README-statements.md)" in (VECTORS / "README.md").read_text(encoding="utf-8")
