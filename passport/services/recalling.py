# SPDX-License-Identifier: Apache-2.0
"""Recalls, and codes that are void: published, revised, closed by a maker or an authority. DESIGN §4."""

from __future__ import annotations

from dataclasses import dataclass

from passport.domain.maker_errors import RegistryRefused
from passport.domain.recall_file import RecallDraft
from passport.domain.registry_values import Logged
from passport.services.keys import Author, log_statement
from passport.services.maker_ports import Registry
from verifier.fold import LedgerState, fold_entries
from verifier.protocol.fields import Text
from verifier.protocol.statements import Header
from verifier.protocol.statements.products import BatchIssued, CodesVoided, SeqRange
from verifier.protocol.statements.recall import (
    RecallClosed,
    RecallNotice,
    RecallPublished,
    RecallRevised,
    parse_recall_id,
)
from verifier.recalls import RecallRecord, covered_ranges, merge_ranges


@dataclass(frozen=True, slots=True)
class Covered:
    """What a notice covers of one logged batch."""

    batch: BatchIssued
    ranges: tuple[SeqRange, ...]

    @property
    def count(self) -> int:
        """Items."""
        return sum(item.last - item.first + 1 for item in self.ranges)


def fold_ledger(registry: Registry) -> LedgerState:
    """The state of the published ledger, folded here. For a preview:

    nothing is verified but the statements' own rules.
    """
    return fold_entries(registry.ledger_entries(), registry.registry().origin)


def preview(state: LedgerState, notice: RecallNotice) -> tuple[Covered, ...]:
    """The batches that stand in the ledger now and are covered. A recall also covers those that come later."""
    found = []
    for gtin in sorted({entry.gtin for entry in notice.scope}):
        for record in state.batches_of_gtin.get(gtin, []):
            ranges = covered_ranges(notice.scope, record.statement)
            if ranges:
                found.append(Covered(record.statement, ranges))
    return tuple(found)


def get_recall(state: LedgerState, recall_id: str) -> RecallRecord:
    """The recall as it stands; raises RegistryRefused("unknown_recall")."""
    recall = state.recalls.get(recall_id)
    if recall is None:
        raise RegistryRefused("unknown_recall", f"The ledger holds no recall {recall_id}.")
    return recall


def publish_recall(draft: RecallDraft, registry: Registry, author: Author) -> Logged:
    """The first notice of a recall."""
    recall_id = draft.recall_id(author.issuer)
    return log_statement(registry, author, RecallPublished(_header(registry, author), recall_id, draft.notice))


def revise_recall(recall_id: str, notice: RecallNotice, registry: Registry, author: Author, *, revision: int) -> Logged:
    """A full new notice. `revision` is one more than the last; the registry refuses any other."""
    statement = RecallRevised(_header(registry, author), parse_recall_id(recall_id), revision, notice)
    return log_statement(registry, author, statement)


def close_recall(recall_id: str, reason: Text, registry: Registry, author: Author) -> Logged:
    """The recall is over; it stays visible."""
    statement = RecallClosed(_header(registry, author), parse_recall_id(recall_id), reason)
    return log_statement(registry, author, statement)


def void_codes(batch: int, ranges: list[SeqRange], reason: Text, registry: Registry, author: Author) -> Logged:
    """Declare codes of a batch misprinted or unused, for good."""
    statement = CodesVoided(_header(registry, author), batch, merge_ranges(ranges), reason)
    return log_statement(registry, author, statement)


def _header(registry: Registry, author: Author) -> Header:
    return Header(registry.registry().origin, author.issuer, author.now)
