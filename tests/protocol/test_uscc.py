# SPDX-License-Identifier: Apache-2.0
"""Unified social credit codes: both check characters, and one mistyped character."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.identity_vectors import load_cases, run_case
from verifier.protocol.errors import Malformed
from verifier.protocol.uscc import organisation_check_character, parse_uscc, uscc_check_character

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize(
    "case", [case for case in load_cases("gs1.json") if case["op"] == "parse_uscc"], ids=lambda case: case["name"]
)
def test_each_uscc_vector_gives_its_answer(case):
    run_case(case)


@st.composite
def codes(draw):
    region = draw(st.text(st.sampled_from("0123456789"), min_size=6, max_size=6))
    body = draw(st.text(st.sampled_from(ALPHABET), min_size=8, max_size=8))
    head = draw(st.sampled_from(["91", "92", "93", "12", "Y1"])) + region + body
    head += organisation_check_character(body)
    return head + uscc_check_character(head)


@given(codes())
def test_a_code_with_both_check_characters_is_accepted_as_it_stands(code):
    assert parse_uscc(code) == code


@given(codes(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_mistyped_character_is_always_noticed(code, place, character):
    assume(code[place] != character)
    with pytest.raises(Malformed):
        parse_uscc(code[:place] + character + code[place + 1 :])


@given(st.text(max_size=20))
def test_any_text_is_a_code_or_malformed(text):
    with pytest.raises(Malformed):
        parse_uscc(text + "!")
    try:
        code = parse_uscc(text)
    except Malformed:
        return
    assert code == text
