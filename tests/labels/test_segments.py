# SPDX-License-Identifier: Apache-2.0
"""How texts are cut into segments, and which version they take."""

from __future__ import annotations

import pytest
from qrcode import base, constants, util

from passport.labels.segments import (
    DATA_CODEWORDS,
    MAX_VERSION,
    Mode,
    Segment,
    SymbolLayout,
    fit_layout,
    group_by_layout,
    plan_layout,
)
from tests.labels.samples import version_1_code, version_2_code


def test_a_version_1_code_with_a_host_of_20_characters_is_a_7_m_symbol() -> None:
    layout = plan_layout(version_1_code(1, host="ID.EXAMPLE-LONGER.CN"))
    alphanumeric, seal = Segment(Mode.ALPHANUMERIC, 59), Segment(Mode.ALPHANUMERIC, 108)
    assert layout == SymbolLayout(7, (alphanumeric, Segment(Mode.BYTE, 3), seal))
    assert layout.size == 45


def test_a_host_of_23_characters_needs_the_next_version() -> None:
    assert plan_layout(version_1_code(1, host="A" * 22)).version == 7
    assert plan_layout(version_1_code(1, host="A" * 23)).version == 8


def test_a_version_2_code_with_a_mixed_case_serial_of_12_is_an_8_m_symbol_with_the_serial_in_bytes() -> None:
    layout = plan_layout(version_2_code(1, "Ab-Cd_012345", host="ID.EXAMPLE-LONGER.CN"))
    assert layout.version == 8
    assert layout.segments == (
        Segment(Mode.ALPHANUMERIC, 50),
        Segment(Mode.BYTE, 12 + 3),
        Segment(Mode.ALPHANUMERIC, 120),
    )


def test_a_serial_in_upper_case_stays_alphanumeric() -> None:
    layout = plan_layout(version_2_code(1, "AB-CD.012345"))
    assert [segment.mode for segment in layout.segments] == [Mode.ALPHANUMERIC, Mode.BYTE, Mode.ALPHANUMERIC]
    assert layout.segments[1].length == 3


def test_a_lower_case_host_makes_all_before_the_seal_bytes() -> None:
    code = version_1_code(1).replace("ID.EXAMPLE.CN", "id.example.cn")
    assert [segment.mode for segment in plan_layout(code).segments] == [Mode.BYTE, Mode.ALPHANUMERIC]


def test_the_longest_serial_in_percent_encoding_still_fits() -> None:
    assert plan_layout(version_2_code(1, "%2F" * 19 + "a", host="A" * 40)).version <= MAX_VERSION


@pytest.mark.parametrize(("text", "mode"), [("HELLO WORLD", Mode.ALPHANUMERIC), ("Hello", Mode.BYTE)])
def test_any_other_text_is_one_segment(text: str, mode: Mode) -> None:
    assert plan_layout(text) == SymbolLayout(1, (Segment(mode, len(text)),))


@pytest.mark.parametrize("text", ["", "数字护照", "\u0660", "x" * 300])
def test_a_text_that_is_empty_not_ascii_or_too_long_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        plan_layout(text)


@pytest.mark.parametrize("version", [0, MAX_VERSION + 1])
def test_a_version_out_of_range_is_refused(version: int) -> None:
    with pytest.raises(ValueError, match="version must be"):
        fit_layout([Segment(Mode.BYTE, 1)], version=version)


def test_segments_that_do_not_fit_the_asked_version_are_refused() -> None:
    with pytest.raises(ValueError, match="too long for a QR symbol of version 1"):
        fit_layout([Segment(Mode.BYTE, 15)], version=1)


def test_no_segments_and_empty_segments_are_refused() -> None:
    for segments in ([], [Segment(Mode.BYTE, 0)]):
        with pytest.raises(ValueError, match="at least one segment"):
            fit_layout(segments)


def test_capacities_and_character_counts_are_those_of_the_reference() -> None:
    for version in range(1, MAX_VERSION + 1):
        blocks = base.rs_blocks(version, constants.ERROR_CORRECT_M)
        assert DATA_CODEWORDS[version - 1] == sum(block.data_count for block in blocks)
        for mode, reference in ((Mode.ALPHANUMERIC, util.MODE_ALPHA_NUM), (Mode.BYTE, util.MODE_8BIT_BYTE)):
            assert Segment(mode, 1).count_bits(version) == util.length_in_bits(reference, version)


def test_texts_are_grouped_by_layout_with_their_positions() -> None:
    texts = [version_2_code(1, "a1"), version_2_code(2, "b22"), version_2_code(3, "c3"), version_2_code(4, "D4")]
    groups = group_by_layout(texts)
    assert list(groups.values()) == [[0, 2], [1], [3]]
    assert all(plan_layout(texts[i]) == layout for layout, positions in groups.items() for i in positions)


def test_a_layout_says_what_it_is() -> None:
    assert str(plan_layout(version_1_code(1))) == "7-M: alphanumeric(52) + byte(3) + alphanumeric(108)"
