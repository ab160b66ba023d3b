# SPDX-License-Identifier: Apache-2.0
"""A film of a printed label, as a hand-held phone sees it: tilted, turned, blurred, noisy, unevenly lit. YUV4MPEG2."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from passport.labels.layout import QUIET_ZONE
from passport.labels.matrix import build_matrices

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH, HEIGHT = 960, 720
_SCALE = 8  # pixels per module of the label before it is filmed
_TABLE = 96  # grey of the table on which the label lies


def draw_label(text: str) -> Image.Image:
    """The label as it is printed: the QR symbol with its quiet zone, and lines of print beside it."""
    modules = build_matrices([text]).modules[0]
    symbol = np.pad(1 - modules, QUIET_ZONE, constant_values=1).astype(np.uint8) * 255
    picture = Image.fromarray(np.repeat(np.repeat(symbol, _SCALE, axis=0), _SCALE, axis=1))
    label = Image.new("L", (picture.width + 200, picture.height), 255)
    label.paste(picture, (0, 0))
    pen = ImageDraw.Draw(label)
    for line in range(7):
        pen.rectangle((picture.width, 60 + 40 * line, picture.width + 180 - 17 * line, 74 + 40 * line), fill=40)
    return label


def _perspective(turn: float, tilt: float, side: float) -> list[tuple[float, float]]:
    """Where the label's corners lie in the picture, the symbol about in the middle."""
    corners = []
    for x, y in ((-0.5, -0.5), (0.75, -0.5), (0.75, 0.5), (-0.5, 0.5)):
        across = x * math.cos(turn) - y * math.sin(turn)
        down = x * math.sin(turn) + y * math.cos(turn)
        nearer = 1 / (1 + across * math.sin(tilt) * 0.5)
        corners.append((WIDTH / 2 + side * across * math.cos(tilt) * nearer, HEIGHT / 2 + side * down * nearer))
    return corners


def film_frame(label: Image.Image, number: int, *, side: float = 400, light: float = 1.0) -> NDArray[np.uint8]:
    """One frame in grey, uint8[HEIGHT, WIDTH]; `side` is about the symbol's in pixels, `light` 1 for a lit room."""
    sway = math.sin(number / 4)
    targets = _perspective(0.16 + 0.06 * sway, 0.35 + 0.08 * math.cos(number / 5), side * (1 + 0.04 * sway))
    sources = ((0, 0), (label.width, 0), (label.width, label.height), (0, label.height))
    equations, values = [], []
    for (u, v), (x, y) in zip(targets, sources, strict=True):
        equations += [[u, v, 1, 0, 0, 0, -x * u, -x * v], [0, 0, 0, u, v, 1, -y * u, -y * v]]
        values += [x, y]
    matrix = tuple(np.linalg.solve(np.array(equations, dtype=float), np.array(values, dtype=float)))
    seen = label.transform(
        (WIDTH, HEIGHT), Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC, fillcolor=_TABLE
    )
    levels = np.asarray(seen.filter(ImageFilter.GaussianBlur(1.0)), dtype=float)
    across = np.linspace(1.0, 0.55, WIDTH)[None, :] * np.linspace(1.0, 0.8, HEIGHT)[:, None]  # the lamp is at one side
    levels = (20 + 0.85 * levels) * across * light
    levels += np.random.default_rng(number).normal(0, 6, levels.shape)
    return levels.clip(0, 255).astype(np.uint8)


def write_film(path: Path, text: str | None, *, frames: int = 12, side: float = 400, light: float = 1.0) -> Path:
    """A Y4M file, 10 pictures a second, played again and again; None: the table alone."""
    label = Image.new("L", (600, 400), _TABLE) if text is None else draw_label(text)
    chroma = bytes([128]) * (WIDTH // 2 * (HEIGHT // 2) * 2)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(frames):
            file.write(b"FRAME\n" + film_frame(label, number, side=side, light=light).tobytes() + chroma)
    return path


def write_photo(path: Path, text: str | None, *, side: float = 300) -> Path:
    """One picture of it as a JPEG file."""
    label = Image.new("L", (600, 400), _TABLE) if text is None else draw_label(text)
    Image.fromarray(film_frame(label, 3, side=side)).convert("RGB").save(path, quality=85)
    return path
