# SPDX-License-Identifier: Apache-2.0
"""Selection dossiers of the reader's platform: list with search, form, and the chief quality officer's decision."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, redirect, request

from passport.domain.accounts import Role, Scope
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.dossier_values import (
    BEIJING,
    Dossier,
    DossierFields,
    DossierState,
    ReportKind,
    TypedDossier,
    TypedReport,
    UnknownDossier,
    parse_dossier,
    parse_dossier_search,
)
from passport.domain.dossiers import REFUSED
from passport.services.registry import Unavailable
from verifier.dossier_document import MAX_REPORTS
from verifier.protocol.encoding import parse_decimal
from verifier.protocol.errors import Malformed
from verifier.verdict import APPEARANCE

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.domain.dossiers import DossierVerdict
    from passport.services.live import Live
    from passport.web.console.frame import ConsoleFrame

DOSSIERS = "/console/dossiers"
_PAGE = 50
_ROWS = 3  # empty rows for reports in a form
_REPORT_FIELDS = ("kind", "scheme", "number", "issued_by", "valid_from", "valid_until", "digest", "url")


def add_dossier_pages(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    """The list and one dossier; the rest below."""
    desk = live.dossiers

    @console.get("/dossiers", endpoint="dossiers")
    def index() -> AnyResponse:
        which = parse_dossier_search(*(request.args.get(name, "") for name in ("state", "q")))
        found = desk.page(frame.principal, which, request.args.get("before", ""), _PAGE + 1)
        shown = found[:_PAGE]
        query = {"state": which.state, "q": which.search}
        kept = urlencode({name: value for name, value in query.items() if value})
        older = f"{DOSSIERS}?{kept}{'&' if kept else ''}before={shown[-1].dossier.id}" if len(found) > _PAGE else ""
        return frame.page(
            "dossiers.html",
            dossiers=shown,
            which=which,
            counts=desk.count_by_state(frame.principal),
            states=[state for state in DossierState if state is not DossierState.LOGGED],
            older=older,
            is_first="before" not in request.args,
            may_write=_may_write(frame),
        )

    @console.get("/dossiers/<dossier_id>", endpoint="dossier")
    def one(dossier_id: str) -> AnyResponse:
        shown = desk.get(frame.principal, dossier_id)
        sample = shown.dossier.sample
        return frame.page(
            "dossier.html",
            shown=shown,
            dossier=shown.dossier,
            look=APPEARANCE[sample.status] if sample is not None else None,
            verdict=_preview(frame, live, shown.dossier),
            decisions=desk.decisions(frame.principal, dossier_id),
            may_write=_may_write(frame),
            may_approve=Role.CHIEF_QUALITY_OFFICER in frame.principal.roles,
            offset=BEIJING,
        )

    @console.get("/dossiers/<dossier_id>/document", endpoint="dossier_document")
    def document(dossier_id: str) -> AnyResponse:
        data = desk.document(frame.principal, dossier_id)
        headers = {"Content-Disposition": 'attachment; filename="dossier.json"'}
        return Response(data, mimetype="application/json", headers=headers)

    _add_forms(console, frame, live)
    _add_actions(console, frame, live)


def _preview(frame: ConsoleFrame, live: Live, dossier: Dossier) -> DossierVerdict | None:
    """What the rules say now; None while the ledger cannot say."""
    try:
        return live.approvals.preview(frame.principal, dossier.id)
    except Unavailable:
        return None


def _may_write(frame: ConsoleFrame) -> bool:
    """Whether the reader sees buttons; the services decide all the same."""
    return Scope.DOSSIERS_WRITE in frame.principal.scopes


def _typed() -> TypedDossier:
    form = request.form
    columns = [form.getlist(f"report_{name}")[:MAX_REPORTS] for name in _REPORT_FIELDS]
    rows = [TypedReport(**dict(zip(_REPORT_FIELDS, row, strict=True))) for row in zip(*columns, strict=False)]
    names = ("room_id", "room_name", "session_at", "item_title", "gtin", "lot", "seller_id", "seller_name")
    plain = {name: form.get(name, "").strip()[:1000] for name in names}
    kept = tuple(_clean(row) for row in rows if not row.is_empty)
    return TypedDossier(**plain, reports=kept, sample_code=form.get("sample_code", "")[:2000])


def _clean(row: TypedReport) -> TypedReport:
    """Without spaces at the ends; a scheme that stands beside another kind of report is nobody's."""
    row = TypedReport(**{name: getattr(row, name).strip()[:1000] for name in _REPORT_FIELDS})
    return row if row.kind == ReportKind.CERTIFICATE else replace(row, scheme="")


def _as_typed(fields: DossierFields) -> TypedDossier:
    reports = tuple(
        TypedReport(
            kind=report.kind,
            number=report.number,
            issued_by=report.issued_by,
            valid_from=report.valid_from.isoformat(),
            valid_until=report.valid_until.isoformat(),
            scheme=report.scheme,
            digest=report.digest,
            url=report.url,
        )
        for report in fields.reports
    )
    return TypedDossier(
        room_id=fields.room_id,
        room_name=fields.room_name,
        session_at=(fields.session_at + BEIJING).strftime("%Y-%m-%dT%H:%M"),
        item_title=fields.item_title,
        gtin=fields.gtin,
        lot=fields.lot,
        seller_id=fields.seller_id,
        seller_name=fields.seller_name,
        reports=reports,
        sample_code=fields.sample_code,
    )


def _rows(typed: TypedDossier, more: int = _ROWS) -> list[TypedReport]:
    """The reports of a form with a few empty ones behind them."""
    return [*typed.reports, *[TypedReport()] * min(more, MAX_REPORTS - len(typed.reports))]


def _add_forms(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    """One form, for a new dossier and for a change. `more` asks for empty rows and keeps nothing."""

    def form(typed: TypedDossier, error: AccountError | Malformed | None = None, **page: Any) -> AnyResponse:
        more = _ROWS * 2 if "more" in request.form else _ROWS
        page |= {"typed": typed, "rows": _rows(typed, more), "kinds": list(ReportKind)}
        if error is None:
            return frame.page("dossier_form.html", **page)
        return frame.refuse("dossier_form.html", error, **page)

    @console.route("/dossiers/new", methods=["GET", "POST"], endpoint="new_dossier")
    def new() -> AnyResponse:
        live.dossiers.count_by_state(frame.principal)  # raises NotAllowed for who may not even look
        page: dict[str, Any] = {"action": f"{DOSSIERS}/new", "dossier": None}
        if request.method != "POST":
            return form(TypedDossier(), **page)
        if "more" in request.form:
            return form(_typed(), **page)
        try:
            made = live.dossiers.create(frame.principal, parse_dossier(_typed()))
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            return form(_typed(), error, **page)
        return frame.done(f"{DOSSIERS}/{made.dossier.id}", "dossier_created")

    @console.route("/dossiers/<dossier_id>/edit", methods=["GET", "POST"], endpoint="edit_dossier")
    def edit(dossier_id: str) -> AnyResponse:
        dossier = live.dossiers.get(frame.principal, dossier_id).dossier
        page: dict[str, Any] = {"action": f"{DOSSIERS}/{dossier.id}/edit", "dossier": dossier}
        if request.method != "POST":
            return form(_as_typed(dossier.fields), **page)
        if "more" in request.form:
            return form(_typed(), **page)
        try:
            live.dossiers.update(frame.principal, dossier_id, parse_dossier(_typed()))
        except (NotAllowed, UnknownDossier):
            raise
        except (Malformed, AccountError) as error:
            return form(_typed(), error, **page)
        return frame.done(f"{DOSSIERS}/{dossier.id}", "dossier_updated")


def _add_actions(console: Blueprint, frame: ConsoleFrame, live: Live) -> None:
    """What is done to one dossier. The decision names the revision that the page showed."""

    def revision() -> int:
        return parse_decimal(request.form.get("revision", "")[:16])

    @console.post("/dossiers/<dossier_id>/submit", endpoint="submit_dossier")
    def submit(dossier_id: str) -> AnyResponse:
        live.dossiers.submit(frame.principal, dossier_id)
        return frame.done(f"{DOSSIERS}/{dossier_id}", "dossier_submitted")

    @console.post("/dossiers/<dossier_id>/approve", endpoint="approve_dossier")
    def approve(dossier_id: str) -> AnyResponse:
        said = request.form.get("note", "")
        decision = live.approvals.approve(frame.principal, dossier_id, revision(), said)
        if decision.outcome == REFUSED:  # the page lists the reasons: nothing was "done"
            return redirect(f"{DOSSIERS}/{dossier_id}", 303)
        return frame.done(f"{DOSSIERS}/{dossier_id}", "dossier_approved")

    @console.post("/dossiers/<dossier_id>/reject", endpoint="reject_dossier")
    def reject(dossier_id: str) -> AnyResponse:
        live.approvals.reject(frame.principal, dossier_id, revision(), request.form.get("note", ""))
        return frame.done(f"{DOSSIERS}/{dossier_id}", "dossier_rejected")
