# SPDX-License-Identifier: Apache-2.0
"""Consumers' confirmations: proven codes alone, once for each code and recall, and nothing kept that leads back."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import product

import pytest
from sqlalchemy import text

from passport.domain.returns import Remedy
from tests.support.fake_registry import BATCH, CLOSED_RECALL, OPEN_RECALL, REASONS, make_verdict
from tests.support.returns import OTHER, RECALL, Depot
from verifier.recalls import RecallRecord
from verifier.verdict import Outcome, Status, Verdict, make_steps
from verifier.web.ports import Confirmation, Telling


def recalled(seq: int = 17, *recalls: RecallRecord) -> Verdict:
    verdict = make_verdict(Status.RECALLED, "recall")
    return replace(verdict, code=BATCH.codes[seq], recalls=recalls or verdict.recalls)


def test_a_code_counts_once_whatever_it_says_the_second_time(depot: Depot) -> None:
    confirming, desk = depot.returns.confirming, depot.returns.desk
    assert confirming.find(recalled()) == (Confirmation(RECALL, False),)
    assert confirming.confirm(recalled(), RECALL, "remedied") is Telling.COUNTED
    assert confirming.confirm(recalled(), RECALL, "remedied") is Telling.COUNTED_BEFORE
    assert confirming.confirm(recalled(), RECALL, "returned") is Telling.COUNTED_BEFORE
    assert confirming.find(recalled()) == (Confirmation(RECALL, True),)
    assert desk.figures(RECALL).confirmed == {Remedy.REMEDIED: 1, Remedy.RETURNED: 0}
    assert confirming.confirm(recalled(18), RECALL, "returned") is Telling.COUNTED
    assert desk.figures(RECALL).rate.basis_points == 20


def test_a_code_under_two_recalls_confirms_each(depot: Depot) -> None:
    verdict = recalled(17, OPEN_RECALL, OTHER)
    confirming = depot.returns.confirming
    assert confirming.confirm(verdict, RECALL, "remedied") is Telling.COUNTED
    assert confirming.find(verdict) == (Confirmation(RECALL, True), Confirmation(OTHER.recall_id, False))
    assert confirming.confirm(verdict, OTHER.recall_id, "remedied") is Telling.COUNTED


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.RECALLED])
def test_no_other_status_confirms_anything(depot: Depot, status: Status) -> None:
    verdict = replace(make_verdict(status, REASONS[status]), recalls=(OPEN_RECALL,))
    assert depot.returns.confirming.find(verdict) == ()
    assert depot.returns.confirming.confirm(verdict, RECALL, "remedied") is Telling.NOT_COVERED


def test_a_recalled_code_that_the_ledger_does_not_prove_confirms_nothing(depot: Depot) -> None:
    for step, outcome in product(range(1, 9), (Outcome.UNKNOWN, Outcome.FAILED, Outcome.SKIPPED)):
        verdict = replace(recalled(), steps=make_steps(((step, outcome), (9, Outcome.FAILED)), 10))
        assert depot.returns.confirming.find(verdict) == ()
        assert depot.returns.confirming.confirm(verdict, RECALL, "remedied") is Telling.NOT_COVERED


def test_a_closed_recall_another_one_and_a_withdrawal_are_not_confirmed(depot: Depot) -> None:
    confirming = depot.returns.confirming
    withdrawal = replace(OTHER, notice=replace(OTHER.notice, action="withdrawal"))
    verdict = recalled(17, OPEN_RECALL, CLOSED_RECALL, withdrawal)
    for recall_id in (CLOSED_RECALL.recall_id, withdrawal.recall_id, "qingshan/9999", ""):
        assert confirming.confirm(verdict, recall_id, "remedied") is Telling.NOT_COVERED
    assert confirming.find(verdict) == (Confirmation(RECALL, False),)


def test_of_many_at_once_one_counts(depot: Depot) -> None:
    found: list[Telling] = []
    verdict = recalled()
    threads = [
        threading.Thread(target=lambda: found.append(depot.returns.confirming.confirm(verdict, RECALL, "returned")))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(one.value for one in found) == ["counted"] + ["counted_before"] * 7
    assert depot.returns.desk.figures(RECALL).rate.remedied == 1


def test_what_is_kept_holds_no_code_and_nothing_about_a_person(depot: Depot) -> None:
    verdict = recalled()
    depot.returns.confirming.confirm(verdict, RECALL, "remedied")
    with depot.site.business.read() as books:
        rows = books.returns._connection.execute(text("SELECT * FROM return_confirmations")).all()
    (row,) = rows
    assert set(row._mapping) == {"digest", "recall", "remedy", "day"}
    assert (row.recall, row.remedy, row.day) == (RECALL, "remedied", "2026-11-21")
    assert verdict.code is not None
    digest = bytes(row.digest)
    assert len(digest) == 32
    assert verdict.code.serial.encode() not in digest
