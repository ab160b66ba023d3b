# SPDX-License-Identifier: Apache-2.0
"""Recalls: cases with their clocks, reports with a preview, sellers and measures; the board and its exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from passport.domain.accounts import OrganisationKind, Role, Scope
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.recall_cases import (
    Chosen,
    MeasureKind,
    UnknownCase,
    parse_chosen,
    parse_measure_kind,
    parse_measure_text,
    parse_notice_url,
)
from passport.web.api.recall_operations import CSV, ZIP
from passport.web.console.overview import hours_chart
from passport.web.recalls_api import attachment
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.recalls import Recalls
    from passport.web.console.frame import ConsoleFrame

CASES = "/console/recalls"
BOARD = "/console/recall-board"
_PAGE = 50
_STATES = ("open", "closed", "all")


def add_recall_pages(console: Blueprint, frame: ConsoleFrame, recalls: Recalls) -> None:
    """The list of cases; the rest below."""

    @console.get("/recalls", endpoint="recalls")
    def index() -> AnyResponse:
        state = request.args.get("state", "open")
        state = state if state in _STATES else "open"
        search = request.args.get("q", "")
        found = recalls.desk.page(frame.principal, request.args.get("before", ""), _PAGE + 1, state, search)
        shown = found[:_PAGE]
        older = ""
        if len(found) > _PAGE:
            older = f"{CASES}?{urlencode({'state': state, 'q': search, 'before': shown[-1].case.id})}"
        return frame.page(
            "recalls.html",
            cases=shown,
            state=state,
            search=search,
            states=_STATES,
            older=older,
            is_authority=frame.principal.kind is OrganisationKind.AUTHORITY,
            now=recalls.now(),
        )

    _add_case(console, frame, recalls)
    _add_reports(console, frame, recalls)
    _add_board(console, frame, recalls)


def _may_report(frame: ConsoleFrame) -> bool:
    """Whether the reader sees forms; the services decide all the same."""
    principal = frame.principal
    return principal.kind is OrganisationKind.PLATFORM and Scope.RECALLS_REPORT in principal.scopes


def _case_page(frame: ConsoleFrame, recalls: Recalls, case_id: str) -> dict[str, Any]:
    principal, after = frame.principal, request.args.get("after", "")
    view = recalls.desk.get(principal, case_id)
    found = recalls.desk.listings(principal, case_id, after, _PAGE + 1)
    attempts, measures = recalls.desk.attempts(principal, case_id)
    shown = found[:_PAGE]
    return {
        "view": view,
        "listings": shown,
        "more": f"{CASES}/{view.case.id}?after={shown[-1].listing}" if len(found) > _PAGE else "",
        "attempts": attempts[-200:],
        "measures": measures,
        "sellers": sorted({one.seller_id for one in attempts} | {one.seller_id for one in shown}),
        "kinds": list(MeasureKind),
        "may_report": _may_report(frame),
        "may_close": Role.CHIEF_QUALITY_OFFICER in principal.roles,
        "now": recalls.now(),
        "typed": request.form,
    }


def _add_case(console: Blueprint, frame: ConsoleFrame, recalls: Recalls) -> None:
    @console.get("/recalls/<case_id>", endpoint="recall_case")
    def one(case_id: str) -> AnyResponse:
        return frame.page("recall_case.html", **_case_page(frame, recalls, case_id))

    @console.post("/recalls/<case_id>/acknowledge", endpoint="acknowledge_recall")
    def acknowledge(case_id: str) -> AnyResponse:
        recalls.desk.acknowledge(frame.principal, case_id)
        return frame.done(f"{CASES}/{case_id}", "recall_acknowledged")

    @console.post("/recalls/<case_id>/measures", endpoint="recall_measure")
    def measure(case_id: str) -> AnyResponse:
        form = request.form
        try:
            kind, text = parse_measure_kind(form.get("kind", "")), parse_measure_text(form.get("text", ""))
            recalls.desk.add_measure(frame.principal, case_id, form.get("seller_id", "").strip()[:200], kind, text)
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            if isinstance(error, UnknownCase) and error.code == "unknown_case":
                raise
            return frame.refuse("recall_case.html", error, **_case_page(frame, recalls, case_id))
        return frame.done(f"{CASES}/{case_id}", "measure_added")

    @console.post("/recalls/<case_id>/close", endpoint="close_recall_case")
    def close(case_id: str) -> AnyResponse:
        recalls.desk.close(frame.principal, case_id)
        return frame.done(f"{CASES}/{case_id}", "case_closed")


def _add_reports(console: Blueprint, frame: ConsoleFrame, recalls: Recalls) -> None:
    """First what would be reported, then the same for good."""

    def chosen() -> Chosen:
        are_all = request.form.get("which") == "all"
        return parse_chosen(() if are_all else request.form.getlist("listing"), are_all=are_all)

    def notice_url() -> str:
        """ "" for a report that listings are taken down."""
        return parse_notice_url(request.form.get("url", "").strip()) if request.form.get("what") == "notice" else ""

    @console.post("/recalls/<case_id>/preview", endpoint="preview_recall_report")
    def preview(case_id: str) -> AnyResponse:
        picked, url = chosen(), notice_url()
        case, listings, count = recalls.desk.preview(frame.principal, case_id, picked)
        return frame.page(
            "recall_preview.html", case=case, listings=listings, count=count, are_all=picked.are_all, url=url
        )

    @console.post("/recalls/<case_id>/report", endpoint="recall_report")
    def report(case_id: str) -> AnyResponse:
        picked, url = chosen(), notice_url()
        if url:
            recalls.desk.report_notice(frame.principal, case_id, picked, url)
        else:
            recalls.desk.report_delisted(frame.principal, case_id, picked)
        return frame.done(f"{CASES}/{case_id}", "recall_reported")


def _add_board(console: Blueprint, frame: ConsoleFrame, recalls: Recalls) -> None:
    @console.get("/recall-board", endpoint="recall_board")
    def board() -> AnyResponse:
        recall = request.args.get("recall", "")
        return frame.page(
            "recall_board.html",
            board=recalls.board.show(frame.principal, recall),
            chart=hours_chart(recalls, frame.principal),
            recall=recall,
        )

    @console.get("/recall-board/csv", endpoint="recall_board_csv")
    def export_csv() -> AnyResponse:
        found = recalls.board.export_csv(frame.principal, request.args.get("recall", ""))
        return attachment(b"".join(found), CSV)

    @console.get("/recall-board/evidence", endpoint="recall_board_evidence")
    def export_evidence() -> AnyResponse:
        return attachment(recalls.board.export_bundle(frame.principal, request.args.get("recall", "")), ZIP)
