# SPDX-License-Identifier: Apache-2.0
"""The figures of recall co-governance: per case, and the five indicators. Pure functions; docs/recalls.md defines each.

What nobody has reported counts as not done. Where there is nothing to count there is no figure: unknown is never 100 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from passport.domain.recall_cases import CaseListing, Measure, RecallCase, RelistAttempt

REAL_TIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A case with all that hangs on it."""

    case: RecallCase
    listings: tuple[CaseListing, ...]
    attempts: tuple[RelistAttempt, ...] = ()
    measures: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole`."""

    part: int
    whole: int

    @property
    def permille(self) -> int | None:
        """Rounded down, so that 999 of 1,000,000 missing never looks like all. None where there is nothing."""
        return None if self.whole == 0 else self.part * 1000 // self.whole


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """What a row of the board shows. Seconds are from the push to the report; None: nobody has reported.

    `late` counts every listing over 24 hours; `overdue` those of them that are not reported yet.
    """

    affected: int
    pending: int
    notices: int
    stopped: int
    stopped_in_time: int
    late: int
    overdue: int
    median_seconds: int | None
    worst_seconds: int | None
    attempts: int
    sellers_trying: int
    measures: int
    released: int


@dataclass(frozen=True, slots=True)
class Indicators:
    """The five of the regulator's monitoring guide, over some cases, at an instant."""

    at: datetime
    cases: int
    shared_in_real_time: Share
    median_share_seconds: int | None
    stopped_in_time: Share
    notices_shown: Share
    attempts: int
    relisting_blocked: Share
    sellers_acted_on: Share


def counts(listing: CaseListing) -> bool:
    """Whether a listing is in the figures: it was pushed, and not released in time with no report due any more."""
    if listing.pushed_at is None or listing.deadline_at is None:
        return False
    if listing.released_at is None or listing.delisted_at is not None:
        return True
    return listing.released_at > listing.deadline_at


def is_in_time(listing: CaseListing) -> bool:
    """Whether the report came within 24 hours of the push."""
    deadline = listing.deadline_at
    return listing.delisted_at is not None and deadline is not None and listing.delisted_at <= deadline


def figures_of(facts: CaseFacts, now: datetime) -> CaseFigures:
    """The figures of one case."""
    return figures_of_many([facts], now)


def figures_of_many(cases: Iterable[CaseFacts], now: datetime) -> CaseFigures:
    """The same over several cases, such as all platforms' cases of one recall."""
    found = list(cases)
    listings = [one for facts in found for one in facts.listings if counts(one)]
    seconds = _seconds_to_stop(listings)
    tries = {(facts.case.organisation, one.seller_id) for facts in found for one in facts.attempts}
    return CaseFigures(
        affected=len(listings),
        pending=sum(one.is_due() for one in listings),
        notices=sum(one.notice_at is not None for one in listings),
        stopped=sum(one.delisted_at is not None for one in listings),
        stopped_in_time=sum(map(is_in_time, listings)),
        late=sum(one.is_late(now) for one in listings),
        overdue=sum(one.is_late(now) and one.is_due() for one in listings),
        median_seconds=_median(seconds),
        worst_seconds=max(seconds, default=None),
        attempts=sum(len(facts.attempts) for facts in found),
        sellers_trying=len(tries),
        measures=sum(len(facts.measures) for facts in found),
        released=sum(one.released_at is not None for facts in found for one in facts.listings),
    )


def indicators_of(cases: Iterable[CaseFacts], now: datetime) -> Indicators:
    """The five indicators over these cases."""
    found = list(cases)
    pushed = [facts.case for facts in found if facts.case.pushed_at is not None]
    waits = [wait for case in pushed if (wait := share_seconds(case)) is not None]
    listings = [one for facts in found for one in facts.listings if counts(one)]
    attempts = [one for facts in found for one in facts.attempts]
    return Indicators(
        at=now,
        cases=len(found),
        shared_in_real_time=Share(sum(wait <= REAL_TIME.total_seconds() for wait in waits), len(pushed)),
        median_share_seconds=_median(waits),
        stopped_in_time=Share(sum(map(is_in_time, listings)), len(listings)),
        notices_shown=Share(sum(one.notice_at is not None for one in listings), len(listings)),
        attempts=len(attempts),
        relisting_blocked=Share(sum(one.was_blocked for one in attempts), len(attempts)),
        sellers_acted_on=_acted_on(found),
    )


def share_seconds(case: RecallCase) -> int | None:
    """From the push to its receipt. None: not received."""
    if case.pushed_at is None or case.received_at is None:
        return None
    return max(int((case.received_at - case.pushed_at).total_seconds()), 0)


def _seconds_to_stop(listings: Sequence[CaseListing]) -> list[int]:
    return [
        max(int((one.delisted_at - one.pushed_at).total_seconds()), 0)
        for one in listings
        if one.delisted_at is not None and one.pushed_at is not None
    ]


def _median(values: Sequence[int]) -> int | None:
    return int(median(values)) if values else None


def _acted_on(cases: Iterable[CaseFacts]) -> Share:
    """Sellers of a case who tried again, and those of them about whom the platform says what it did in that case."""
    trying = acted = 0
    for facts in cases:
        sellers = {one.seller_id for one in facts.attempts}
        trying += len(sellers)
        acted += len(sellers & {one.seller_id for one in facts.measures})
    return Share(acted, trying)
