# SPDX-License-Identifier: Apache-2.0
"""Encodings: one spelling per value, and nothing but Malformed for everything else."""

from __future__ import annotations

import base64
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from tests.support.identity_vectors import VECTORS, load_cases, run_case
from verifier.protocol import encoding
from verifier.protocol.errors import Malformed

JSON_LIKE = st.text(st.sampled_from('{}[]",:0123456789.eE+-truefalsn \\u\n'), max_size=40).map(str.encode)
JSON_VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(max_codepoint=127)), inner),
    max_leaves=12,  # too few to nest deeper than the format allows
)


@pytest.mark.parametrize("case", load_cases("encoding.json"), ids=lambda case: case["name"])
def test_each_encoding_vector_gives_its_answer(case):
    run_case(case)


def test_the_identity_vectors_are_what_their_generator_writes(monkeypatch):
    monkeypatch.syspath_prepend(str(VECTORS))
    import make_identity_vectors

    for name, text in make_identity_vectors.build().items():
        assert (VECTORS / name).read_text(encoding="ascii") == text, f"{name}: run make_identity_vectors.py"


@pytest.mark.parametrize("name", ["encoding", "gs1", "digital_link", "keys", "product_code"])
def test_no_two_vectors_of_a_file_share_a_name(name):
    names = [case["name"] for case in load_cases(f"{name}.json")]
    assert len(names) == len(set(names))


def test_every_op_of_the_vectors_is_in_their_readme():
    readme = (VECTORS / "README.md").read_text(encoding="utf-8")
    for path in ("encoding", "gs1", "digital_link", "keys", "product_code"):
        for case in load_cases(f"{path}.json"):
            assert f"`{case['op']}`" in readme


@given(st.binary(max_size=400))
def test_base32_agrees_with_the_standard_library_and_comes_back(data):
    text = encoding.encode_base32(data)
    assert text == base64.b32encode(data).decode().rstrip("=")
    assert encoding.decode_base32(text) == data


@given(st.binary(max_size=100))
def test_base64_comes_back(data):
    assert encoding.decode_base64(encoding.encode_base64(data)) == data


@given(st.text(st.sampled_from("ABYZ2347=ab01 _+\n٥Ａ"), max_size=12) | st.text(max_size=12))
def test_whatever_text_decoders_accept_is_its_own_re_encoding(text):
    pairs = [
        (encoding.decode_base64, encoding.encode_base64),
        (encoding.decode_base32, encoding.encode_base32),
        (encoding.parse_decimal, str),
        (encoding.parse_crockford, lambda value: encoding.encode_crockford(value, width=len(text))),
        (lambda t: encoding.parse_hex(t, size=len(t) // 2), bytes.hex),
    ]
    for decode, encode in pairs:
        try:
            value = decode(text)
        except Malformed:
            continue
        assert encode(value) == text


@given(st.integers(0, 2**63 - 1))
def test_decimals_come_back(value):
    assert encoding.parse_decimal(str(value)) == value


@given(st.integers(0, 2**45 - 1))
def test_crockford_numbers_come_back(value):
    text = encoding.encode_crockford(value, width=9)
    assert len(text) == 9
    assert encoding.parse_crockford(text) == value


@pytest.mark.parametrize("value", [-1, 32])
def test_a_number_that_does_not_fit_its_width_is_a_programming_error(value):
    with pytest.raises(ValueError, match="does not fit"):
        encoding.encode_crockford(value, width=1)


@given(JSON_VALUES)
def test_canonical_json_comes_back_and_agrees_with_an_rfc_8785_library(value):
    data = encoding.encode_canonical_json(value)
    assert data == rfc8785.dumps(value)
    assert encoding.parse_canonical_json(data, max_size=len(data)) == value


@given(st.binary(max_size=60) | JSON_LIKE)
def test_any_bytes_are_canonical_json_or_malformed(data):
    try:
        value = encoding.parse_canonical_json(data)
    except Malformed:
        return
    assert rfc8785.dumps(value) == data


@given(JSON_VALUES)
def test_json_in_any_other_layout_is_refused(value):
    for data in (json.dumps(value, indent=1).encode(), json.dumps(value, sort_keys=True).encode() + b" "):
        try:
            canonical = encoding.encode_canonical_json(value)
            parsed = encoding.parse_canonical_json(data)
        except Malformed:
            continue
        assert data == canonical
        assert parsed == value


class _Number(int):
    pass


@pytest.mark.parametrize("value", [None, 1.0, (1,), {1: 2}, {"é": 1}, b"x", _Number(1), 2**53, ["\ud800"], {"a": None}])
def test_what_has_no_canonical_form_is_not_encoded(value):
    with pytest.raises(Malformed) as caught:
        encoding.encode_canonical_json(value)
    assert caught.value.code == "not_canonical_json"
