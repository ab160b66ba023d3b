# SPDX-License-Identifier: Apache-2.0
"""GS1 Digital Links: our vectors, the published vectors of GS1's own engine, and round trips."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.identity_vectors import load_cases, run_case
from verifier.protocol.digital_link import (
    DigitalLink,
    decode_percent,
    encode_percent,
    make_digital_link,
    parse_digital_link,
)
from verifier.protocol.errors import Malformed
from verifier.protocol.gs1 import CSET82

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "conformance"
_PUBLISHED = Path(os.environ.get("PASSPORT_CONFORMANCE", _BESIDE)) / "gs1" / "dl_vectors.json"
# Rows for leniencies that we do not have: alphabetic keys, unknown identifiers, GTINs without their zeros.
_LENIENCIES = ("permitAlphas", "permitUnknownAIs", "permitZeroSuppressedGTIN")


def _published(kind: str) -> list[dict[str, object]]:
    return json.loads(_PUBLISHED.read_text(encoding="utf-8"))[kind] if _PUBLISHED.is_file() else []


needs_published = pytest.mark.skipif(
    not _PUBLISHED.is_file(), reason="GS1's vectors are not here; set PASSPORT_CONFORMANCE to their folder"
)


@pytest.mark.parametrize("case", load_cases("digital_link.json"), ids=lambda case: case["name"])
def test_each_digital_link_vector_gives_its_answer(case):
    run_case(case)


@needs_published
def test_the_published_vectors_are_all_there():
    rows = [row for row in _published("parse") if not any(row[leniency] for leniency in _LENIENCIES)]
    assert (len(rows), len(_published("generate"))) == (92, 22)


@needs_published
@pytest.mark.parametrize("row", _published("parse"), ids=lambda row: row["uri"] or "empty")
def test_links_are_accepted_and_refused_as_gs1_publishes(row):
    if any(row[leniency] for leniency in _LENIENCIES):
        pytest.skip("this row switches on a leniency of the engine that we do not have")
    if not row["ok"]:
        with pytest.raises(Malformed):
            parse_digital_link(row["uri"])
        return
    link = parse_digital_link(row["uri"])
    # The engine prints element strings: "^" stands before each element that follows one of variable length.
    assert "".join(ai + value for ai, value in link.keys + link.attributes) == row["expect"].replace("^", "")
    assert link.to_uri() == row["uri"]


@needs_published
@pytest.mark.parametrize("row", _published("generate"), ids=lambda row: f"{row['ai']}-{row['ok']}")
def test_links_are_built_as_gs1_publishes(row):
    if "(89)" in row["ai"] and row["ok"]:
        pytest.skip("the engine was told to permit unknown identifiers here; the same elements are refused elsewhere")
    elements = [(ai, value) for ai, value in re.findall(r"\(([0-9]+)\)([^(]*)", row["ai"])]
    stem = {} if row["stem"] is None else {"stem": row["stem"]}
    if not row["ok"]:
        with pytest.raises(Malformed):
            make_digital_link(elements, **stem)
        return
    link = make_digital_link(elements, **stem)
    assert link.to_uri() == row["expect"]
    assert parse_digital_link(link.to_uri()) == link


@given(st.text(st.sampled_from(CSET82), min_size=1, max_size=20))
def test_percent_encoding_has_one_spelling_and_comes_back(value):
    assert decode_percent(encode_percent(value)) == value


@given(st.text(st.sampled_from("aZ09-._~%25FfAa/+ é\0"), max_size=12) | st.text(max_size=12))
def test_accepted_percent_encodings_are_their_own_re_encoding(text):
    try:
        value = decode_percent(text)
    except Malformed:
        return
    assert encode_percent(value) == text


@st.composite
def element_lists(draw):
    values = st.text(st.sampled_from(CSET82), min_size=1, max_size=20).filter(lambda value: value.strip("."))
    elements = [("01", "06901234567892")]
    elements += [(ai, draw(values)) for ai in ("22", "10", "21", "240", "91") if draw(st.booleans())]
    elements += [("17", "260131")] if draw(st.booleans()) else []
    return draw(st.permutations(elements))


@given(element_lists())
def test_a_link_built_from_elements_is_read_back_as_those_elements(elements):
    uri = make_digital_link(elements, stem="https://id.example.cn/stem").to_uri()
    link = parse_digital_link(uri)
    assert sorted(link.keys + link.attributes) == sorted(elements)
    assert link.to_uri() == uri
    assert link.stem == "/stem"


@given(st.text(max_size=40) | st.text(st.sampled_from("/01?=&%.#:@2Aa"), max_size=40))
def test_any_text_is_a_link_in_its_one_spelling_or_malformed(text):
    for uri in (text, f"https://id.example.cn/01/06901234567892{text}", f"https://{text}/01/06901234567892"):
        try:
            link = parse_digital_link(uri)
        except Malformed:
            continue
        assert link.to_uri() == uri


def test_what_is_no_identifier_stays_verbatim_and_apart():
    link = parse_digital_link("https://id.example.cn/01/06901234567892?a=%2f&17=260101&b#top")
    assert link == DigitalLink(
        "https",
        "id.example.cn",
        "",
        (("01", "06901234567892"),),
        (("a", "%2f"), ("17", "260101"), ("b", None)),
        "top",
    )
    assert link.attributes == (("17", "260101"),)
    assert link.other_parameters == (("a", "%2f"), ("b", None))
