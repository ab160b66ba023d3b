# SPDX-License-Identifier: Apache-2.0
"""The return of recalls in the console: the figures, and the forms of those who may report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import request

from passport.domain.accounts import Scope
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.returns import (
    BASIS_POINTS,
    Remedy,
    ReturnFigures,
    UnknownRecall,
    parse_recall_name,
)
from passport.services.returns.desk import TypedRecovery, may_declare, may_recover
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import parse_date

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.returns import Returns
    from passport.web.console.frame import ConsoleFrame

RETURNS = "/console/returns"
_OWN = 50
_BAR = 1000


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of 1000 units: what consumers confirmed, then what was recovered. What is beyond is cut off."""

    remedied: int
    recovered: int


def make_bar(figures: ReturnFigures) -> Bar:
    """Pure; an affected number of 0 gives an empty bar."""
    rate = figures.rate
    if not rate.affected:
        return Bar(0, 0)
    remedied = min(_BAR, rate.remedied * _BAR // rate.affected)
    return Bar(remedied, min(_BAR - remedied, rate.recovered * _BAR // rate.affected))


def show_percent(figures: ReturnFigures) -> str:
    """Such as "12.34 %"; "" if it is not known. Rounded down, as everywhere."""
    points = figures.rate.basis_points
    return "" if points is None else f"{points // 100}.{points % 100:02} %" if points < BASIS_POINTS else "100 %"


def add_return_pages(console: Blueprint, frame: ConsoleFrame, returns: Returns) -> None:
    """A list, a page for each recall, two forms."""
    desk = returns.desk

    def shown(recall_id: str) -> dict[str, Any]:
        principal, figures = frame.principal, desk.figures(recall_id)
        may_report = Scope.RECALLS_REPORT in principal.scopes
        return {
            "one": figures,
            "percent": show_percent(figures),
            "line": make_bar(figures),
            "consumers": {remedy.value: figures.confirmed[remedy] for remedy in Remedy},
            "reports": desk.recoveries(principal, recall_id, "", _OWN),
            "address": f"{RETURNS}/{recall_id}",
            "may_report": may_report and may_recover(principal, figures.facts),
            "may_declare": may_report and may_declare(principal, figures.facts),
            "typed": {},
        }

    @console.get("/returns", endpoint="returns")
    def index() -> AnyResponse:
        found = desk.recalls_of(frame.principal)
        rows = [(one, show_percent(one), make_bar(one), f"{RETURNS}/{one.facts.record.recall_id}") for one in found]
        return frame.page("returns.html", rows=rows)

    @console.get("/returns/<issuer>/<number>", endpoint="return_of_recall")
    def one(issuer: str, number: str) -> AnyResponse:
        return frame.page("return.html", **shown(parse_recall_name(issuer, number)))

    @console.post("/returns/<issuer>/<number>/recovered", endpoint="report_recovered")
    def recovered(issuer: str, number: str) -> AnyResponse:
        recall_id = parse_recall_name(issuer, number)
        try:
            desk.report_recovered(frame.principal, recall_id, _typed_recovery())
        except (NotAllowed, UnknownRecall):
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("return.html", error, **shown(recall_id) | {"typed": _typed()})
        return frame.done(f"{RETURNS}/{recall_id}", "returns_reported")

    @console.post("/returns/<issuer>/<number>/affected", endpoint="declare_affected")
    def affected(issuer: str, number: str) -> AnyResponse:
        recall_id, text = parse_recall_name(issuer, number), request.form.get("affected", "").strip()
        try:
            count = _parse_number(text) if text else None
            desk.declare_affected(frame.principal, recall_id, count, request.form.get("reason", ""))
        except (NotAllowed, UnknownRecall):
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("return.html", error, **shown(recall_id) | {"typed": _typed()})
        return frame.done(f"{RETURNS}/{recall_id}", "returns_declared")


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "")[:1000] for name in ("count", "on", "lot", "note", "affected", "reason")}


def _typed_recovery() -> TypedRecovery:
    """Raises Malformed: bad_count, bad_date."""
    typed = _typed()
    day: date = parse_date(typed["on"].strip())
    return TypedRecovery(_parse_number(typed["count"].strip()), day, typed["lot"].strip(), typed["note"])


def _parse_number(text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12):
        raise Malformed("bad_count", "A count is written in digits.")
    return -int(digits) if text.startswith("-") else int(digits)
