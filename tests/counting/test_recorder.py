# SPDX-License-Identifier: Apache-2.0
"""The recorder over a real database, SQLite and PostgreSQL: sessions, salt, travel, opening, bad disks."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from passport.services.check_counts import RecorderOptions
from passport.storage.check_schema import CHECK_TABLES
from passport.storage.engine import open_database
from passport.storage.lock import DirectoryLock
from tests.counting.conftest import KEY, SLOW, VERDICT, Stage, facts, visitor
from tests.support.fake_registry import BATCH, make_verdict
from verifier.suspicion import CheckFacts
from verifier.verdict import Outcome, Status, make_steps
from verifier.web.ports import Visit


def test_what_is_written_is_what_was_counted(stage: Stage) -> None:
    recorder = stage.recorder()
    for number, place in enumerate(("44", "CN-BJ", "四川")):
        recorder.record(VERDICT, visitor(number, place))
        recorder.record(VERDICT, visitor(number, place))
        stage.clock.advance(days=2)
    recorder.record_scan(VERDICT)
    seen = facts(recorder)
    assert seen == CheckFacts(date(2026, 3, 3), 3, (11, 44, 51), platform_scans=1, days=3)
    assert stage.stored() == CheckFacts()
    assert recorder.flush()
    assert stage.stored() == seen == facts(recorder)


def test_a_day_is_beijings(stage: Stage) -> None:
    stage.clock.advance(hours=14)  # 16:00 UTC is midnight there
    recorder = stage.recorder()
    recorder.record(VERDICT, visitor(1))
    assert facts(recorder).first_day == date(2026, 3, 4)


def test_a_session_ends_with_its_salt_after_a_day_at_the_latest(stage: Stage) -> None:
    recorder = stage.recorder(replace(SLOW, salt_seconds=7 * 86_400))
    recorder.record(VERDICT, visitor(1))
    stage.clock.advance(hours=23, minutes=59)
    recorder.record(VERDICT, visitor(1))
    assert facts(recorder).sessions == 1
    salt = recorder._salt
    stage.clock.advance(minutes=1)
    recorder.record(VERDICT, visitor(1))
    assert facts(recorder).sessions == 2
    assert recorder._salt is not salt
    assert recorder._salt.token(KEY, visitor(1)) != salt.token(KEY, visitor(1))


def test_a_clock_that_goes_back_changes_the_salt(stage: Stage) -> None:
    recorder = stage.recorder()
    recorder.record(VERDICT, visitor(1))
    stage.clock.advance(hours=-1)
    recorder.record(VERDICT, visitor(1))
    assert facts(recorder).sessions == 2


def test_two_codes_of_one_person_share_no_token(stage: Stage) -> None:
    salt = stage.recorder()._salt
    tokens = {salt.token(key, visitor(1)) for key in (KEY, KEY._replace(seq=18), KEY._replace(batch=4))}
    assert len(tokens) == 3


def test_a_telephone_that_changes_the_lower_half_of_its_address_is_one_session(stage: Stage) -> None:
    recorder = stage.recorder()
    for part in ("1", "2:3:4", "ffff"):
        recorder.record(VERDICT, Visit(f"2001:db8:0:7::{part}", "Mozilla/5.0"))
    recorder.record(VERDICT, Visit("2001:db8:0:8::1", "Mozilla/5.0"))
    assert facts(recorder).sessions == 2


def test_sessions_in_memory_are_bounded(stage: Stage) -> None:
    recorder = stage.recorder(replace(SLOW, max_sessions=10))
    for number in range(95):
        recorder.record(VERDICT, visitor(number))
        assert len(recorder._salt.sessions) <= 10
    assert facts(recorder).sessions == 95


@pytest.mark.parametrize(
    ("place", "minutes", "travels"), [("11", 60, 1), ("11", 90, 0), ("44", 0, 0), ("45", 0, 0), ("", 1, 0)]
)
def test_travel_is_impossible_when_no_airliner_could_do_it(
    stage: Stage, place: str, minutes: int, travels: int
) -> None:
    """From Guangdong: to Beijing in an hour, in an hour and a half; nowhere; over the border; to a place unknown."""
    recorder = stage.recorder()
    recorder.record(VERDICT, visitor(1, "44"))
    stage.clock.advance(minutes=minutes)
    recorder.record(VERDICT, visitor(2, place))
    assert facts(recorder).impossible_travels == travels


def test_only_sessions_on_later_days_are_after_the_opening(stage: Stage) -> None:
    recorder = stage.recorder()
    recorder.record(VERDICT, visitor(1))
    recorder.record_opening(VERDICT, visitor(1))
    recorder.record(VERDICT, visitor(2))
    recorder.flush()
    assert stage.stored().after_opening == 0
    stage.clock.advance(days=1)
    recorder.record(VERDICT, visitor(3))
    recorder.record_opening(VERDICT, visitor(3))  # too late: it was opened yesterday
    assert facts(recorder).after_opening == 1
    recorder.flush()
    stage.clock.advance(days=1)
    recorder.record(VERDICT, visitor(4))
    recorder.flush()
    assert stage.stored().after_opening == 2
    assert stage.stored().sessions == 4


def test_who_is_suspect_is_known_after_a_restart_and_without_a_query(stage: Stage) -> None:
    recorder = stage.recorder()
    for number, place in enumerate(("44", "11", "51", "21")):
        stage.clock.advance(hours=5)
        recorder.record(VERDICT, visitor(number, place))
    assert recorder.find_suspicion_of(VERDICT) is None
    recorder.flush()
    found = recorder.find_suspicion_of(VERDICT)
    assert found is not None
    assert found.reason == "many_provinces"
    assert "4 checks in 4 provinces" in found.facts.en
    assert stage.recorder().find_suspicion_of(VERDICT) == found


def test_another_formula_judges_everything_again(stage: Stage) -> None:
    recorder = stage.recorder()
    for number, place in enumerate(("44", "11", "51", "21")):
        recorder.record(VERDICT, visitor(number, place))
    recorder.flush()
    with stage.database.write() as connection:  # as if the formula of then had not minded
        connection.exec_driver_sql("UPDATE code_checks SET suspect = 0")
        connection.exec_driver_sql("UPDATE checks_version SET formula = 0")
    assert stage.recorder().find_suspicion_of(VERDICT) is not None


@pytest.mark.parametrize("status", [Status.MALFORMED, Status.COUNTERFEIT, Status.NOT_LOGGED, Status.CANNOT_TELL])
def test_a_code_that_the_ledger_does_not_prove_gets_no_row(stage: Stage, status: Status) -> None:
    recorder = stage.recorder()
    verdict = make_verdict(status, "x")
    recorder.record(verdict, visitor(1))
    recorder.record_scan(verdict)
    recorder.record_opening(verdict, visitor(1))
    assert recorder._pending == {}
    assert recorder.find_count(verdict, visitor(1)) is None


def test_a_recalled_code_that_is_not_in_its_batch_gets_no_row(stage: Stage) -> None:
    """A recall is worse than not being logged, so the status alone does not say that the ledger proves the code."""
    verdict = replace(make_verdict(Status.RECALLED, "recall"), steps=make_steps(((8, Outcome.FAILED),), 10))
    recorder = stage.recorder()
    recorder.record(verdict, visitor(1))
    assert recorder._pending == {}


def test_many_threads_lose_and_double_nothing(stage: Stage) -> None:
    recorder = stage.recorder(RecorderOptions(flush_seconds=0.01))
    recorder.start()
    threads = [
        threading.Thread(
            target=lambda base=base: [recorder.record(VERDICT, Visit(f"{base}.{n}", "x")) for n in range(500)]
        )
        for base in ("a", "b", "c", "d")
    ]
    for thread in threads:
        thread.start()
    last = 0
    while any(thread.is_alive() for thread in threads):
        seen = facts(recorder).sessions
        assert last <= seen <= 2000, "a reader sees each session once, whether it is being written or not"
        last = seen
    recorder.stop()
    assert stage.stored().sessions == 2000


def test_codes_of_several_batches_are_written_in_one_go(stage: Stage) -> None:
    recorder = stage.recorder()
    others = [replace(VERDICT, code=code) for code in BATCH.codes]
    for number, verdict in enumerate(others):
        recorder.record(verdict, visitor(number % 250))
        recorder.record_scan(verdict)
    recorder.record_scan(VERDICT)
    assert recorder.flush()
    with stage.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT SUM(sessions), SUM(platform), COUNT(*) FROM code_checks").one()
    assert tuple(map(int, rows)) == (300, 301, 300)


def break_table(stage: Stage) -> Callable[[], None]:
    """The database refuses to write; the answer puts it right again."""
    with stage.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE code_checks RENAME TO gone")

    def mend() -> None:
        with stage.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE gone RENAME TO code_checks")

    return mend


def test_a_database_that_is_away_costs_no_check_and_no_count(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    recorder = stage.recorder(RecorderOptions(flush_seconds=0.05))
    recorder.start()
    mend = break_table(stage)
    recorder.record(VERDICT, visitor(1))
    deadline = time.monotonic() + 10
    while not recorder.trouble and time.monotonic() < deadline:
        time.sleep(0.02)
    assert recorder.trouble == "store_failed"
    assert [record.levelno for record in caplog.records if "not written" in record.message] == [logging.ERROR]
    assert recorder.find_count(VERDICT, visitor(1)) is None  # nothing is said rather than something wrong
    recorder.record(VERDICT, visitor(2))
    mend()
    while recorder.trouble and time.monotonic() < deadline:
        time.sleep(0.02)
    recorder.stop()
    assert recorder.trouble == ""
    assert stage.stored().sessions == 2


def test_what_waits_is_bounded_and_what_is_dropped_is_logged(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    recorder = stage.recorder(replace(SLOW, max_codes=5))
    mend = break_table(stage)
    for code in BATCH.codes[:3]:
        recorder.record(replace(VERDICT, code=code), visitor(1))
    assert not recorder.flush()
    for code in BATCH.codes[3:20]:
        recorder.record(replace(VERDICT, code=code), visitor(1))
    assert len(recorder._pending) == 5
    mend()
    assert recorder.flush()
    assert "15 were dropped" in caplog.text


def test_counts_of_another_version_are_not_opened(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    lock.acquire()
    path = tmp_path / "checks.sqlite3"
    open_database(f"sqlite:///{path}", lock, CHECK_TABLES).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE checks_version SET version = 99")
    connection.close()
    with pytest.raises(Exception, match="schema version 99"):
        open_database(f"sqlite:///{path}", lock, CHECK_TABLES)
    lock.release()
