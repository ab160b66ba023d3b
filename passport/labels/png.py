# SPDX-License-Identifier: Apache-2.0
"""One PNG file per code: one bit per pixel, each module a square of whole pixels. PNG (W3C, third edition)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import numpy as np

from passport.labels.files import write_whole
from passport.labels.layout import QUIET_ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from passport.labels.matrix import MatrixBatch

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FILTER_UP = 2
# Images turned into pixels together: 64 of 424 x 424 pixels are 1.5 MB.
_CHUNK = 64


def fit_scale(size: int, *, width_mm: float, dpi: int) -> int:
    """Whole pixels per module for the widest picture of at most `width_mm`, quiet zone included, at `dpi`.

    Raises ValueError if not even one pixel per module fits.
    """
    scale = int(width_mm * dpi / 25.4 / (size + 2 * QUIET_ZONE) + 1e-9)
    if scale < 1:
        raise ValueError(f"{width_mm} mm at {dpi} dpi are too few pixels for {size + 2 * QUIET_ZONE} modules")
    return scale


def encode_png(batch: MatrixBatch, *, scale: int = 8, dpi: int = 600) -> Iterator[bytes]:
    """PNG files of the symbols, with their quiet zone of four modules, `scale` pixels per module, meant for `dpi`.

    The printed width is (size + 8) * scale / dpi inches. The same symbol always gives the same bytes.
    """
    if scale < 1 or dpi < 1:
        raise ValueError("scale and dpi must be at least 1")
    pixels = (batch.size + 2 * QUIET_ZONE) * scale
    head = _SIGNATURE + _chunk(b"IHDR", struct.pack(">IIBBBBB", pixels, pixels, 1, 0, 0, 0, 0))
    density = round(dpi / 0.0254)
    head += _chunk(b"pHYs", struct.pack(">IIB", density, density, 1))
    tail = _chunk(b"IEND", b"")
    for start in range(0, len(batch), _CHUNK):
        for lines in _scan_lines(batch.select(slice(start, start + _CHUNK)).modules, scale):
            yield head + _chunk(b"IDAT", _deflate(lines)) + tail


def write_png(batch: MatrixBatch, paths: Sequence[Path], *, scale: int = 8, dpi: int = 600) -> None:
    """Write each symbol to its path; see `encode_png`. Raises ValueError if paths are more or fewer, or OSError."""
    if len(paths) != len(batch):
        raise ValueError(f"{len(paths)} paths for {len(batch)} symbols")
    for path, data in zip(paths, encode_png(batch, scale=scale, dpi=dpi), strict=True):
        write_whole(path, data)


def _scan_lines(modules: NDArray[np.uint8], scale: int) -> NDArray[np.uint8]:
    """Filtered scan lines uint8[n, height, 1 + bytes]: of each module row one line, then "as above" for the others."""
    n, size, _ = modules.shape
    side = size + 2 * QUIET_ZONE
    light = np.ones((n, side, side), dtype=np.uint8)
    light[:, QUIET_ZONE:-QUIET_ZONE, QUIET_ZONE:-QUIET_ZONE] -= modules
    packed = np.packbits(np.repeat(light, scale, axis=2), axis=2)
    lines = np.zeros((n, side, scale, 1 + packed.shape[2]), dtype=np.uint8)
    lines[:, :, 0, 1:] = packed
    lines[:, :, 1:, 0] = _FILTER_UP
    return lines.reshape(n, side * scale, -1)


def _deflate(lines: NDArray[np.uint8]) -> bytes:
    return zlib.compress(lines.tobytes(), 1)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(data, zlib.crc32(kind)))
