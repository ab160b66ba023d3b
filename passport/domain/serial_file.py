# SPDX-License-Identifier: Apache-2.0
"""A maker's own serials from a CSV file (RFC 4180), read in one pass with memory that does not hold the serials.

GS1 AI 21.
"""

from __future__ import annotations

import csv
import hashlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeAlias

import numpy as np
from numpy.typing import NDArray

from passport.domain.maker_errors import BadInput
from verifier.protocol.errors import Malformed
from verifier.protocol.product_code import MAX_SEQ_V2, parse_code_serial

DIGEST_SIZE = 16
Index: TypeAlias = "NDArray[np.bytes_]"
DEFAULT_COLUMN = "serial"
PREVIEW_ROWS = 5
_MAX_SHOWN_ERRORS = 20


@dataclass(frozen=True, slots=True)
class SerialScan:
    """A whole file that is in order: how many serials, SHA-256 (hex) over them one a line, the first few.

    `index` is the sorted 16-byte digests of all of them: what finds a serial again in a later batch.
    """

    count: int
    digest: str
    preview: tuple[str, ...]
    index: bytes


def serial_digest(serial: str) -> bytes:
    """16 bytes that stand for a serial.

    Two serials of one maker do not share them, unless on purpose and at 2^64 cost.
    """
    return hashlib.blake2b(serial.encode("ascii"), digest_size=DIGEST_SIZE).digest()


def scan_serials(path: Path, column: str, output: BinaryIO) -> SerialScan:
    """Check every row and write the serials to `output`, one a line, in the order of the file.

    Raises BadInput: "bad_serials" with the numbers of the lines, "duplicate_serials" with both lines of each pair,
    "no_serial_column", "no_serials", "too_many_serials", "not_utf8", "bad_csv", or that the file cannot be read.
    """
    digests, lines, faults, preview = bytearray(), array("Q"), _Faults(path), list[str]()
    whole = hashlib.sha256()
    for line, text in _rows(path, column):
        try:
            serial = parse_code_serial(text)
        except Malformed as error:
            faults.add(f"line {line}: {text[:40]!r} is no serial. {error}")
            continue
        if len(preview) < PREVIEW_ROWS:
            preview.append(serial)
        digests += serial_digest(serial)
        lines.append(line)
        written = serial.encode("ascii") + b"\n"
        whole.update(written)
        output.write(written)
    faults.raise_if_any("bad_serials")
    if not lines:
        raise BadInput("no_serials", f"{path} holds no serials.")
    if len(lines) > MAX_SEQ_V2 + 1:
        raise BadInput("too_many_serials", f"{path} holds more serials than a batch can.")
    index = _sorted_or_duplicates(bytes(digests), lines, faults)
    return SerialScan(len(lines), whole.hexdigest(), tuple(preview), index)


class _Faults:
    """Collects line-numbered faults and raises them together: a person mends a file once, not once for each line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._shown: list[str] = []
        self._count = 0

    def add(self, text: str) -> None:
        self._count += 1
        if len(self._shown) < _MAX_SHOWN_ERRORS:
            self._shown.append(text)

    def raise_if_any(self, code: str) -> None:
        if self._count:
            more = f"\n  … and {self._count - len(self._shown)} more" if self._count > len(self._shown) else ""
            plural = "fault" if self._count == 1 else "faults"
            raise BadInput(code, f"{self._path}: {self._count} {plural}\n  " + "\n  ".join(self._shown) + more)


def _sorted_or_duplicates(digests: bytes, lines: array[int], faults: _Faults) -> bytes:
    order, in_order = _in_order(digests)
    same = np.flatnonzero((in_order[1:] == in_order[:-1]).all(axis=1))
    for place in sorted(same.tolist(), key=lambda place: lines[int(order[place + 1])]):
        faults.add(f"line {lines[int(order[place + 1])]}: the serial stands on line {lines[int(order[place])]} already")
    faults.raise_if_any("duplicate_serials")
    return in_order.tobytes()


def _in_order(digests: bytes) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """Where each row was, and the rows sorted; of two equal rows the earlier one comes first."""
    rows = np.frombuffer(digests, dtype=">u8").reshape(-1, 2)
    order = np.lexsort((rows[:, 1], rows[:, 0]))
    return order, rows[order]


def index_serials(path: Path) -> bytes:
    """The index of a list that `scan_serials` wrote: one serial a line, all of them different."""
    digests = bytearray()
    with path.open("rb") as file:
        for line in file:
            digests += hashlib.blake2b(line.rstrip(b"\n"), digest_size=DIGEST_SIZE).digest()
    return _in_order(bytes(digests))[1].tobytes()


def find_common(new: Index, earlier: Index) -> int | None:
    """The position in `new` of a digest that `earlier` holds too; both sorted. None if they have nothing in common."""
    if not len(earlier):
        return None
    places = np.minimum(np.searchsorted(earlier, new), len(earlier) - 1)
    found = np.flatnonzero(earlier[places] == new)
    return int(found[0]) if len(found) else None


def as_index(digests: bytes) -> Index:
    """Sorted digests, one string of 16 bytes each.

    numpy compares such strings byte by byte; it drops NUL bytes at the end, which at a fixed width changes no order.
    """
    return np.frombuffer(digests, dtype=f"S{DIGEST_SIZE}")


def open_index(path: Path) -> Index:
    """The index in a file, mapped, not read. Raises OSError, ValueError (empty, or cut)."""
    return np.memmap(path, dtype=f"S{DIGEST_SIZE}", mode="r")


def _rows(path: Path, column: str) -> Iterator[tuple[int, str]]:
    """Line number and serial of each row.

    Wholly empty rows are passed over; a row without the column's cell is a fault.
    """
    reader = None
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            first = next((row for row in reader if row), None)
            if first is None:
                return
            place = _column_place(path, column, first)
            if place is None:
                place = 0
                yield reader.line_num, first[0]
            for row in reader:
                if row:
                    yield reader.line_num, row[place] if place < len(row) else ""
    except FileNotFoundError:
        raise BadInput("file_missing", f"There is no file {path}.") from None
    except OSError as error:
        raise BadInput("file_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        raise BadInput("not_utf8", f"{path}, after line {reader.line_num if reader else 0}: not UTF-8.") from None
    except csv.Error as error:
        raise BadInput("bad_csv", f"{path}, line {reader.line_num if reader else 1}: not CSV ({error}).") from None


def _column_place(path: Path, column: str, first: list[str]) -> int | None:
    """Where the serials stand; None if the file has one column and no header."""
    if first.count(column) > 1:
        raise BadInput("no_serial_column", f"{path}, line 1: the column {column!r} stands there more than once.")
    if column in first:
        return first.index(column)
    if len(first) == 1 and column == DEFAULT_COLUMN:
        return None
    raise BadInput("no_serial_column", f"{path}, line 1: there is no column {column!r} among {', '.join(first)[:200]}.")
