# SPDX-License-Identifier: Apache-2.0
"""One SVG file per code: a single path of rectangles on a white ground, sized in mm. SVG 1.1."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

import numpy as np

from passport.labels.files import write_whole
from passport.labels.layout import QUIET_ZONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from passport.labels.matrix import MatrixBatch

_CHUNK = 256
_TEXT_MODULES = 3  # height of a caption line, in modules


class _Rectangles(dict[int, str]):
    """Path data of a run of dark modules by (row * 64 + column) * 64 + length, made at first use."""

    def __missing__(self, key: int) -> str:
        place, length = divmod(key, 64)
        row, column = divmod(place, 64)
        self[key] = text = f"M{column + QUIET_ZONE} {row + QUIET_ZONE}h{length}v1h-{length}z"
        return text


_RECTANGLES = _Rectangles()


def encode_svg(batch: MatrixBatch, captions: Sequence[str] | None = None, *, width_mm: float = 25.0) -> Iterator[bytes]:
    """SVG files of the symbols, `width_mm` wide with their quiet zone of four modules; a caption is one line below.

    All dark modules are one path, so that no renderer leaves seams between them. The text is drawn with the reader's
    own monospaced font. Raises ValueError for captions that are not printable ASCII, or more or fewer than symbols.
    """
    if captions is not None and len(captions) != len(batch):
        raise ValueError(f"{len(captions)} captions for {len(batch)} symbols")
    if not width_mm > 0:
        raise ValueError("width_mm must be positive")
    side = batch.size + 2 * QUIET_ZONE
    height = side + (_TEXT_MODULES if captions is not None else 0)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_mm:g}mm" height="{width_mm * height / side:.6g}mm" '
        f'viewBox="0 0 {side} {height}"><path fill="#fff" d="M0 0h{side}v{height}h-{side}z"/>'
        '<path fill="#000" shape-rendering="crispEdges" d="'
    )
    for start in range(0, len(batch), _CHUNK):
        for position, path in enumerate(_paths(batch.select(slice(start, start + _CHUNK)).modules), start):
            text = "" if captions is None else _caption(captions[position], side)
            yield f'{head}{path}"/>{text}</svg>\n'.encode("ascii")


def write_svg(
    batch: MatrixBatch, paths: Sequence[Path], captions: Sequence[str] | None = None, *, width_mm: float = 25.0
) -> None:
    """Write each symbol to its path; see `encode_svg`. Raises ValueError if paths are more or fewer, or OSError."""
    if len(paths) != len(batch):
        raise ValueError(f"{len(paths)} paths for {len(batch)} symbols")
    for path, data in zip(paths, encode_svg(batch, captions, width_mm=width_mm), strict=True):
        write_whole(path, data)


def _paths(modules: NDArray[np.uint8]) -> Iterator[str]:
    """Path data of each symbol: one rectangle for each run of dark modules in a row."""
    n, size, _ = modules.shape
    bordered = np.zeros((n, size, size + 2), dtype=np.int8)
    bordered[:, :, 1:-1] = modules
    edges = np.diff(bordered, axis=2)
    symbol, row, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[2]
    keys = ((row * 64 + start) * 64 + end - start).tolist()
    limits = np.searchsorted(symbol, np.arange(n + 1)).tolist()
    for i in range(n):
        yield "".join(map(_RECTANGLES.__getitem__, keys[limits[i] : limits[i + 1]]))


def _caption(caption: str, side: int) -> str:
    if not (caption.isascii() and caption.isprintable()):
        raise ValueError(f"a caption must be printable ASCII: {caption[:60]!r}")
    # Monospaced glyphs are about 0.6 wide; textLength keeps a long caption inside whatever font the reader has.
    font = min(2.4, (side - 2) / (0.6 * max(len(caption), 1)))
    return (
        f'<text x="{side / 2:g}" y="{side + 1:g}" font-family="monospace" font-size="{font:.4g}" '
        f'text-anchor="middle" textLength="{0.6 * font * len(caption):.4g}" '
        f'lengthAdjust="spacingAndGlyphs">{escape(caption)}</text>'
    )
