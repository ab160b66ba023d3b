# SPDX-License-Identifier: Apache-2.0
"""What comes back, what fails, and who was never told: the worker's less usual turns."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from passport.domain.listings import ListingState
from passport.domain.recall_cases import Chosen
from passport.services.recalls.worker import RecallWorker
from tests.support.listings import fields
from tests.support.recalls import RECALL, Recalling, lots_of, state_of

ALL = Chosen((), are_all=True)


def _sell_other_lot(recalling: Recalling, listing_id: str, lot: str) -> None:
    """The seller moves a listing of the case to a lot that nobody has recalled yet, and is let in."""
    shop, market = recalling.market.cast.shop.principal, recalling.market
    market.listings.desk.update(shop, listing_id, fields(1, lots=(lot,)))
    recalling.allow(lot)
    assert market.listings.gatekeeper.bind(shop, listing_id).listing.state is ListingState.BOUND


def test_a_listing_let_in_with_another_lot_is_stopped_when_that_lot_is_recalled_too(recalling: Recalling) -> None:
    listing = recalling.bind(1)
    recalling.publish()
    pushed_at = recalling.case().pushed_at
    recalling.site.clock.turn(hours=5)
    _sell_other_lot(recalling, listing.id, "L9")
    recalling.ledger.revise(RECALL, lots_of("L1", "L9"))
    recalling.carry()
    assert recalling.listing(listing).state is ListingState.STOP_SALE
    (held,) = recalling.recalls.desk.listings(recalling.market.cast.shop.principal, recalling.case().id, "", 10)
    assert (held.lots, held.pushed_at) == (("L9",), pushed_at), "the clock that runs goes on"
    assert held.rebound_at is not None


def test_what_was_taken_down_and_is_sold_again_with_a_lot_recalled_later_has_to_be_reported_again(
    recalling: Recalling,
) -> None:
    listing, shop = recalling.bind(1), recalling.market.cast.shop.principal
    recalling.publish()
    recalling.recalls.desk.report_delisted(shop, recalling.case().id, ALL)
    _sell_other_lot(recalling, listing.id, "L9")
    recalling.site.clock.turn(hours=30)
    recalling.ledger.revise(RECALL, lots_of("L1", "L9"))
    recalling.carry()
    assert recalling.listing(listing).state is ListingState.STOP_SALE
    (held,) = recalling.recalls.desk.listings(shop, recalling.case().id, "", 10)
    assert (held.delisted_at, held.pushed_at) == (None, recalling.site.clock.now)
    assert recalling.recalls.board.show(shop).indicators.stopped_in_time.permille == 0


def test_a_platform_without_listings_is_told_neither_of_a_revision_nor_of_the_end(recalling: Recalling) -> None:
    recalling.publish()
    rival = recalling.person("rival").principal
    new = recalling.market.listings.desk.create(rival, fields(7))
    recalling.market.listings.gatekeeper.bind(rival, new.id)
    recalling.market.listings.desk.delist(rival, new.id)
    recalling.ledger.revise(RECALL, lots_of("L1", "L2"))
    recalling.carry()
    case = recalling.case("shop-d")
    assert (case.pushed_at, case.event, case.revision) == (None, "", 2)
    assert recalling.recalls.board.show(rival).indicators.shared_in_real_time.permille is None
    recalling.ledger.close(RECALL)
    recalling.carry()
    case = recalling.case("shop-d")
    assert (case.pushed_at, case.closed_by) == (None, "recall")


def test_reading_a_case_before_anything_was_pushed_is_no_receipt_of_the_push(recalling: Recalling) -> None:
    recalling.publish()
    rival = recalling.person("rival").principal
    new = recalling.market.listings.desk.create(rival, fields(7))
    recalling.market.listings.gatekeeper.bind(rival, new.id)
    recalling.recalls.desk.acknowledge(rival, recalling.case("shop-d").id)
    recalling.bind(8, who="rival", lots=("L2",))
    recalling.site.clock.turn(hours=2)
    recalling.ledger.revise(RECALL, lots_of("L1", "L2"))
    recalling.carry()
    case = recalling.case("shop-d")
    assert (case.pushed_at, case.received_at) == (recalling.site.clock.now, None)
    assert recalling.recalls.board.show(rival).indicators.shared_in_real_time.permille == 0


def test_a_closing_that_hindsight_undoes_opens_the_cases_again(recalling: Recalling) -> None:
    listing, shop = recalling.bind(1), recalling.market.cast.shop.principal
    recalling.publish()
    recalling.recalls.desk.report_delisted(shop, recalling.case().id, ALL)
    recalling.ledger.close(RECALL)
    recalling.carry()
    assert recalling.case().closed_by == "recall"
    recalling.ledger.publish(state_of())
    recalling.carry()
    assert (recalling.case().closed_at, recalling.case().closed_by) == (None, "")
    assert recalling.listing(listing).state is ListingState.DELISTED


def test_one_recall_that_cannot_be_carried_does_not_stop_the_others(
    one_recalling: Recalling, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = one_recalling.bind(1), one_recalling.bind(2, lots=("L2",))
    one_recalling.ledger.publish(state_of())
    one_recalling.ledger.publish(state_of(2, lots_of("L2"), index=41))
    worker = RecallWorker(one_recalling.kit)
    carry: Callable[..., Any] = worker._add
    done, is_broken = threading.Event(), True

    def add(books: Any, mark: Any) -> str:
        if is_broken and mark.state.recall_id == RECALL:
            raise RuntimeError("this one cannot be carried")
        found = carry(books, mark)
        done.set()
        return str(found)

    monkeypatch.setattr(worker, "_add", add)
    worker.start()
    try:
        assert done.wait(10), "the second recall waits for the first for ever"
        done.clear()
        is_broken = False
        assert done.wait(10), "what failed is tried again"
    finally:
        worker.stop()
    one_recalling.carry()
    assert one_recalling.listing(bad).state is ListingState.STOP_SALE
    assert one_recalling.listing(good).state is ListingState.STOP_SALE


def test_a_platforms_board_has_its_own_newest_recalls_and_not_those_of_everybody(one_recalling: Recalling) -> None:
    one_recalling.bind(1)
    one_recalling.publish()
    for number in range(2, 103):
        one_recalling.ledger.publish(state_of(number, lots_of("L99"), index=40 + number))
    one_recalling.carry()
    board = one_recalling.recalls.board.show(one_recalling.person("shop").principal)
    assert [row.mark.state.recall_id for row in board.rows] == [RECALL]
    assert board.indicators.stopped_in_time.whole == 1
