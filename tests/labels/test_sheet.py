# SPDX-License-Identifier: Apache-2.0
"""The PDF sheet: valid, exact to the dot, readable, deterministic, flat in memory, never half there."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pypdfium2
import pytest

from passport.labels.files import partial_path
from passport.labels.layout import SheetLayout
from passport.labels.matrix import build_matrices, build_symbols
from passport.labels.sheet import SheetWriter
from tests.labels.samples import captions_of, read_all, version_1_code, version_2_code

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [version_1_code(n) for n in range(60)]


def _write(path: Path, layout: SheetLayout | None = None, texts: list[str] = TEXTS) -> bytes:
    with SheetWriter(path, layout) as sheet:
        sheet.add(build_matrices(texts), captions_of(texts))
    return path.read_bytes()


@pytest.mark.parametrize("dpi", [150, 300, 600])
def test_every_label_of_a_page_reads_back_exactly_at(tmp_path: Path, dpi: int) -> None:
    _write(tmp_path / "sheet.pdf", SheetLayout(crop_marks=True))
    document = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")
    read = [read_all(page.render(scale=dpi / 72, grayscale=True).to_pil()) for page in document]
    assert [len(texts) for texts in read] == [56, 4]
    assert set(read[0]) == set(TEXTS[:56])
    assert set(read[1]) == set(TEXTS[56:])


@pytest.mark.parametrize("dpi", [600, 1200])
def test_every_module_is_the_same_whole_number_of_pixels(tmp_path: Path, dpi: int) -> None:
    layout, factor = SheetLayout(), dpi // 600
    _write(tmp_path / "sheet.pdf", layout)
    page = np.asarray(pypdfium2.PdfDocument(tmp_path / "sheet.pdf")[0].render(scale=dpi / 72, grayscale=True).to_pil())
    assert page.shape == (7016 * factor, 4960 * factor)
    place = layout.place(45)
    side, module = 45 * place.module * factor, place.module * factor
    for (x, y), modules in zip(layout.corners(), build_matrices(TEXTS[:56]).modules, strict=True):
        left, bottom = (x + place.x) * factor, page.shape[0] - (y + place.y) * factor
        printed = page[bottom - side : bottom, left : left + side]
        assert np.array_equal(printed, np.kron(1 - modules, np.full((module, module), 255, dtype=np.uint8)))


def test_labels_stand_in_reading_order_with_their_captions_as_text(tmp_path: Path) -> None:
    layout = SheetLayout()
    _write(tmp_path / "sheet.pdf", layout)
    text = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")[0].get_textpage()
    (width, height), scale = layout.label_dots, layout.dot_points
    for position in (0, 6, 7, 55):
        x, y = layout.corners()[position]
        found = text.get_text_bounded(x * scale, y * scale, (x + width) * scale, (y + height) * scale)
        assert found.split() == captions_of(TEXTS)[position].split()


def test_an_independent_tool_finds_an_a4_document_without_a_complaint(tmp_path: Path) -> None:
    tool = shutil.which("pdfinfo")
    if tool is None:
        pytest.skip("pdfinfo (poppler-utils) is not installed")
    _write(tmp_path / "sheet.pdf")
    done = subprocess.run([tool, tmp_path / "sheet.pdf"], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert re.search(r"Pages: +2\n", done.stdout)
    assert "(A4)" in done.stdout
    assert "CreationDate" not in done.stdout


def test_every_offset_in_the_cross_reference_table_points_to_its_object(tmp_path: Path) -> None:
    data = _write(tmp_path / "sheet.pdf")
    start = int(data.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    lines = data[start:].split(b"\n")
    assert lines[0] == b"xref"
    count = int(lines[1].split()[1])
    for number, line in enumerate(lines[3 : 2 + count], 1):
        assert len(line) == 19 and data[int(line[:10]) :].startswith(b"%d 0 obj\n" % number)


def test_the_same_labels_give_the_same_bytes_and_a_time_stands_in_them_only_if_given(tmp_path: Path) -> None:
    first, second = _write(tmp_path / "a.pdf"), _write(tmp_path / "b.pdf")
    assert first == second
    assert b"Date" not in first
    instant = datetime(2025, 3, 1, 1, 2, 3, tzinfo=timezone(timedelta(hours=8)))
    with SheetWriter(tmp_path / "c.pdf", title="Batch (7) \\ lot", created_at=instant) as sheet:
        sheet.add(build_matrices(TEXTS[:1]))
    metadata = pypdfium2.PdfDocument(tmp_path / "c.pdf").get_metadata_dict()
    assert metadata["CreationDate"] == "D:20250228170203Z"
    assert metadata["Title"] == "Batch (7) \\ lot"
    assert b"(Batch \\(7\\) \\\\ lot)" in (tmp_path / "c.pdf").read_bytes()


def test_how_labels_are_split_over_calls_does_not_matter(tmp_path: Path) -> None:
    captions = captions_of(TEXTS)
    with SheetWriter(tmp_path / "parts.pdf") as sheet:
        for start in range(0, 60, 7):
            sheet.add(build_matrices(TEXTS[start : start + 7]), captions[start : start + 7])
        assert sheet.count == 60
    assert (tmp_path / "parts.pdf").read_bytes() == _write(tmp_path / "whole.pdf")


def test_symbols_of_different_sizes_share_a_sheet_in_the_given_order(tmp_path: Path) -> None:
    texts = [version_2_code(n, "x" * (n % 20 + 1)) for n in range(20)] + TEXTS[:5]
    with SheetWriter(tmp_path / "mixed.pdf") as sheet:
        sheet.add_symbols(build_symbols(texts), captions_of(texts))
    page = pypdfium2.PdfDocument(tmp_path / "mixed.pdf")[0].render(scale=300 / 72, grayscale=True).to_pil()
    assert set(read_all(page)) == set(texts)


@pytest.mark.parametrize(
    ("caption", "lines"),
    [
        ("(01)06901234567892 (21)0000000001", ["(01)06901234567892", "(21)0000000001"]),
        ("one\ntwo", ["one", "two"]),
        ("short line", ["short line"]),
        (r"a\b (c) %d", [r"a\b (c) %d"]),
        ("(21)ABCDEFGHIJKLMNOPQRST", ["(21)ABCDEFGHIJKLMNOPQRST"]),
        ("", []),
    ],
)
def test_a_caption_is_shown_as(tmp_path: Path, caption: str, lines: list[str]) -> None:
    with SheetWriter(tmp_path / "sheet.pdf") as sheet:
        sheet.add(build_matrices(TEXTS[:1]), [caption])
    page = pypdfium2.PdfDocument(tmp_path / "sheet.pdf")[0]
    assert page.get_textpage().get_text_bounded().splitlines() == lines
    layout = SheetLayout()
    left, width = layout.dots(layout.margin_mm) * layout.dot_points, layout.label_dots[0] * layout.dot_points
    for item in page.get_objects():
        bounds = item.get_bounds()
        assert left <= bounds[0] and bounds[2] <= left + width


@pytest.mark.parametrize("caption", ["电", "tab\there", "a\nb\nc", "x" * 60])
def test_a_caption_that_cannot_be_printed_is_refused_and_nothing_is_added(tmp_path: Path, caption: str) -> None:
    with SheetWriter(tmp_path / "sheet.pdf") as sheet:
        with pytest.raises(ValueError):
            sheet.add(build_matrices(TEXTS[:2]), ["good", caption])
        assert sheet.count == 0
        sheet.add(build_matrices(TEXTS[:2]))
    assert len(pypdfium2.PdfDocument(tmp_path / "sheet.pdf")) == 1


def test_captions_must_be_as_many_as_labels(tmp_path: Path) -> None:
    sheet = SheetWriter(tmp_path / "sheet.pdf")
    with pytest.raises(ValueError, match="1 captions for 2 symbols"):
        sheet.add(build_matrices(TEXTS[:2]), ["one"])
    sheet.discard()


def test_the_sheet_appears_under_its_name_only_when_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    path.write_bytes(b"the old sheet")
    sheet = SheetWriter(path)
    sheet.add(build_matrices(TEXTS))
    assert path.read_bytes() == b"the old sheet"
    sheet.close()
    sheet.close()
    assert path.read_bytes().startswith(b"%PDF-1.4")
    assert os.listdir(tmp_path) == ["sheet.pdf"]
    with pytest.raises(ValueError, match="the sheet is closed"):
        sheet.add(build_matrices(TEXTS))


def test_after_an_exception_nothing_is_left(tmp_path: Path) -> None:
    def fail_half_way() -> None:
        with SheetWriter(tmp_path / "sheet.pdf") as sheet:
            sheet.add(build_matrices(TEXTS))
            sheet.add(build_matrices(TEXTS), ["one"])

    with pytest.raises(ValueError, match="captions"):
        fail_half_way()
    assert os.listdir(tmp_path) == []


def test_a_sheet_without_labels_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least one label"), SheetWriter(tmp_path / "sheet.pdf"):
        pass
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_an_error_and_leaves_no_sheet(tmp_path: Path) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    path = tmp_path / "sheet.pdf"
    partial_path(path).symlink_to("/dev/full")
    with pytest.raises(OSError), SheetWriter(path) as sheet:
        sheet.add(build_matrices(TEXTS))
    assert os.listdir(tmp_path) == []


_ENDLESS = """
import sys
from passport.labels.matrix import build_matrices
from passport.labels.sheet import SheetWriter
sheet = SheetWriter(sys.argv[1])
batch = build_matrices(["HELLO"] * 1000)
while True:
    sheet.add(batch)
    print("added", flush=True)
"""


def test_a_killed_writer_leaves_no_half_sheet_and_the_next_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    process = subprocess.Popen([sys.executable, "-c", _ENDLESS, path], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == b"added\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert os.listdir(tmp_path) == [partial_path(path).name]
    _write(path)
    assert os.listdir(tmp_path) == ["sheet.pdf"]


_HUNDRED_THOUSAND = """
import sys
from pathlib import Path
from passport.labels.matrix import build_matrices
from passport.labels.sheet import SheetWriter
def peak():  # kilobytes; unlike ru_maxrss it does not start at the parent's
    return Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]
with SheetWriter(sys.argv[1]) as sheet:
    for start in range(0, 100_000, 1_000):
        texts = [f"HTTPS://ID.EXAMPLE.CN/01/06901234567892/21/{n:09d}?S={n:0108d}" for n in range(start, start + 1_000)]
        sheet.add(build_matrices(texts), [f"(01)06901234567892 (21){n:09d}" for n in range(start, start + 1_000)])
        if start == 10_000:
            early = peak()
print(early, peak())
"""


def test_a_hundred_thousand_labels_take_under_300_mb_and_no_more_than_the_first_ten_thousand(tmp_path: Path) -> None:
    if not os.path.exists("/proc/self/status"):
        pytest.skip("peak memory is read from /proc")
    command = [sys.executable, "-c", _HUNDRED_THOUSAND, tmp_path / "big.pdf"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    early, peak = (int(kilobytes) / 1024 for kilobytes in done.stdout.split())
    assert peak < 300
    assert peak < early + 20
    document = pypdfium2.PdfDocument(tmp_path / "big.pdf")
    assert len(document) == 1786
    last = read_all(document[1785].render(scale=150 / 72, grayscale=True).to_pil())
    assert f"HTTPS://ID.EXAMPLE.CN/01/06901234567892/21/000099999?S={99999:0108d}" in last


def test_a_time_without_a_zone_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="time zone"):
        SheetWriter(tmp_path / "sheet.pdf", created_at=datetime(2025, 1, 1, tzinfo=UTC).replace(tzinfo=None))
    assert os.listdir(tmp_path) == []
