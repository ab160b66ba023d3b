# SPDX-License-Identifier: Apache-2.0
"""PNG files: one bit per pixel, exact modules, the size in print, and the text back."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from passport.labels.matrix import build_matrices
from passport.labels.png import encode_png, fit_scale, write_png
from tests.labels.samples import read_all, version_1_code, version_2_code

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = [version_1_code(n) for n in range(70)]


@pytest.mark.parametrize("scale", [1, 2, 3, 8, 11])
def test_pixels_are_the_modules_with_a_quiet_zone_of_four(scale: int) -> None:
    batch = build_matrices(TEXTS)
    for data, modules in zip(encode_png(batch, scale=scale), batch.modules, strict=True):
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        assert image.mode == "1"
        expected = np.kron(np.pad(modules, 4) == 0, np.ones((scale, scale), dtype=bool))
        assert np.array_equal(np.asarray(image), expected)


def test_files_read_back_exactly(tmp_path: Path) -> None:
    texts = [version_2_code(n, f"Ab{n:02d}") for n in range(5)]
    paths = [tmp_path / f"{n}.png" for n in range(5)]
    write_png(build_matrices(texts), paths)
    assert [read_all(Image.open(path)) for path in paths] == [[text] for text in texts]
    assert sorted(os.listdir(tmp_path)) == [path.name for path in paths]


def test_the_printed_size_stands_in_the_file() -> None:
    image = Image.open(io.BytesIO(next(encode_png(build_matrices(TEXTS[:1]), scale=6, dpi=300))))
    assert image.info["dpi"] == pytest.approx((300, 300), abs=0.02)
    assert image.size == (318, 318)


def test_the_scale_for_a_width_is_the_widest_that_fits() -> None:
    assert fit_scale(45, width_mm=15, dpi=300) == 3
    assert fit_scale(45, width_mm=53 * 25.4 / 100, dpi=300) == 3
    assert fit_scale(45, width_mm=25, dpi=600) == 11
    with pytest.raises(ValueError, match="too few pixels"):
        fit_scale(45, width_mm=4, dpi=300)


def test_the_same_symbol_gives_the_same_bytes_in_whatever_batch() -> None:
    assert list(encode_png(build_matrices(TEXTS)))[69] == next(encode_png(build_matrices(TEXTS[69:])))


def test_a_scale_below_one_and_a_wrong_number_of_paths_are_refused(tmp_path: Path) -> None:
    batch = build_matrices(TEXTS[:2])
    with pytest.raises(ValueError, match="at least 1"):
        next(encode_png(batch, scale=0))
    with pytest.raises(ValueError, match="1 paths for 2 symbols"):
        write_png(batch, [tmp_path / "one.png"])
    assert os.listdir(tmp_path) == []
