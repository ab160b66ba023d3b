# SPDX-License-Identifier: Apache-2.0
"""What the counting of checks hands about: which code, what is new of it, what stands in its row. docs/counting.md."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from verifier.provinces import codes_of
from verifier.suspicion import CheckFacts, is_suspect


class CodeKey(NamedTuple):
    """A code that the ledger proves: the issuer's id, its batch number, the position in it."""

    issuer: str
    batch: int
    seq: int


@dataclass(slots=True)
class Delta:
    """What came in for one code on one day since the last write; provinces as bits (verifier.provinces.bit_of).

    `is_new_day`: no session of this code was counted earlier on this day.
    """

    sessions: int = 0
    provinces: int = 0
    chosen: int = 0
    travels: int = 0
    platform: int = 0
    is_opened: bool = False
    is_new_day: bool = False

    def add(self, other: Delta) -> None:
        """Takes what a write could not take back in."""
        self.sessions += other.sessions
        self.provinces |= other.provinces
        self.chosen |= other.chosen
        self.travels += other.travels
        self.platform += other.platform
        self.is_opened |= other.is_opened
        self.is_new_day |= other.is_new_day

    @property
    def is_only_platform(self) -> bool:
        return not (self.sessions or self.provinces or self.chosen or self.is_opened)


@dataclass(frozen=True, slots=True)
class CheckRow:
    """The stored row of one code. Days are proleptic ordinals of Beijing's calendar; 0 means never.

    `days` is how many of them had a session. `suspect` is 1 from the first time that the formula said so.
    """

    first_day: int = 0
    sessions: int = 0
    provinces: int = 0
    chosen: int = 0
    travels: int = 0
    before_shipping: int = 0
    after_opening: int = 0
    opened_day: int = 0
    platform: int = 0
    days: int = 0
    suspect: int = 0

    def plus(self, delta: Delta, day: int) -> CheckRow:
        """The row after what came in on `day`. Sessions on days after the opening's are counted as such."""
        is_late = 0 < self.opened_day < day
        first_day = self.first_day or (day if delta.sessions else 0)
        # Whoever forgot today's sessions by a restart counts the day again: never more days than have passed.
        most_days = max(self.days, day - first_day + 1)
        after = replace(
            self,
            first_day=first_day,
            sessions=self.sessions + delta.sessions,
            provinces=self.provinces | delta.provinces,
            chosen=self.chosen | delta.chosen,
            travels=self.travels + delta.travels,
            after_opening=self.after_opening + (delta.sessions if is_late else 0),
            opened_day=self.opened_day or (day if delta.is_opened else 0),
            platform=self.platform + delta.platform,
            days=min(self.days + delta.is_new_day, most_days),
        )
        return after.judged()

    def shipped(self) -> CheckRow:
        """The row when the maker says that the code was shipped only now."""
        return replace(self, before_shipping=self.sessions).judged()

    def judged(self) -> CheckRow:
        """The row as the formula sees it now. It only ever adds a suspicion: see docs/counting.md."""
        return self if self.suspect or not is_suspect(self.to_facts()) else replace(self, suspect=1)

    def to_facts(self) -> CheckFacts:
        return CheckFacts(
            first_day=date.fromordinal(self.first_day) if self.first_day else None,
            sessions=self.sessions,
            provinces=codes_of(self.provinces),
            chosen_provinces=codes_of(self.chosen & ~self.provinces),
            impossible_travels=self.travels,
            before_shipping=self.before_shipping,
            after_opening=self.after_opening,
            platform_scans=self.platform,
            days=self.days,
        )


Deltas = dict[CodeKey, dict[int, Delta]]
"""By code, then by day: at midnight a code can have two."""


@dataclass(frozen=True, slots=True)
class ShippedRange:
    """An accepted shipment notice: SHA-256 of its bytes, and what it covers."""

    digest: bytes
    issuer: str
    batch: int
    first_seq: int
    last_seq: int
    accepted_at: datetime
