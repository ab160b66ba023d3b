# SPDX-License-Identifier: Apache-2.0
"""The fast writer says exactly what `Verdict.to_json()` says."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.fake_registry import KEY, NOW, OPEN_RECALL, REASONS, make_verdict
from tests.support.makers import sign_code
from verifier.protocol.gs1 import CSET82
from verifier.verdict import Outcome, Status, Verdict, make_steps
from verifier.web.verdict_json import VerdictWriter


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    verdict = make_verdict(draw(st.sampled_from(Status)), "some_reason")
    if verdict.code is not None and draw(st.booleans()):
        serial = draw(st.text(alphabet=CSET82, min_size=1, max_size=20).filter(lambda text: text not in (".", "..")))
        verdict = replace(verdict, code=sign_code(KEY, gtin=verdict.code.gtin, batch=1, seq=2, serial=serial))
    changes: dict[str, Any] = {
        "issuer": None,
        "batch": None,
        "recalls": (OPEN_RECALL,),
        "snapshot_as_of": None,
        "checked_at": NOW + timedelta(seconds=draw(st.integers(0, 3))),
        "steps": make_steps(((draw(st.integers(0, 10)), Outcome.UNKNOWN),), 10),
    }
    chosen = draw(st.sets(st.sampled_from(sorted(changes))))
    return replace(verdict, **{name: changes[name] for name in chosen})


@given(batch=st.lists(verdicts(), min_size=1, max_size=12))
def test_a_list_of_verdicts_is_the_list_of_their_json(batch: list[Verdict]) -> None:
    written = json.loads("".join(VerdictWriter().pieces(iter(batch))))
    assert written == {"verdicts": [verdict.to_json() for verdict in batch]}


@pytest.mark.parametrize("status", list(Status))
def test_each_status_is_written_whole_also_the_second_time(status: Status) -> None:
    writer, verdict = VerdictWriter(), make_verdict(status, REASONS[status])
    for _ in range(2):
        assert json.loads(writer.write(verdict)) == verdict.to_json()


def test_objects_that_look_alike_but_differ_are_not_mixed_up() -> None:
    writer, base = VerdictWriter(), make_verdict(Status.GENUINE, "genuine")
    for index in range(200):
        verdict = replace(base, batch_index=1000 + index)  # everything else is the same object
        assert json.loads(writer.write(verdict))["batch"]["index"] == 1000 + index
