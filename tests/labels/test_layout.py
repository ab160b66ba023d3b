# SPDX-License-Identifier: Apache-2.0
"""Geometry of a sheet: whole dots, nothing overlaps, nothing leaves the page."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.labels.layout import QUIET_ZONE, SheetLayout


def test_the_default_sheet_is_a4_with_56_labels_and_modules_of_11_dots() -> None:
    layout = SheetLayout()
    assert layout.page_dots == (4960, 7016)
    assert (layout.columns, layout.rows, layout.labels_per_page) == (7, 8, 56)
    assert layout.place(45).module == 11
    assert layout.module_mm(45) == pytest.approx(0.4657, abs=1e-4)


@st.composite
def _layouts(draw: st.DrawFn) -> SheetLayout:
    lengths = st.floats(5, 60)
    try:
        return SheetLayout(
            page_width_mm=draw(st.floats(40, 450)),
            page_height_mm=draw(st.floats(40, 650)),
            label_width_mm=draw(lengths),
            label_height_mm=draw(lengths),
            gap_mm=draw(st.floats(0, 6)),
            margin_mm=draw(st.floats(0, 20)),
            dpi=draw(st.sampled_from([203, 300, 360, 600, 1200])),
            caption_lines=draw(st.integers(0, 3)),
        )
    except ValueError:
        assume(False)
        raise


@given(_layouts())
def test_labels_stay_between_the_margins_and_never_overlap(layout: SheetLayout) -> None:
    width, height = layout.label_dots
    margin, (page_width, page_height) = layout.dots(layout.margin_mm), layout.page_dots
    corners = layout.corners()
    assert len(corners) == len(set(corners)) == layout.labels_per_page
    for x, y in corners:
        assert margin <= x <= page_width - margin - width
        assert margin <= y <= page_height - margin - height
    gap = layout.dots(layout.gap_mm)
    assert all(b - a >= width + gap for a, b in _steps({x for x, _ in corners}))
    assert all(b - a >= height + gap for a, b in _steps({y for _, y in corners}))
    assert corners == sorted(corners, key=lambda corner: (-corner[1], corner[0]))


def _steps(values: set[int]) -> list[tuple[int, int]]:
    ordered = sorted(values)
    return list(pairwise(ordered))


@given(_layouts(), st.sampled_from([21, 45, 49, 61]))
def test_a_symbol_keeps_its_quiet_zone_inside_the_label_and_clear_of_the_caption(
    layout: SheetLayout, size: int
) -> None:
    try:
        place = layout.place(size)
    except ValueError:
        assume(False)
        raise
    width, height = layout.label_dots
    quiet, side = QUIET_ZONE * place.module, size * place.module
    assert place.x >= quiet and place.x + side + quiet <= width
    assert place.y + side + quiet <= height
    for baseline in layout.baselines(layout.caption_lines):
        assert baseline >= 0 and baseline + 0.8 * layout.font_dots <= place.y - quiet


def test_one_caption_line_of_two_stands_right_below_the_symbol() -> None:
    layout = SheetLayout()
    assert layout.baselines(1) == layout.baselines(2)[:1]


def test_crop_marks_lie_in_the_margins_at_every_edge() -> None:
    layout = SheetLayout(crop_marks=True)
    lines, (width, height) = layout.crop_lines(), layout.page_dots
    assert len(lines) == 2 * 2 * (layout.columns + layout.rows)
    low_x, low_y = (min(corner[axis] for corner in layout.corners()) for axis in (0, 1))
    for x1, y1, x2, y2 in lines:
        assert 0 <= x1 <= x2 <= width and 0 <= y1 <= y2 <= height
        assert x2 < low_x or y2 < low_y or x1 > low_x or y1 > low_y
    assert SheetLayout().crop_lines() == []


@pytest.mark.parametrize(
    "change",
    [
        {"label_width_mm": 0.0},
        {"gap_mm": -1.0},
        {"page_height_mm": float("nan")},
        {"margin_mm": float("inf")},
        {"dpi": 0},
        {"caption_lines": -1},
        {"label_width_mm": 191.0},
        {"label_height_mm": 0.001},
        {"crop_marks": True, "margin_mm": 4.0},
    ],
)
def test_a_layout_that_cannot_be_printed_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(ValueError):
        replace(SheetLayout(), **change)


def test_a_label_too_small_for_one_dot_per_module_is_refused() -> None:
    with pytest.raises(ValueError, match="no room for 45 modules at 203 dpi"):
        SheetLayout(label_width_mm=6, label_height_mm=6, dpi=203, caption_lines=0).place(45)
