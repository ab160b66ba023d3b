# SPDX-License-Identifier: Apache-2.0
"""Where labels stand on a printed sheet, counted in the printer's dots. Quiet zone: ISO/IEC 18004:2015, 6.3.8."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

QUIET_ZONE = 4
"""Light modules on each side of a symbol."""

_MM_PER_INCH = 25.4
_POINTS_PER_INCH = 72
_LEADING = 1.2  # line height over font size
_CROP_MARK_MM = 4.0
_GLYPH_WIDTH = 0.6  # every glyph of Courier, over font size


@dataclass(frozen=True, slots=True)
class Placement:
    """A symbol inside its label: module side and lower left corner of the symbol (without quiet zone), in dots."""

    module: int
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class SheetLayout:
    """A page of equal labels; lengths in mm, A4 unless said otherwise.

    Every length is rounded to whole dots of the printer (`dpi`), and a module is a whole number of dots, so that no
    two modules of a label differ in width. The symbol is as large as label and caption leave room for, with its quiet
    zone. `caption_lines` lines of `caption_points` are kept free below it; 0 for none. `crop_marks` draws cutting lines
    in the margins. Raises ValueError if a length is not positive (gap, margin: negative), or no label fits on the page.
    """

    page_width_mm: float = 210.0
    page_height_mm: float = 297.0
    label_width_mm: float = 25.0
    label_height_mm: float = 30.0
    gap_mm: float = 2.0
    margin_mm: float = 10.0
    dpi: int = 600
    caption_lines: int = 2
    caption_points: float = 5.0
    crop_marks: bool = False

    def __post_init__(self) -> None:
        may_be_zero = ("gap_mm", "margin_mm", "caption_lines", "crop_marks")
        for field in fields(self):
            value = getattr(self, field.name)
            if not math.isfinite(value) or value < 0 or (value == 0 and field.name not in may_be_zero):
                raise ValueError(f"{field.name} is {value}, which is no length to print with")
        if self.crop_marks and self.margin_mm < _CROP_MARK_MM + 1:
            raise ValueError(f"crop marks need a margin of at least {_CROP_MARK_MM + 1:g} mm")
        if self.columns < 1 or self.rows < 1:
            raise ValueError("not even one label fits between the margins of the page")

    def dots(self, length_mm: float) -> int:
        """Whole dots nearest to a length."""
        return round(length_mm * self.dpi / _MM_PER_INCH)

    @property
    def dot_points(self) -> float:
        """Side of a dot in PDF units."""
        return _POINTS_PER_INCH / self.dpi

    @property
    def page_dots(self) -> tuple[int, int]:
        """Width and height of the page, in steps of 1/150 inch if `dpi` allows, so that a proof at 150 dpi is exact."""
        step = self.dpi // 150 if self.dpi % 150 == 0 else 1
        width, height = (mm * self.dpi / _MM_PER_INCH / step for mm in (self.page_width_mm, self.page_height_mm))
        return round(width) * step, round(height) * step

    @property
    def label_dots(self) -> tuple[int, int]:
        """Width and height of a label."""
        return self.dots(self.label_width_mm), self.dots(self.label_height_mm)

    @property
    def columns(self) -> int:
        """Labels side by side."""
        return self._count(self.page_dots[0], self.label_dots[0])

    @property
    def rows(self) -> int:
        """Labels below each other."""
        return self._count(self.page_dots[1], self.label_dots[1])

    @property
    def labels_per_page(self) -> int:
        """Labels on a full page."""
        return self.columns * self.rows

    def _count(self, page: int, label: int) -> int:
        gap = self.dots(self.gap_mm)
        return max(0, (page - 2 * self.dots(self.margin_mm) + gap) // (label + gap)) if label else 0

    def corners(self) -> list[tuple[int, int]]:
        """Lower left corners of the labels in dots from the lower left of the page; row by row from the top."""
        (width, height), top = self.label_dots, self.page_dots[1] - self.dots(self.margin_mm)
        left, gap = self.dots(self.margin_mm), self.dots(self.gap_mm)
        return [
            (left + column * (width + gap), top - row * (height + gap) - height)
            for row in range(self.rows)
            for column in range(self.columns)
        ]

    @property
    def font_dots(self) -> float:
        """Font size of the caption."""
        return self.caption_points / self.dot_points

    @property
    def caption_columns(self) -> int:
        """Characters in a caption line across the label."""
        return int(self.label_dots[0] / (_GLYPH_WIDTH * self.font_dots))

    def line_width(self, length: int) -> float:
        """Width of a caption line of so many characters, in dots."""
        return length * _GLYPH_WIDTH * self.font_dots

    def baselines(self, lines: int) -> list[int]:
        """Heights of the caption's baselines above the label's lower edge, first line first, in dots."""
        leading, free = _LEADING * self.font_dots, self.caption_lines - lines
        return [round((0.3 + free + index) * leading) for index in range(lines - 1, -1, -1)]

    def place(self, size: int) -> Placement:
        """Where a symbol of `size` modules a side stands in the label. Raises ValueError if a module has no dot."""
        width, height = self.label_dots
        caption = math.ceil(self.caption_lines * _LEADING * self.font_dots)
        free = height - caption
        module = min(width, free) // (size + 2 * QUIET_ZONE)
        if module < 1:
            raise ValueError(
                f"a label of {self.label_width_mm:g} x {self.label_height_mm:g} mm has no room for {size} modules "
                f"at {self.dpi} dpi"
            )
        return Placement(module, (width - module * size) // 2, caption + (free - module * size) // 2)

    def module_mm(self, size: int) -> float:
        """Printed side of a module of a symbol with `size` modules a side."""
        return self.place(size).module * _MM_PER_INCH / self.dpi

    def crop_lines(self) -> list[tuple[int, int, int, int]]:
        """Cutting lines in the margins (x1, y1, x2, y2) along every edge of the labels; none without `crop_marks`."""
        if not self.crop_marks:
            return []
        (page_width, page_height), (width, height) = self.page_dots, self.label_dots
        corners, length, off = self.corners(), self.dots(_CROP_MARK_MM), self.dots(1.0)
        edges_x = sorted({x + side for x, _ in corners for side in (0, width)})
        edges_y = sorted({y + side for _, y in corners for side in (0, height)})
        ends_y = ((edges_y[0] - off - length, edges_y[0] - off), (edges_y[-1] + off, edges_y[-1] + off + length))
        ends_x = ((edges_x[0] - off - length, edges_x[0] - off), (edges_x[-1] + off, edges_x[-1] + off + length))
        lines = [(x, low, x, high) for x in edges_x for low, high in ends_y]
        lines += [(low, y, high, y) for y in edges_y for low, high in ends_x]
        return [line for line in lines if max(line[0], line[2]) <= page_width and max(line[1], line[3]) <= page_height]
