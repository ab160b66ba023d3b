# SPDX-License-Identifier: Apache-2.0
"""Scores of the eight masks by the four rules of ISO/IEC 18004:2015, 7.8.3 (table 11), for many symbols at once.

The whole symbol is scored as it will be printed, with its format and version information. Where the standard leaves
room: a light area beyond the edge does not count for rule 3, and a finder-like pattern with a light area on both
sides counts twice. Rows are 64-bit words, so that one operation compares a whole row, and two rows at once compare
all columns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from passport.labels.template import MASK_COUNT, WORD_BITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from passport.labels.template import Template

    Words = NDArray[np.uint64]

# Symbols scored together: about 90 KB for each intermediate result, which stays in the second-level cache.
_CHUNK = 256


def choose_masks(placed: Words, template: Template) -> NDArray[np.uint8]:
    """The mask with the lowest score for each unmasked symbol of uint64[n, size]; the lowest number among equals."""
    masks = np.zeros(len(placed), dtype=np.uint8)
    for start in range(0, len(placed), _CHUNK):
        columns = np.ascontiguousarray(placed[start : start + _CHUNK].T)
        best = score(columns ^ template.overlays[0][:, None])
        for mask in range(1, MASK_COUNT):
            points = score(columns ^ template.overlays[mask][:, None])
            masks[start : start + _CHUNK][points < best] = mask
            np.minimum(best, points, out=best)
    return masks


def score(rows: Words) -> NDArray[np.int32]:
    """Penalty points int32[n] of symbols uint64[size, n] (row first)."""
    size = len(rows)
    total = _runs_in_rows(rows, size) + _runs_in_columns(rows)
    total += 3 * _blocks(rows, size)
    total += 40 * (_finders_in_rows(rows, size) + _finders_in_columns(rows, size))
    dark = _count(rows)
    total += 10 * (np.abs(20 * dark - 10 * size * size) // (size * size))
    return total


def _first(width: int) -> np.uint64:
    """A word whose first `width` modules are dark."""
    return np.uint64((1 << width) - 1 << WORD_BITS - width)


def _ahead(words: Words, distance: int) -> Words:
    """What stands `distance` modules further right, in the place of each module."""
    return np.left_shift(words, np.uint64(distance))


def _behind(words: Words, distance: int) -> Words:
    """What stands `distance` modules further left, in the place of each module."""
    return np.right_shift(words, np.uint64(distance))


def _count(words: Words) -> NDArray[np.int32]:
    """Set bits by symbol."""
    bits: NDArray[np.uint8] = np.bitwise_count(words)
    totals: NDArray[np.uint16] = bits.sum(axis=0, dtype=np.uint16)
    return totals.astype(np.int32)


def _runs_in_rows(rows: Words, size: int) -> NDArray[np.int32]:
    """Rule 1: a run of 5 + k equal modules costs 3 + k. It holds k + 1 windows of five, one of them the first."""
    same = ~(rows ^ _ahead(rows, 1)) & _first(size - 1)
    pairs = same & _ahead(same, 1)
    windows = pairs & _ahead(pairs, 2)
    return _count(windows) + 2 * _count(windows & ~_behind(windows, 1))


def _runs_in_columns(rows: Words) -> NDArray[np.int32]:
    same = ~(rows[:-1] ^ rows[1:])
    pairs = same[:-1] & same[1:]
    windows = pairs[:-2] & pairs[2:] & _first(len(rows))
    return _count(windows) + 2 * (_count(windows[:1]) + _count(windows[1:] & ~windows[:-1]))


def _blocks(rows: Words, size: int) -> NDArray[np.int32]:
    """Rule 2: squares of 2 x 2 equal modules, overlapping ones too."""
    same = ~(rows ^ _ahead(rows, 1)) & _first(size - 1)
    return _count(same[:-1] & same[1:] & ~(rows[:-1] ^ rows[1:]))


def _finders_in_rows(rows: Words, size: int) -> NDArray[np.int32]:
    """Rule 3: dark and light 1:1:3:1:1, with four light modules before it or after it."""
    light = ~rows & _first(size)
    finder = rows & _ahead(light, 1) & _ahead(light, 5) & _ahead(rows, 6)
    for distance in (2, 3, 4):
        finder &= _ahead(rows, distance)
    two = light & _ahead(light, 1)
    four = two & _ahead(two, 2)
    return _count(finder & _ahead(four, 7)) + _count(finder & _behind(four, 4))


def _finders_in_columns(rows: Words, size: int) -> NDArray[np.int32]:
    light = ~rows & _first(size)
    last = size - 6
    finder = rows[:last] & light[1 : last + 1] & light[5 : last + 5] & rows[6:]
    for distance in (2, 3, 4):
        finder &= rows[distance : last + distance]
    two = light[:-1] & light[1:]
    four = two[:-2] & two[2:]
    return _count(finder[:-4] & four[7:]) + _count(finder[4:] & four[: last - 4])
