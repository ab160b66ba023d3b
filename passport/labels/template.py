# SPDX-License-Identifier: Apache-2.0
"""What a QR version fixes: function patterns, placement, masks, format bits. ISO/IEC 18004:2015, 6.3 and 7.5 to 7.10.

A row of modules is one 64-bit word: the leftmost module is the highest bit, a dark module is 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import TYPE_CHECKING

import numpy as np

from passport.labels.segments import DATA_CODEWORDS, MAX_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Modules = NDArray[np.uint8]

WORD_BITS = 64
MASK_COUNT = 8

# Level M, versions 1 to 11 (table 9): parity codewords of one block, number of blocks.
_PARITY_SIZE = (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30)
_BLOCKS = (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5)


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """Everything about a version that does not depend on the text. Arrays are shared: read only.

    `block_index` intp[blocks, data_size]: data codeword of each block position; `data_codewords` stands for a zero,
    with which short blocks are filled up on the left. `module_index` intp[size * 64]: for each bit of the row words
    the bit in (data codewords, then parity of block 0, 1, ..., then one zero codeword); interleaving and zigzag are
    folded into it. `overlays` uint64[8, size]: for each mask, the mask on the encoding region with all function
    patterns, format and version information; XOR with the placed bits gives the symbol.
    """

    version: int
    size: int
    data_codewords: int
    parity_size: int
    block_index: NDArray[np.intp]
    module_index: NDArray[np.intp]
    overlays: NDArray[np.uint64]


@lru_cache(maxsize=MAX_VERSION)
def template_of(version: int) -> Template:
    """The template of version 1 to 11, made once."""
    size = 17 + 4 * version
    data_codewords = DATA_CODEWORDS[version - 1]
    parity_size, blocks = _PARITY_SIZE[version - 1], _BLOCKS[version - 1]
    split = _split_blocks(data_codewords, blocks)
    block_index = _block_index(split, data_codewords)
    patterns, is_function = _function_patterns(version)
    codewords = [codeword for column in zip_longest(*split) for codeword in column if codeword is not None]
    codewords += [data_codewords + block * parity_size + i for i in range(parity_size) for block in range(blocks)]
    zero_bit = 8 * (data_codewords + blocks * parity_size)
    module_index = np.full((size, WORD_BITS), zero_bit, dtype=np.intp)
    bits = (8 * codeword + bit for codeword in codewords for bit in range(8))
    for (row, column), bit in zip(_zigzag(is_function), bits, strict=False):  # what is left over are remainder bits
        module_index[row, column] = bit
    overlays = np.stack([_overlay(patterns, is_function, mask) for mask in range(MASK_COUNT)])
    for array in (block_index, module_index, overlays):
        array.setflags(write=False)
    return Template(version, size, data_codewords, parity_size, block_index, module_index.ravel(), overlays)


def _split_blocks(data_codewords: int, blocks: int) -> list[range]:
    """Data codewords of each block; the short blocks come first (table 9)."""
    short, long_blocks = divmod(data_codewords, blocks)
    starts = [block * short + max(0, block - (blocks - long_blocks)) for block in range(blocks + 1)]
    return [range(start, end) for start, end in pairwise(starts)]


def _block_index(blocks: list[range], filling: int) -> NDArray[np.intp]:
    width = max(map(len, blocks))
    return np.array([[filling] * (width - len(block)) + list(block) for block in blocks], dtype=np.intp)


def _function_patterns(version: int) -> tuple[Modules, NDArray[np.bool_]]:
    """Dark modules of the function patterns with version information, and where the encoding region is not."""
    size = 17 + 4 * version
    modules = np.zeros((size, size), dtype=np.uint8)
    is_function = np.zeros((size, size), dtype=np.bool_)
    modules[6, ::2] = modules[::2, 6] = 1
    is_function[6, :] = is_function[:, 6] = True
    finder = _rings(3)
    for top, left in ((0, 0), (0, size - 7), (size - 7, 0)):
        corner = (slice(max(top - 1, 0), top + 8), slice(max(left - 1, 0), left + 8))
        modules[corner], is_function[corner] = 0, True
        modules[top : top + 7, left : left + 7] = finder
    is_function[8, :9] = is_function[:9, 8] = True
    is_function[8, size - 8 :] = is_function[size - 8 :, 8] = True
    centres = _alignment_centres(version)
    alignment = _rings(2)
    for row in centres:
        for column in centres:
            if (row, column) not in ((6, 6), (6, size - 7), (size - 7, 6)):
                square = (slice(row - 2, row + 3), slice(column - 2, column + 3))
                modules[square], is_function[square] = alignment, True
    if version >= 7:
        bits = _with_remainder(version, generator=0x1F25, degree=12)
        for i in range(18):
            near, far = i // 3, size - 11 + i % 3
            modules[near, far] = modules[far, near] = bits >> i & 1
            is_function[near, far] = is_function[far, near] = True
    return modules, is_function


def _rings(radius: int) -> Modules:
    """Concentric squares: dark edge, light ring, dark inside."""
    distance = np.abs(np.arange(-radius, radius + 1))
    rings = np.maximum(distance[:, None], distance[None, :])
    dark: NDArray[np.bool_] = rings != radius - 1
    return dark.astype(np.uint8)


def _alignment_centres(version: int) -> tuple[int, ...]:
    """Annex E, for versions up to 13, where the formula is this simple."""
    size = 17 + 4 * version
    if version == 1:
        return ()
    return (6, size - 7) if version < 7 else (6, size // 2, size - 7)


def _with_remainder(value: int, *, generator: int, degree: int) -> int:
    """The value followed by its BCH check bits (annexes C and D)."""
    rest = value << degree
    while rest.bit_length() > degree:
        rest ^= generator << (rest.bit_length() - degree - 1)
    return value << degree | rest


def _zigzag(is_function: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Modules of the encoding region in the order of placement (7.7.3): two columns at a time from the right."""
    size = len(is_function)
    rights = [right if right > 6 else right - 1 for right in range(size - 1, 0, -2)]
    for turn, right in enumerate(rights):
        for row in range(size) if turn % 2 else range(size - 1, -1, -1):
            for column in (right, right - 1):
                if not is_function[row, column]:
                    yield row, column


def _mask_condition(mask: int, size: int) -> NDArray[np.bool_]:
    """Modules that the mask turns over (table 10)."""
    i, j = np.indices((size, size))
    conditions = (
        (i + j) % 2,
        i % 2,
        j % 3,
        (i + j) % 3,
        (i // 2 + j // 3) % 2,
        (i * j) % 2 + (i * j) % 3,
        ((i * j) % 2 + (i * j) % 3) % 2,
        ((i + j) % 2 + (i * j) % 3) % 2,
    )
    return np.equal(conditions[mask], 0)


def _overlay(patterns: Modules, is_function: NDArray[np.bool_], mask: int) -> NDArray[np.uint64]:
    modules = np.where(is_function, patterns, _mask_condition(mask, len(patterns))).astype(np.uint8)
    size = len(modules)
    # Error correction level M is 0b00, so the five data bits are the mask number; 7.9.1.
    bits = _with_remainder(mask, generator=0x537, degree=10) ^ 0x5412
    for i in range(15):
        bit = bits >> i & 1
        modules[i if i < 6 else i + 1 if i < 8 else size - 15 + i, 8] = bit
        modules[8, size - 1 - i if i < 8 else 7 if i == 8 else 14 - i] = bit
    modules[size - 8, 8] = 1  # always dark
    words: NDArray[np.uint64] = pack_rows(modules[None])[0]
    return words


def pack_rows(modules: Modules) -> NDArray[np.uint64]:
    """Row words uint64[n, size] of modules uint8[n, size, size]."""
    n, size, _ = modules.shape
    padded = np.zeros((n, size, WORD_BITS), dtype=np.uint8)
    padded[:, :, :size] = modules
    return np.packbits(padded, axis=2).view(">u8").astype(np.uint64).reshape(n, size)
