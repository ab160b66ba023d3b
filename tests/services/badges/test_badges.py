# SPDX-License-Identifier: Apache-2.0
"""Badges over real tables: what binds them, who may change the policy, alerts within bounds and under failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from passport.domain.accounts import OrganisationState, Role
from passport.domain.accounts_errors import NotAllowed
from passport.domain.badges import MAX_PLACES, UnknownAlert, parse_origins
from passport.domain.listings import Listing, ListingState
from passport.domain.webhooks import Event
from passport.services.badges import AlertRecorder, BadgeDesk, ListingBindings
from passport.services.badges.recorder import AT_ONCE, MAX_WAITING
from tests.support.accounts import open_site
from tests.support.listings import GTIN, Market, fields, make_market
from verifier.protocol.badge_token import BadgeClaims
from verifier.protocol.errors import DidNotArrive, Malformed
from verifier.web.embedding import Embedding, PageFinding

AT = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)


@dataclass
class Told:
    """Sanctions that a test says, and events that were put."""

    sanctioned: set[str] = field(default_factory=set)
    events: list[tuple[str, Event]] = field(default_factory=list)

    def find_active(self, organisation_id: str, seller_id: str, now: datetime) -> Sequence[object]:
        return ["a sanction"] if seller_id in self.sanctioned else []

    def put(self, books: Any, organisation_id: str, event: Event) -> str:
        assert books.badge_alerts, "inside the transaction"
        self.events.append((organisation_id, event))
        return "evt_1"


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_site(tmp_path) as site:
        yield make_market(site)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def listing(market: Market) -> Listing:
    return next(market.add(1))


@pytest.fixture
def recorder(market: Market, told: Told) -> AlertRecorder:
    return AlertRecorder(market.site.business, market.site.clock, told)


@pytest.fixture
def desk(market: Market) -> BadgeDesk:
    return BadgeDesk(market.site.business, market.site.clock)


def officer(market: Market) -> Any:
    role = frozenset({Role.CHIEF_QUALITY_OFFICER})
    return market.site.join("shop-b", "quinn", role).principal


def claims(listing: Listing) -> BadgeClaims:
    return BadgeClaims("shop-b", listing.id, "l", AT, AT, GTIN, "L1", "s-1", "n", "https://shop.example.cn")


def foreign(number: int = 1) -> Embedding:
    return Embedding(PageFinding.FOREIGN_ORIGIN, f"https://copy.example/{number}")


def test_a_binding_is_what_the_tables_say_now(market: Market, listing: Listing, told: Told, desk: BadgeDesk) -> None:
    source = ListingBindings(market.site.business, told, market.site.clock)
    found = source.find("shop-b", listing.id)
    assert found is not None and found.state == "draft" and found.is_on and not found.is_blocked
    assert (found.url, found.gtin, found.lots, found.seller_id) == (fields(1).url, GTIN, ("L1",), "s-1")
    assert found.origins == {"https://shop.example.cn"}
    told.sanctioned.add("s-1")
    market.listings.gatekeeper.bind(market.cast.shop.principal, listing.id)
    bound = source.find("shop-b", listing.id)
    assert bound is not None and bound.state == "bound" and bound.is_blocked
    desk.change_policy(officer(market), is_on=False, origins=("https://m.shop.example.cn",))
    changed = source.find("shop-b", listing.id)
    assert changed is not None and not changed.is_on and "https://m.shop.example.cn" in changed.origins
    for organisation, name in (
        ("shop-d", listing.id),
        ("shop-b", "nothing"),
        ("shop-b", "x" * 64),
        ("nobody", listing.id),
    ):
        assert source.find(organisation, name) is None


def test_a_listing_that_a_recall_stopped_is_told_as_such(market: Market, listing: Listing, told: Told) -> None:
    with market.site.business.write() as books:
        books.listings.put(replace(listing, state=ListingState.STOP_SALE))
    found = ListingBindings(market.site.business, told, market.site.clock).find("shop-b", listing.id)
    assert found is not None and found.state == "stop_sale"


def test_a_suspended_platforms_listing_is_not_bound_and_a_stop_is_said_all_the_same(
    market: Market, listing: Listing, told: Told
) -> None:
    source = ListingBindings(market.site.business, told, market.site.clock)
    market.listings.gatekeeper.bind(market.cast.shop.principal, listing.id)
    organisations = market.site.accounts.organisations
    organisations.set_state("shop-b", OrganisationState.SUSPENDED)
    suspended = source.find("shop-b", listing.id)
    assert suspended is not None and suspended.state not in ("bound", "stop_sale")
    with market.site.business.write() as books:
        books.listings.put(replace(listing, state=ListingState.STOP_SALE))
    stopped = source.find("shop-b", listing.id)
    assert stopped is not None and stopped.state == "stop_sale"
    with market.site.business.write() as books:
        books.listings.put(replace(listing, state=ListingState.BOUND))
    organisations.set_state("shop-b", OrganisationState.ACTIVE)
    back = source.find("shop-b", listing.id)
    assert back is not None and back.state == "bound"


def test_tables_that_cannot_be_read_say_nothing(tmp_path: Path, told: Told) -> None:
    with open_site(tmp_path) as site:
        market = make_market(site)
        listing = next(market.add(1))
        source = ListingBindings(site.business, told, site.clock)
        with site.business._database.write() as connection:
            connection.exec_driver_sql("DROP TABLE badge_policies")
        with pytest.raises(DidNotArrive):
            source.find("shop-b", listing.id)


def test_the_chief_quality_officer_alone_changes_the_policy(market: Market, desk: BadgeDesk) -> None:
    chief = officer(market)
    origins = parse_origins(["https://m.shop.example.cn", "https://a.shop.example.cn", "https://m.shop.example.cn"])
    for person in ("maker", "shop", "stranger", "rival"):
        with pytest.raises(NotAllowed) as refused:
            desk.change_policy(market.person(person).principal, is_on=False, origins=origins)
        assert refused.value.code == ("role_missing" if person in ("shop", "rival") else "not_a_platform")
    with pytest.raises(NotAllowed) as refused:
        desk.change_policy(replace(chief, token="t", roles=frozenset()), is_on=False, origins=origins)
    assert refused.value.code == "person_needed"
    desk.change_policy(chief, is_on=True, origins=origins)
    seen = desk.get_policy(market.cast.shop.principal)
    assert (
        seen.origins == ("https://a.shop.example.cn", "https://m.shop.example.cn") and seen.changed_by == chief.member
    )
    assert desk.get_policy(market.rival.principal).origins == (), "another platform's is its own"
    for person in ("maker", "stranger"):
        with pytest.raises(NotAllowed):
            desk.get_policy(market.person(person).principal)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["http://localhost:8080"], "bad_origin"),
        (["https://shop.example.cn/"], "bad_origin"),
        ([f"https://s{number}.example.cn" for number in range(21)], "too_many_origins"),
    ],
)
def test_a_policy_names_https_origins_and_few(typed: list[str], code: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_origins(typed)
    assert refused.value.code == code


def test_alerts_are_added_up_and_told_once_for_each_place(
    market: Market, listing: Listing, recorder: AlertRecorder, desk: BadgeDesk, told: Told
) -> None:
    for second in range(5):
        recorder.note(claims(listing), foreign(), AT + timedelta(seconds=second))
    recorder.flush()
    recorder.note(claims(listing), foreign(), AT + timedelta(seconds=60))
    recorder.note(claims(listing), Embedding(PageFinding.NO_PAGE), AT)
    recorder.flush()
    shop = market.cast.shop.principal
    newest, first = desk.page_of_alerts(shop, "", "", 10)
    assert (first.count, first.first_seen_at, first.last_seen_at) == (6, AT, AT + timedelta(seconds=60))
    assert (first.key.reason, first.key.place) == ("foreign_origin", "https://copy.example/1")
    assert newest.key.reason == "no_page"
    assert [(who, event.type.value, event.data["place"]) for who, event in told.events] == [
        ("shop-b", "badge.misplaced", "https://copy.example/1"),
        ("shop-b", "badge.misplaced", ""),
    ]
    assert [alert.id for alert in desk.page_of_alerts(shop, listing.id, newest.id, 10)] == [first.id]
    assert desk.page_of_alerts(shop, "nothing", "", 10) == []


def test_a_listing_has_at_most_a_hundred_places_and_memory_has_a_bound(
    market: Market, listing: Listing, recorder: AlertRecorder, desk: BadgeDesk, told: Told
) -> None:
    for number in range(MAX_WAITING + 500):
        recorder.note(claims(listing), foreign(number), AT)
    assert len(recorder._waiting) == MAX_WAITING
    recorder.flush()
    assert len(desk.page_of_alerts(market.cast.shop.principal, "", "", 1000)) == MAX_PLACES == len(told.events)
    recorder.note(claims(listing), foreign(0), AT + timedelta(days=1))
    recorder.flush()
    counts = {alert.key.place: alert.count for alert in desk.page_of_alerts(market.cast.shop.principal, "", "", 1000)}
    assert counts["https://copy.example/0"] == 2, "known places go on being counted"


def test_places_that_are_marked_as_seen_make_room_for_others(
    market: Market, listing: Listing, recorder: AlertRecorder, desk: BadgeDesk
) -> None:
    for number in range(MAX_PLACES):
        recorder.note(claims(listing), foreign(number), AT)
    recorder.flush()
    shop, real = market.cast.shop.principal, Embedding(PageFinding.FOREIGN_ORIGIN, "https://thief.example/")

    def see() -> set[str]:
        recorder.note(claims(listing), real, AT)
        recorder.flush()
        return {alert.key.place for alert in desk.page_of_alerts(shop, listing.id, "", 1000)}

    assert real.place not in see(), "somebody made up a hundred places"
    desk.mark_alert(shop, desk.page_of_alerts(shop, listing.id, "", 1)[0].id)
    assert real.place in see()


def test_a_flood_of_places_leaves_others_their_turn_to_write(
    market: Market, listing: Listing, recorder: AlertRecorder, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = market.site.business.write

    @contextmanager
    def counted() -> Iterator[Any]:
        before = len(told.events)
        with write() as books:
            yield books
        written.append(len(told.events) - before)

    monkeypatch.setattr(market.site.business, "write", counted)
    for number in range(MAX_PLACES):
        recorder.note(claims(listing), foreign(number), AT)
    recorder.flush()
    assert sum(written) == MAX_PLACES and max(written) <= AT_ONCE < MAX_PLACES


def test_an_alert_belongs_to_its_platform_and_is_marked_by_who_may_write(
    market: Market, listing: Listing, recorder: AlertRecorder, desk: BadgeDesk
) -> None:
    recorder.note(claims(listing), foreign(), AT)
    recorder.flush()
    shop = market.cast.shop.principal
    alert = desk.page_of_alerts(shop, "", "", 10)[0]
    assert desk.count_unmarked(shop) == 1 and desk.page_of_alerts(market.rival.principal, "", "", 10) == []
    reader = market.site.join("shop-b", "rita", frozenset({Role.READER})).principal
    for principal, error in (
        (market.cast.maker.principal, NotAllowed),
        (market.cast.stranger.principal, NotAllowed),
        (reader, NotAllowed),
        (market.rival.principal, UnknownAlert),
    ):
        with pytest.raises(error):
            desk.mark_alert(principal, alert.id)
    assert desk.page_of_alerts(reader, "", "", 10)[0].marked_at is None
    desk.mark_alert(shop, alert.id)
    desk.mark_alert(shop, alert.id)
    assert desk.count_unmarked(shop) == 0


def test_what_waits_is_written_when_the_server_stops(
    market: Market, listing: Listing, recorder: AlertRecorder, desk: BadgeDesk
) -> None:
    recorder.start()
    recorder.note(claims(listing), foreign(), AT)
    recorder.stop()
    assert len(desk.page_of_alerts(market.cast.shop.principal, "", "", 10)) == 1
