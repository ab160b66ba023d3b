# SPDX-License-Identifier: Apache-2.0
"""What platforms' programs send and ask about listings, with a token. docs/listings.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from passport.domain.accounts_errors import InvalidToken
from passport.domain.appeals import parse_outcome
from passport.domain.listing_file import MAX_FILE_SIZE
from passport.domain.listings import ListingFields, TypedListing, parse_listing, parse_search
from passport.web import listing_values as values
from passport.web.api import listing_operations as operations
from passport.web.api.pagination import link_next, read_page_request
from passport.web.principals import get_principal
from verifier.listing_types import (
    AppealAnswer,
    AppealClosing,
    AppealInput,
    DecisionPage,
    ListingInput,
    ListingPage,
)
from verifier.protocol.errors import Malformed
from verifier.web.api.operations import declare
from verifier.web.bodies import read_value

if TYPE_CHECKING:
    from passport.domain.accounts import Principal
    from passport.services.listings import Listings

_PIECE = 64 * 1024


def make_listings_blueprint(listings: Listings | None) -> Blueprint:
    """Without `listings` there are no accounts either, so no token is good and every call is 401."""
    api = Blueprint("listings_api", __name__, url_prefix="/api/v1")
    asker = Asker(listings)
    _add_listings(api, asker)
    _add_gate(api, asker)
    _add_appeals(api, asker)
    _add_imports(api, asker)
    return api


class Asker:
    """Who asks, and the use cases."""

    def __init__(self, listings: Listings | None) -> None:
        self._listings = listings

    def begin(self) -> tuple[Principal, Listings]:
        """Raises InvalidToken."""
        principal = get_principal(request)
        if self._listings is None:
            raise InvalidToken
        return principal, self._listings


def _one(name: str, *, may_be_empty: bool = False) -> str:
    """A parameter of the query, once at most; "" if it is not there. Raises Malformed: bad_state, bad_gtin, bad_q."""
    found = request.args.getlist(name)
    if len(found) > 1 or (found == [""] and not may_be_empty):
        raise Malformed(f"bad_{name}", f"Give {name} once, with a value, or leave it out.")
    return found[0] if found else ""


def _read_listing() -> ListingFields:
    sent = read_value(request, ListingInput)
    seller = sent.seller
    return parse_listing(TypedListing(sent.url, seller.id, seller.name, sent.gtin, sent.lots or (), sent.codes or ()))


def _add_listings(api: Blueprint, asker: Asker) -> None:
    @api.post("/listings")
    @declare(operations.CREATE_LISTING)
    def create() -> Response:
        principal, listings = asker.begin()
        made = listings.desk.create(principal, _read_listing())
        response = values.answer(values.listing(made), 201)
        response.headers["Location"] = f"/api/v1/listings/{made.id}"
        return response

    @api.get("/listings")
    @declare(operations.LIST_LISTINGS)
    def index() -> Response:
        principal, listings = asker.begin()
        asked = read_page_request("listings")
        which = parse_search(_one("state"), _one("gtin"), _one("q", may_be_empty=True))
        found = listings.desk.page(principal, which, values.before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.id,))
        shown = ListingPage(tuple(map(values.listing, page.items)), page.next_cursor)
        return link_next(values.answer(shown), asked, page.next_cursor)

    @api.get("/listings/<listing>")
    @declare(operations.FIND_LISTING)
    def find(listing: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.listing(listings.desk.get(principal, listing)))

    @api.put("/listings/<listing>")
    @declare(operations.UPDATE_LISTING)
    def update(listing: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.listing(listings.desk.update(principal, listing, _read_listing())))

    @api.post("/listings/<listing>/delist")
    @declare(operations.DELIST_LISTING)
    def delist(listing: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.listing(listings.desk.delist(principal, listing)))


def _add_gate(api: Blueprint, asker: Asker) -> None:
    @api.post("/listings/<listing>/bind")
    @declare(operations.BIND_LISTING)
    def bind(listing: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.decision(listings.gatekeeper.bind(principal, listing).decision))

    @api.get("/listings/<listing>/decisions")
    @declare(operations.LIST_DECISIONS)
    def decisions(listing: str) -> Response:
        principal, listings = asker.begin()
        asked = read_page_request("decisions")
        found = listings.gatekeeper.page(principal, listing, values.before(asked), asked.limit + 1)
        page = asked.cut(found, lambda one: (one.id,))
        shown = DecisionPage(tuple(map(values.decision, page.items)), page.next_cursor)
        return link_next(values.answer(shown), asked, page.next_cursor)

    @api.get("/decisions/<decision>")
    @declare(operations.FIND_DECISION)
    def find_decision(decision: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.decision(listings.gatekeeper.get_decision(principal, decision)))


def _add_appeals(api: Blueprint, asker: Asker) -> None:
    @api.post("/decisions/<decision>/appeals")
    @declare(operations.OPEN_APPEAL)
    def open_appeal(decision: str) -> Response:
        principal, listings = asker.begin()
        sent = read_value(request, AppealInput)
        made = listings.appeals.open(principal, decision, sent.text, wants_person=sent.wants_person)
        response = values.answer(values.appeal(made), 201)
        response.headers["Location"] = f"/api/v1/appeals/{made.id}"
        return response

    @api.get("/appeals/<appeal>")
    @declare(operations.FIND_APPEAL)
    def find_appeal(appeal: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.appeal(listings.appeals.get(principal, appeal)))

    @api.post("/appeals/<appeal>/answers")
    @declare(operations.ANSWER_APPEAL)
    def answer_appeal(appeal: str) -> Response:
        principal, listings = asker.begin()
        sent = read_value(request, AppealAnswer)
        return values.answer(values.appeal(listings.appeals.answer(principal, appeal, sent.text)))

    @api.post("/appeals/<appeal>/close")
    @declare(operations.CLOSE_APPEAL)
    def close_appeal(appeal: str) -> Response:
        principal, listings = asker.begin()
        sent = read_value(request, AppealClosing)
        closed = listings.appeals.close(principal, appeal, parse_outcome(sent.outcome), sent.text)
        return values.answer(values.appeal(closed))


def _add_imports(api: Blueprint, asker: Asker) -> None:
    @api.post("/listing-imports")
    @declare(operations.UPLOAD_IMPORT)
    def upload() -> Response:
        principal, listings = asker.begin()  # before the body: strangers may not send us 32 MiB
        request.max_content_length = MAX_FILE_SIZE
        if request.mimetype != operations.CSV:
            raise UnsupportedMediaType(f"Send the body as {operations.CSV}.")
        made = listings.imports.upload(principal, request.args.get("name", ""), _pieces())
        response = values.answer(values.listing_import(made), 202)
        response.headers["Location"] = f"/api/v1/listing-imports/{made.id}"
        return response

    @api.get("/listing-imports/<import_id>")
    @declare(operations.FIND_IMPORT)
    def find_import(import_id: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.listing_import(listings.imports.get(principal, import_id)))

    @api.post("/listing-imports/<import_id>/run")
    @declare(operations.RUN_IMPORT)
    def run(import_id: str) -> Response:
        principal, listings = asker.begin()
        return values.answer(values.listing_import(listings.imports.run(principal, import_id)), 202)


def _pieces() -> Iterator[bytes]:
    while piece := request.stream.read(_PIECE):
        yield piece
