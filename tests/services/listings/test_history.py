# SPDX-License-Identifier: Apache-2.0
"""How often the gate said yes and no, by day: a day begins at midnight in China."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from passport.domain.accounts_errors import NotAllowed
from passport.domain.gate_records import DayOfDecisions
from tests.support.listings import Market


def test_decisions_are_counted_by_the_days_of_china_and_by_platform(market: Market) -> None:
    clock, gatekeeper, shop = market.site.clock, market.listings.gatekeeper, market.cast.shop.principal
    clock.now = datetime.fromisoformat("2026-11-20T15:59:00+00:00")  # 23:59 in Beijing
    one, two = market.add(2)
    gatekeeper.bind(shop, one.id)
    clock.turn(minutes=2)  # the 21st there, still the 20th in Greenwich
    market.refuse_by_recall()
    gatekeeper.bind(shop, one.id)
    gatekeeper.bind(shop, two.id)
    clock.turn(days=1)
    assert gatekeeper.history(shop, 3) == [
        DayOfDecisions(date(2026, 11, 20), 1, 0),
        DayOfDecisions(date(2026, 11, 21), 0, 2),
        DayOfDecisions(date(2026, 11, 22), 0, 0),
    ]
    assert gatekeeper.history(shop, 2)[0].day == date(2026, 11, 21)
    nothing = gatekeeper.history(market.rival.principal, 3)
    assert [(one.bound, one.refused) for one in nothing] == [(0, 0)] * 3
    with pytest.raises(NotAllowed):
        gatekeeper.history(market.cast.maker.principal, 3)
