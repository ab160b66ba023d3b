# SPDX-License-Identifier: Apache-2.0
"""SVG files, drawn by a small rasteriser of our own on Pillow and by a browser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from passport.labels.matrix import build_matrices
from passport.labels.svg import encode_svg, write_svg
from tests.labels.samples import captions_of, read_all, version_1_code, version_2_code

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [version_1_code(n) for n in range(10)]
SVG = "{http://www.w3.org/2000/svg}"


def _rasterise(data: bytes, scale: int) -> Image.Image:
    """Draws the paths of the file: M, h, v and z are followed as SVG says, each closed outline is filled."""
    root = ElementTree.fromstring(data)
    width, height = (int(value) for value in root.attrib["viewBox"].split()[2:])
    image = Image.new("L", (width * scale, height * scale), 128)
    pencil = ImageDraw.Draw(image)
    for path in root.iter(f"{SVG}path"):
        colour = {"#fff": 255, "#000": 0}[path.attrib["fill"]]
        for outline in re.findall(r"M[^M]*z", path.attrib["d"]):
            start = re.match(r"M(\d+) (\d+)", outline)
            assert start is not None
            x, y = map(int, start.groups())
            points = [(x, y)]
            for command, value in re.findall(r"([hv])(-?\d+)", outline):
                x, y = (x + int(value), y) if command == "h" else (x, y + int(value))
                points.append((x, y))
            xs, ys = zip(*points, strict=True)
            pencil.rectangle((min(xs) * scale, min(ys) * scale, max(xs) * scale - 1, max(ys) * scale - 1), fill=colour)
    return image


def test_drawn_files_show_the_modules_and_read_back_exactly() -> None:
    texts = [version_2_code(n, f"Ab{n:02d}") for n in range(5)]
    batch = build_matrices(texts)
    for data, text, modules in zip(encode_svg(batch), texts, batch.modules, strict=True):
        image = _rasterise(data, 4)
        assert np.array_equal(np.asarray(image)[2::4, 2::4], 255 * (1 - np.pad(modules, 4)))
        assert read_all(image) == [text]


def test_size_in_mm_and_caption_stand_in_the_file() -> None:
    captions = ["(01)06901234567892 (21)<&>"]
    root = ElementTree.fromstring(next(encode_svg(build_matrices(TEXTS[:1]), captions, width_mm=26.5)))
    assert root.attrib["width"] == "26.5mm"
    assert root.attrib["height"] == "28mm"
    assert root.attrib["viewBox"] == "0 0 53 56"
    text = root.find(f"{SVG}text")
    assert text is not None
    assert text.text == captions[0]
    assert float(text.attrib["textLength"]) <= 51


def test_a_browser_draws_a_file_that_reads_back_exactly(tmp_path: Path) -> None:
    browser = shutil.which("chromium")
    if browser is None:
        pytest.skip("chromium is not installed")
    write_svg(build_matrices(TEXTS[:1]), [tmp_path / "label.svg"], captions_of(TEXTS[:1]), width_mm=25)
    options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    options += [f"--screenshot={tmp_path / 'shot.png'}", "--force-device-scale-factor=3", "--window-size=200,200"]
    page = (tmp_path / "label.svg").as_uri()
    subprocess.run([browser, *options, page], check=True, capture_output=True, timeout=120)
    shot = Image.open(tmp_path / "shot.png").convert("L")
    assert read_all(shot) == TEXTS[:1]


def test_files_are_written_whole_and_the_same_each_time(tmp_path: Path) -> None:
    paths = [tmp_path / f"{n}.svg" for n in range(10)]
    write_svg(build_matrices(TEXTS), paths, captions_of(TEXTS))
    first = [path.read_bytes() for path in paths]
    write_svg(build_matrices(TEXTS), paths, captions_of(TEXTS))
    assert [path.read_bytes() for path in paths] == first
    assert sorted(os.listdir(tmp_path)) == [path.name for path in paths]


def test_wrong_numbers_and_captions_are_refused(tmp_path: Path) -> None:
    batch = build_matrices(TEXTS[:2])
    with pytest.raises(ValueError, match="1 paths for 2 symbols"):
        write_svg(batch, [tmp_path / "a.svg"])
    with pytest.raises(ValueError, match="1 captions for 2 symbols"):
        next(encode_svg(batch, ["a"]))
    with pytest.raises(ValueError, match="width_mm"):
        next(encode_svg(batch, width_mm=0))
    with pytest.raises(ValueError, match="printable ASCII"):
        list(encode_svg(batch, ["good", "电"]))
