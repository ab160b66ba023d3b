# SPDX-License-Identifier: Apache-2.0
"""The console's lists of dossiers, sanctions, sellers and badges: empty at first, searched, filtered, found again."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from markupsafe import escape

from passport.web.console import words_badges, words_live
from tests.support.accounts import Cast
from tests.support.live_commerce import CQO, dossier_fields, sanction_fields
from tests.web.console.conftest import Browser
from tests.web.console.live_routes import told_live

LISTS = {
    "/console/dossiers": words_live.LIVE_WORDS["no_dossiers"],
    "/console/sanctions": words_live.LIVE_WORDS["no_sanctions"],
    "/console/sellers": words_live.LIVE_WORDS["no_sellers"],
    "/console/badges": words_badges.BADGE_WORDS["badge_no_alerts"],
}


@pytest.fixture
def shop(browser: Browser, cast: Cast) -> Browser:
    browser.enter(cast.shop)
    return browser


@pytest.mark.parametrize("address", LISTS)
def test_an_empty_list_says_so_in_both_languages(shop: Browser, address: str) -> None:
    assert escape(LISTS[address].en) in shop.get(f"{address}?lang=en").text
    assert LISTS[address].zh in shop.get(f"{address}?lang=zh").text


def test_dossiers_and_sanctions_are_searched_and_filtered_and_a_search_without_result_leads_back(
    shop: Browser, cast: Cast
) -> None:
    live, officer = told_live(cast.site), cast.site.join("shop-b", "quinn", CQO).principal
    dossier = live.dossiers.create(cast.shop.principal, dossier_fields()).dossier
    sanction = live.sanctions.create(officer, sanction_fields("bad-1")).sanction
    for address, made, found_by, state in (
        ("/console/dossiers", dossier.id, dossier.fields.seller_name, "draft"),
        ("/console/sanctions", sanction.id, "bad-1", "active"),
    ):
        word = quote(found_by)
        for query in (f"q={word}", f"state={state}", f"q={word}&state={state}"):
            assert f"{address}/{made}" in shop.get(f"{address}?{query}").text, query
        for query in ("q=nothing-like-it", "state=submitted" if "dossiers" in address else "state=lifted"):
            text = shop.get(f"{address}?{query}").text
            assert made not in text and f'href="{address}"' in text, query
