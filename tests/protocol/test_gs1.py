# SPDX-License-Identifier: Apache-2.0
"""GS1 numbers against their vectors and against what a check digit promises."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.identity_vectors import load_cases, run_case
from verifier.protocol import gs1
from verifier.protocol.errors import Malformed

DIGITS = st.text(st.sampled_from("0123456789"), min_size=13, max_size=13)
PREFIXES = st.text(st.sampled_from("01"), min_size=4, max_size=12)


@pytest.mark.parametrize(
    "case", [case for case in load_cases("gs1.json") if case["op"] != "parse_uscc"], ids=lambda case: case["name"]
)
def test_each_gs1_vector_gives_its_answer(case):
    run_case(case)


@given(DIGITS)
def test_exactly_one_of_ten_check_digits_is_right(head):
    right = []
    for digit in "0123456789":
        try:
            right.append(gs1.parse_gtin14(head + digit)[-1])
        except Malformed:
            continue
    assert right == [gs1.gtin_check_digit(head)]


@given(DIGITS, st.integers(0, 13), st.sampled_from("0123456789"))
def test_one_mistyped_digit_of_a_gtin_is_always_noticed(head, place, digit):
    gtin = head + gs1.gtin_check_digit(head)
    assume(gtin[place] != digit)
    with pytest.raises(Malformed):
        gs1.parse_gtin14(gtin[:place] + digit + gtin[place + 1 :])


@pytest.mark.parametrize("text", ["", "12345678", "123456x", "١٢٣٤٥٦٧"])
def test_a_check_digit_is_computed_only_for_the_lengths_of_a_gtin(text):
    with pytest.raises(Malformed):
        gs1.gtin_check_digit(text)


@given(st.text(max_size=25))
def test_any_text_is_a_value_or_malformed(text):
    for parse in (gs1.parse_gtin14, gs1.gtin14_from, gs1.parse_serial, gs1.parse_lot, gs1.parse_company_prefix):
        try:
            value = parse(text)
        except Malformed:
            continue
        assert value == text or (parse is gs1.gtin14_from and value.endswith(text))


def test_cset_82_has_82_characters_and_cset_39_has_39():
    assert len(set(gs1.CSET82)) == len(gs1.CSET82) == 82
    assert len(set(gs1.CSET39)) == len(gs1.CSET39) == 39


@given(PREFIXES, PREFIXES)
def test_overlapping_prefixes_are_those_that_share_a_gtin(a, b):
    longer = max(a, b, key=len)
    head = "0" + longer.ljust(12, "0")
    gtin = head + gs1.gtin_check_digit(head)
    assert gs1.do_prefixes_overlap(a, b) == (gs1.is_gtin_under_prefix(gtin, a) and gs1.is_gtin_under_prefix(gtin, b))
    assert gs1.do_prefixes_overlap(a, b) == gs1.do_prefixes_overlap(b, a)
