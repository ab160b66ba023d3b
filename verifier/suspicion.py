# SPDX-License-Identifier: Apache-2.0
"""When the record of checks makes a code look copied: a published formula with published limits. docs/counting.md.

Pure: facts in, points out. Facts are counts of one code. Nothing here says "fake": a suspicion is amber and tells the
facts. No one address can make a code suspect, because one address lies in one province. After a day's first session
nothing on that day lowers the points; and whoever keeps the facts keeps a suspicion too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from verifier.protocol.fields import Text
from verifier.verdict import Suspicion

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FORMULA_VERSION = 1
"""Stored beside what was judged by it: raise it with every change below, and everything stored is judged again."""


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What was counted of one code. Days are Beijing time; provinces are codes of GB/T 2260, ascending.

    `provinces` were derived from where a request came from, `chosen_provinces` are those that only people named.
    `platform_scans` are a separate channel and weigh nothing. `days`: on how many days there was a session.
    """

    first_day: date | None = None
    sessions: int = 0
    provinces: tuple[int, ...] = ()
    chosen_provinces: tuple[int, ...] = ()
    impossible_travels: int = 0
    before_shipping: int = 0
    after_opening: int = 0
    platform_scans: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the formula; tuned and shown in bench/suspicion.py."""

    threshold: int = 10  # points from which a code is suspect
    least_provinces: int = 2  # never below, whatever the points
    free_provinces: int = 2  # home, and one more: a gift, a journey, a wrong place
    days_per_free_province: int = 4  # a code that is checked for long is more often put in a wrong place
    most_earned_provinces: int = 6
    province_points: int = 5  # for each beyond
    travel_points: int = 5
    travel_most: int = 6
    shipping_points: int = 2
    shipping_most: int = 6
    opening_points: int = 1
    opening_most: int = 2
    sessions_per_point: int = 10
    free_sessions: int = 10
    sessions_most: int = 4
    chosen_points: int = 1
    chosen_most: int = 2


LIMITS = Limits()


def count_points(facts: CheckFacts, limits: Limits = LIMITS) -> dict[str, int]:
    """The points of each part of the formula, by reason code."""
    # By days, not by sessions: a hundred browsers are made in a minute, a day is not.
    earned = min(facts.days // limits.days_per_free_province, limits.most_earned_provinces)
    free = limits.free_provinces + earned
    derived, named = len(facts.provinces), len({*facts.provinces, *facts.chosen_provinces})
    sessions = max(0, facts.sessions - limits.free_sessions) // limits.sessions_per_point
    # Free provinces are free here too: else a named one would weigh less when it is derived as well.
    chosen = max(0, named - max(derived, free))
    return {
        "many_provinces": max(0, derived - free) * limits.province_points,
        "impossible_travel": min(facts.impossible_travels * limits.travel_points, limits.travel_most),
        "before_shipping": min(facts.before_shipping * limits.shipping_points, limits.shipping_most),
        "after_opening": min(facts.after_opening * limits.opening_points, limits.opening_most),
        "many_checks": min(sessions, limits.sessions_most),
        "chosen_provinces": min(chosen * limits.chosen_points, limits.chosen_most),
    }


def score(facts: CheckFacts, limits: Limits = LIMITS) -> int:
    """The sum of the points."""
    return sum(count_points(facts, limits).values())


def is_suspect(facts: CheckFacts, limits: Limits = LIMITS) -> bool:
    """Enough points, and derived places in at least two provinces: one address, or one home, is never enough."""
    return len(facts.provinces) >= limits.least_provinces and score(facts, limits) >= limits.threshold


def find_suspicion(facts: CheckFacts, limits: Limits = LIMITS) -> Suspicion | None:
    """The suspicion of a code that nobody has judged before, or None."""
    return describe_suspicion(facts, limits) if is_suspect(facts, limits) else None


def describe_suspicion(facts: CheckFacts, limits: Limits = LIMITS) -> Suspicion:
    """The facts in words, for a code that is suspect or was. `reason` names the part with most points, stably."""
    points = count_points(facts, limits)
    reason = max(points, key=lambda name: points[name])  # the first of equals, in the order of count_points
    return Suspicion(reason, say_facts(facts))


def say_day(day: date) -> Text:
    """A day in both languages."""
    english = _MONTHS[day.month - 1]
    return Text(f"{day.year}年{day.month}月{day.day}日", f"{day.day} {english} {day.year}")


def say_facts(facts: CheckFacts) -> Text:
    """The facts as a sentence, only what was counted."""
    day = None if facts.first_day is None else say_day(facts.first_day)
    places = len(facts.provinces)
    zh = [f"首次查验是{day.zh}" if day else "", f"共查验 {facts.sessions} 次，来自 {places} 个省级地区"]
    en = [f"first checked on {day.en}" if day else "", f"{_many(facts.sessions, 'check')} in {_provinces(places)}"]
    if facts.impossible_travels:
        zh.append(f"其中 {facts.impossible_travels} 次离上一次太远、时间太短，同一件产品不可能赶到")
        en.append(f"{facts.impossible_travels} of them too far and too soon after the one before for one item")
    if facts.before_shipping:
        zh.append(f"{facts.before_shipping} 次早于厂家发货")
        en.append(f"{facts.before_shipping} before the maker shipped it")
    if facts.after_opening:
        zh.append(f"{facts.after_opening} 次在有人表示已开封之后的日子")
        en.append(f"{facts.after_opening} on days after somebody said it was opened")
    english = ", ".join(part for part in en if part)
    return Text("，".join(part for part in zh if part) + "。", english[0].upper() + english[1:] + ".")


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _provinces(count: int) -> str:
    return "1 province" if count == 1 else f"{count} provinces"
