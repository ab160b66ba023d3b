# SPDX-License-Identifier: Apache-2.0
"""Listings, binding and appeals over both databases: states, what is kept, what a recall touches; hostile fields."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from passport.domain.accounts_audit import AuditFilter
from passport.domain.appeals import AppealOutcome
from passport.domain.listing_file import Line, protect, read_header, read_row, write_listings
from passport.domain.listings import (
    ListingConflict,
    ListingFilter,
    ListingState,
    TypedListing,
    parse_listing,
    parse_listing_url,
)
from passport.services.registry import Unavailable
from tests.support.listings import GOOD, GTIN, Market, fields
from verifier.protocol.errors import Malformed


def test_a_listing_lives_from_draft_to_bound_to_stopped(market: Market) -> None:
    shop, desk, gatekeeper = market.cast.shop.principal, market.listings.desk, market.listings.gatekeeper
    listing = desk.create(shop, fields())
    assert listing.state is ListingState.DRAFT
    bound = gatekeeper.bind(shop, listing.id)
    assert (bound.listing.state, bound.decision.outcome, bound.decision.rule_version) == ("bound", "bound", "gate/2")
    market.refuse_by_recall()
    refused = gatekeeper.bind(shop, listing.id)
    assert refused.listing.state is ListingState.REFUSED
    assert [(one.code, one.ledger_index) for one in refused.decision.reasons] == [("open_recall", 31)]
    assert gatekeeper.get_decision(shop, bound.decision.id) == bound.decision, "the first decision stays as it was"
    assert [one.id for one in gatekeeper.page(shop, listing.id, "", 9)] == [refused.decision.id, bound.decision.id]
    desk.delist(shop, listing.id)
    assert gatekeeper.bind(shop, listing.id).listing.state is ListingState.DELISTED, "relisting is blocked"
    market.ledger.facts = GOOD
    assert gatekeeper.bind(shop, listing.id).listing.state is ListingState.BOUND
    assert desk.update(shop, listing.id, fields(lots=())).state is ListingState.DRAFT
    events = market.site.accounts.audit_trail.page(shop, AuditFilter()).events
    assert ("listing.refused", "open_recall") in [(event.act.action, event.act.outcome) for event in events]


def test_without_a_ledger_nothing_is_decided(market: Market) -> None:
    shop = market.cast.shop.principal
    listing = market.listings.desk.create(shop, fields())
    market.ledger.is_down = True
    with pytest.raises(Unavailable):
        market.listings.gatekeeper.bind(shop, listing.id)
    assert market.listings.gatekeeper.page(shop, listing.id, "", 9) == []


def test_an_address_belongs_to_one_listing_of_a_platform_and_to_others_of_others(market: Market) -> None:
    shop, desk = market.cast.shop.principal, market.listings.desk
    first, second = market.add(2)
    with pytest.raises(ListingConflict, match="this address"):
        desk.create(shop, fields(1))
    with pytest.raises(ListingConflict, match="this address"):
        desk.update(shop, second.id, fields(1))
    assert desk.create(market.rival.principal, fields(1)).id != first.id


def test_search_finds_by_state_gtin_and_text_and_takes_wildcards_for_what_they_are(market: Market) -> None:
    shop, desk = market.cast.shop.principal, market.listings.desk
    list(market.add(3))
    odd = desk.create(shop, replace(fields(7), seller_name="100%_<script>"))

    def found(**which: str) -> list[str]:
        return [one.id for one in desk.page(shop, ListingFilter(**which), "", 99)]

    assert found(search="100%_") == found(search="<SCRIPT>") == [odd.id]
    assert len(found(search="ITEM/")) == len(found(gtin=GTIN)) == len(found(state="draft")) == 4
    assert found(search="%") == [odd.id] and found(state="bound") == []
    assert len(found(search=GTIN.lstrip("0"))) == 4


def test_one_appeal_at_a_time_and_a_closed_one_stays(market: Market) -> None:
    shop, appeals = market.cast.shop.principal, market.listings.appeals
    listing = market.listings.desk.create(shop, fields())
    bound = market.listings.gatekeeper.bind(shop, listing.id).decision
    with pytest.raises(ListingConflict, match="not a refusal"):
        appeals.open(shop, bound.id, "why", wants_person=False)
    market.refuse_by_recall()
    refused = market.listings.gatekeeper.bind(shop, listing.id).decision
    appeal = appeals.open(shop, refused.id, "The recall\r\nis closed.", wants_person=False)
    assert appeal.notes[0].text == "The recall\nis closed."
    with pytest.raises(ListingConflict, match="is open"):
        appeals.open(shop, refused.id, "again", wants_person=False)
    appeals.answer(shop, appeal.id, "We look.")
    closed = appeals.close(shop, appeal.id, AppealOutcome.FACTS_CHANGED, "So it is.")
    assert appeals.get(shop, appeal.id) == closed and len(closed.notes) == 3
    with pytest.raises(ListingConflict, match="closed"):
        appeals.answer(shop, appeal.id, "late")
    assert market.listings.desk.get(shop, listing.id).state is ListingState.REFUSED, "an appeal binds nothing"
    assert [one.id for one in appeals.page(shop, "closed", "", 9)] == [appeal.id]


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example.cn", "http://shop.example.cn/", "HTTPS://shop.example.cn/", "https:///x", "https://shop/",
        "https://a@shop.example.cn/", "https://shop.example.cn:0/", "https://shop.example.cn:70000/",
        "https://127.0.0.1/", "https://0x7f.1/", "https://[::1]/", "https://shop.example.cn\\@evil.example/",
        "https://shop.example.cn/\n", "https://shop.example.cn/é", "https://shop.example.cn/%zz", "https://-a.cn/",
        "https://shop..example.cn/", "https://shop.example.cn/" + "a" * 2030, "javascript:alert(1)//a.cn/",
        "https://shop.example.cn/\0", "https://shop.example.cn/<script>", 'https://shop.example.cn/"', "\ud800",
    ],
)  # fmt: skip
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_listing_url(url)
    assert refused.value.code == "bad_url"


def test_an_address_has_one_spelling() -> None:
    assert parse_listing_url("https://Shop.Example.CN:443?id=1") == "https://shop.example.cn/?id=1"
    assert parse_listing_url("https://shop.example.cn:8443/#/item/1") == "https://shop.example.cn:8443/#/item/1"


@pytest.mark.parametrize("name", ["", " ", "a\nb\0", "\u202eevil", "\ud800", "x" * 81, "\u200b"])
def test_a_name_that_hides_something_is_refused(name: str) -> None:
    with pytest.raises(Malformed, match="seller's name"):
        parse_listing(TypedListing("https://shop.example.cn/", "s", name, GTIN, ("L1",)))


def test_what_is_exported_is_no_formula_and_comes_back_as_it_was(market: Market) -> None:
    shop, desk = market.cast.shop.principal, market.listings.desk
    for number, name in enumerate(["=1+1", "@x", "-2", "+3", "'=quoted", 'a "b", c']):
        desk.create(
            shop, replace(fields(number, lots=("-L2", "L1")), codes=(), seller_id=f"={number}", seller_name=name)
        )
    data = b"".join(write_listings(desk.export(shop, ListingFilter())))
    cells = [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    lines = [
        Line(number, line.rstrip(b"\r"), 0) for number, line in enumerate(data.rstrip(b"\n").split(b"\n"), start=1)
    ]
    columns = read_header(lines[0], "utf-8")
    back = [read_row(line, "utf-8", columns) for line in lines[1:]]
    assert back == [one.fields for one in desk.page(shop, ListingFilter(), "", 99)]
    assert protect("plain") == "plain"
