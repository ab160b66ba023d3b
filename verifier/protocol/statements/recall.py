# SPDX-License-Identifier: Apache-2.0
"""Statements about recalls: published, revised, closed. Nothing is ever deleted. DESIGN §3 and §4."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from typing import ClassVar

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Contact, Fields, Text, parse_date
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.statements.header import Header, read_header
from verifier.protocol.statements.products import SeqRange, parse_seq_range

SEVERITIES = ("serious", "high", "medium", "low")  # worst first
ACTIONS = ("recall", "withdrawal")  # back from consumers; stopped in the chain

_RECALL_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?/[A-Za-z0-9][A-Za-z0-9.-]{0,39}", re.ASCII)


def parse_recall_id(text: str) -> str:
    """`<issuer id>/<number>`:

    the publisher's own name space, so nobody can squat another's number. Raises Malformed.
    """
    if _RECALL_ID.fullmatch(text) is None:
        raise Malformed("bad_recall_id", "a recall id is <issuer id>/<number of letters, digits, dots and hyphens>")
    return text


@dataclass(frozen=True, slots=True)
class WholeModel:
    """Every item of the GTIN."""

    def to_json(self) -> dict[str, JsonValue]:
        return {}


@dataclass(frozen=True, slots=True)
class OneLot:
    """Every item of one lot."""

    lot: str

    def to_json(self) -> dict[str, JsonValue]:
        return {"lot": self.lot}


@dataclass(frozen=True, slots=True)
class SeqRangeOf:
    """Positions of one batch."""

    batch: int
    range: SeqRange

    def to_json(self) -> dict[str, JsonValue]:
        return {"batch": self.batch, "seqs": self.range.to_json()}


@dataclass(frozen=True, slots=True)
class ProducedBetween:
    """Items produced on these local calendar dates, both included."""

    first: date
    last: date

    def to_json(self) -> dict[str, JsonValue]:
        return {"produced_from": self.first.isoformat(), "produced_to": self.last.isoformat()}


Selector = WholeModel | OneLot | SeqRangeOf | ProducedBetween


def _read_selector(fields: Fields) -> Selector:
    kinds = [fields.has("lot"), fields.has("batch"), fields.has("produced_from")]
    if sum(kinds) > 1:
        raise Malformed(
            "ambiguous_scope", "a scope entry names a lot, a seq range or production dates, never two of them"
        )
    if kinds[0]:
        return OneLot(fields.parsed("lot", parse_lot))
    if kinds[1]:
        return SeqRangeOf(fields.integer("batch", maximum=2**32 - 1), parse_seq_range(fields.take("seqs")))
    if kinds[2]:
        window = ProducedBetween(fields.parsed("produced_from", parse_date), fields.parsed("produced_to", parse_date))
        if window.last < window.first:
            raise Malformed("empty_scope", "produced_to lies before produced_from")
        return window
    return WholeModel()


@dataclass(frozen=True, slots=True)
class ScopeEntry:
    """gtin AND selector, minus every exception."""

    gtin: str
    selector: Selector
    exceptions: tuple[Selector, ...] = ()
    excepted_lots: frozenset[str] = field(init=False, repr=False, compare=False)
    excepted_seqs: dict[int, list[SeqRange]] = field(init=False, repr=False, compare=False)
    _first_days: list[date] = field(init=False, repr=False, compare=False)
    _last_days: list[date] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        seqs: dict[int, list[SeqRange]] = {}
        windows: list[tuple[date, date]] = []
        for item in self.exceptions:
            if isinstance(item, SeqRangeOf):
                seqs.setdefault(item.batch, []).append(item.range)
            elif isinstance(item, ProducedBetween):
                windows.append((item.first, item.last))
        windows.sort()
        # Behind each first day the latest last day so far: whether a day lies in any window is one look.
        lasts = list(accumulate((last for _, last in windows), max))
        lots = frozenset(item.lot for item in self.exceptions if isinstance(item, OneLot))
        object.__setattr__(self, "excepted_lots", lots)
        object.__setattr__(self, "excepted_seqs", seqs)
        object.__setattr__(self, "_first_days", [first for first, _ in windows])
        object.__setattr__(self, "_last_days", lasts)

    def excepts_day(self, day: date) -> bool:
        """Whether an exception by production dates holds this day."""
        place = bisect_right(self._first_days, day)
        return place > 0 and day <= self._last_days[place - 1]

    def to_json(self) -> dict[str, JsonValue]:
        value = {"gtin": self.gtin} | self.selector.to_json()
        if self.exceptions:
            value["except"] = [exception.to_json() for exception in self.exceptions]
        return value


def read_scope_entry(value: JsonValue) -> ScopeEntry:
    fields = Fields(value, "scope entry")
    gtin = fields.parsed("gtin", parse_gtin14)
    exceptions: list[Selector] = []
    if fields.has("except"):
        for item in fields.items("except", minimum=1, maximum=200):
            inner = Fields(item, "scope exception")
            exception = _read_selector(inner)
            inner.done()
            if isinstance(exception, WholeModel):
                raise Malformed("empty_scope", "an exception of the whole model leaves nothing to recall")
            exceptions.append(exception)
    selector = _read_selector(fields)
    fields.done()
    return ScopeEntry(gtin, selector, tuple(exceptions))


@dataclass(frozen=True, slots=True)
class RecallNotice:
    """What people are told, and which items it is about: the OR of the scope entries."""

    scope: tuple[ScopeEntry, ...]
    severity: str
    action: str
    title: Text
    hazard: Text
    remedy: Text
    contact: Contact
    starts_on: date

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "action": self.action,
            "contact": self.contact.to_json(),
            "hazard": self.hazard.to_json(),
            "remedy": self.remedy.to_json(),
            "scope": [entry.to_json() for entry in self.scope],
            "severity": self.severity,
            "starts_on": self.starts_on.isoformat(),
            "title": self.title.to_json(),
        }


def _one_of(name: str, allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise Malformed(f"unknown_{name}", f"{name} must be one of {', '.join(allowed)}")
    return value


def read_notice(fields: Fields) -> RecallNotice:
    notice = RecallNotice(
        scope=tuple(read_scope_entry(item) for item in fields.items("scope", minimum=1, maximum=200)),
        severity=_one_of("severity", SEVERITIES, fields.string("severity")),
        action=_one_of("action", ACTIONS, fields.string("action")),
        title=fields.text("title", maximum=200),
        hazard=fields.text("hazard"),
        remedy=fields.text("remedy"),
        contact=fields.contact("contact"),
        starts_on=fields.parsed("starts_on", parse_date),
    )
    fields.done()
    return notice


@dataclass(frozen=True, slots=True)
class RecallPublished:
    """Revision 1 of a recall, by the maker of every GTIN in its scope or by an authority."""

    type: ClassVar[str] = "recall.published"
    header: Header
    recall_id: str
    notice: RecallNotice

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {"notice": self.notice.to_json(), "recall_id": self.recall_id}

    @classmethod
    def from_fields(cls, fields: Fields) -> RecallPublished:
        return cls(
            header=read_header(fields),
            recall_id=fields.parsed("recall_id", parse_recall_id),
            notice=read_notice(fields.inner("notice")),
        )


@dataclass(frozen=True, slots=True)
class RecallRevised:
    """A full new text and scope; `revision` is larger than that of the notice that it replaces, and at least 2."""

    type: ClassVar[str] = "recall.revised"
    header: Header
    recall_id: str
    revision: int
    notice: RecallNotice

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "notice": self.notice.to_json(),
            "recall_id": self.recall_id,
            "revision": self.revision,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> RecallRevised:
        return cls(
            header=read_header(fields),
            recall_id=fields.parsed("recall_id", parse_recall_id),
            revision=fields.integer("revision", minimum=2, maximum=10_000),
            notice=read_notice(fields.inner("notice")),
        )


@dataclass(frozen=True, slots=True)
class RecallClosed:
    """The recall is over; it stays visible for ever."""

    type: ClassVar[str] = "recall.closed"
    header: Header
    recall_id: str
    reason: Text

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {"reason": self.reason.to_json(), "recall_id": self.recall_id}

    @classmethod
    def from_fields(cls, fields: Fields) -> RecallClosed:
        return cls(
            header=read_header(fields),
            recall_id=fields.parsed("recall_id", parse_recall_id),
            reason=fields.text("reason"),
        )
