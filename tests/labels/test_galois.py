# SPDX-License-Identifier: Apache-2.0
"""Reed-Solomon parity: what every block must satisfy, and what `qrcode` computes."""

from __future__ import annotations

import numpy as np
import pytest
from qrcode import base

from passport.labels.galois import generator, multiply, parity


def test_products_are_those_of_the_reference_field() -> None:
    for a in range(1, 256):
        for b in range(1, 256, 7):
            assert multiply(a, b) == base.gexp(base.glog(a) + base.glog(b))
    assert multiply(0, 7) == multiply(7, 0) == 0


@pytest.mark.parametrize(("data_size", "parity_size"), [(16, 10), (31, 18), (39, 22), (51, 30), (3, 8)])
def test_every_block_is_a_multiple_of_the_generator(data_size: int, parity_size: int) -> None:
    blocks = np.random.default_rng(data_size).integers(0, 256, (20, data_size), dtype=np.uint8)
    codewords = np.concatenate([blocks, parity(blocks, parity_size)], axis=1)
    root = 1
    for _ in range(parity_size):
        for block in codewords.tolist():
            value = 0
            for coefficient in block:
                value = multiply(value, root) ^ coefficient
            assert value == 0
        root = multiply(root, 2)


def test_zeros_on_the_left_do_not_change_the_parity() -> None:
    blocks = np.arange(60, dtype=np.uint8).reshape(2, 30)
    padded = np.pad(blocks, ((0, 0), (1, 0)))
    assert np.array_equal(parity(blocks, 18), parity(padded, 18))


def test_the_generator_of_degree_7_is_that_of_annex_a() -> None:
    exponents = [87, 229, 146, 149, 238, 102, 21]
    assert [base.glog(coefficient) for coefficient in generator(7)] == exponents
