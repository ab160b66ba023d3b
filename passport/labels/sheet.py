# SPDX-License-Identifier: Apache-2.0
"""A print-ready PDF of labels, written as the codes come: memory does not grow with their number. ISO 32000-1.

Each symbol is a stencil mask of one bit per module, painted black by the printer at a whole number of dots per module.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from passport.labels.files import partial_path
from passport.labels.layout import SheetLayout
from passport.labels.pdf import PdfObjects, date_string, number, text_string

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from types import TracebackType
    from typing import Self

    from passport.labels.matrix import MatrixBatch, Symbol

Caption = tuple[tuple[int, ...], tuple[bytes, ...]]
"""Lengths of the lines, and the lines as PDF strings."""

_LEAST_SQUEEZE = 50  # per cent of a glyph's width under which a caption is refused


class SheetWriter:
    """Labels on pages, in the order of `add`, row by row from the top.

    Written beside `path` under a temporary name, which `close` forces to disk and renames: whoever sees `path` sees a
    whole sheet. One writer per path at a time. As a context manager it closes, or after an exception discards. The same
    labels, layout, title and time give the same bytes; without `created_at` (aware) there is no time in the file.
    """

    def __init__(
        self,
        path: str | Path,
        layout: SheetLayout | None = None,
        *,
        title: str = "Product code labels",
        created_at: datetime | None = None,
    ) -> None:
        info = b"<</Producer(product-passport)/Title%b" % text_string(title)
        info += b"/CreationDate%b>>" % date_string(created_at) if created_at is not None else b">>"
        self.path = Path(path)
        self.layout = layout if layout is not None else SheetLayout()
        self.count = 0
        """Labels added so far."""
        self._cells = _Cells(self.layout)
        self._file = partial_path(self.path).open("wb")
        self._pdf = PdfObjects(self._file)
        self._pages = self._pdf.reserve()
        self._info = self._pdf.add(info)
        font = b"<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>"
        self._font = self._pdf.add(font)
        self._kids: list[int] = []
        self._images: list[int] = []
        self._marks: list[bytes] = []
        self._texts: list[bytes] = []

    def add(self, matrices: MatrixBatch, captions: Sequence[str] | None = None) -> None:
        """Add the symbols of a batch, each with its caption; see `add_symbols`."""
        self.add_symbols(list(matrices.symbols()), captions)

    def add_symbols(self, symbols: Sequence[Symbol], captions: Sequence[str] | None = None) -> None:
        r"""Add symbols, also of different sizes. A caption breaks at `\n`, else at spaces where it is too long.

        Raises ValueError if captions do not match the symbols in number, are not printable ASCII or do not fit, or if a
        symbol does not fit; then nothing has been added. Raises OSError if the file cannot be written; then discard.
        """
        if self._file.closed:
            raise ValueError("the sheet is closed")
        if captions is not None and len(captions) != len(symbols):
            raise ValueError(f"{len(captions)} captions for {len(symbols)} symbols")
        lines = [self._cells.break_lines(caption) for caption in captions] if captions is not None else None
        headers = {size: self._cells.image_entries(size) for size in {symbol.size for symbol in symbols}}
        for position, symbol in enumerate(symbols):
            cell = len(self._images)
            self._images.append(self._pdf.add_stream(headers[symbol.size], symbol.rows))
            self._marks.append(self._cells.image_mark(cell, symbol.size))
            if lines is not None:
                self._texts.append(self._cells.text_mark(cell, lines[position]))
            self.count += 1
            if cell + 1 == self._cells.count:
                self._finish_page()

    def _finish_page(self) -> None:
        content = self._cells.page_start + b"".join(self._marks)
        if self._texts:
            content += self._cells.text_start + b"".join(self._texts) + b"ET\n"
        stream = self._pdf.add_stream(b"", content + b"Q\n")
        images = b"".join(b"/I%d %d 0 R" % (cell, image) for cell, image in enumerate(self._images))
        resources = b"<</Font<</F %d 0 R>>/XObject<<%b>>>>" % (self._font, images)
        page = b"<</Type/Page/Parent %d 0 R/Resources%b/Contents %d 0 R>>" % (self._pages, resources, stream)
        self._kids.append(self._pdf.add(page))
        self._images, self._marks, self._texts = [], [], []

    def close(self) -> None:
        """Finish the last page and put the sheet under its name; a second call does nothing.

        Raises ValueError if no label was added (a PDF needs a page), or OSError; then the sheet is discarded.
        """
        if self._file.closed:
            return
        try:
            self._finish()
        except BaseException:
            self.discard()
            raise
        # Whole and on disk under its temporary name: after a crash here the old sheet, if any, still stands.
        os.replace(partial_path(self.path), self.path)

    def _finish(self) -> None:
        if not self.count:
            raise ValueError("a sheet needs at least one label")
        if self._images:
            self._finish_page()
        # A thousandth of a point less: viewers round a page up to whole pixels, and 595.2 is a trifle more in binary.
        width, height = (number(dots * self.layout.dot_points - 0.001) for dots in self.layout.page_dots)
        kids = b" ".join(b"%d 0 R" % page for page in self._kids)
        pages = b"<</Type/Pages/Count %d/MediaBox[0 0 %b %b]/Kids[%b]>>" % (len(self._kids), width, height, kids)
        self._pdf.add(pages, self._pages)
        root = self._pdf.add(b"<</Type/Catalog/Pages %d 0 R/ViewerPreferences<</PrintScaling/None>>>>" % self._pages)
        self._pdf.finish(root=root, info=self._info)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Give the sheet up and remove what was written; does nothing after `close`."""
        if self._file.closed:
            return
        with suppress(OSError):  # what is still buffered may not fit a full disk, and is not wanted
            self._file.close()
        partial_path(self.path).unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()


class _Cells:
    """Content stream pieces for the cells of a page; all coordinates are dots."""

    def __init__(self, layout: SheetLayout) -> None:
        self._layout = layout
        self._corners = layout.corners()
        self.count = len(self._corners)
        self._image_marks: dict[int, list[bytes]] = {}
        self._text_marks: dict[tuple[int, ...], list[bytes]] = {}
        self._columns = layout.caption_columns
        unit = number(layout.dot_points)
        crop = b"".join(b"%d %d m %d %d l\n" % line for line in layout.crop_lines())
        stroke = b"%b w\n%bS\n" % (number(0.25 / layout.dot_points), crop) if crop else b""
        self.page_start = b"q %b 0 0 %b 0 0 cm 0 g 0 G\n%b" % (unit, unit, stroke)
        self.text_start = b"BT /F %b Tf\n" % number(layout.font_dots)

    def image_entries(self, size: int) -> bytes:
        """Dictionary of a symbol of `size` modules; raises ValueError if it does not fit the label."""
        if size not in self._image_marks:
            place = self._layout.place(size)
            side = place.module * size
            # Three hundredths of a dot in from each edge: printers and viewers paint every dot that an image touches,
            # and the least rounding error would make it one dot wider, and one module uneven.
            self._image_marks[size] = [
                b"q %d.94 0 0 %d.94 %d.03 %d.03 cm /I%d Do Q\n" % (side - 1, side - 1, x + place.x, y + place.y, cell)
                for cell, (x, y) in enumerate(self._corners)
            ]
        kind = b"/Type/XObject/Subtype/Image/ImageMask true/BitsPerComponent 1/Decode[1 0]"
        return b"%b/Width %d/Height %d" % (kind, size, size)

    def image_mark(self, cell: int, size: int) -> bytes:
        """Paints image I<cell> in its cell."""
        return self._image_marks[size][cell]

    def break_lines(self, caption: str) -> Caption:
        """Caption lines. Raises ValueError if there are too many, or one is not printable ASCII or far too long."""
        limit, most = self._columns, self._layout.caption_lines
        lines = caption.split("\n")
        if len(lines) == 1:
            while len(lines) < most and len(lines[-1]) > limit:
                rest = lines[-1]
                cut = rest.rfind(" ", 0, limit + 1)
                if cut < 1:
                    break
                lines[-1:] = rest[:cut], rest[cut + 1 :]
        if len(lines) > most:
            raise ValueError(f"the layout has room for {most} caption lines: {caption[:60]!r}")
        lengths = tuple(map(len, lines))
        if 100 * limit < _LEAST_SQUEEZE * max(lengths):
            raise ValueError(f"a caption line of {max(lengths)} characters does not fit: {caption[:60]!r}")
        return lengths, tuple(map(text_string, lines))

    def text_mark(self, cell: int, caption: Caption) -> bytes:
        """Shows the caption lines of a cell, centred below its symbol."""
        lengths, strings = caption
        if lengths not in self._text_marks:
            self._text_marks[lengths] = [self._text_frame(x, y, lengths) for x, y in self._corners]
        return self._text_marks[lengths][cell] % strings

    def _text_frame(self, x: int, y: int, lengths: tuple[int, ...]) -> bytes:
        """Content for lines of these lengths in the label at (x, y), with one place for each string."""
        frame = b""
        for length, baseline in zip(lengths, self._layout.baselines(len(lengths)), strict=True):
            squeeze = min(100, 100 * self._columns // length) if length else 100
            width = self._layout.line_width(length) * squeeze / 100
            left = x + round((self._layout.label_dots[0] - width) / 2)
            shown = b"1 0 0 1 %d %d Tm %%b Tj\n" % (left, y + baseline)
            frame += shown if squeeze == 100 else b"%d Tz %b100 Tz\n" % (squeeze, shown)
        return frame
