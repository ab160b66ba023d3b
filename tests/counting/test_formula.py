# SPDX-License-Identifier: Apache-2.0
"""The published formula: its words, its limits, and a small fixed version of the simulation that tuned it."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.suspicion import (
    DAY,
    Session,
    anywhere,
    count_false_flags,
    find_amber,
    in_provinces,
    share_detected,
    upper_bound,
)
from tests.support.registry_process import ROOT
from verifier.protocol.fields import Text
from verifier.provinces import (
    PROVINCES,
    bit_of,
    codes_of,
    find_province,
    get_province,
    is_impossible_travel,
    least_distance_km,
)
from verifier.suspicion import (
    LIMITS,
    CheckFacts,
    Limits,
    count_points,
    describe_suspicion,
    find_suspicion,
    is_suspect,
    score,
)
from verifier.verdict import Suspicion

FIRST = date(2026, 3, 3)
FOUR = (11, 21, 44, 51)
DOCUMENT = (ROOT / "docs" / "counting.md").read_text(encoding="utf-8")


def test_a_suspicion_tells_its_facts_in_both_languages() -> None:
    assert find_suspicion(CheckFacts(FIRST, 4, FOUR)) == Suspicion(
        "many_provinces",
        say(
            "首次查验是2026年3月3日，共查验 4 次，来自 4 个省级地区。",
            "First checked on 3 March 2026, 4 checks in 4 provinces.",
        ),
    )
    facts = CheckFacts(FIRST, 9, FOUR[:2], impossible_travels=4, before_shipping=2, after_opening=1)
    found = find_suspicion(facts)
    assert found is not None
    assert found.reason == "impossible_travel"
    for part in ("9 checks in 2 provinces", "4 of them too far", "2 before the maker shipped it", "1 on days after"):
        assert part in found.facts.en
    for part in ("4 次离上一次太远", "2 次早于厂家发货", "1 次在有人表示已开封之后"):
        assert part in found.facts.zh


def say(zh: str, en: str) -> Text:
    return Text(zh, en)


@pytest.mark.parametrize("sessions", [1, 7, 60, 1000, 10**6])
def test_one_province_is_never_suspect_whatever_else_was_counted(sessions: int) -> None:
    """A curious owner who checks for weeks; a rival at one address who presses every button."""
    facts = CheckFacts(FIRST, sessions, (44,), (11, 21, 51), sessions, sessions, sessions, sessions)
    assert find_suspicion(facts) is None


@pytest.mark.parametrize("sessions", [2, 30, 1000])
def test_two_near_provinces_are_never_suspect_by_checks_and_buttons_alone(sessions: int) -> None:
    facts = CheckFacts(FIRST, sessions, (11, 13), (44, 51), after_opening=sessions)
    assert not is_suspect(facts)


def test_platform_scans_and_chosen_places_weigh_nothing_or_little() -> None:
    base = CheckFacts(FIRST, 3, (11, 44))
    assert score(CheckFacts(FIRST, 3, (11, 44), platform_scans=10**6)) == score(base)
    everywhere = tuple(province.code for province in PROVINCES)
    assert score(CheckFacts(FIRST, 3, (11, 44), everywhere)) == score(base) + LIMITS.chosen_most


@pytest.mark.parametrize(("checks", "days"), [(4, 1), (4, 2), (4, 3), (6, 1), (6, 2), (6, 3), (100, 1)])
def test_four_provinces_within_few_days_are_suspect_however_many_checks(checks: int, days: int) -> None:
    assert is_suspect(CheckFacts(FIRST, checks, FOUR, days=days))


@pytest.mark.parametrize("days", [1, 2, 3, 4, 5, 6])
def test_six_checks_in_four_provinces_with_one_impossible_travel_are_suspect(days: int) -> None:
    assert is_suspect(CheckFacts(FIRST, 6, FOUR, impossible_travels=1, days=days))


def test_four_provinces_over_several_days_are_an_item_that_travels() -> None:
    assert not is_suspect(CheckFacts(FIRST, 6, FOUR, days=4))


def test_what_was_suspect_can_be_described_when_its_points_no_longer_suffice() -> None:
    later = CheckFacts(FIRST, 40, FOUR, days=40)
    assert find_suspicion(later) is None
    assert describe_suspicion(later).facts.en == "First checked on 3 March 2026, 40 checks in 4 provinces."


_COUNTS = st.integers(0, 40)
_PLACES = st.sets(st.sampled_from([province.code for province in PROVINCES])).map(lambda found: tuple(sorted(found)))
_FACTS = st.builds(
    CheckFacts,
    sessions=st.integers(0, 200),
    provinces=_PLACES,
    chosen_provinces=_PLACES,
    impossible_travels=_COUNTS,
    before_shipping=_COUNTS,
    after_opening=_COUNTS,
    days=st.integers(0, 60),
)


@given(facts=_FACTS, more=st.integers(1, 1000))
def test_more_sessions_on_a_day_never_lower_the_points(facts: CheckFacts, more: int) -> None:
    """Whatever is bought in a minute earns nothing: a hundred browsers, a thousand."""
    assert score(replace(facts, sessions=facts.sessions + more)) >= score(facts)


@given(facts=_FACTS, province=st.sampled_from([province.code for province in PROVINCES]))
def test_another_province_never_lowers_the_points(facts: CheckFacts, province: int) -> None:
    more = replace(facts, provinces=tuple(sorted({*facts.provinces, province})))
    assert score(more) >= score(facts)
    assert is_suspect(more) >= is_suspect(facts)


@given(facts=_FACTS)
def test_what_days_earn_is_bounded(facts: CheckFacts) -> None:
    most = LIMITS.free_provinces + LIMITS.most_earned_provinces
    places = tuple(province.code for province in PROVINCES)[: most + 2]
    assert is_suspect(replace(facts, provinces=places, days=10**6))


def test_more_of_anything_but_days_never_makes_less_suspect() -> None:
    base = CheckFacts(FIRST, 12, FOUR, (), 1, 1, 1)
    more = (
        CheckFacts(FIRST, 12, (*FOUR, 65), (), 1, 1, 1),
        CheckFacts(FIRST, 12, FOUR, (65,), 1, 1, 1),
        CheckFacts(FIRST, 12, FOUR, (), 2, 1, 1),
        CheckFacts(FIRST, 12, FOUR, (), 1, 2, 1),
        CheckFacts(FIRST, 12, FOUR, (), 1, 1, 2),
    )
    assert all(score(facts) > score(base) for facts in more)


def test_the_simulation_still_keeps_its_promises() -> None:
    """Small and seeded: a change of the formula that breaks a promise of docs/counting.md fails here. Ever suspect."""
    items = 60_000
    assert count_false_flags(items, seed=11) / items < 1 / 10_000
    assert share_detected(1_000, 0.03, 40) > 0.95
    assert share_detected(100, 0.10, 150) > 0.90
    assert share_detected(20, 0.30, 300) > 0.65
    assert share_detected(1_000, 0.30, 40, in_provinces(44)) == pytest.approx(0.1, abs=0.2), "documented as a failure"
    assert share_detected(5, 0.01, 300, anywhere) == 0, "documented as a failure"


def test_the_simulation_judges_after_every_session_and_not_at_the_end() -> None:
    copied = [Session(number * 8 * 3600.0, place) for number, place in enumerate(FOUR)]
    quiet = [Session(day * DAY, 44) for day in range(10, 60)]
    assert find_amber([*copied, *quiet]) == 4
    assert find_amber([*quiet, *copied]) is None


def test_the_bound_of_a_rate_is_poissons() -> None:
    assert upper_bound(0, 1) == pytest.approx(2.996, abs=0.01)
    assert upper_bound(10, 1) == pytest.approx(16.96, abs=0.01)


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_every_limit_is_published_with_its_value(name: str) -> None:
    assert re.search(rf"\| `{name}` \| {getattr(LIMITS, name)} \|", DOCUMENT), name


@pytest.mark.parametrize("reason", list(count_points(CheckFacts())))
def test_every_reason_is_published(reason: str) -> None:
    assert f"`{reason}`" in DOCUMENT


def test_there_are_34_provinces_and_their_bits_never_change() -> None:
    codes = [province.code for province in PROVINCES]
    assert len(codes) == len(set(codes)) == 34
    assert codes == sorted(codes), "the order is stored; a new one goes to the end, and this test says so"
    assert (bit_of(11), bit_of(44), bit_of(82)) == (1, 1 << 18, 1 << 33)
    assert codes_of(bit_of(82) | bit_of(44) | 1 << 60) == (44, 82)
    assert get_province(44).name.zh == "广东"


@pytest.mark.parametrize("text", ["44", "GD", "CN-GD", "cn-gd", " Guangdong ", "广东"])
def test_a_province_has_several_spellings(text: str) -> None:
    assert find_province(text) == 44


@pytest.mark.parametrize("text", ["", "00", "4", "440", "CN", "Canton", "４４", "x" * 10_000])
def test_what_is_no_province_is_none(text: str) -> None:
    assert find_province(text) is None


def test_distances_are_least_distances_and_symmetric() -> None:
    for one in PROVINCES:
        for other in PROVINCES:
            assert least_distance_km(one.code, other.code) == least_distance_km(other.code, one.code) >= 0
    for one, other in ((11, 13), (31, 32), (15, 23), (65, 62), (54, 51), (44, 81), (81, 82), (50, 51)):
        assert least_distance_km(one, other) == 0, "neighbours"
    assert not is_impossible_travel(31, 33, 0)
    assert is_impossible_travel(11, 46, 3600)
