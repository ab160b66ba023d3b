# SPDX-License-Identifier: Apache-2.0
"""Reads the ledger's vector files and runs their cases: see tests/vectors/README-ledger.md."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from verifier.protocol.errors import Malformed, VerifierError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
VECTORS = Path(__file__).parents[1] / "vectors"


def load_cases(file: str) -> list[Any]:
    """One pytest parameter per case, named as the case is."""
    cases = json.loads((VECTORS / file).read_text(encoding="utf-8"))["cases"]
    return [pytest.param(case, id=case["name"]) for case in cases]


def run_case(case: dict[str, Any], operations: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]) -> None:
    """Run one case: the expected value, or the expected code of a VerifierError and nothing else."""
    run = operations[case["op"]]
    if case["ok"]:
        assert run(case["input"]) == case["expect"]
        return
    with pytest.raises(VerifierError) as caught:
        run(case["input"])
    assert caught.value.code == case["error"]


def unhex(values: list[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


def rehex(values: Any) -> list[str]:
    return [value.hex() for value in values]


def text_or_bytes(given: dict[str, Any], name: str) -> bytes:
    """An input that is text where it can be, hex where it is no UTF-8."""
    return bytes.fromhex(given[f"{name}_hex"]) if f"{name}_hex" in given else given[name].encode()


def value_or_none(parse: Callable[[], T], code: str) -> T | None:
    """The parsed value, None for Malformed with this code; any other exception is the parser's mistake."""
    try:
        return parse()
    except Malformed as error:
        if error.code != code:
            raise
        return None
