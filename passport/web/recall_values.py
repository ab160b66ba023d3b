# SPDX-License-Identifier: Apache-2.0
"""Cases, listings and the board as the values that the API answers (verifier/recall_types.py)."""

from __future__ import annotations

from typing import Literal, cast

from passport.domain.recall_cases import CaseListing, Measure, RecallMark
from passport.domain.recall_indicators import CaseFigures, Indicators, Share
from passport.domain.returns import ReturnRate
from passport.services.recalls.board import Board
from passport.services.recalls.desk import CaseView, Reported
from verifier import recall_types as types
from verifier.listing_types import State


def case(view: CaseView) -> types.RecallCaseInfo:
    found = view.case
    return types.RecallCaseInfo(
        id=found.id,
        platform=found.organisation,
        recall=recall(view.mark),
        opened_at=found.opened_at,
        figures=figures(view.figures),
        pushed_at=found.pushed_at,
        deadline_at=found.deadline_at,
        received_at=found.received_at,
        received_by=_received_by(found.received_by),
        closed_at=found.closed_at,
        closed_by=None if not found.closed_by else ("recall" if found.closed_by == "recall" else "platform"),
        returns=returns(view.returns),
    )


def _received_by(word: str) -> Literal["webhook", "token", "member"] | None:
    if word == "webhook":
        return "webhook"
    if word == "token":
        return "token"
    return "member" if word else None


def recall(mark: RecallMark) -> types.RecallInfo:
    state = mark.state
    return types.RecallInfo(
        recall_id=state.recall_id,
        publisher=state.publisher,
        severity=state.severity,
        title=state.title,
        revision=state.revision,
        status="active" if state.is_active else "closed",
        ledger_index=state.index,
        latest_index=state.latest_index,
        seen_at=mark.seen_at,
    )


def figures(found: CaseFigures) -> types.CaseFiguresInfo:
    return types.CaseFiguresInfo(
        affected=found.affected,
        pending=found.pending,
        notices=found.notices,
        stopped=found.stopped,
        stopped_in_time=found.stopped_in_time,
        late=found.late,
        overdue=found.overdue,
        released=found.released,
        attempts=found.attempts,
        sellers_trying=found.sellers_trying,
        measures=found.measures,
        median_seconds=found.median_seconds,
        worst_seconds=found.worst_seconds,
    )


def listing(found: CaseListing) -> types.CaseListingInfo:
    return types.CaseListingInfo(
        listing=found.listing,
        url=found.url,
        seller_id=found.seller_id,
        seller_name=found.seller_name,
        gtin=found.gtin,
        lots=found.lots,
        state_before=cast(State, found.state_before),
        stopped_at=found.stopped_at,
        pushed_at=found.pushed_at,
        deadline_at=found.deadline_at,
        notice_at=found.notice_at,
        notice_url=found.notice_url or None,
        delisted_at=found.delisted_at,
        released_at=found.released_at,
        rebound_at=found.rebound_at,
    )


def report(found: Reported) -> types.ReportResult:
    return types.ReportResult(found.new, found.known)


def measure(found: Measure) -> types.MeasureInfo:
    return types.MeasureInfo(found.id, found.seller_id, found.kind.value, found.text, found.at)


def returns(found: ReturnRate | None) -> types.ReturnInfo | None:
    if found is None:
        return None
    return types.ReturnInfo(found.remedied, found.recovered, found.affected, found.basis_points)


def share(found: Share) -> types.ShareInfo:
    return types.ShareInfo(found.part, found.whole, found.permille)


def indicators(found: Indicators) -> types.RecallIndicatorsInfo:
    return types.RecallIndicatorsInfo(
        shared_in_real_time=share(found.shared_in_real_time),
        stopped_in_time=share(found.stopped_in_time),
        notices_shown=share(found.notices_shown),
        relisting_blocked=share(found.relisting_blocked),
        sellers_acted_on=share(found.sellers_acted_on),
        attempts=found.attempts,
        cases=found.cases,
        median_share_seconds=found.median_share_seconds,
    )


def board(found: Board) -> types.RecallBoardInfo:
    rows = tuple(
        types.BoardRowInfo(
            recall=recall(row.mark),
            platforms=len(row.cases),
            received=share(row.received),
            figures=figures(row.figures),
            returns=returns(row.returns),
        )
        for row in found.rows
    )
    return types.RecallBoardInfo(found.at, found.handled_size, indicators(found.indicators), rows)
