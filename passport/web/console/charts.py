# SPDX-License-Identifier: Apache-2.0
"""Charts as geometry: columns that stand on one another, drawn by templates/console/_charts.html. Pure, no scripts.

A chart always comes with its figures as a table: who cannot see the picture, or wants to copy it, reads those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600, 160
_GAP = 0.25  # of a column's room


@dataclass(frozen=True, slots=True)
class Series:
    """One kind of figure. `tone` is a colour of console.css: good, bad, warm or quiet."""

    name: str
    tone: str


@dataclass(frozen=True, slots=True)
class Column:
    """One place on the x axis: a day, a recall. `values` in the order of the series, none of them negative."""

    label: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of the picture, in units of WIDTH × HEIGHT from the upper left corner."""

    tone: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class ColumnChart:
    """`id` is unique on its page. `limit` is a line at that value, such as 24 hours, with its name; 0 for none."""

    id: str
    title: str
    series: tuple[Series, ...]
    columns: tuple[Column, ...]
    limit: float = 0
    limit_name: str = ""

    @property
    def highest(self) -> float:
        """What the full height stands for; 1 at least, so that nothing is divided by nothing."""
        return max(1, self.limit * 1.1, *(sum(column.values) for column in self.columns), 0)

    @property
    def has_figures(self) -> bool:
        return any(sum(column.values) for column in self.columns)

    def line(self) -> float | None:
        """Where the limit's line is, from the top; None without one."""
        return round(HEIGHT * (1 - self.limit / self.highest), 1) if self.limit else None

    def blocks(self) -> list[Block]:
        """What is drawn, without blocks of no height."""
        room = WIDTH / max(len(self.columns), 1)
        found = []
        for place, column in enumerate(self.columns):
            found += self._stack(column.values, place * room + room * _GAP / 2, room * (1 - _GAP))
        return found

    def _stack(self, values: Sequence[float], x: float, width: float) -> list[Block]:
        found, top = [], float(HEIGHT)
        for series, value in zip(self.series, values, strict=True):
            height = HEIGHT * value / self.highest
            top -= height
            if value:
                found.append(Block(series.tone, round(x, 1), round(top, 1), round(width, 1), round(height, 1)))
        return found
