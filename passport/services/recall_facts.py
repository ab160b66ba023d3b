# SPDX-License-Identifier: Apache-2.0
"""What a recall covers, in numbers, read from the published ledger. Port: passport/services/returns/ports.py."""

from __future__ import annotations

import threading

from passport.domain.returns import RecallFacts, count_codes
from passport.services.ports import AppendableLedger
from passport.services.registry import Unavailable
from passport.services.views import View, Views
from verifier.protocol.statements.products import SeqRange
from verifier.protocol.statements.recall import OneLot
from verifier.recalls import merge_ranges
from verifier.snapshot import SnapshotRecall


class LedgerRecallFacts:
    """Facts of one published tree, worked out once for each."""

    def __init__(self, views: Views, ledger: AppendableLedger) -> None:
        self._views, self._ledger = views, ledger
        self._lock = threading.Lock()
        self._known: tuple[int, dict[str, RecallFacts]] = (-1, {})

    def find(self, recall_id: str) -> RecallFacts | None:
        """Raises Unavailable."""
        return self._facts().get(recall_id)

    def list_all(self) -> list[RecallFacts]:
        """The newest in the ledger first. Raises Unavailable."""
        return sorted(self._facts().values(), key=lambda facts: -facts.record.index)

    def _facts(self) -> dict[str, RecallFacts]:
        view = self._views.current
        if self._ledger.fatal_error is not None:
            raise Unavailable("ledger_stopped", "the ledger has stopped and waits for repair")
        if view is None:
            raise Unavailable("not_published_yet", "nothing is published yet")
        with self._lock:
            if self._known[0] != view.head.size:
                voids = {(void.issuer, void.batch): merge_ranges(void.ranges) for void in view.snapshot.voids}
                found = {recall.record.recall_id: _facts(view, recall, voids) for recall in view.snapshot.recalls}
                self._known = (view.head.size, found)
            return self._known[1]


def _facts(view: View, recall: SnapshotRecall, voids: dict[tuple[str, int], tuple[SeqRange, ...]]) -> RecallFacts:
    codes, lots = 0, set()
    for cover in recall.covers:
        codes += count_codes(cover.ranges, voids.get((cover.issuer, cover.batch), ()))
        batch = view.find_batch(cover.issuer, cover.batch)
        if batch is not None:
            lots.add(batch.statement.lot)
    scope = recall.record.notice.scope
    lots |= {entry.selector.lot for entry in scope if isinstance(entry.selector, OneLot)}
    owners = (view.snapshot.find_issuer_of_gtin(entry.gtin) for entry in scope)
    makers = frozenset(owner.id for owner in owners if owner is not None)
    return RecallFacts(recall.record, codes, frozenset(lots), makers, view.head.size)
