# SPDX-License-Identifier: Apache-2.0
"""The sanction list as the reader's organisation sees it: list, form, one sanction with its appeals; and sellers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from passport.domain.accounts import OrganisationKind, Scope
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.appeals import AppealOutcome, parse_outcome
from passport.domain.sanctions import (
    SanctionFilter,
    SanctionState,
    SubjectKind,
    TypedEvidence,
    TypedSanction,
    parse_sanction,
    parse_sanction_search,
)
from passport.services.live.kit import may_decide
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.live import Live
    from passport.web.console.frame import ConsoleFrame

SANCTIONS = "/console/sanctions"
SELLERS = "/console/sellers"
_PAGE = 50
_ROWS = 3  # rows for evidence in a form
_EVIDENCE = ("title", "url", "digest", "ledger_index")


def add_sanction_pages(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    """The list and one sanction; the rest below."""

    @console.get("/sanctions", endpoint="sanctions")
    def index() -> AnyResponse:
        which = parse_sanction_search(*(request.args.get(name, "") for name in ("state", "q")))
        found = live.sanctions.page(frame.principal, which, request.args.get("before", ""), _PAGE + 1)
        shown = found[:_PAGE]
        kept = urlencode({name: value for name, value in (("state", which.state), ("q", which.search)) if value})
        older = f"{SANCTIONS}?{kept}{'&' if kept else ''}before={shown[-1].sanction.id}" if len(found) > _PAGE else ""
        return frame.page(
            "sanctions.html",
            sanctions=shown,
            which=which,
            states=list(SanctionState),
            older=older,
            is_first="before" not in request.args,
            is_filtered=bool(kept),
            may_write=_may_write(frame),
            decides=may_decide(frame.principal),
        )

    @console.get("/sanctions/<sanction_id>", endpoint="sanction")
    def one(sanction_id: str) -> AnyResponse:
        return _show(frame, live, sanction_id)

    _add_form(console, frame, live)
    _add_decisions(console, frame, live)
    _add_appeals(console, frame, live)
    _add_sellers(console, frame, live)


def _show(
    frame: ConsoleFrame, live: Live, sanction_id: str, error: AccountError | Malformed | None = None
) -> AnyResponse:
    shown = live.sanctions.get(frame.principal, sanction_id)
    page: dict[str, Any] = {
        "shown": shown,
        "sanction": shown.sanction,
        "history": live.sanctions.history(frame.principal, sanction_id),
        "appeals": live.appeals.of_sanction(frame.principal, sanction_id),
        "outcomes": list(AppealOutcome),
        "is_own": shown.sanction.organisation == frame.principal.organisation,
        "may_write": _may_write(frame),
        "decides": may_decide(frame.principal),
        "typed": request.form.get("text", "")[:2000],
    }
    if error is not None:
        return frame.refuse("sanction.html", error, **page)
    return frame.page("sanction.html", **page)


def _may_write(frame: ConsoleFrame) -> bool:
    return Scope.SANCTIONS_WRITE in frame.principal.scopes


def _typed(kind: SubjectKind) -> TypedSanction:
    form = request.form
    columns = [form.getlist(f"evidence_{name}")[:20] for name in _EVIDENCE]
    rows = [[value.strip()[:1000] for value in row] for row in zip(*columns, strict=False)]
    evidence = tuple(TypedEvidence(**dict(zip(_EVIDENCE, row, strict=True))) for row in rows if any(row))
    names = ("subject", "name", "reason_zh", "reason_en", "rule_version", "from_on", "until_on")
    plain = {name: form.get(name, "").strip()[:2000] for name in names}
    return TypedSanction(subject_kind=kind.value, evidence=evidence, **plain)


def _add_form(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    @console.route("/sanctions/new", methods=["GET", "POST"], endpoint="new_sanction")
    def new() -> AnyResponse:
        live.sanctions.page(frame.principal, SanctionFilter(), "", 1)  # raises NotAllowed for who may not even look
        kind = SubjectKind.SELLER if frame.principal.kind is OrganisationKind.PLATFORM else SubjectKind.COMPANY
        page: dict[str, Any] = {"kind": kind, "decides": may_decide(frame.principal)}
        if request.method != "POST":
            typed = TypedSanction(subject=request.args.get("subject", "")[:64])
            return frame.page("sanction_form.html", typed=typed, rows=[TypedEvidence()] * _ROWS, **page)
        typed = _typed(kind)
        try:
            made = live.sanctions.create(frame.principal, parse_sanction(typed))
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            rows = [*typed.evidence, *[TypedEvidence()] * _ROWS]
            return frame.refuse("sanction_form.html", error, typed=typed, rows=rows, **page)
        return frame.done(f"{SANCTIONS}/{made.sanction.id}", "sanction_created")


def _add_decisions(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    @console.post("/sanctions/<sanction_id>/activate", endpoint="activate_sanction")
    def activate(sanction_id: str) -> AnyResponse:
        live.sanctions.activate(frame.principal, sanction_id, request.form.get("note", ""))
        return frame.done(f"{SANCTIONS}/{sanction_id}", "sanction_activated")

    @console.post("/sanctions/<sanction_id>/decline", endpoint="decline_sanction")
    def decline(sanction_id: str) -> AnyResponse:
        live.sanctions.decline(frame.principal, sanction_id, request.form.get("note", ""))
        return frame.done(f"{SANCTIONS}/{sanction_id}", "sanction_declined")

    @console.post("/sanctions/<sanction_id>/lift", endpoint="lift_sanction")
    def lift(sanction_id: str) -> AnyResponse:
        live.sanctions.lift(frame.principal, sanction_id, request.form.get("note", ""))
        return frame.done(f"{SANCTIONS}/{sanction_id}", "sanction_lifted")


def _add_appeals(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    @console.post("/sanctions/<sanction_id>/appeal", endpoint="appeal_sanction")
    def appeal(sanction_id: str) -> AnyResponse:
        wants_person = request.form.get("wants_person") == "yes"
        try:
            live.appeals.open(frame.principal, sanction_id, request.form.get("text", ""), wants_person=wants_person)
        except Malformed as error:
            return _show(frame, live, sanction_id, error)
        return frame.done(f"{SANCTIONS}/{sanction_id}", "appeal_opened")

    @console.post("/sanction-appeals/<sanction_appeal_id>/answer", endpoint="answer_sanction_appeal")
    def answer(sanction_appeal_id: str) -> AnyResponse:
        found = live.appeals.answer(frame.principal, sanction_appeal_id, request.form.get("text", ""))
        return frame.done(f"{SANCTIONS}/{found.sanction}", "appeal_answered")

    @console.post("/sanction-appeals/<sanction_appeal_id>/close", endpoint="close_sanction_appeal")
    def close(sanction_appeal_id: str) -> AnyResponse:
        outcome = parse_outcome(request.form.get("outcome", ""))
        found = live.appeals.close(frame.principal, sanction_appeal_id, outcome, request.form.get("text", ""))
        return frame.done(f"{SANCTIONS}/{found.sanction}", "appeal_closed")


def _add_sellers(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    @console.route("/sellers", methods=["GET", "POST"], endpoint="sellers")
    def sellers() -> AnyResponse:
        found = live.sellers.page(frame.principal, request.args.get("after", ""), _PAGE + 1)
        more = urlencode({"after": found[_PAGE - 1].id}) if len(found) > _PAGE else ""
        page: dict[str, Any] = {"sellers": found[:_PAGE], "more": more, "may_write": _may_write(frame)}
        typed = {name: request.form.get(name, "").strip()[:400] for name in ("seller_id", "seller_name", "uscc")}
        if request.method != "POST":
            return frame.page("sellers.html", typed=typed, **page)
        try:
            live.sellers.put(frame.principal, typed["seller_id"], typed["seller_name"], typed["uscc"])
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("sellers.html", error, typed=typed, **page)
        return frame.done(SELLERS, "seller_kept")
