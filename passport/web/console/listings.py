# SPDX-License-Identifier: Apache-2.0
"""Listings of the reader's platform: the list with search, one listing, entering and changing, binding many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Response, redirect, request

from passport.domain.accounts import Scope
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.gate import Outcome
from passport.domain.listing_file import write_listings
from passport.domain.listings import (
    ListingFields,
    ListingFilter,
    ListingState,
    TypedListing,
    UnknownListing,
    parse_listing,
    parse_search,
)
from passport.services.listings.gatekeeper import MAX_BULK
from verifier.protocol.errors import Malformed

if TYPE_CHECKING:
    from flask import Blueprint
    from werkzeug.wrappers import Response as AnyResponse

    from passport.services.listings import Listings
    from passport.web.console.frame import ConsoleFrame

LISTINGS = "/console/listings"
_PAGE = 50


def add_listing_pages(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    """The list, export, and one listing; the rest below."""
    desk, gatekeeper = listings.desk, listings.gatekeeper

    def asked() -> ListingFilter:
        return parse_search(*(request.args.get(name, "") for name in ("state", "gtin", "q")))

    @console.get("/listings", endpoint="listings")
    def index() -> AnyResponse:
        which = asked()
        found = desk.page(frame.principal, which, request.args.get("before", ""), _PAGE + 1)
        shown = found[:_PAGE]
        query = {"state": which.state, "gtin": which.gtin, "q": which.search}
        kept = urlencode({name: value for name, value in query.items() if value})
        older = f"{LISTINGS}?{kept}{'&' if kept else ''}before={shown[-1].id}" if len(found) > _PAGE else ""
        return frame.page(
            "listings.html",
            listings=shown,
            which=which,
            counts=desk.count_by_state(frame.principal),
            states=list(ListingState),
            older=older,
            is_first="before" not in request.args,
            export=f"{LISTINGS}/export?{kept}",
            may_write=may_write(frame),
        )

    @console.get("/listings/export", endpoint="export_listings")
    def export() -> AnyResponse:
        rows = desk.export(frame.principal, asked())
        headers = {"Content-Disposition": 'attachment; filename="listings.csv"'}
        return Response(write_listings(rows), mimetype="text/csv", headers=headers)

    @console.get("/listings/<listing_id>", endpoint="listing")
    def one(listing_id: str) -> AnyResponse:
        listing = desk.get(frame.principal, listing_id)
        decisions = gatekeeper.page(frame.principal, listing_id, "", 20)
        latest = decisions[0] if decisions else None
        return frame.page(
            "listing.html",
            listing=listing,
            decision=latest,
            earlier=decisions[1:],
            appeals=listings.appeals.of_decision(frame.principal, latest.id) if latest else [],
            may_write=may_write(frame),
        )

    _add_actions(console, frame, listings)
    _add_forms(console, frame, listings)
    _add_bulk(console, frame, listings)


def _add_actions(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    """What is done to one listing."""

    @console.post("/listings/<listing_id>/delist", endpoint="delist_listing")
    def delist(listing_id: str) -> AnyResponse:
        listings.desk.delist(frame.principal, listing_id)
        return frame.done(f"{LISTINGS}/{listing_id}", "listing_delisted")

    @console.post("/listings/<listing_id>/bind", endpoint="bind_listing")
    def bind(listing_id: str) -> AnyResponse:
        outcome = listings.gatekeeper.bind(frame.principal, listing_id).decision.outcome
        if outcome == Outcome.REFUSED:  # the page says it in red: nothing was "done"
            return redirect(f"{LISTINGS}/{listing_id}", 303)
        return frame.done(f"{LISTINGS}/{listing_id}", "listing_bound")


def may_write(frame: ConsoleFrame) -> bool:
    """Whether the reader sees buttons; the services decide all the same."""
    return Scope.LISTINGS_WRITE in frame.principal.scopes


def _typed() -> TypedListing:
    form = request.form
    url, seller_id, name = (form.get(field, "").strip() for field in ("url", "seller_id", "seller_name"))
    lots, codes = (tuple(form.get(field, "")[:20_000].split()) for field in ("lots", "codes"))
    return TypedListing(url[:3000], seller_id[:200], name[:400], form.get("gtin", "").strip()[:20], lots, codes)


def _as_typed(fields: ListingFields) -> TypedListing:
    return TypedListing(fields.url, fields.seller_id, fields.seller_name, fields.gtin, fields.lots, fields.codes)


def _add_forms(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    """One form, for a new listing and for a change."""

    @console.route("/listings/new", methods=["GET", "POST"], endpoint="new_listing")
    def new() -> AnyResponse:
        listings.desk.count_by_state(frame.principal)  # raises NotAllowed for who may not even look
        page: dict[str, Any] = {"action": f"{LISTINGS}/new", "listing": None}
        if request.method != "POST":
            return frame.page("listing_form.html", typed=TypedListing(), **page)
        try:
            made = listings.desk.create(frame.principal, parse_listing(_typed()))
        except NotAllowed:
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("listing_form.html", error, typed=_typed(), **page)
        return frame.done(f"{LISTINGS}/{made.id}", "listing_created")

    @console.route("/listings/<listing_id>/edit", methods=["GET", "POST"], endpoint="edit_listing")
    def edit(listing_id: str) -> AnyResponse:
        listing = listings.desk.get(frame.principal, listing_id)
        page: dict[str, Any] = {"action": f"{LISTINGS}/{listing.id}/edit", "listing": listing}
        if request.method != "POST":
            return frame.page("listing_form.html", typed=_as_typed(listing.fields), **page)
        try:
            listings.desk.update(frame.principal, listing_id, parse_listing(_typed()))
        except (NotAllowed, UnknownListing):
            raise
        except (Malformed, AccountError) as error:
            return frame.refuse("listing_form.html", error, typed=_typed(), **page)
        return frame.done(f"{LISTINGS}/{listing.id}", "listing_updated")


def _add_bulk(console: Blueprint, frame: ConsoleFrame, listings: Listings) -> None:
    """First what the gate would say, then the same for good."""

    def chosen() -> list[str]:
        name = "shown" if request.form.get("all") == "yes" else "listing"
        found = list(dict.fromkeys(request.form.getlist(name)))
        if not 1 <= len(found) <= MAX_BULK:
            raise Malformed("bad_choice", f"Choose 1 to {MAX_BULK} listings.")
        return found

    @console.post("/listings/preview", endpoint="preview_listings")
    def preview() -> AnyResponse:
        shown = listings.gatekeeper.preview(frame.principal, chosen())
        good = [one.listing.id for one in shown if not one.decision.reasons]
        return frame.page("listings_preview.html", shown=shown, good=good, may_write=may_write(frame))

    @console.post("/listings/bind", endpoint="bind_listings")
    def bind() -> AnyResponse:
        bound = [listings.gatekeeper.bind(frame.principal, one) for one in chosen()]
        return frame.page("listings_bound.html", bound=bound)
