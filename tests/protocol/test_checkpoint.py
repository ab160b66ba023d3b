# SPDX-License-Identifier: Apache-2.0
"""The text of checkpoints."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.ledger_vectors import load_cases, run_case, value_or_none
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint


def _parse(case: dict[str, Any]) -> dict[str, Any]:
    checkpoint = parse_checkpoint(case["text"])
    assert checkpoint.to_text() == case["text"]
    return {
        "origin": checkpoint.origin,
        "size": str(checkpoint.size),
        "root_hash": checkpoint.root_hash.hex(),
        "extensions": list(checkpoint.extensions),
    }


@pytest.mark.parametrize("case", load_cases("checkpoint.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, {"parse_checkpoint": _parse})


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
HASH = st.binary(min_size=32, max_size=32)
CHECKPOINTS = st.builds(Checkpoint, LINE, st.integers(1, 2**63 - 1), HASH, st.lists(LINE, max_size=3).map(tuple))


@given(CHECKPOINTS)
def test_every_checkpoint_survives_its_text(checkpoint: Checkpoint) -> None:
    assert parse_checkpoint(checkpoint.to_text()) == checkpoint


@given(CHECKPOINTS, st.data())
def test_any_text_is_a_checkpoint_in_its_one_spelling_or_malformed(checkpoint: Checkpoint, data: st.DataObject) -> None:
    text = checkpoint.to_text()
    at = data.draw(st.integers(0, len(text)))
    changed = text[:at] + data.draw(st.text(max_size=2)) + text[at + data.draw(st.integers(0, 2)) :]
    parsed = value_or_none(lambda: parse_checkpoint(changed), "malformed_checkpoint")
    assert parsed is None or parsed.to_text() == changed
