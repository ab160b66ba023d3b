# SPDX-License-Identifier: Apache-2.0
"""Labels as a phone sees them: small in print, blurred, turned, tilted, noisy; all at 300 dpi.

At 300 dpi a symbol of version 7 has three pixels per module when it is to fit 15 mm, and two when it is to fit 12 mm.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageFilter

from passport.labels.matrix import build_matrices
from passport.labels.png import fit_scale
from tests.labels.samples import picture_of, read_all, version_1_code, version_2_code

if TYPE_CHECKING:
    from collections.abc import Callable

    Degrade = Callable[[Image.Image, int], Image.Image]

VERSION_1 = [version_1_code(n) for n in range(20)]
VERSION_2 = [version_2_code(n, f"Sn-{n:09d}") for n in range(20)]


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def _tilted(image: Image.Image, tilt: float, turn: float) -> Image.Image:
    """Turned in its plane, then seen from a camera at twice its width, `tilt` degrees from the side."""
    pad = image.width // 3
    paper = Image.new("L", (image.width + 2 * pad, image.height + 2 * pad), 255)
    paper.paste(image, (pad, pad))
    paper = paper.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=255)
    side = paper.width
    equations, values = [], []
    for x, y in ((0, 0), (0, side), (side, side), (side, 0)):
        across, depth = (f(math.radians(tilt)) * (x - side / 2) for f in (math.cos, math.sin))
        nearer = 2 * side / (2 * side + depth)
        u, v = across * nearer + side / 2, (y - side / 2) * nearer + side / 2
        equations += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        values += [x, y]
    matrix = tuple(np.linalg.solve(np.array(equations, dtype=float), np.array(values, dtype=float)))
    return paper.transform((side, side), Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC, fillcolor=255)


def _noisy(image: Image.Image, deviation: float, seed: int) -> Image.Image:
    """Grey instead of black and white, with Gaussian noise."""
    levels = 25 + 0.8 * np.asarray(image, dtype=float)
    levels += np.random.default_rng(seed).normal(0, deviation, levels.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


DEGRADATIONS: dict[str, Degrade] = {
    "as printed": lambda image, seed: image,
    "captured at another resolution": lambda image, seed: image.resize((233, 233), Image.Resampling.BICUBIC),
    "blurred by 0.4 modules": lambda image, seed: _blurred(image, 1.2),
    "turned": lambda image, seed: _tilted(image, 0, 18 * seed + 7),
    "tilted by 25 degrees": lambda image, seed: _tilted(image, 25, 11),
    "tilted by 35 degrees and turned": lambda image, seed: _tilted(image, 35, 18 * seed),
    "noisy": lambda image, seed: _noisy(image, 20, seed),
    "all at once": lambda image, seed: _noisy(_tilted(_blurred(image, 0.6), 15, 3 * seed - 30), 8, seed),
}


@pytest.mark.parametrize("texts", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
@pytest.mark.parametrize("degrade", DEGRADATIONS.values(), ids=DEGRADATIONS.keys())
def test_labels_of_15_mm_read_back_exactly_when(degrade: Degrade, texts: list[str]) -> None:
    batch = build_matrices(texts)
    scale = fit_scale(batch.size, width_mm=15, dpi=300)
    assert scale == 3
    for seed, (text, modules) in enumerate(zip(texts, batch.modules, strict=True)):
        assert read_all(degrade(picture_of(modules, scale), seed)) == [text]


@pytest.mark.parametrize("texts", [VERSION_1, VERSION_2], ids=["version 1", "version 2"])
def test_labels_of_12_mm_read_back_exactly_when_turned_and_slightly_blurred_or_noisy(texts: list[str]) -> None:
    batch = build_matrices(texts)
    scale = fit_scale(batch.size, width_mm=12, dpi=300)
    assert scale == 2
    for seed, (text, modules) in enumerate(zip(texts, batch.modules, strict=True)):
        picture = picture_of(modules, scale)
        assert read_all(picture) == [text]
        assert read_all(_blurred(picture, 0.6)) == [text]
        assert read_all(_noisy(picture, 15, seed)) == [text]


def test_every_mask_reads_back() -> None:
    for mask in range(8):
        batch = build_matrices(VERSION_1[:3], mask=mask)
        assert [read_all(picture_of(modules, 3)) for modules in batch.modules] == [[text] for text in VERSION_1[:3]]
