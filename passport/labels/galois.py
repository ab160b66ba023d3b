# SPDX-License-Identifier: Apache-2.0
"""Reed-Solomon parity over GF(256) for many blocks at once: ISO/IEC 18004:2015, 7.5.2 and annex A."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_POLYNOMIAL = 0x11D  # x^8 + x^4 + x^3 + x^2 + 1, with 2 as primitive element


def multiply(a: int, b: int) -> int:
    """Product of two field elements."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= _POLYNOMIAL
        b >>= 1
    return product


def generator(degree: int) -> tuple[int, ...]:
    """Coefficients of (x - 2^0)(x - 2^1)...(x - 2^(degree-1)), highest power first, without the leading 1."""
    coefficients = [1]
    root = 1
    for _ in range(degree):
        shifted = [*coefficients, 0]
        for position, coefficient in enumerate(coefficients):
            shifted[position + 1] ^= multiply(coefficient, root)
        coefficients = shifted
        root = multiply(root, 2)
    return tuple(coefficients[1:])


@lru_cache(maxsize=32)
def _contributions(data_size: int, parity_size: int) -> NDArray[np.uint64]:
    """Parity that byte value b at data position i adds: uint64[data_size, 256, words], eight parity bytes a word.

    Parity is linear, so the parity of a block is the XOR of one row per data byte: no carried state, no branches.
    """
    divisor = generator(parity_size)
    table = np.zeros((data_size, 256, -(-parity_size // 8) * 8), dtype=np.uint8)
    remainder = list(divisor)  # x^parity_size mod the generator: the last data position
    for position in range(data_size - 1, -1, -1):
        for bit in range(8):
            table[position, 1 << bit, :parity_size] = [multiply(1 << bit, value) for value in remainder]
        for bit in range(8):
            low = table[position, 1 : 1 << bit]
            table[position, (1 << bit) + 1 : 2 << bit] = low ^ table[position, 1 << bit]
        lead = remainder[0]
        shifted = [*remainder[1:], 0]
        remainder = [value ^ multiply(lead, factor) for value, factor in zip(shifted, divisor, strict=True)]
    return table.view(np.uint64)


def parity(blocks: NDArray[np.uint8], parity_size: int) -> NDArray[np.uint8]:
    """Parity codewords uint8[m, parity_size] of data blocks uint8[m, data_size].

    A block may be filled up with zeros on the left: leading zeros do not change the parity.
    """
    table = _contributions(blocks.shape[1], parity_size)
    total = table[0][blocks[:, 0]]
    for position in range(1, blocks.shape[1]):
        total ^= table[position][blocks[:, position]]
    codewords: NDArray[np.uint8] = total.view(np.uint8)[:, :parity_size]
    return codewords
