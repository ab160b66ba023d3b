# SPDX-License-Identifier: Apache-2.0
"""Numbered objects, cross-reference table and trailer, written forwards only. ISO 32000-1 (PDF 1.4 subset)."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from typing import BinaryIO

# The second line tells transfer programs that the file is binary.
_HEADER = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"


class PdfObjects:
    """Writes objects to a file as they come; of each it keeps only the offset, eight bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._offsets = array("Q", [0])
        self._position = 0
        self._write(_HEADER)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._position += len(data)

    def reserve(self) -> int:
        """A number for an object that others refer to before it is written."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def add(self, body: bytes, number: int | None = None) -> int:
        """Write an object, under a reserved number if given; returns its number."""
        if number is None:
            number = len(self._offsets)
            self._offsets.append(self._position)
        else:
            self._offsets[number] = self._position
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def add_stream(self, entries: bytes, data: bytes) -> int:
        """Write a stream with the given dictionary entries (without /Length); returns its number."""
        return self.add(b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data))

    def finish(self, *, root: int, info: int) -> None:
        """Write the cross-reference table and the trailer. Raises ValueError if a reserved object was never written."""
        if 0 in self._offsets[1:]:
            raise ValueError("an object was reserved and never written")
        start = self._position
        self._write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self._offsets))
        for offset in self._offsets[1:]:
            self._write(b"%010d 00000 n \n" % offset)
        self._write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self._offsets), root, info, start)
        )


def text_string(text: str) -> bytes:
    """A literal string. Raises ValueError unless the text is printable ASCII: only those glyphs are sure."""
    if not (text.isascii() and text.isprintable()):
        raise ValueError(f"must be printable ASCII: {text[:60]!r}")
    return b"(%b)" % text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("ascii")


def date_string(instant: datetime) -> bytes:
    """A date in UTC, as in `(D:20250102030405Z)`. Raises ValueError for a naive datetime."""
    offset = instant.utcoffset()
    if offset is None:
        raise ValueError("the time needs a time zone")
    return (instant.replace(tzinfo=None) - offset).strftime("(D:%Y%m%d%H%M%SZ)").encode("ascii")


def number(value: float) -> bytes:
    """A decimal number with at most six places; PDF knows no exponents."""
    return f"{value:.6f}".rstrip("0").rstrip(".").encode("ascii")
