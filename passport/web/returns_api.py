# SPDX-License-Identifier: Apache-2.0
"""The return of a recall over the API: public figures, and what organisations report with a token. docs/returns.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.domain.accounts_errors import InvalidToken
from passport.domain.returns import (
    Affected,
    Recovery,
    Remedy,
    ReturnFigures,
    parse_recall_name,
    unknown_recall,
)
from passport.services.returns.desk import TypedRecovery
from passport.web.api import return_operations as operations
from passport.web.api.pagination import link_next, read_page_request
from passport.web.listing_values import answer, before
from passport.web.principals import get_principal
from verifier import return_types as types
from verifier.web.api.operations import declare
from verifier.web.bodies import read_value
from verifier.web.headers import allow_any_origin

if TYPE_CHECKING:
    from passport.domain.accounts import Principal
    from passport.services.returns import Returns

_ADDRESS = "/recalls/<issuer>/<number>"


def make_returns_blueprint(returns: Returns | None) -> Blueprint:
    """Without `returns` there is no recall, and no token is good."""
    api = Blueprint("returns_api", __name__, url_prefix="/api/v1")

    @api.get(f"{_ADDRESS}/returns")
    @declare(operations.FIND_RETURNS)
    def find_returns(issuer: str, number: str) -> Response:
        recall_id = parse_recall_name(issuer, number)
        if returns is None:
            raise unknown_recall()
        return allow_any_origin(answer(_figures(returns.desk.figures(recall_id))))

    _add_reports(api, returns)
    return api


def _add_reports(api: Blueprint, returns: Returns | None) -> None:
    def begin() -> tuple[Principal, Returns]:
        principal = get_principal(request)
        if returns is None:
            raise InvalidToken
        return principal, returns

    @api.get(f"{_ADDRESS}/recovered")
    @declare(operations.LIST_RECOVERED)
    def list_recovered(issuer: str, number: str) -> Response:
        principal, use_cases = begin()
        recall_id, asked = parse_recall_name(issuer, number), read_page_request("recovered")
        found = use_cases.desk.recoveries(principal, recall_id, before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.id,))
        shown = types.RecoveryPage(tuple(map(_recovery, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)

    @api.post(f"{_ADDRESS}/recovered")
    @declare(operations.REPORT_RECOVERED)
    def report_recovered(issuer: str, number: str) -> Response:
        principal, use_cases = begin()
        recall_id, sent = parse_recall_name(issuer, number), read_value(request, types.RecoveryInput)
        typed = TypedRecovery(sent.count, sent.on, sent.lot or "", sent.note or "")
        return answer(_recovery(use_cases.desk.report_recovered(principal, recall_id, typed)), 201)

    @api.post(f"{_ADDRESS}/affected")
    @declare(operations.DECLARE_AFFECTED)
    def declare_affected(issuer: str, number: str) -> Response:
        principal, use_cases = begin()
        recall_id, sent = parse_recall_name(issuer, number), read_value(request, types.AffectedInput)
        made = use_cases.desk.declare_affected(principal, recall_id, sent.count, sent.reason)
        return answer(_affected(made), 201)


def _figures(found: ReturnFigures) -> types.ReturnFiguresInfo:
    rate = found.rate
    return types.ReturnFiguresInfo(
        recall_id=found.facts.record.recall_id,
        at=found.at,
        ledger_size=found.facts.size,
        codes_in_ledger=found.facts.codes,
        affected=rate.affected or 0,
        confirmed_by_consumers=types.Confirmed(found.confirmed[Remedy.REMEDIED], found.confirmed[Remedy.RETURNED]),
        recovered=rate.recovered,
        beyond=rate.beyond,
        rate_basis_points=rate.basis_points,
        declared=None if found.declared is None else _affected(found.declared),
    )


def _recovery(report: Recovery) -> types.RecoveryInfo:
    return types.RecoveryInfo(
        id=report.id,
        recall_id=report.recall_id,
        count=report.count,
        on=report.on,
        note=report.note,
        reported_at=report.at,
        lot=report.lot or None,
    )


def _affected(declared: Affected) -> types.AffectedInfo:
    return types.AffectedInfo(declared.organisation, declared.at, declared.reason, declared.count)
