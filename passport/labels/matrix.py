# SPDX-License-Identifier: Apache-2.0
"""QR symbols for a whole batch of codes at once: ISO/IEC 18004:2015, versions 1 to 11, level M.

All codes of a batch share version, level and segments, so that everything but the text is worked out once and each
step is one array operation over all codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from passport.labels.galois import parity
from passport.labels.penalty import choose_masks
from passport.labels.segments import ALPHANUMERIC, DATA_CODEWORDS, LEVEL, Mode, group_by_layout, plan_layout
from passport.labels.template import MASK_COUNT, WORD_BITS, template_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from passport.labels.segments import SymbolLayout
    from passport.labels.template import Template

# Texts turned into modules together: bounds the memory of a call whatever its length.
_CHUNK = 1024
_NOT_ALPHANUMERIC = 255
_VALUES = np.full(256, _NOT_ALPHANUMERIC, dtype=np.uint8)
_VALUES[np.frombuffer(ALPHANUMERIC.encode(), dtype=np.uint8)] = np.arange(len(ALPHANUMERIC))


@dataclass(frozen=True, slots=True)
class Symbol:
    """One symbol: `rows` holds `size` rows of ceil(size / 8) bytes, leftmost module in the highest bit, dark is 1."""

    size: int
    rows: bytes


@dataclass(frozen=True, slots=True, eq=False)
class MatrixBatch:
    """Symbols of n codes with one layout.

    `masks` uint8[n]: mask of each symbol, 0 to 7. `rows` uint64[n, size]: a word per row, leftmost module in the
    highest bit, dark is 1, unused bits 0. The quiet zone is not part of it.
    """

    size: int
    version: int
    level: str
    masks: NDArray[np.uint8]
    rows: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def modules(self) -> NDArray[np.uint8]:
        """uint8[n, size, size], row first, dark is 1; worked out at each call."""
        n = len(self.rows)
        bits = np.unpackbits(self.rows.astype(">u8").view(np.uint8).reshape(n, self.size, WORD_BITS // 8), axis=2)
        return bits[:, :, : self.size]

    def select(self, positions: Sequence[int] | slice) -> MatrixBatch:
        """The symbols at these positions, in this order."""
        return MatrixBatch(self.size, self.version, self.level, self.masks[positions], self.rows[positions])

    def symbols(self) -> Iterator[Symbol]:
        """The symbols one by one, in packed form."""
        width = -(-self.size // 8)
        packed = self.rows.astype(">u8").view(np.uint8).reshape(len(self), self.size, WORD_BITS // 8)[:, :, :width]
        data, length = packed.tobytes(), self.size * width
        for start in range(0, len(data), length):
            yield Symbol(self.size, data[start : start + length])


def build_matrices(texts: Sequence[str], *, layout: SymbolLayout | None = None, mask: int | None = None) -> MatrixBatch:
    """Symbols of the texts, in their order.

    Without `layout`, the layout of the first text, and every other one must have the same. Without `mask`, all eight
    are scored for each code and the best is taken; a fixed `mask` (0 to 7) takes less than half the time and gives
    valid symbols, some of them harder to read.
    Raises ValueError, naming the first offender, if texts differ in layout, are not ASCII, or do not fit; or no texts.
    """
    if not texts:
        raise ValueError("no texts to encode")
    if mask is not None and not 0 <= mask < MASK_COUNT:
        raise ValueError(f"mask must be 0 to {MASK_COUNT - 1}, not {mask}")
    if layout is None:
        layout = plan_layout(texts[0])
        _require_same_layout(texts, layout)
    else:
        _require_same_length(texts, layout)
    template = template_of(layout.version)
    masks = np.full(len(texts), mask or 0, dtype=np.uint8)
    rows = np.empty((len(texts), layout.size), dtype=np.uint64)
    for start in range(0, len(texts), _CHUNK):
        part = slice(start, start + _CHUNK)
        placed = _place(_data_codewords(texts[part], layout, start), template)
        if mask is None:
            masks[part] = choose_masks(placed, template)
        rows[part] = placed ^ template.overlays[masks[part]]
    return MatrixBatch(layout.size, layout.version, LEVEL, masks, rows)


def build_symbols(texts: Sequence[str], *, mask: int | None = None) -> list[Symbol]:
    """Symbols of texts whose layouts may differ, in their order: one `build_matrices` call for each layout.

    Raises ValueError as `plan_layout` and `build_matrices` do.
    """
    found: dict[int, Symbol] = {}
    for layout, positions in group_by_layout(texts).items():
        batch = build_matrices([texts[position] for position in positions], layout=layout, mask=mask)
        found.update(zip(positions, batch.symbols(), strict=True))
    return [found[position] for position in range(len(texts))]


def _require_same_layout(texts: Sequence[str], layout: SymbolLayout) -> None:
    for position, text in enumerate(texts):
        other = plan_layout(text)
        if other is not layout and other != layout:
            raise ValueError(
                f"text {position} has the layout {other}, the first one {layout}; use group_by_layout: {text[:60]!r}"
            )


def _require_same_length(texts: Sequence[str], layout: SymbolLayout) -> None:
    for position, text in enumerate(texts):
        if len(text) != layout.length or not text.isascii():
            raise ValueError(
                f"text {position} is not {layout.length} ASCII characters, as the layout {layout} asks: {text[:60]!r}"
            )


def _data_codewords(texts: Sequence[str], layout: SymbolLayout, offset: int) -> NDArray[np.uint8]:
    """Data codewords uint8[n, k]: segments, terminator, padding (7.4). `offset` is the position of the first text."""
    n, capacity = len(texts), 8 * DATA_CODEWORDS[layout.version - 1]
    characters = np.frombuffer("".join(texts).encode("ascii"), dtype=np.uint8).reshape(n, layout.length)
    bits = np.zeros((n, capacity), dtype=np.uint8)
    column, start = 0, 0
    for segment in layout.segments:
        body = characters[:, start : start + segment.length]
        count_bits = segment.count_bits(layout.version)
        header = segment.mode.value << count_bits | segment.length
        bits[:, column : column + 4 + count_bits] = [int(bit) for bit in f"{header:0{4 + count_bits}b}"]
        end = column + segment.bits(layout.version)
        target = bits[:, column + 4 + count_bits : end]
        if segment.mode is Mode.BYTE:
            target[:] = np.unpackbits(body, axis=1)
        else:
            _fill_alphanumeric(target, body, offset)
        column, start = end, start + segment.length
    codewords = np.packbits(bits, axis=1)
    used = -(-min(column + 4, capacity) // 8)  # a terminator of four zero bits, or of what is left
    codewords[:, used::2], codewords[:, used + 1 :: 2] = 0xEC, 0x11
    return codewords


def _fill_alphanumeric(target: NDArray[np.uint8], body: NDArray[np.uint8], offset: int) -> None:
    """Bits of an alphanumeric segment (7.4.4): 11 for two characters, 6 for an odd one at the end."""
    values = _VALUES[body]
    if np.any(values == _NOT_ALPHANUMERIC):
        row, column = np.argwhere(values == _NOT_ALPHANUMERIC)[0]
        raise ValueError(f"text {offset + row} has {chr(body[row, column])!r} in an alphanumeric segment")
    n, length = body.shape
    pairs = length // 2
    even = values[:, 0 : 2 * pairs : 2].astype(np.uint16)
    words = (even * 45 + values[:, 1 : 2 * pairs : 2]).astype(">u2")
    expanded = np.unpackbits(words.view(np.uint8), axis=1).reshape(n, pairs, 16)
    target[:, : 11 * pairs] = expanded[:, :, 5:].reshape(n, 11 * pairs)
    if length % 2:
        target[:, 11 * pairs :] = np.unpackbits(values[:, -1:], axis=1)[:, 2:]


def _place(codewords: NDArray[np.uint8], template: Template) -> NDArray[np.uint64]:
    """Row words uint64[n, size] of data and parity, not yet masked (7.5 to 7.7)."""
    n = len(codewords)
    blocks, width = template.block_index.shape
    parity_bytes = blocks * template.parity_size
    stream = np.zeros((n, template.data_codewords + parity_bytes + 1), dtype=np.uint8)
    stream[:, : template.data_codewords] = codewords
    cut = stream[:, template.block_index].reshape(n * blocks, width)  # the filling reads a column that is still zero
    stream[:, template.data_codewords : -1] = parity(cut, template.parity_size).reshape(n, parity_bytes)
    bits = np.unpackbits(stream, axis=1)
    packed = np.packbits(np.take(bits, template.module_index, axis=1), axis=1)
    return packed.view(">u8").astype(np.uint64)
