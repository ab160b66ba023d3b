# SPDX-License-Identifier: Apache-2.0
"""Files of listings: CSV (RFC 4180) in UTF-8 or GB18030, one listing to a line, read a line at a time.

A line is a row: no field holds a line break. So every row has a line number, a broken quotation spoils its own line and
no other, and reading can go on at any byte where a line begins.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from passport.domain.listings import Listing, ListingFields, TypedListing, parse_listing
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant

MAX_FILE_SIZE = 32 * 1024 * 1024
MAX_ROWS = 100_000
MAX_LINE = 16 * 1024  # bytes: an address, names, twenty codes, and room
MAX_SHOWN_ERRORS = 50
COLUMNS = ("url", "seller_id", "seller_name", "gtin", "lots", "codes")
_NEEDED = frozenset({"url", "seller_id", "seller_name", "gtin"})
_IGNORED = frozenset({"state", "changed_at"})  # of an exported file that comes back
_HEADINGS = {
    "链接": "url",
    "卖家编号": "seller_id",
    "卖家名称": "seller_name",
    "商品条码": "gtin",
    "批次": "lots",
    "样品码": "codes",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a line. `other_line` is the first one with the same address, 0 if that is not the matter."""

    line: int
    code: str
    message: str
    other_line: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """A line's bytes without its end; None if it was too long to be kept. `end` is the offset of the next line."""

    number: int
    data: bytes | None
    end: int


@dataclass(slots=True)
class EncodingGuess:
    """Fed with every piece of a file: UTF-8 if all of it is, else GB18030 if all of it is."""

    _utf8: codecs.IncrementalDecoder | None = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("strict")
    )
    _gb: codecs.IncrementalDecoder | None = field(
        default_factory=lambda: codecs.getincrementaldecoder("gb18030")("strict")
    )

    def feed(self, data: bytes, *, is_last: bool = False) -> None:
        self._utf8 = _try(self._utf8, data, is_last)
        self._gb = _try(self._gb, data, is_last)

    def get(self) -> str:
        """The encoding's name. Raises Malformed("bad_encoding")."""
        if self._utf8 is not None:
            return "utf-8"
        if self._gb is not None:
            return "gb18030"
        raise Malformed("bad_encoding", "The file is neither UTF-8 nor GB18030. Save it as CSV UTF-8.")


def _try(decoder: codecs.IncrementalDecoder | None, data: bytes, is_last: bool) -> codecs.IncrementalDecoder | None:
    if decoder is None:
        return None
    try:
        decoder.decode(data, is_last)
    except UnicodeDecodeError:
        return None
    return decoder


def split_lines(pieces: Iterable[bytes], *, number: int = 1, start: int = 0) -> Iterator[Line]:
    """Lines of a file from the byte `start`, which is where line `number` begins. Holds one line at most."""
    waiting, is_long, end = bytearray(), False, start
    for piece in pieces:
        at = 0
        while at < len(piece):
            found = piece.find(b"\n", at)
            stop = len(piece) if found < 0 else found
            if not is_long:
                waiting += piece[at : min(stop, at + MAX_LINE + 2)]
                is_long = len(waiting) > MAX_LINE + 1
            end += stop - at
            at = stop
            if found >= 0:
                at, end = at + 1, end + 1
                yield _line(number, waiting, is_long, end)
                waiting, is_long, number = bytearray(), False, number + 1
    if waiting or is_long:
        yield _line(number, waiting, is_long, end)


def _line(number: int, data: bytearray, is_long: bool, end: int) -> Line:
    return Line(number, None if is_long else bytes(data.removesuffix(b"\r")), end)


def read_header(line: Line, encoding: str) -> tuple[str, ...]:
    """The names of the columns in the file's order. Raises Malformed("bad_header")."""
    names = tuple(_HEADINGS.get(cell.strip(), cell.strip().lower()) for cell in _cells(line, encoding))
    if not set(names) >= _NEEDED or len(set(names)) != len(names) or not set(names) <= {*COLUMNS, *_IGNORED}:
        wanted = ", ".join(COLUMNS)
        raise Malformed("bad_header", f"Line 1 names the columns: {wanted}. The last two may be left out.")
    return names


def read_row(line: Line, encoding: str, columns: tuple[str, ...]) -> ListingFields | None:
    """The listing of one line; None for an empty line. Raises Malformed with what is wrong."""
    cells = _cells(line, encoding)
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) != len(columns):
        raise Malformed("wrong_number_of_fields", f"The line has {len(cells)} fields, the first line {len(columns)}.")
    values = {name: _unprotect(cell.strip(" ")) for name, cell in zip(columns, cells, strict=True)}
    lots, codes = values.get("lots", "").split(), values.get("codes", "").split()
    typed = TypedListing(
        values["url"], values["seller_id"], values["seller_name"], values["gtin"], tuple(lots), tuple(codes)
    )
    return parse_listing(typed)


def _cells(line: Line, encoding: str) -> list[str]:
    if line.data is None:
        raise Malformed("line_too_long", f"The line has more than {MAX_LINE:,} bytes.")
    try:
        text = line.data.decode(encoding)
    except UnicodeDecodeError:
        raise Malformed("bad_encoding", f"The line is not {encoding.upper()}.") from None
    if line.number == 1:
        text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise Malformed("nul_character", "The line holds a NUL character.")
    try:
        return next(csv.reader([text], strict=True), [])
    except csv.Error:
        raise Malformed(
            "bad_quoting", 'A quotation mark is missing: write "…" around a field, "" for a mark; no line breaks in it.'
        ) from None


def protect(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: what begins like one gets a ' before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.startswith("'") else cell


def _unprotect(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell


def write_listings(listings: Iterable[Listing]) -> Iterator[bytes]:
    """The file that `read_row` reads, in UTF-8 with the mark that Excel needs; two columns more: state and changed."""
    yield _encode(("\ufeff" + COLUMNS[0], *COLUMNS[1:], "state", "changed_at"))
    for listing in listings:
        one = listing.fields
        cells = (one.url, one.seller_id, one.seller_name, one.gtin, " ".join(one.lots), " ".join(one.codes))
        yield _encode((*map(protect, cells), listing.state.value, format_instant(listing.changed_at)))


def _encode(cells: tuple[str, ...]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode()
