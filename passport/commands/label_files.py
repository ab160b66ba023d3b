# SPDX-License-Identifier: Apache-2.0
"""The labels of a finished batch, made from its codes.ndjson: one file for each code, or one sheet. ISO/IEC 18004."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from passport.domain.files import make_directory, replace_file
from passport.domain.maker_errors import BadInput
from passport.labels.layout import SheetLayout
from passport.labels.matrix import build_matrices, build_symbols
from passport.labels.png import fit_scale, write_png
from passport.labels.segments import group_by_layout
from passport.labels.sheet import SheetWriter
from passport.labels.svg import write_svg
from passport.services.maker_ports import Reporter

FORMATS = ("none", "svg", "png", "pdf")
PAGES = {"a4": (210.0, 297.0), "a3": (297.0, 420.0), "letter": (215.9, 279.4)}
_CHUNK = 1024
_FILES_PER_DIRECTORY = 1000
_PNG_DPI = 600


@dataclass(frozen=True, slots=True)
class LabelOrder:
    """What labels to make: the format, the label and the page in mm, cutting lines or not."""

    format: str
    label_mm: tuple[float, float]
    page_mm: tuple[float, float]
    crop_marks: bool = False

    @property
    def layout(self) -> SheetLayout:
        """The sheet; raises BadInput("bad_label_size")."""
        try:
            return SheetLayout(
                page_width_mm=self.page_mm[0],
                page_height_mm=self.page_mm[1],
                label_width_mm=self.label_mm[0],
                label_height_mm=self.label_mm[1],
                crop_marks=self.crop_marks,
            )
        except ValueError as error:
            raise BadInput("bad_label_size", f"These labels cannot be made: {error}.") from error

    @property
    def marker(self) -> bytes:
        """What is written down when the labels are done: who asks for others gets them made."""
        return json.dumps([self.format, self.label_mm, self.page_mm, self.crop_marks]).encode()


@dataclass(frozen=True, slots=True)
class _Code:
    seq: int
    gtin: str
    serial: str
    qr_text: str


def parse_size(text: str) -> tuple[float, float]:
    """`WIDTHxHEIGHT` in mm. Raises ValueError."""
    width, separator, height = text.lower().partition("x")
    allowed = frozenset("0123456789.")
    if not separator or not width or not height or not allowed.issuperset(width + height):
        raise ValueError(f"a size is written WIDTHxHEIGHT in mm, such as 25x30, not {text[:40]!r}")
    return float(width), float(height)


def make_labels(out: Path, count: int, order: LabelOrder, reporter: Reporter) -> Path:
    """Make the labels unless they stand there; returns the sheet or the directory. Raises
    BadInput("bad_label_size")."""
    target = out / ("labels.pdf" if order.format == "pdf" else f"labels-{order.format}")
    marker = out / ".work" / f"labels-{order.format}.done"
    if target.exists() and marker.exists() and marker.read_bytes() == order.marker:
        return target
    marker.unlink(missing_ok=True)
    layout = order.layout
    reporter.start("labels", count)
    try:
        if order.format == "pdf":
            _write_sheet(target, out, layout, reporter)
        else:
            _write_files(target, out, order, reporter)
    except ValueError as error:
        raise BadInput("bad_label_size", f"These labels cannot be made: {error}.") from error
    # A crash before this makes the same command make them again, to the same bytes.
    replace_file(marker, order.marker)
    return target


def _write_sheet(target: Path, out: Path, layout: SheetLayout, reporter: Reporter) -> None:
    with SheetWriter(target, layout, title=f"Product code labels {out.name}") as sheet:
        for codes in _read_codes(out):
            captions = [f"(01){code.gtin}\n(21){code.serial}" for code in codes]
            sheet.add_symbols(build_symbols([code.qr_text for code in codes]), captions)
            reporter.advance(len(codes))


def _write_files(target: Path, out: Path, order: LabelOrder, reporter: Reporter) -> None:
    for codes in _read_codes(out):
        texts = [code.qr_text for code in codes]
        paths = [_label_path(target, code.seq, order.format) for code in codes]
        for directory in {path.parent for path in paths}:
            make_directory(directory)
        for layout, positions in group_by_layout(texts).items():
            matrices = build_matrices([texts[position] for position in positions], layout=layout)
            chosen = [paths[position] for position in positions]
            if order.format == "svg":
                captions = [f"(01){codes[place].gtin} (21){codes[place].serial}" for place in positions]
                write_svg(matrices, chosen, captions, width_mm=order.label_mm[0])
            else:
                scale = fit_scale(matrices.size, width_mm=order.label_mm[0], dpi=_PNG_DPI)
                write_png(matrices, chosen, scale=scale, dpi=_PNG_DPI)
        reporter.advance(len(codes))


def _label_path(target: Path, seq: int, suffix: str) -> Path:
    """A thousand files in a directory: what people and file managers can still open."""
    return target / f"{seq // _FILES_PER_DIRECTORY:05d}" / f"{seq:08d}.{suffix}"


def _read_codes(out: Path) -> Iterator[list[_Code]]:
    with (out / "codes.ndjson").open("rb") as file:
        while lines := list(islice(file, _CHUNK)):
            values = [json.loads(line) for line in lines]
            yield [_Code(value["seq"], value["gtin"], value["serial"], value["qr_text"]) for value in values]
