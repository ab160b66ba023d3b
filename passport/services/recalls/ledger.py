# SPDX-License-Identifier: Apache-2.0
"""Recalls as the published ledger has them: implements the port of passport/services/recalls over the views."""

from __future__ import annotations

import threading

from passport.domain.ledger_values import LedgerError
from passport.domain.recall_cases import Cover, Coverage, RecallState
from passport.services.ports import AppendableLedger
from passport.services.recalls.ports import LedgerProof, LedgerRecalls, ProvenEntry
from passport.services.registry import Unavailable
from passport.services.views import View, Views, read_entries
from passport.signing import sign_note
from verifier.protocol.errors import Malformed
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.recall import OneLot, RecallClosed, RecallPublished, RecallRevised, WholeModel
from verifier.snapshot import SnapshotRecall

_MARK = b'"type":"recall.'  # every statement about a recall has it; what has it need not be one


class ViewedRecalls:
    """The fold decides what a recall says; the entries only tell where it was said."""

    def __init__(self, views: Views, ledger: AppendableLedger) -> None:
        self._views, self._ledger = views, ledger
        self._lock = threading.Lock()
        self._places: dict[str, list[int]] = {}  # recall id → indexes of its statements
        self._placed = 0

    def size(self) -> int:
        view = self._views.current
        return 0 if view is None or self._ledger.fatal_error is not None else view.head.size

    def wait(self, size: int, timeout_seconds: float) -> None:
        self._views.wait_for_size(size + 1, timeout_seconds)

    def read(self, since: int, known: dict[str, int]) -> LedgerRecalls:
        """Raises Unavailable."""
        view = self._view()
        latest = dict(known)
        for recall_id, index in self._statements(view, since):
            latest[recall_id] = index
        return LedgerRecalls(view.head.size, tuple(_state(view, one, latest) for one in view.snapshot.recalls))

    def prove(self, recall_ids: frozenset[str]) -> LedgerProof:
        """Raises Unavailable."""
        view = self._view()
        with self._lock:
            for recall_id, index in self._statements(view, self._placed):
                self._places.setdefault(recall_id, []).append(index)
            self._placed = max(self._placed, view.head.size)
            indexes = [at for one in recall_ids for at in self._places.get(one, ()) if at < view.head.size]
        try:
            entries = tuple(
                ProvenEntry(index, next(read_entries(view.store, index, index + 1)), view.prove_entry(index))
                for index in sorted({0, *indexes})
            )
        except LedgerError as error:
            raise Unavailable("ledger_unavailable", f"the stored ledger cannot be read: {error}") from error
        return LedgerProof(view.snapshot.origin, view.head.checkpoint, self._views.sign_view(view, None), entries)

    def sign(self, text: str) -> bytes:
        return sign_note(text, f"{self._view().snapshot.origin}/status", self._views.plan.signer)

    def _view(self) -> View:
        view = self._views.current
        if view is None:
            raise Unavailable("not_published_yet", "nothing is published yet")
        if self._ledger.fatal_error is not None:
            raise Unavailable("ledger_stopped", "the ledger has stopped and waits for repair")
        return view

    def _statements(self, view: View, since: int) -> list[tuple[str, int]]:
        """Which recalls were spoken of from entry `since` on, and where. Raises Unavailable."""
        found = []
        try:
            for index, entry in enumerate(read_entries(view.store, since, view.head.size), start=since):
                if _MARK not in entry:
                    continue
                try:
                    statement = parse_entry(entry).statement
                except Malformed:
                    continue
                if isinstance(statement, RecallPublished | RecallRevised | RecallClosed):
                    found.append((statement.recall_id, index))
        except LedgerError as error:
            raise Unavailable("ledger_unavailable", f"the stored ledger cannot be read: {error}") from error
        return found


def _state(view: View, recall: SnapshotRecall, latest: dict[str, int]) -> RecallState:
    record = recall.record
    return RecallState(
        recall_id=record.recall_id,
        publisher=record.publisher,
        severity=record.notice.severity,
        title=record.notice.title,
        revision=record.revision,
        is_active=record.is_active,
        index=record.index,
        latest_index=latest.get(record.recall_id, record.index),
        coverage=_coverage(view, recall),
    )


def _coverage(view: View, recall: SnapshotRecall) -> Coverage:
    """Resolved as the gate resolves it: lots of the batches that are covered in any part, and lots that are named."""
    scope = recall.record.notice.scope
    lots: dict[str, set[str]] = {entry.gtin: set() for entry in scope}
    whole = {entry.gtin for entry in scope if isinstance(entry.selector, WholeModel) and not entry.exceptions}
    for entry in scope:
        # Recalled by name, a lot is recalled before the first of its codes is logged.
        if isinstance(entry.selector, OneLot) and entry.selector.lot not in entry.excepted_lots:
            lots[entry.gtin].add(entry.selector.lot)
    for cover in recall.covers:
        batch = view.batches[(cover.issuer, cover.batch)].statement
        if batch.gtin in lots:
            lots[batch.gtin].add(batch.lot)
    return Coverage({gtin: Cover(frozenset(found), gtin in whole) for gtin, found in lots.items()})
