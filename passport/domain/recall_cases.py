# SPDX-License-Identifier: Apache-2.0
"""A platform's case of a recall as values: what it was told, which listings, what it reported. docs/recalls.md."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from passport.domain.accounts_errors import Conflict, UnknownObject
from passport.domain.listings import ListingFields, parse_listing_url
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text

DEADLINE = timedelta(hours=24)
MAX_TEXT = 2000
MAX_REPORTED = 200  # listings named in one report; "all" has no bound

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


class MeasureKind(StrEnum):
    """What a platform did about a seller."""

    WARNED = "warned"
    LISTINGS_SUSPENDED = "listings_suspended"
    SHOP_CLOSED = "shop_closed"
    REPORTED_TO_AUTHORITY = "reported_to_authority"
    OTHER = "other"


class Stage(StrEnum):
    """How far a recall's change has been carried into the cases. The worker goes through them in this order."""

    ADDING = "adding"
    RELEASING = "releasing"
    TELLING = "telling"
    SETTLED = "settled"


class ClosedBy(StrEnum):
    """Who ended a case: the recall was closed in the ledger, or the platform's chief quality officer."""

    RECALL = "recall"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Cover:
    """What a recall covers of one product: these lots; `is_whole`: all that there will ever be."""

    lots: frozenset[str]
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a recall covers, by GTIN, resolved to lots: a range of positions or days touches the lots of its batches."""

    by_gtin: Mapping[str, Cover]

    def touches(self, gtin: str, lots: Iterable[str]) -> bool:
        """Whether a listing may sell any of it. One without lots may sell any lot of its product."""
        cover = self.by_gtin.get(gtin)
        if cover is None:
            return False
        named = set(lots)
        return not named or cover.is_whole or not cover.lots.isdisjoint(named)

    def touches_listing(self, listing: ListingFields) -> bool:
        return self.touches(listing.gtin, listing.lots)

    def to_json(self) -> dict[str, JsonValue]:
        return {
            gtin: {"lots": list[JsonValue](sorted(cover.lots)), "whole": cover.is_whole}
            for gtin, cover in sorted(self.by_gtin.items())
        }


@dataclass(frozen=True, slots=True)
class RecallState:
    """A recall as the published ledger has it. `index` of its publication, `latest_index` of what was said last."""

    recall_id: str
    publisher: str
    severity: str
    title: Text
    revision: int
    is_active: bool
    index: int
    latest_index: int
    coverage: Coverage

    def says_the_same(self, other: RecallState) -> bool:
        """Whether nothing follows from the difference, if there is one."""
        mine, others = ((one.revision, one.is_active, one.coverage) for one in (self, other))
        return mine == others


@dataclass(frozen=True, slots=True)
class RecallMark:
    """How far a recall has been dealt with. `seen_at` is the registry's word: the ledger knows no hours."""

    state: RecallState
    stage: Stage
    cursor: str
    seen_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class RecallCase:
    """One platform and one recall. Without `pushed_at` nothing was sent: a seller tried, and there was no listing.

    `revision` and `is_open` are what the platform was told last. `received_by`: webhook, token or member.
    """

    id: str
    organisation: str
    recall_id: str
    opened_at: datetime
    revision: int
    is_changed: bool = True
    pushed_at: datetime | None = None
    event: str = ""
    received_at: datetime | None = None
    received_by: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""

    @property
    def deadline_at(self) -> datetime | None:
        return None if self.pushed_at is None else self.pushed_at + DEADLINE


@dataclass(frozen=True, slots=True)
class CaseListing:
    """A listing of a case as it was when the recall reached it. `state_before` is its state then."""

    case: str
    listing: str
    url: str
    seller_id: str
    seller_name: str
    gtin: str
    lots: tuple[str, ...]
    state_before: str
    stopped_at: datetime
    pushed_at: datetime | None = None
    notice_at: datetime | None = None
    notice_url: str = ""
    delisted_at: datetime | None = None
    released_at: datetime | None = None
    rebound_at: datetime | None = None

    @property
    def deadline_at(self) -> datetime | None:
        return None if self.pushed_at is None else self.pushed_at + DEADLINE

    @property
    def hours(self) -> float | None:
        """From the push to the platform's report. None: not reported."""
        if self.pushed_at is None or self.delisted_at is None:
            return None
        return (self.delisted_at - self.pushed_at).total_seconds() / 3600

    def is_due(self) -> bool:
        """Whether a report is still to come."""
        return self.delisted_at is None and self.released_at is None

    def is_late(self, now: datetime) -> bool:
        """Over 24 hours: red. What was released in time is nobody's fault."""
        if self.deadline_at is None:
            return False
        ended = self.delisted_at or self.released_at or now
        return ended > self.deadline_at


@dataclass(frozen=True, slots=True)
class RelistAttempt:
    """A seller asked to sell again after the push. `was_blocked`: the gate refused; else other lots were named."""

    id: str
    case: str
    seller_id: str
    seller_name: str
    listing: str
    url: str
    at: datetime
    was_blocked: bool
    had_listing: bool


@dataclass(frozen=True, slots=True)
class Measure:
    """What the platform did about a seller."""

    id: str
    case: str
    seller_id: str
    kind: MeasureKind
    text: str
    at: datetime
    actor_kind: str
    actor: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which listings a report is about: those named, or all of the case."""

    listings: tuple[str, ...] = ()
    are_all: bool = field(default=False)


def parse_chosen(listings: Iterable[str] | None, *, are_all: bool) -> Chosen:
    """Either all, or 1 to 200 ids. Raises Malformed("bad_choice")."""
    found = tuple(dict.fromkeys(listings or ()))
    is_good = all(_UUID.fullmatch(one) for one in found)
    if are_all == bool(found) or len(found) > MAX_REPORTED or not is_good:
        raise Malformed(
            "bad_listings", f"Name 1 to {MAX_REPORTED} listings of the case, or say that it is all of them."
        )
    return Chosen(found, are_all)


def parse_notice_url(text: str) -> str:
    """Where the shop shows the recall notice. Raises Malformed("bad_notice_url")."""
    try:
        return parse_listing_url(text)
    except Malformed:
        raise Malformed("bad_notice_url", "A notice's address is https://host/… in ASCII.") from None


def parse_measure_kind(text: str) -> MeasureKind:
    """Raises Malformed("bad_measure")."""
    if text not in tuple(MeasureKind):
        raise Malformed("bad_measure", f"A measure is one of {', '.join(MeasureKind)}.")
    return MeasureKind(text)


def parse_measure_text(text: str) -> str:
    """What was done, in words: at most 2,000 visible characters; may be empty. Raises Malformed("bad_measure_text")."""
    clean = text[: 4 * MAX_TEXT].replace("\r\n", "\n").strip()
    hidden = any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") and c != "\n" for c in clean)
    if len(clean) > MAX_TEXT or hidden:
        raise Malformed("bad_measure_text", f"Say it in at most {MAX_TEXT:,} visible characters.")
    return clean


class UnknownCase(UnknownObject):
    """Codes: unknown_case, unknown_case_listing."""


class CaseConflict(Conflict):
    """Codes: case_not_done, export_too_large."""
