# SPDX-License-Identifier: Apache-2.0
"""What programs send and ask about dossiers, sanctions and sellers, with a token. docs/live-commerce.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from passport.domain.accounts_errors import InvalidToken
from passport.domain.appeals import parse_outcome
from passport.domain.dossier_values import parse_dossier_search
from passport.domain.sanctions import parse_sanction_search
from passport.web import live_values as values
from passport.web.api import live_operations as operations
from passport.web.api.pagination import link_next, read_page_request
from passport.web.listing_values import answer, before
from passport.web.principals import get_principal
from verifier.listing_types import AppealAnswer, AppealClosing, AppealInput
from verifier.live_types import DossierInput, DossierPage, SanctionInput, SanctionPage, SellerInput, SellerPage
from verifier.protocol.errors import Malformed
from verifier.web.api.operations import declare
from verifier.web.bodies import read_value

if TYPE_CHECKING:
    from passport.domain.accounts import Principal
    from passport.services.live import Live


def make_live_blueprint(live: Live | None) -> Blueprint:
    """Without `live` there are no accounts either, so no token is good and every call is 401."""
    api = Blueprint("live_api", __name__, url_prefix="/api/v1")
    asker = Asker(live)
    _add_dossiers(api, asker)
    _add_sanctions(api, asker)
    _add_appeals(api, asker)
    _add_sellers(api, asker)
    return api


class Asker:
    """Who asks, and the use cases."""

    def __init__(self, live: Live | None) -> None:
        self._live = live

    def begin(self) -> tuple[Principal, Live]:
        """Raises InvalidToken."""
        principal = get_principal(request)
        if self._live is None:
            raise InvalidToken
        return principal, self._live


def _one(name: str, *, may_be_empty: bool = False) -> str:
    """A parameter of the query, once at most; "" if it is not there. Raises Malformed: bad_state, bad_q."""
    found = request.args.getlist(name)
    if len(found) > 1 or (found == [""] and not may_be_empty):
        raise Malformed(f"bad_{name}", f"Give {name} once, with a value, or leave it out.")
    return found[0] if found else ""


def _created(value: object, address: str) -> Response:
    response = answer(value, 201)
    response.headers["Location"] = address
    return response


def _add_dossiers(api: Blueprint, asker: Asker) -> None:
    @api.post("/dossiers")
    @declare(operations.CREATE_DOSSIER)
    def create_dossier() -> Response:
        principal, live = asker.begin()
        made = live.dossiers.create(principal, values.read_dossier(read_value(request, DossierInput)))
        return _created(values.dossier(made), f"/api/v1/dossiers/{made.dossier.id}")

    @api.get("/dossiers")
    @declare(operations.LIST_DOSSIERS)
    def list_dossiers() -> Response:
        principal, live = asker.begin()
        asked = read_page_request("dossiers")
        which = parse_dossier_search(_one("state"), _one("q", may_be_empty=True))
        found = live.dossiers.page(principal, which, before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.dossier.id,))
        shown = DossierPage(tuple(map(values.dossier, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)

    @api.get("/dossiers/<dossier>")
    @declare(operations.FIND_DOSSIER)
    def find_dossier(dossier: str) -> Response:
        principal, live = asker.begin()
        found = live.dossiers.get(principal, dossier)
        return answer(values.dossier(found, live.dossiers.decisions(principal, dossier)))

    @api.put("/dossiers/<dossier>")
    @declare(operations.UPDATE_DOSSIER)
    def update_dossier(dossier: str) -> Response:
        principal, live = asker.begin()
        sent = values.read_dossier(read_value(request, DossierInput))
        return answer(values.dossier(live.dossiers.update(principal, dossier, sent)))

    @api.post("/dossiers/<dossier>/submit")
    @declare(operations.SUBMIT_DOSSIER)
    def submit_dossier(dossier: str) -> Response:
        principal, live = asker.begin()
        return answer(values.dossier(live.dossiers.submit(principal, dossier)))

    @api.get("/dossiers/<dossier>/document")
    @declare(operations.FETCH_DOSSIER_DOCUMENT)
    def fetch_dossier_document(dossier: str) -> Response:
        principal, live = asker.begin()
        return Response(live.dossiers.document(principal, dossier), mimetype=operations.DOCUMENT)


def _add_sanctions(api: Blueprint, asker: Asker) -> None:
    @api.post("/sanctions")
    @declare(operations.PROPOSE_SANCTION)
    def propose_sanction() -> Response:
        principal, live = asker.begin()
        made = live.sanctions.create(principal, values.read_sanction(read_value(request, SanctionInput)))
        return _created(values.sanction(made), f"/api/v1/sanctions/{made.sanction.id}")

    @api.get("/sanctions")
    @declare(operations.LIST_SANCTIONS)
    def list_sanctions() -> Response:
        principal, live = asker.begin()
        asked = read_page_request("sanctions")
        which = parse_sanction_search(_one("state"), _one("q", may_be_empty=True))
        found = live.sanctions.page(principal, which, before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.sanction.id,))
        shown = SanctionPage(tuple(map(values.sanction, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)

    @api.get("/sanctions/<sanction>")
    @declare(operations.FIND_SANCTION)
    def find_sanction(sanction: str) -> Response:
        principal, live = asker.begin()
        found = live.sanctions.get(principal, sanction)
        history = live.sanctions.history(principal, sanction)
        return answer(values.sanction(found, history, live.appeals.of_sanction(principal, sanction)))


def _add_appeals(api: Blueprint, asker: Asker) -> None:
    @api.post("/sanctions/<sanction>/appeals")
    @declare(operations.OPEN_SANCTION_APPEAL)
    def open_sanction_appeal(sanction: str) -> Response:
        principal, live = asker.begin()
        sent = read_value(request, AppealInput)
        made = live.appeals.open(principal, sanction, sent.text, wants_person=sent.wants_person)
        return _created(values.appeal(made), f"/api/v1/sanction-appeals/{made.id}")

    @api.get("/sanction-appeals/<sanction_appeal>")
    @declare(operations.FIND_SANCTION_APPEAL)
    def find_sanction_appeal(sanction_appeal: str) -> Response:
        principal, live = asker.begin()
        return answer(values.appeal(live.appeals.get(principal, sanction_appeal)))

    @api.post("/sanction-appeals/<sanction_appeal>/answers")
    @declare(operations.ANSWER_SANCTION_APPEAL)
    def answer_sanction_appeal(sanction_appeal: str) -> Response:
        principal, live = asker.begin()
        sent = read_value(request, AppealAnswer)
        return answer(values.appeal(live.appeals.answer(principal, sanction_appeal, sent.text)))

    @api.post("/sanction-appeals/<sanction_appeal>/close")
    @declare(operations.CLOSE_SANCTION_APPEAL)
    def close_sanction_appeal(sanction_appeal: str) -> Response:
        principal, live = asker.begin()
        sent = read_value(request, AppealClosing)
        return answer(
            values.appeal(live.appeals.close(principal, sanction_appeal, parse_outcome(sent.outcome), sent.text))
        )


def _add_sellers(api: Blueprint, asker: Asker) -> None:
    @api.put("/sellers")
    @declare(operations.PUT_SELLER)
    def put_seller() -> Response:
        principal, live = asker.begin()
        sent = read_value(request, SellerInput)
        return answer(values.seller(live.sellers.put(principal, sent.id, sent.name, sent.uscc)))

    @api.get("/sellers")
    @declare(operations.LIST_SELLERS)
    def list_sellers() -> Response:
        principal, live = asker.begin()
        asked = read_page_request("sellers")
        found = live.sellers.page(principal, before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.id,))
        shown = SellerPage(tuple(map(values.seller, page.items)), page.next_cursor)
        return link_next(answer(shown), asked, page.next_cursor)
