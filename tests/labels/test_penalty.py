# SPDX-License-Identifier: Apache-2.0
"""The four rules against the wording of ISO/IEC 18004:2015, table 11, on arbitrary patterns."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.labels.penalty import score
from passport.labels.template import pack_rows

FINDER = [1, 0, 1, 1, 1, 0, 1]


def _naive(modules: list[list[int]]) -> int:
    """The rules as they read, one after the other."""
    size = len(modules)
    lines = modules + [list(column) for column in zip(*modules, strict=True)]
    points = 0
    for line in lines:
        lengths = (len(list(run)) for _, run in groupby(line))
        points += sum(3 + length - 5 for length in lengths if length >= 5)
        for start in range(size - 10):
            points += 40 * (line[start : start + 11] in (FINDER + [0] * 4, [0] * 4 + FINDER))
    for i in range(size - 1):
        for j in range(size - 1):
            points += 3 * (len({modules[i][j], modules[i][j + 1], modules[i + 1][j], modules[i + 1][j + 1]}) == 1)
    dark, steps = sum(map(sum, modules)), 0
    while abs(100 * dark - 50 * size * size) >= 5 * (steps + 1) * size * size:
        steps += 1
    return points + 10 * steps


def _score(*patterns: list[list[int]]) -> list[int]:
    return score(np.ascontiguousarray(pack_rows(np.array(patterns, dtype=np.uint8)).T)).tolist()


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([21, 25, 45, 61]), st.data())
def test_scores_follow_the_wording_on_random_patterns_with_long_runs_and_finders(
    size: int, data: st.DataObject
) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    random = np.random.default_rng(seed)
    modules = (random.random((size, size)) < random.choice([0.1, 0.4, 0.5, 0.9])).astype(np.uint8)
    for _ in range(6):
        row, column = random.integers(0, size), random.integers(0, size - 10)
        piece = random.choice([[*FINDER, 0, 0, 0, 0], [0, 0, 0, 0, *FINDER], [0] * 11, [1] * 11])
        if random.random() < 0.5:
            modules[row, column : column + 11] = piece
        else:
            modules[column : column + 11, row] = piece
    assert _score(modules.tolist()) == [_naive(modules.tolist())]


@pytest.mark.parametrize("size", [21, 45, 61])
def test_all_dark_all_light_stripes_and_a_chessboard(size: int) -> None:
    i, j = np.indices((size, size))
    patterns = [np.zeros_like(i), np.ones_like(i), i % 2, j % 2, (i + j) % 2, (i // 6 + j // 5) % 2]
    plain = [pattern.tolist() for pattern in patterns]
    assert _score(*plain) == [_naive(pattern) for pattern in plain]


def test_a_finder_with_light_on_both_sides_counts_twice() -> None:
    modules = np.indices((21, 21)).sum(axis=0) % 2
    before = _score(modules.tolist())[0]
    modules[10, 2:17] = [0, 0, 0, 0, *FINDER, 0, 0, 0, 0]
    expected = _naive(modules.tolist())
    assert _score(modules.tolist()) == [expected]
    assert expected - before >= 80
