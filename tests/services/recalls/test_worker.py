# SPDX-License-Identifier: Apache-2.0
"""From a recall in the ledger to stopped sales, cases and messages; and back when it is revised or closed."""

from __future__ import annotations

import json
import threading

import pytest

from passport.domain.accounts_audit import AuditFilter
from passport.domain.listings import ListingConflict, ListingState
from passport.domain.recall_cases import Cover, Coverage
from passport.domain.webhooks import EndpointFields
from passport.services.recalls.worker import RecallWorker
from tests.support.listings import GTIN, fields
from tests.support.makers import make_gtin
from tests.support.recalls import RECALL, Recalling, lots_of, state_of
from tests.support.webhooks import URL


def test_a_published_recall_stops_every_affected_listing_of_every_platform_once(recalling: Recalling) -> None:
    hit, other_lot = recalling.bind(1), recalling.bind(2, lots=("L2",))
    any_lot, rivals = recalling.bind(3, lots=()), recalling.bind(4, who="rival")
    gone = recalling.market.listings.desk.delist(recalling.market.cast.shop.principal, recalling.bind(5).id)
    draft = recalling.market.listings.desk.create(recalling.market.cast.shop.principal, fields(6))
    recalling.publish()
    states = {one.id: recalling.listing(one) for one in (hit, other_lot, any_lot, rivals, gone, draft)}
    stopped = {one for one, found in states.items() if found.state is ListingState.STOP_SALE}
    assert stopped == {hit.id, any_lot.id, rivals.id, draft.id}
    assert states[hit.id].revision == hit.revision + 1
    assert states[other_lot.id].state is ListingState.BOUND
    assert recalling.carry() == 0, "nothing is left to do"
    assert states[hit.id].revision == recalling.listing(hit).revision


def test_each_platform_is_told_once_and_its_clock_begins_with_the_push(recalling: Recalling) -> None:
    shop = recalling.market.cast.shop.principal
    recalling.webhooks.desk.create(shop, EndpointFields(URL, ()))
    listing = recalling.bind(1)
    recalling.bind(2, who="rival")
    recalling.publish()
    case = recalling.case()
    assert case.pushed_at == recalling.site.clock.now
    recalling.site.clock.turn(minutes=3)
    assert recalling.webhooks.worker.work() == 1
    ((_, _, body),) = recalling.sender.sent
    told = json.loads(body)
    assert (told["type"], told["data"]["case"], told["data"]["listings"]) == ("recall.published", case.id, 1)
    assert told["data"]["ledger_index"] == 40
    assert listing.id not in body.decode(), "listings are fetched, not sent"
    recalling.carry()
    received = recalling.case()
    assert (received.received_by, received.received_at) == ("webhook", recalling.site.clock.now)
    assert recalling.case("shop-d").received_at is None


def test_a_revision_adds_listings_with_a_clock_of_their_own_and_releases_others_as_drafts(
    recalling: Recalling,
) -> None:
    first, second = recalling.bind(1, lots=("L1",)), recalling.bind(2, lots=("L2",))
    recalling.publish()
    recalling.site.clock.turn(hours=5)
    recalling.ledger.revise(RECALL, lots_of("L2"))
    recalling.carry()
    assert recalling.listing(first).state is ListingState.DRAFT
    assert recalling.listing(second).state is ListingState.STOP_SALE
    shop = recalling.market.cast.shop.principal
    rows = {one.listing: one for one in recalling.recalls.desk.listings(shop, recalling.case().id, "", 10)}
    assert rows[first.id].released_at == recalling.site.clock.now
    assert rows[second.id].pushed_at == recalling.site.clock.now
    with recalling.site.business.read() as books:
        trail = books.audit.page("shop-b", AuditFilter(action="recall_case.pushed"), 9)
    assert [event.act.outcome for event in trail] == ["recall_revised", "recall_published"]


def test_closing_a_recall_ends_the_clock_and_releases_what_no_other_recall_holds(recalling: Recalling) -> None:
    both, one = recalling.bind(1, lots=("L1", "L2")), recalling.bind(2, lots=("L1",))
    recalling.publish()
    recalling.publish(state_of(2, lots_of("L2"), index=41))
    recalling.ledger.close(RECALL)
    recalling.carry()
    assert recalling.listing(one).state is ListingState.DRAFT
    assert recalling.listing(both).state is ListingState.STOP_SALE, "the other recall is open"
    case = recalling.case()
    assert (case.closed_by, case.closed_at) == ("recall", recalling.site.clock.now)
    recalling.ledger.close("qingshan/2026-02")
    recalling.carry()
    assert recalling.listing(both).state is ListingState.DRAFT


def test_a_listing_that_is_moved_to_another_lot_stays_in_its_case(recalling: Recalling) -> None:
    listing, other = recalling.bind(1), recalling.bind(2, lots=("L5",))
    recalling.publish()
    shop, market = recalling.market.cast.shop.principal, recalling.market
    market.listings.desk.update(shop, listing.id, fields(1, lots=("L9",)))
    recalling.allow("L9")
    assert market.listings.gatekeeper.bind(shop, listing.id).listing.state is ListingState.BOUND
    recalling.ledger.revise(RECALL, lots_of("L1", "L5"))
    recalling.carry()
    (held, _) = recalling.recalls.desk.listings(shop, recalling.case().id, "", 10)
    assert (held.listing, held.released_at, held.delisted_at) == (listing.id, None, None)
    assert held.rebound_at is not None
    (attempt,) = recalling.recalls.desk.attempts(shop, recalling.case().id)[0]
    assert (attempt.was_blocked, attempt.had_listing) == (False, True)
    assert recalling.listing(other).state is ListingState.STOP_SALE


def test_what_hindsight_undoes_is_released_like_a_closed_recall(recalling: Recalling) -> None:
    listing = recalling.bind(1)
    recalling.publish()
    recalling.ledger.states.clear()
    recalling.ledger.count += 1
    recalling.carry()
    assert recalling.listing(listing).state is ListingState.DRAFT
    assert recalling.case().closed_at is not None


def test_a_lot_that_is_covered_by_a_batch_logged_later_is_stopped_too(recalling: Recalling) -> None:
    listing = recalling.bind(1, lots=("L7",))
    recalling.publish()
    recalling.ledger.states[RECALL] = state_of(coverage=lots_of("L1", "L7"))
    recalling.ledger.count += 1
    recalling.carry()
    assert recalling.listing(listing).state is ListingState.STOP_SALE
    assert recalling.case().pushed_at is not None


def test_recalls_that_were_over_before_anybody_heard_of_them_stop_nothing(recalling: Recalling) -> None:
    listing = recalling.bind(1)
    recalling.ledger.publish(state_of())
    recalling.ledger.close(RECALL)
    recalling.carry()
    assert recalling.listing(listing).state is ListingState.BOUND


@pytest.mark.parametrize("after", range(1, 6))
def test_a_worker_that_is_killed_between_two_pieces_is_followed_by_another_that_repeats_nothing(
    one_recalling: Recalling, after: int
) -> None:
    listings = [one_recalling.bind(number) for number in range(1, 4)]
    listings.append(one_recalling.bind(4, who="rival"))
    one_recalling.ledger.publish(state_of())
    for _ in range(after):
        one_recalling.recalls.worker.work()
    heir = RecallWorker(one_recalling.kit)
    while heir.work():
        pass
    for listing in listings:
        found = one_recalling.listing(listing)
        assert (found.state, found.revision) == (ListingState.STOP_SALE, listing.revision + 1)
    with one_recalling.site.business.read() as books:
        for shop in ("shop-b", "shop-d"):
            assert len(books.audit.page(shop, AuditFilter(action="recall_case.pushed"), 9)) == 1


def test_a_gate_that_looked_at_an_older_tree_cannot_let_in_what_was_just_recalled(recalling: Recalling) -> None:
    market, shop = recalling.market, recalling.market.cast.shop.principal
    recalling.publish()
    listing = market.listings.desk.create(shop, fields(1))
    recalling.allow("L1")  # facts of 40 entries; the worker has handled 41
    with pytest.raises(ListingConflict, match="A recall came in"):
        market.listings.gatekeeper.bind(shop, listing.id)
    assert recalling.listing(listing).state is ListingState.DRAFT
    free = market.listings.desk.create(shop, fields(2, lots=("L2",)))
    recalling.allow("L2")
    assert market.listings.gatekeeper.bind(shop, free.id).listing.state is ListingState.BOUND


def test_coverage_is_by_product_for_a_listing_without_lots_and_for_a_whole_model() -> None:
    other = make_gtin("69012346")
    coverage = Coverage({GTIN: Cover(frozenset({"L1"})), other: Cover(frozenset(), is_whole=True)})
    assert coverage.touches(GTIN, ["L1", "L2"]) and coverage.touches(GTIN, [])
    assert not coverage.touches(GTIN, ["L2"])
    assert coverage.touches(other, ["any"]) and not coverage.touches(make_gtin("69012347"), [])


def test_workers_of_several_processes_take_turns_and_repeat_nothing(recalling: Recalling) -> None:
    listings = [recalling.bind(number) for number in range(1, 8)] + [recalling.bind(9, who="rival")]
    for number in range(1, 4):
        recalling.ledger.publish(state_of(number, index=39 + number))
    failures: list[BaseException] = []

    def work() -> None:
        try:
            worker = RecallWorker(recalling.kit)
            while worker.work():
                pass
        except BaseException as error:  # shown below: a thread's own traceback goes nowhere
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert {recalling.listing(one).revision - one.revision for one in listings} == {1}
    with recalling.site.business.read() as books:
        for shop in ("shop-b", "shop-d"):
            assert len(books.audit.page(shop, AuditFilter(action="recall_case.pushed"), 9)) == 3
