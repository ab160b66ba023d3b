# SPDX-License-Identifier: Apache-2.0
"""Product codes: one spelling, a seal that holds for one item only, and text that fits the QR symbol."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.identity_vectors import load_cases, run_case
from verifier.protocol.digital_link import parse_digital_link
from verifier.protocol.encoding import decode_base32, encode_base32
from verifier.protocol.errors import Malformed
from verifier.protocol.gs1 import CSET82, gtin_check_digit
from verifier.protocol.keys import parse_public_key
from verifier.protocol.product_code import (
    MAX_BATCH,
    MAX_SEQ,
    ProductCode,
    Seal,
    make_serial,
    parse_made_serial,
    parse_product_code,
    signing_text,
)

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x09" * 32)
KEY = parse_public_key(PRIVATE.public_key().public_bytes_raw())
ALPHANUMERIC = re.compile(r"[0-9A-Z $%*+\-./:]*")  # QR's alphanumeric mode, ISO/IEC 18004


def sealed(version: int, gtin: str, serial: str, batch: int, seq: int) -> ProductCode:
    text = signing_text(version=version, gtin=gtin, serial=serial, key_id=KEY.key_id, batch=batch, seq=seq)
    return ProductCode(gtin, serial, Seal(version, KEY.hint, batch, seq, PRIVATE.sign(text)))


@st.composite
def codes(draw):
    head = draw(st.text(st.sampled_from("0123456789"), min_size=13, max_size=13))
    gtin = head + gtin_check_digit(head)
    if draw(st.booleans()):
        batch, seq = draw(st.integers(0, MAX_BATCH)), draw(st.integers(0, MAX_SEQ))
        return sealed(1, gtin, make_serial(batch, seq), batch, seq)
    serial = draw(
        st.text(st.sampled_from(CSET82), min_size=1, max_size=20).filter(lambda text: text not in (".", ".."))
    )
    return sealed(2, gtin, serial, draw(st.integers(0, 2**32 - 1)), draw(st.integers(0, 2**32 - 1)))


ONE = sealed(1, "06901234567892", make_serial(5, 77), 5, 77)


@pytest.mark.parametrize("case", load_cases("product_code.json"), ids=lambda case: case["name"])
def test_each_product_code_vector_gives_its_answer(case):
    run_case(case)


@given(codes(), st.sampled_from(["id.example.cn", "LOCALHOST:8080", "192.0.2.1", "a.b-c.example."]))
def test_a_code_is_read_back_from_each_of_its_texts(code, host):
    for text in (code.to_path(), code.to_url(host), code.to_qr_text(host), code.to_url(host) + "&from=message"):
        assert parse_product_code(text) == code
    assert code.is_sealed_by(KEY)
    assert code.to_url(host).startswith(f"https://{host.lower()}/01/")


@given(codes())
def test_the_general_digital_link_parser_reads_the_same_item(code):
    link = parse_digital_link(code.to_url("id.example.cn"))
    assert link.keys == (("01", code.gtin), ("21", code.serial))
    assert link.query == (("S", code.seal.to_text()),)


@given(codes())
def test_the_signed_text_is_the_documented_one(code):
    seal = code.seal
    lines = code.signed_text(KEY.key_id).decode("ascii").split("\n")
    identity = f"01{code.gtin}21{code.serial}"
    assert lines == [f"product-code/v{seal.version}", identity, KEY.key_id, str(seal.batch), str(seal.seq), ""]
    assert code.signed_text(KEY.key_id) == signing_text(
        version=seal.version,
        gtin=code.gtin,
        serial=code.serial,
        key_id=KEY.key_id,
        batch=seal.batch,
        seq=seal.seq,
    )


@given(codes())
def test_the_item_leaf_is_identity_and_seal(code):
    assert code.item_leaf == b"item/v1\n" + code.identity.encode() + decode_base32(code.seal.to_text())


@settings(max_examples=150)
@given(codes(), st.data())
def test_one_flipped_bit_of_a_seal_is_refused_or_does_not_hold(code, data):
    raw = bytearray(code.seal.to_bytes())
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    path = code.to_path().split("?")[0]
    try:
        flipped = parse_product_code(f"{path}?S={encode_base32(bytes(raw))}")
    except Malformed:
        return
    assert not flipped.is_sealed_by(KEY)


@settings(max_examples=300)
@given(st.data())
def test_one_changed_character_of_a_code_is_refused_or_another_unsealed_code(data):
    text = ONE.to_url("id.example.cn")
    place = data.draw(st.integers(text.index("/01/"), len(text) - 1))
    changed = text[:place] + data.draw(st.characters()) + text[place + 1 :]
    if changed == text:
        return
    try:
        code = parse_product_code(changed)
    except Malformed:
        return
    assert code != ONE
    assert not code.is_sealed_by(KEY)


@settings(max_examples=300)
@given(st.text() | st.text(st.sampled_from("/01?S=&%2FfA.#:@é"), max_size=60))
def test_any_text_is_a_code_in_its_one_spelling_or_malformed(text):
    path, query = ONE.to_path().split("?")
    for hostile in (
        text,
        f"https://{text}{path}?{query}",
        f"{path}{text}?{query}",
        f"{path}?{text}",
        f"{path}?{query}{text}",
    ):
        try:
            code = parse_product_code(hostile)
        except Malformed:
            continue
        # What lies outside the seal may vary; the path and the S parameter are spelt exactly as we would spell them.
        own_path, own_query = code.to_path().split("?")
        location, _, found_query = hostile.partition("?")
        assert location.endswith(own_path)
        assert [part for part in found_query.split("&") if part.startswith("S")].count(own_query) == 1


@given(st.integers(0, MAX_BATCH), st.integers(0, MAX_SEQ))
def test_a_made_serial_is_batch_and_seq(batch, seq):
    serial = make_serial(batch, seq)
    assert parse_made_serial(serial) == (batch, seq)
    assert re.fullmatch("[0-9A-HJKMNP-TV-Z]{9}", serial)


@given(
    st.tuples(st.integers(0, MAX_BATCH), st.integers(0, MAX_SEQ)),
    st.tuples(st.integers(0, MAX_BATCH), st.integers(0, MAX_SEQ)),
)
def test_made_serials_sort_as_their_numbers_do(one, other):
    assert (make_serial(*one) < make_serial(*other)) == (one < other)


@pytest.mark.parametrize(("batch", "seq"), [(-1, 0), (0, -1), (MAX_BATCH + 1, 0), (0, MAX_SEQ + 1)])
def test_a_batch_or_seq_that_does_not_fit_makes_no_serial(batch, seq):
    with pytest.raises(ValueError, match="version 1"):
        make_serial(batch, seq)


@pytest.mark.parametrize(
    "change",
    [
        {"batch": 6},
        {"seq": 78},
        {"serial": "00050002E"},
        {"serial": "abc"},
        {"gtin": "06901234567893"},
        {"version": 3},
        {"version": 2, "batch": 2**32},
        {"version": 2, "seq": -1},
        {"version": 2, "serial": ".."},
        {"version": 2, "serial": "a\nb"},
    ],
)
def test_nothing_is_signed_that_no_verifier_would_read(change):
    given = {"version": 1, "gtin": ONE.gtin, "serial": ONE.serial, "key_id": KEY.key_id, "batch": 5, "seq": 77}
    signing_text(**given)
    with pytest.raises(Malformed):
        signing_text(**(given | change))


@given(st.integers(0, MAX_BATCH), st.integers(0, MAX_SEQ))
def test_the_printed_text_of_version_1_is_alphanumeric_except_for_the_parameter_name(batch, seq):
    host = "twenty-chars.example"
    text = sealed(1, "06901234567892", make_serial(batch, seq), batch, seq).to_qr_text(host)
    head, name, seal = text.partition("?S=")
    assert head == f"HTTPS://TWENTY-CHARS.EXAMPLE/01/06901234567892/21/{make_serial(batch, seq)}"
    assert (len(host), name, len(seal)) == (20, "?S=", 108)
    assert ALPHANUMERIC.fullmatch(head)
    assert ALPHANUMERIC.fullmatch(seal)


def test_the_specification_quotes_the_vectors_as_they_are():
    text = (Path(__file__).parents[2] / "docs" / "spec" / "product-code.md").read_text(encoding="utf-8")
    cases = {case["name"]: case for name in ("keys", "product_code") for case in load_cases(f"{name}.json")}
    one, two = cases["code-url"], cases["code-version-2"]
    quoted = [one["input"]["text"], one["expect"]["signature"], one["expect"]["item_leaf"], two["expect"]["path"]]
    quoted += cases["signed-text-version-1"]["expect"]["text"].splitlines()
    quoted += [cases["sealed"]["input"]["public_key"], cases["key-seed-01"]["expect"]["key_id"]]
    lines = [line.strip() for line in text.splitlines()]
    for value in quoted:
        assert any(line.endswith(value) for line in lines), value
    example = text[text.index("## 7. Example") :]
    names = [name for name in re.findall(r"`([a-z0-9-]+)`", example) if not name.isdigit()]
    assert len(names) > 8
    assert set(names) <= set(cases)


def test_every_code_word_of_a_refused_product_code_is_in_the_specification():
    text = (Path(__file__).parents[2] / "docs" / "spec" / "product-code.md").read_text(encoding="utf-8")
    words = {case["error"] for case in load_cases("product_code.json") if not case["ok"]}
    assert {word for word in words if f"`{word}`" not in text} == set()
