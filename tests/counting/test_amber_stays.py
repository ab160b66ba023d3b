# SPDX-License-Identifier: Apache-2.0
"""How a counterfeiter would turn amber green again, or never let it come, and why he cannot. docs/counting.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passport.domain.check_values import CheckRow, Delta
from passport.services.check_counts import Recorder
from tests.counting.conftest import SLOW, VERDICT, Stage, facts, visitor
from tests.counting.test_recorder import break_table
from tests.support.fake_registry import BATCH
from verifier.suspicion import is_suspect
from verifier.web.ports import Visit

FOUR = ("44", "11", "51", "21")


def copy_it(stage: Stage, recorder: Recorder) -> None:
    """Four buyers in four provinces on one day."""
    for number, place in enumerate(FOUR):
        stage.clock.advance(hours=3)
        recorder.record(VERDICT, visitor(100 + number, place))
    recorder.flush()


def test_amber_stays_whatever_is_checked_afterwards_and_its_facts_go_on(stage: Stage) -> None:
    recorder = stage.recorder()
    copy_it(stage, recorder)
    for _ in range(30):
        stage.clock.advance(days=1)
        recorder.record(VERDICT, visitor(1, "44"))
        recorder.flush()
    assert not is_suspect(stage.stored()), "judged anew it would be green"
    found = recorder.find_suspicion_of(VERDICT)
    assert found is not None
    assert "34 checks in 4 provinces" in found.facts.en
    assert stage.recorder().find_suspicion_of(VERDICT) == found, "after a restart too"


def test_a_flood_of_browsers_earns_nothing(stage: Stage) -> None:
    recorder = stage.recorder()
    for number in range(300):
        recorder.record(VERDICT, Visit("192.0.2.1", f"Mozilla/5.0 ({number})", "44"))
    recorder.flush()
    assert (stage.stored().sessions, stage.stored().days) == (300, 1)
    copy_it(stage, recorder)
    assert recorder.find_suspicion_of(VERDICT) is not None


def test_a_day_is_counted_once_and_ends_at_beijings_midnight(stage: Stage) -> None:
    recorder = stage.recorder(replace(SLOW, max_sessions=3))  # the salt changes every few sessions
    for number in range(20):
        recorder.record(VERDICT, visitor(number))
        recorder.record(replace(VERDICT, code=BATCH.codes[0]), visitor(number))
        recorder.flush()
    assert facts(recorder).days == 1
    stage.clock.advance(hours=13, minutes=59)  # 23:59 there
    recorder.record(VERDICT, visitor(30))
    assert facts(recorder).days == 1
    stage.clock.advance(minutes=1)
    recorder.record(VERDICT, visitor(31))
    recorder.record(VERDICT, visitor(32))
    assert facts(recorder).days == 2
    recorder.flush()
    assert stage.stored().days == 2


def test_what_is_no_session_is_no_day(stage: Stage) -> None:
    recorder = stage.recorder()
    recorder.record_scan(VERDICT)
    recorder.flush()
    assert facts(recorder).days == 0
    recorder.record(VERDICT, visitor(1))
    stage.clock.advance(hours=15)  # the next day, the same session
    recorder.record(VERDICT, visitor(1))
    recorder.record_opening(VERDICT, visitor(1))
    assert (facts(recorder).sessions, facts(recorder).days) == (1, 1)


def test_restarts_never_make_more_days_than_have_passed(stage: Stage) -> None:
    for number in range(10):
        recorder = stage.recorder()
        recorder.record(VERDICT, visitor(number))
        recorder.flush()
    assert stage.stored().days == 1
    stage.clock.advance(days=1)
    for number in range(10):
        recorder = stage.recorder()
        recorder.record(VERDICT, visitor(number))
        recorder.flush()
    assert (stage.stored().sessions, stage.stored().days) == (20, 2)


def test_which_codes_were_seen_today_is_bounded(stage: Stage) -> None:
    recorder = stage.recorder(replace(SLOW, max_codes_a_day=10))
    for code in BATCH.codes[:95]:
        recorder.record(replace(VERDICT, code=code), visitor(1))
        assert len(recorder._today._codes) <= 10


def test_a_write_that_failed_counts_its_day_once(stage: Stage) -> None:
    recorder = stage.recorder()
    recorder.record(VERDICT, visitor(1))
    mend = break_table(stage)
    assert not recorder.flush()
    recorder.record(VERDICT, visitor(2))
    mend()
    assert recorder.flush()
    assert (stage.stored().sessions, stage.stored().days) == (2, 1)


@pytest.mark.parametrize("is_another_formula", [False, True])
def test_only_another_formula_takes_a_suspicion_back(stage: Stage, is_another_formula: bool) -> None:
    recorder = stage.recorder()
    recorder.record(VERDICT, visitor(1, "44"))
    recorder.flush()
    with stage.database.write() as connection:  # as if the formula of then had minded
        connection.exec_driver_sql("UPDATE code_checks SET suspect = 1")
        if is_another_formula:
            connection.exec_driver_sql("UPDATE checks_version SET formula = 0")
    assert (stage.recorder().find_suspicion_of(VERDICT) is None) == is_another_formula
    recorder.record(VERDICT, visitor(2, "44"))
    recorder.record_scan(VERDICT)
    recorder.flush()
    assert (recorder.find_suspicion_of(VERDICT) is None) == is_another_formula


def test_a_row_is_judged_after_each_day_of_one_write() -> None:
    """A suspicion between two writes is not lost because more days came in with the same write."""
    row = CheckRow(first_day=1, sessions=3, provinces=0b1, days=3)
    row = row.plus(Delta(sessions=3, provinces=0b1110), 3)
    assert row.suspect == 1
    row = row.plus(Delta(sessions=1, provinces=0b1, is_new_day=True), 4)
    assert (row.days, row.suspect, is_suspect(row.to_facts())) == (4, 1, False)


def test_a_shipment_notice_never_takes_a_suspicion_back() -> None:
    assert CheckRow(1, 2, 0b1, suspect=1).shipped().suspect == 1
