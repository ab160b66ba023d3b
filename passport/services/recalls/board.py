# SPDX-License-Identifier: Apache-2.0
"""The board: recalls with what platforms did, the five indicators, and the exports that carry them outside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from passport.domain.accounts import Principal
from passport.domain.accounts_audit import Action
from passport.domain.recall_cases import CaseConflict, RecallMark, UnknownCase
from passport.domain.recall_export import BoardContent, Proof, board_files, board_text, write_case_listings
from passport.domain.recall_indicators import (
    CaseFacts,
    CaseFigures,
    Indicators,
    Share,
    figures_of,
    figures_of_many,
    indicators_of,
)
from passport.domain.returns import ReturnRate
from passport.services.listings.kit import note
from passport.services.recalls.desk import load_facts
from passport.services.recalls.kit import RecallKit, require_reader
from passport.services.recalls.ports import Books
from verifier.evidence_archive import MAX_ARCHIVE_SIZE, write_archive
from verifier.recall_board import NOTE

MAX_RECALLS = 100


@dataclass(frozen=True, slots=True)
class BoardCase:
    """One platform's case on the board."""

    facts: CaseFacts
    figures: CaseFigures


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A recall: figures over the cases that the reader sees, and each of them."""

    mark: RecallMark
    figures: CaseFigures
    received: Share
    cases: tuple[BoardCase, ...]
    returns: ReturnRate | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """`handled_size`: entries of the ledger that were carried into the cases; a recall above it is not here yet."""

    at: datetime
    handled_size: int
    rows: tuple[BoardRow, ...]
    indicators: Indicators


class RecallBoard:
    """For a platform its own cases; for an authority all platforms'."""

    def __init__(self, kit: RecallKit) -> None:
        self._kit = kit

    def show(self, principal: Principal, recall_id: str = "") -> Board:
        """The newest 100 recalls, or one. An authority also sees recalls that touch nobody. Raises NotAllowed,
        UnknownCase("unknown_recall")."""
        seen = require_reader(principal)
        with self._kit.business.read() as books:
            board = self._show(books, seen, recall_id)
        rows = (replace(row, returns=self._kit.find_returns(row.mark.state.recall_id)) for row in board.rows)
        return replace(board, rows=tuple(rows))

    def _show(self, books: Books, seen: str | None, recall_id: str) -> Board:
        now = self._kit.now()
        marks = books.recall_marks.newest_marks(seen, MAX_RECALLS)
        if recall_id:
            found = books.recall_marks.find_mark(recall_id[:80].replace("\0", ""))
            marks = [] if found is None else [found]
        cases = books.recall_cases.of_recalls(seen, [mark.state.recall_id for mark in marks])
        facts = load_facts(books, cases)
        rows = []
        for mark in marks:
            theirs = [one for one in facts if one.case.recall_id == mark.state.recall_id]
            if theirs or seen is None:
                rows.append(self._row(mark, theirs, now))
        if recall_id and not rows:
            raise UnknownCase("unknown_recall", "There is no such recall, or it touches none of your listings.")
        return Board(now, books.recall_marks.handled_size(), tuple(rows), indicators_of(facts, now))

    def _row(self, mark: RecallMark, facts: list[CaseFacts], now: datetime) -> BoardRow:
        pushed = [one.case for one in facts if one.case.pushed_at is not None]
        return BoardRow(
            mark=mark,
            figures=figures_of_many(facts, now),
            received=Share(sum(case.received_at is not None for case in pushed), len(pushed)),
            cases=tuple(BoardCase(one, figures_of(one, now)) for one in facts),
        )

    def export_csv(self, principal: Principal, recall_id: str = "") -> Iterator[bytes]:
        """Every listing of every case, one to a row. That it was done stands in the trail. Raises as `show`."""
        return write_case_listings(self._content(principal, recall_id).cases)

    def export_bundle(self, principal: Principal, recall_id: str = "") -> bytes:
        """A ZIP file that anybody can check with `verifier recall-board`. The same board at the same second is the
        same file. Raises as `show`; CaseConflict("export_too_large"); Unavailable."""
        content = self._content(principal, recall_id)
        names = frozenset(row.recall_id for row in content.recalls)
        proof = self._kit.ledger.prove(names)
        entries = [(one.index, one.entry, one.proof) for one in proof.entries]
        files = board_files(content, Proof(proof.origin, proof.checkpoint, proof.snapshot, entries))
        signed = self._kit.ledger.sign(board_text(content, proof.origin, files))
        archive = write_archive({NOTE: signed} | files)
        if len(archive) > MAX_ARCHIVE_SIZE:
            raise CaseConflict("export_too_large", "The file would be larger than 16 MiB. Export one recall at a time.")
        return archive

    def _content(self, principal: Principal, recall_id: str) -> BoardContent:
        seen = require_reader(principal)
        with self._kit.business.write() as books:
            board = self._show(books, seen, recall_id)
            note(books, principal, Action.RECALL_EXPORTED, ("recall", recall_id or "all"), board.at)
        return BoardContent(
            at=board.at,
            organisation=principal.organisation,
            covers_all=seen is None,
            handled_size=board.handled_size,
            recalls=tuple(row.mark.state for row in board.rows),
            cases=tuple(case.facts for row in board.rows for case in row.cases),
            figures={case.facts.case.id: case.figures for row in board.rows for case in row.cases},
            indicators=board.indicators,
        )
