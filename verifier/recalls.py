# SPDX-License-Identifier: Apache-2.0
"""Which items a recall covers: the definition, item by item, and its resolution into ranges of batches. DESIGN §4.

Scope = OR of entries; in an entry gtin AND (lot | seq range | production dates | whole model), minus every exception.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Text
from verifier.protocol.statements.products import BatchIssued, SeqRange
from verifier.protocol.statements.recall import (
    SEVERITIES,
    OneLot,
    ProducedBetween,
    RecallNotice,
    ScopeEntry,
    Selector,
    SeqRangeOf,
    WholeModel,
)


@dataclass(frozen=True, slots=True)
class RecallRecord:
    """A recall as the ledger stands: its latest notice, and whether it was closed. Nothing is ever deleted."""

    recall_id: str
    publisher: str
    revision: int
    index: int  # of the statement that published it
    notice: RecallNotice
    closed_reason: Text | None = None

    @property
    def is_active(self) -> bool:
        return self.closed_reason is None

    def to_public_json(self) -> dict[str, JsonValue]:
        """For verdicts: everything but the scope."""
        value = self.notice.to_json()
        del value["scope"]
        return value | self.head_json()

    def head_json(self) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {
            "index": self.index,
            "publisher": self.publisher,
            "recall_id": self.recall_id,
            "revision": self.revision,
            "status": "active" if self.is_active else "closed",
        }
        if self.closed_reason is not None:
            value["closed_reason"] = self.closed_reason.to_json()
        return value


def worst_first(recalls: Iterable[RecallRecord]) -> tuple[RecallRecord, ...]:
    """Active before closed, then by severity, then by ledger index."""
    return tuple(sorted(recalls, key=lambda r: (not r.is_active, SEVERITIES.index(r.notice.severity), r.index)))


def _selected(selector: Selector, batch: BatchIssued) -> SeqRange | None:
    """The positions of a batch that a selector picks: each selector picks one range or none."""
    everything = SeqRange(0, batch.count - 1)
    match selector:
        case WholeModel():
            return everything
        case OneLot(lot):
            return everything if batch.lot == lot else None
        case ProducedBetween(first, last):
            return everything if first <= batch.production_date <= last else None
        case SeqRangeOf(number, span):
            if number != batch.batch or span.first >= batch.count:
                return None
            return SeqRange(span.first, min(span.last, batch.count - 1))


def _subtract(ranges: list[SeqRange], hole: SeqRange) -> list[SeqRange]:
    left: list[SeqRange] = []
    for item in ranges:
        if hole.last < item.first or item.last < hole.first:
            left.append(item)
            continue
        if item.first < hole.first:
            left.append(SeqRange(item.first, hole.first - 1))
        if hole.last < item.last:
            left.append(SeqRange(hole.last + 1, item.last))
    return left


def merge_ranges(ranges: Iterable[SeqRange]) -> tuple[SeqRange, ...]:
    """The same set of positions as ascending, disjoint ranges that do not touch."""
    merged: list[SeqRange] = []
    for item in sorted(ranges, key=lambda r: (r.first, r.last)):
        if merged and item.first <= merged[-1].last + 1:
            merged[-1] = SeqRange(merged[-1].first, max(merged[-1].last, item.last))
        else:
            merged.append(item)
    return tuple(merged)


def covered_ranges(scope: Iterable[ScopeEntry], batch: BatchIssued) -> tuple[SeqRange, ...]:
    """The positions of one batch that a scope covers, as ascending disjoint ranges."""
    covered: list[SeqRange] = []
    for entry in scope:
        if entry.gtin != batch.gtin:
            continue
        picked = _selected(entry.selector, batch)
        # Whole lots and days first, without walking the list: a hostile notice has thousands of exceptions, and they
        # are asked about every batch of the GTIN at every snapshot.
        if picked is None or batch.lot in entry.excepted_lots or entry.excepts_day(batch.production_date):
            continue
        ranges = [picked]
        for hole in entry.excepted_seqs.get(batch.batch, ()):
            ranges = _subtract(ranges, hole)
        covered.extend(ranges)
    return merge_ranges(covered)
