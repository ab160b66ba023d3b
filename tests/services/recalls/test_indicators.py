# SPDX-License-Identifier: Apache-2.0
"""The figures as pure functions: what counts, what does not, and that nothing is never 100 %."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passport.domain.recall_cases import (
    CaseListing,
    Measure,
    MeasureKind,
    RecallCase,
    RelistAttempt,
    parse_chosen,
    parse_measure_text,
    parse_notice_url,
)
from passport.domain.recall_export import write_case_listings
from passport.domain.recall_indicators import CaseFacts, Share, figures_of, indicators_of
from verifier.protocol.errors import Malformed

PUSHED = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
NOW = PUSHED + timedelta(hours=30)
CASE = RecallCase("c-1", "shop-b", "maker/1", PUSHED, 1, pushed_at=PUSHED, event="evt_1")


def held(number: int, after_hours: float | None = None, **more: object) -> CaseListing:
    """A listing that was reported `after_hours`; None: not yet."""
    made = CaseListing(
        "c-1",
        f"l-{number}",
        f"https://s.example/{number}",
        "s-1",
        "n",
        "06901234567892",
        ("L1",),
        "bound",
        PUSHED,
        PUSHED,
    )
    at = None if after_hours is None else PUSHED + timedelta(hours=after_hours)
    return replace(made, delisted_at=at, **more)  # type: ignore[arg-type]


def facts(*listings: CaseListing, case: RecallCase = CASE) -> CaseFacts:
    return CaseFacts(case, listings)


def test_without_cases_there_is_no_figure_at_all() -> None:
    found = indicators_of([], NOW)
    shares = (found.shared_in_real_time, found.stopped_in_time, found.notices_shown, found.relisting_blocked)
    assert [share.permille for share in (*shares, found.sellers_acted_on)] == [None] * 5
    assert found.median_share_seconds is None


def test_exactly_24_hours_is_in_time_and_a_second_more_is_late() -> None:
    figures = figures_of(facts(held(1, 24), held(2, 24 + 1 / 3600), held(3)), NOW)
    assert (figures.affected, figures.stopped, figures.stopped_in_time) == (3, 2, 1)
    assert (figures.late, figures.overdue, figures.pending) == (2, 1, 1)
    assert (figures.median_seconds, figures.worst_seconds) == (86_400, 86_401)


def test_what_is_not_reported_yet_counts_as_not_done_from_the_first_hour_on() -> None:
    found = indicators_of([facts(held(1, 0.5), held(2), held(3))], PUSHED + timedelta(hours=1))
    assert found.stopped_in_time == Share(1, 3)
    assert found.stopped_in_time.permille == 333


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert Share(9_999, 10_000).permille == 999
    assert Share(10_000, 10_000).permille == 1000


def test_what_was_released_in_time_does_not_count_and_what_was_released_too_late_does() -> None:
    soon, late = PUSHED + timedelta(hours=2), PUSHED + timedelta(hours=25)
    figures = figures_of(facts(held(1, released_at=soon), held(2, released_at=late), held(3, 1, released_at=late)), NOW)
    assert (figures.affected, figures.late, figures.released, figures.pending) == (2, 1, 3, 0)


def test_a_case_that_nobody_was_pushed_has_no_clock() -> None:
    case = replace(CASE, pushed_at=None)
    found = indicators_of([facts(replace(held(1), pushed_at=None), case=case)], NOW)
    assert (found.cases, found.shared_in_real_time.whole, found.stopped_in_time.whole) == (1, 0, 0)


def test_receipts_within_an_hour_and_their_median() -> None:
    waits = (30, 3600, 3601)
    cases = [facts(case=replace(CASE, received_at=PUSHED + timedelta(seconds=wait))) for wait in waits]
    found = indicators_of([*cases, facts()], NOW)
    assert (found.shared_in_real_time, found.median_share_seconds) == (Share(2, 4), 3600)


def test_sellers_count_once_for_each_case_and_only_measures_about_those_who_tried() -> None:
    def attempt(seller: str, *, blocked: bool = True) -> RelistAttempt:
        return RelistAttempt("a", "c-1", seller, "n", "l-1", "https://s.example/1", NOW, blocked, True)

    def measure(seller: str) -> Measure:
        return Measure("m", "c-1", seller, MeasureKind.WARNED, "", NOW, "member", "m-1")

    attempts = (attempt("s-1"), attempt("s-1"), attempt("s-2"), attempt("s-3", blocked=False))
    found = indicators_of([CaseFacts(CASE, (), attempts, (measure("s-1"), measure("s-9")))], NOW)
    assert (found.attempts, found.relisting_blocked, found.sellers_acted_on) == (4, Share(3, 4), Share(1, 3))


def test_no_field_of_the_csv_is_taken_for_a_formula() -> None:
    nasty = held(1, 3, seller_id="=cmd|'/c'!A1", seller_name="@SUM(A1)", notice_url="https://s.example/=1")
    rows = list(csv.DictReader(io.StringIO(b"".join(write_case_listings([facts(nasty)])).decode("utf-8-sig"))))
    assert (rows[0]["seller_id"], rows[0]["seller_name"], rows[0]["hours"]) == ("'=cmd|'/c'!A1", "'@SUM(A1)", "3.00")
    assert not any(value.startswith(("=", "+", "-", "@", "\t")) for value in rows[0].values())


def test_reports_are_parsed_strictly() -> None:
    one = "01a1fd1e-8c00-7449-9012-b849938dcbea"
    assert parse_chosen([one, one], are_all=False).listings == (one,)
    for listings, are_all in (([], False), ([one], True), (["x"], False), ([one.upper()], False)):
        with pytest.raises(Malformed) as refused:
            parse_chosen(listings, are_all=are_all)
        assert refused.value.code == "bad_listings"
    for url in ("http://s.example/", "javascript:alert(1)", "https://user@s.example/", ""):
        with pytest.raises(Malformed) as refused:
            parse_notice_url(url)
        assert refused.value.code == "bad_notice_url"
    with pytest.raises(Malformed):
        parse_measure_text("a\u202eb")
