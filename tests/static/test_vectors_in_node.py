# SPDX-License-Identifier: Apache-2.0
"""Node and Python agree: every vector, with WebCrypto and with the vendored Ed25519; the verdicts and their words."""

from __future__ import annotations

from typing import Any

import pytest

from tests.static.node import run_node
from tests.static.reports import FILES, check_report, give_verdict
from verifier.verdict import APPEARANCE, StepName


@pytest.fixture(scope="module")
def printed() -> Any:
    return run_node("print_verdicts.mjs")


def test_node_gives_the_same_answer_to_every_vector_with_both_back_ends() -> None:
    check_report(run_node("run_vectors.mjs"), backends=["webcrypto", "noble"])


def test_the_browser_says_of_every_status_and_step_what_the_server_says(printed: Any) -> None:
    assert printed["appearance"] == {
        status.value: {
            "colour": look.colour,
            "icon": look.icon,
            "title": look.title.to_json(),
            "sentence": look.sentence.to_json(),
        }
        for status, look in APPEARANCE.items()
    }
    assert printed["steps"] == [step.label.to_json() for step in StepName]


def test_the_browser_writes_every_verdict_as_the_server_does(printed: Any) -> None:
    for case in FILES["verdict.json"]["cases"]:
        assert printed["verdicts"][case["name"]] == give_verdict(case["input"]).to_json(), case["name"]
