# SPDX-License-Identifier: Apache-2.0
"""How many labels does one core make a second, in each format, against `qrcode` and Pillow in the same run?

Run: python bench/labels.py
"""

from __future__ import annotations

import io
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from qrcode import QRCode, constants, util

from passport.labels.matrix import build_matrices
from passport.labels.png import encode_png, write_png
from passport.labels.sheet import SheetWriter
from passport.labels.svg import encode_svg, write_svg

CHUNK = 1_000
ROUNDS = 2
SECONDS = 0.6  # for each row and round
AIM = 50
LIMIT = "`qrcode` matrix + Pillow PNG (the limit)"
BARE = "the same PNG bytes, bare writes of new files"
SHEET = "PDF sheet with captions, best of 8 masks"
NUMBERS = count()
Chunk = tuple[list[str], list[str]]


def make_chunk(number: int) -> Chunk:
    """Texts like product codes of version 1 (7-M) and their captions."""
    draw = random.Random(number)
    serials = [f"{number * CHUNK + n:09d}" for n in range(CHUNK)]
    texts = [
        f"HTTPS://ID.EXAMPLE.CN/01/06901234567892/21/{serial}?S="
        + "".join(draw.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=108))
        for serial in serials
    ]
    return texts, [f"(01)06901234567892 (21){serial}" for serial in serials]


def reference(text: str) -> QRCode:
    """The same segments by `qrcode`, mask chosen by it."""
    code = QRCode(7, error_correction=constants.ERROR_CORRECT_M, box_size=8, border=4)
    head, parameter, seal = text.partition("?S=")
    code.add_data(util.QRData(head.encode(), mode=util.MODE_ALPHA_NUM))
    code.add_data(util.QRData(parameter.encode(), mode=util.MODE_8BIT_BYTE))
    code.add_data(util.QRData(seal.encode(), mode=util.MODE_ALPHA_NUM))
    code.make(fit=False)
    return code


def reference_png(text: str) -> bytes:
    """One PNG file by `qrcode` and Pillow."""
    buffer = io.BytesIO()
    reference(text).make_image().save(buffer, format="PNG")
    return buffer.getvalue()


def rate(work: Callable[[Chunk], object], chunks: list[Chunk], size: int) -> float:
    """Labels a second: `work` on chunk after chunk until the time is up, after a few to warm up."""
    work((chunks[0][0][:10], chunks[0][1][:10]))
    started, done = time.perf_counter(), 0
    while (spent := time.perf_counter() - started) < SECONDS:
        texts, captions = chunks[done // size % len(chunks)]
        work((texts[:size], captions[:size]))
        done += size
    return done / spent


def make_rows(directory: Path, sheet: SheetWriter) -> list[tuple[str, Callable[[Chunk], object], int]]:
    """What is measured: name, work on a chunk, size of the chunk."""

    def paths(chunk: Chunk) -> list[Path]:
        """Names never used before: to replace a file is the rare case, and costs otherwise."""
        return [directory / str(next(NUMBERS)) for _ in chunk[0]]

    batch = build_matrices(make_chunk(0)[0])
    some_png = list(encode_png(batch))
    return [
        ("`qrcode` matrix", lambda c: [reference(text).modules for text in c[0]], 5),
        (LIMIT, lambda c: [reference_png(text) for text in c[0]], 5),
        ("matrices, best of 8 masks", lambda c: build_matrices(c[0]), CHUNK),
        ("matrices, mask fixed", lambda c: build_matrices(c[0], mask=0), CHUNK),
        (SHEET, lambda c: sheet.add(build_matrices(c[0]), c[1]), CHUNK),
        ("PDF sheet alone: matrices ready, no captions", lambda c: sheet.add(batch.select(slice(len(c[0])))), CHUNK),
        ("PNG in memory, best of 8 masks", lambda c: list(encode_png(build_matrices(c[0]))), CHUNK),
        ("SVG in memory, best of 8 masks", lambda c: list(encode_svg(build_matrices(c[0]), c[1])), CHUNK),
        ("PNG files", lambda c: write_png(build_matrices(c[0]), paths(c)), CHUNK),
        ("SVG files", lambda c: write_svg(build_matrices(c[0]), paths(c), c[1]), CHUNK),
        (BARE, lambda c: [path.write_bytes(data) for path, data in zip(paths(c), some_png, strict=False)], CHUNK),
    ]


def main() -> None:
    """Measure each row, the rows in turn, and print the table with the best round of each."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    chunks = [make_chunk(number) for number in range(20)]
    best: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name, SheetWriter(Path(name) / "sheet.pdf") as sheet:
        for _ in range(ROUNDS):
            for row, work, size in make_rows(Path(name), sheet):
                best[row] = max(best.get(row, 0), rate(work, chunks, size))
    print("| labels of version 7-M, one core | per second | × the limit |")
    print("|---|---:|---:|")
    for row, value in best.items():
        print(f"| {row} | {value:,.0f} | {value / best[LIMIT]:,.1f} |")
    print(f"\nAim: sheet ≥ {AIM} × the limit; here {best[SHEET] / best[LIMIT]:,.0f} ×.")
    print("File rows swing with the file system's cost of a new file (last row); each is written, then renamed.")


if __name__ == "__main__":
    main()
