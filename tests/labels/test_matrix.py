# SPDX-License-Identifier: Apache-2.0
"""Symbols against the `qrcode` library, bit for bit."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.labels.matrix import build_matrices, build_symbols
from passport.labels.penalty import score
from passport.labels.segments import ALPHANUMERIC, DATA_CODEWORDS, MAX_VERSION, Mode, Segment, fit_layout, plan_layout
from tests.labels.samples import (
    picture_of,
    read_all,
    reference_mask,
    reference_modules,
    reference_score,
    version_1_code,
    version_2_code,
)

PRINTABLE = "".join(map(chr, range(0x20, 0x7F)))


@pytest.mark.parametrize("mask", range(8))
def test_product_codes_are_bit_equal_to_the_reference_at_every_mask(mask: int) -> None:
    for texts in (
        [version_1_code(n) for n in range(4)],
        [version_1_code(n, host="ID.EXAMPLE-LONGER.CN") for n in range(4)],
        [version_2_code(n, f"Ab-{n:09d}") for n in range(4)],
    ):
        batch = build_matrices(texts, mask=mask)
        layout = plan_layout(texts[0])
        assert (batch.version, batch.size, batch.level) == (layout.version, 17 + 4 * layout.version, "M")
        for text, modules in zip(texts, batch.modules, strict=True):
            assert np.array_equal(modules, reference_modules(text, layout, mask))


@pytest.mark.parametrize("version", range(1, MAX_VERSION + 1))
@pytest.mark.parametrize("mode", Mode)
def test_every_version_is_bit_equal_when_full_to_the_last_bit_and_when_nearly_empty(version: int, mode: Mode) -> None:
    shuffle = random.Random(version)
    alphabet = ALPHANUMERIC if mode is Mode.ALPHANUMERIC else PRINTABLE
    longest = max(n for n in range(500) if Segment(mode, n).bits(version) <= 8 * DATA_CODEWORDS[version - 1])
    for length in (1, 2, longest - 1, longest):
        layout = fit_layout([Segment(mode, length)], version=version)
        texts = ["".join(shuffle.choices(alphabet, k=length)) for _ in range(2)]
        mask = shuffle.randrange(8)
        for text, modules in zip(texts, build_matrices(texts, layout=layout, mask=mask).modules, strict=True):
            assert np.array_equal(modules, reference_modules(text, layout, mask))


@st.composite
def _texts_with_layout(draw: st.DrawFn) -> tuple[list[str], list[Segment]]:
    lengths = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    segments = [Segment(draw(st.sampled_from(Mode)), length) for length in lengths]
    texts = []
    for _ in range(draw(st.integers(1, 3))):
        parts = (
            draw(
                st.text(
                    ALPHANUMERIC if s.mode is Mode.ALPHANUMERIC else PRINTABLE, min_size=s.length, max_size=s.length
                )
            )
            for s in segments
        )
        texts.append("".join(parts))
    return texts, segments


@settings(max_examples=60, deadline=None)
@given(_texts_with_layout(), st.integers(0, 7))
def test_random_contents_of_fixed_lengths_are_bit_equal(drawn: tuple[list[str], list[Segment]], mask: int) -> None:
    texts, segments = drawn
    layout = fit_layout(segments)
    for text, modules in zip(texts, build_matrices(texts, layout=layout, mask=mask).modules, strict=True):
        try:
            expected = reference_modules(text, layout, mask)
        except ValueError as error:  # the reference cannot divide a block of zero codewords; see the next test
            if str(error) != "glog(0)":
                raise
            assert read_all(picture_of(modules, 4)) == [text]
        else:
            assert np.array_equal(modules, expected)


def test_a_block_of_zero_codewords_which_the_reference_cannot_encode_reads_back() -> None:
    text = "0" * 94
    modes = (Mode.BYTE, Mode.BYTE, Mode.ALPHANUMERIC, Mode.ALPHANUMERIC)
    layout = fit_layout(map(Segment, modes, (9, 40, 40, 5)))
    with pytest.raises(ValueError, match=r"glog\(0\)"):
        reference_modules(text, layout, 0)
    assert read_all(picture_of(build_matrices([text], layout=layout).modules[0], 4)) == [text]


def test_the_mask_chosen_has_the_lowest_score_of_the_finished_symbols_by_the_reference() -> None:
    texts = [version_1_code(n) for n in range(12)]
    batch = build_matrices(texts)
    per_mask = [build_matrices(texts, mask=mask).modules for mask in range(8)]
    for position in range(len(texts)):
        scores = [reference_score(modules[position]) for modules in per_mask]
        assert batch.masks[position] == scores.index(min(scores))
        assert np.array_equal(batch.modules[position], per_mask[batch.masks[position]][position])


@pytest.mark.parametrize("version", [1, 2, 7, 8, MAX_VERSION])
def test_scores_are_those_of_the_reference_for_random_symbols(version: int) -> None:
    layout = fit_layout([Segment(Mode.BYTE, 10)], version=version)
    texts = ["".join(random.Random(n).choices(PRINTABLE, k=10)) for n in range(4)]
    for mask in range(8):
        batch = build_matrices(texts, layout=layout, mask=mask)
        assert score(batch.rows.T.copy()).tolist() == [reference_score(modules) for modules in batch.modules]


def test_a_batch_gives_each_code_the_symbol_that_it_gets_alone() -> None:
    texts = [version_1_code(n) for n in range(2500)]  # more than two chunks of either kind
    batch = build_matrices(texts)
    assert len(batch) == len(texts)
    assert len(set(batch.masks.tolist())) == 8
    for position in (0, 255, 256, 1023, 1024, 2499):
        alone = build_matrices([texts[position]])
        assert alone.masks[0] == batch.masks[position]
        assert np.array_equal(alone.modules[0], batch.modules[position])


def test_selected_symbols_keep_mask_and_modules() -> None:
    batch = build_matrices([version_1_code(n) for n in range(5)])
    chosen = batch.select([3, 1])
    assert chosen.masks.tolist() == [batch.masks[3], batch.masks[1]]
    assert np.array_equal(chosen.modules, batch.modules[[3, 1]])


def test_packed_rows_are_the_modules() -> None:
    batch = build_matrices([version_1_code(n) for n in range(3)])
    for symbol, modules in zip(batch.symbols(), batch.modules, strict=True):
        bits = np.unpackbits(np.frombuffer(symbol.rows, dtype=np.uint8).reshape(symbol.size, -1), axis=1)
        assert np.array_equal(bits[:, : symbol.size], modules)
        assert not bits[:, symbol.size :].any()


def test_symbols_of_mixed_layouts_come_in_the_order_of_their_texts() -> None:
    texts = [version_2_code(n, "x" * (n % 3 + 1)) for n in range(9)] + [version_1_code(1)]
    alone = [next(build_matrices([text]).symbols()) for text in texts]
    assert build_symbols(texts) == alone


def test_a_text_with_another_layout_is_named() -> None:
    texts = [version_2_code(1, "a1"), version_2_code(2, "b2"), version_2_code(3, "c33"), version_2_code(4, "d444")]
    with pytest.raises(ValueError, match=r"text 2 has the layout .* group_by_layout"):
        build_matrices(texts)


def test_a_serial_that_would_be_alphanumeric_alone_does_not_silently_become_bytes() -> None:
    with pytest.raises(ValueError, match="text 1 has the layout"):
        build_matrices([version_2_code(1, "a1"), version_2_code(2, "B2")])


def test_a_text_that_does_not_suit_the_layout_given_is_named() -> None:
    layout = fit_layout([Segment(Mode.ALPHANUMERIC, 3)])
    with pytest.raises(ValueError, match="text 1 is not 3 ASCII characters"):
        build_matrices(["ABC", "ABCD"], layout=layout)
    with pytest.raises(ValueError, match="text 1 is not 3 ASCII characters"):
        build_matrices(["ABC", "AB数"], layout=layout)
    with pytest.raises(ValueError, match="text 1100 has 'c' in an alphanumeric segment"):
        build_matrices(["ABC"] * 1100 + ["ABc"], layout=layout)


def test_no_texts_and_masks_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="no texts"):
        build_matrices([])
    for mask in (-1, 8):
        with pytest.raises(ValueError, match="mask must be"):
            build_matrices(["A"], mask=mask)


def test_the_reference_chooses_masks_before_format_bits_are_in_and_so_never_a_better_one() -> None:
    texts = [version_1_code(n) for n in range(12)]
    layout = plan_layout(texts[0])
    batch = build_matrices(texts)
    chosen = [reference_mask(text, layout) for text in texts]
    assert chosen != batch.masks.tolist()
    for text, mask, modules in zip(texts, chosen, batch.modules, strict=True):
        assert reference_score(modules) <= reference_score(reference_modules(text, layout, mask))


def test_of_masks_with_equal_scores_the_lowest_number_is_taken() -> None:
    texts = [version_1_code(n) for n in range(3000)]
    scores = np.stack([score(build_matrices(texts, mask=mask).rows.T.copy()) for mask in range(8)])
    assert (np.sort(scores, axis=0)[0] == np.sort(scores, axis=0)[1]).any()
    assert np.array_equal(build_matrices(texts).masks, scores.argmin(axis=0))
