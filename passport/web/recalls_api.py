# SPDX-License-Identifier: Apache-2.0
"""What platforms' and authorities' programs ask and report about recalls, with a token. docs/recalls.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.domain.accounts_errors import InvalidToken
from passport.domain.recall_cases import parse_chosen, parse_measure_kind, parse_measure_text, parse_notice_url
from passport.web import recall_values as values
from passport.web.api import recall_operations as operations
from passport.web.api.pagination import link_next, read_page_request
from passport.web.listing_values import answer, before
from passport.web.principals import get_principal
from verifier.protocol.errors import Malformed
from verifier.recall_types import CaseListingPage, DelistedInput, MeasureInput, NoticeInput, RecallCasePage
from verifier.web.api.operations import declare
from verifier.web.bodies import read_value

if TYPE_CHECKING:
    from passport.domain.accounts import Principal
    from passport.services.recalls import Recalls


def make_recalls_blueprint(recalls: Recalls | None) -> Blueprint:
    """Without `recalls` there are no accounts either, so no token is good and every call is 401."""
    api = Blueprint("recalls_api", __name__, url_prefix="/api/v1")

    def begin() -> tuple[Principal, Recalls]:
        principal = get_principal(request)
        if recalls is None:
            raise InvalidToken
        return principal, recalls

    _add_cases(api, begin)
    _add_reports(api, begin)
    _add_board(api, begin)
    return api


if TYPE_CHECKING:
    from collections.abc import Callable

    Begin = Callable[[], tuple[Principal, Recalls]]


def _one(name: str) -> str:
    """A parameter of the query, once at most; "" if it is not there. Raises Malformed: bad_state, bad_recall."""
    found = request.args.getlist(name)
    if len(found) > 1 or found == [""]:
        raise Malformed(f"bad_{name}", f"Give {name} once, with a value, or leave it out.")
    return found[0] if found else ""


def _add_cases(api: Blueprint, begin: Begin) -> None:
    @api.get("/recall-cases")
    @declare(operations.LIST_CASES)
    def index() -> Response:
        principal, recalls = begin()
        asked = read_page_request("recall-cases")
        state = _one("state") or "all"
        if state not in ("open", "closed", "all"):
            raise Malformed("bad_state", "A case is open or closed; ask for open, closed or all.")
        found = recalls.desk.page(principal, before(asked), asked.limit + 1, state)
        page = asked.cut(found, lambda one: (one.case.id,))
        shown = RecallCasePage(tuple(map(values.case, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)

    @api.get("/recall-cases/<case>")
    @declare(operations.FIND_CASE)
    def find(case: str) -> Response:
        principal, recalls = begin()
        return answer(values.case(recalls.desk.get(principal, case)))

    @api.get("/recall-cases/<case>/listings")
    @declare(operations.LIST_CASE_LISTINGS)
    def listings(case: str) -> Response:
        principal, recalls = begin()
        asked = read_page_request("case-listings")
        found = recalls.desk.listings(principal, case, before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.listing,))
        shown = CaseListingPage(tuple(map(values.listing, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)


def _add_reports(api: Blueprint, begin: Begin) -> None:
    @api.post("/recall-cases/<case>/acknowledge")
    @declare(operations.ACKNOWLEDGE)
    def acknowledge(case: str) -> Response:
        principal, recalls = begin()
        return answer(values.case(recalls.desk.acknowledge(principal, case)))

    @api.post("/recall-cases/<case>/notice")
    @declare(operations.REPORT_NOTICE)
    def notice(case: str) -> Response:
        principal, recalls = begin()
        sent = read_value(request, NoticeInput)
        chosen = parse_chosen(sent.listings, are_all=bool(sent.all))
        return answer(values.report(recalls.desk.report_notice(principal, case, chosen, parse_notice_url(sent.url))))

    @api.post("/recall-cases/<case>/delisted")
    @declare(operations.REPORT_DELISTED)
    def delisted(case: str) -> Response:
        principal, recalls = begin()
        sent = read_value(request, DelistedInput)
        chosen = parse_chosen(sent.listings, are_all=bool(sent.all))
        return answer(values.report(recalls.desk.report_delisted(principal, case, chosen)))

    @api.post("/recall-cases/<case>/measures")
    @declare(operations.REPORT_MEASURE)
    def measure(case: str) -> Response:
        principal, recalls = begin()
        sent = read_value(request, MeasureInput)
        kind, text = parse_measure_kind(sent.kind), parse_measure_text(sent.text or "")
        return answer(values.measure(recalls.desk.add_measure(principal, case, sent.seller_id, kind, text)), 201)


def _add_board(api: Blueprint, begin: Begin) -> None:
    @api.get("/recall-board")
    @declare(operations.SHOW_BOARD)
    def board() -> Response:
        principal, recalls = begin()
        return answer(values.board(recalls.board.show(principal, _one("recall"))))

    @api.get("/recall-board/csv")
    @declare(operations.EXPORT_CSV)
    def export_csv() -> Response:
        principal, recalls = begin()
        return attachment(b"".join(recalls.board.export_csv(principal, _one("recall"))), operations.CSV)

    @api.get("/recall-board/evidence")
    @declare(operations.EXPORT_EVIDENCE)
    def export_evidence() -> Response:
        principal, recalls = begin()
        return attachment(recalls.board.export_bundle(principal, _one("recall")), operations.ZIP)


def attachment(data: bytes, media_type: str) -> Response:
    """A board to be saved."""
    name = "recall-board.zip" if media_type == operations.ZIP else "recall-board.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(data, mimetype=media_type, headers=headers)
