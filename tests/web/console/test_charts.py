# SPDX-License-Identifier: Apache-2.0
"""Charts: heights are in proportion, nothing leaves the picture, and the figures stand below it in words."""

from __future__ import annotations

from passport.web.console.charts import HEIGHT, WIDTH, Column, ColumnChart, Series
from passport.web.console.render import make_environment

SERIES = (Series("bound", "good"), Series("refused", "bad"))


def chart(*columns: Column, limit: float = 0) -> ColumnChart:
    return ColumnChart("c", "Decisions <b>", SERIES, columns, limit)


def test_blocks_stand_on_one_another_in_proportion_and_fill_the_height_once() -> None:
    blocks = chart(Column("1", (3, 1)), Column("2", (0, 2))).blocks()
    assert [(one.tone, one.height) for one in blocks] == [("good", 120), ("bad", 40), ("bad", 80)]
    assert [one.y for one in blocks] == [40, 0, 80]
    assert all(one.x >= 0 and one.x + one.width <= WIDTH and one.y + one.height <= HEIGHT for one in blocks)
    assert blocks[0].x + blocks[0].width < blocks[2].x


def test_the_limit_is_inside_the_picture_even_above_all_columns() -> None:
    assert "Top of the scale 26.4" in render(chart(Column("1", (3, 0)), limit=24))
    line = chart(Column("1", (3, 0)), limit=24).line()
    assert line is not None and 0 < line < HEIGHT / 4
    assert chart(Column("1", (3, 0))).line() is None


def test_no_columns_and_columns_of_nothing_are_no_chart_and_no_division_by_nothing() -> None:
    for empty in (chart(), chart(Column("1", (0, 0)))):
        assert empty.blocks() == [] and not empty.has_figures


def render(of: ColumnChart) -> str:
    source = "{% from 'console/_charts.html' import columns with context %}{{ columns(chart) }}"
    return make_environment("en").from_string(source).render(chart=of)


def test_the_page_has_the_picture_for_eyes_and_a_table_for_everybody() -> None:
    text = render(chart(Column("05-01", (1234, 0.5))))
    assert 'aria-hidden="true"' in text and "<rect" in text
    assert "<td>1,234</td><td>0.5</td>" in text and '<th scope="row">05-01</th>' in text
    assert "Decisions &lt;b&gt;" in text
    assert "No figures yet." in render(chart()) and "<svg" not in render(chart())
