# SPDX-License-Identifier: Apache-2.0
"""The pages of recalls over HTTP: clock in red, reports with a preview, the officer's closing, the board's words."""

from __future__ import annotations

import re
from urllib.parse import quote

import pytest
from flask import Flask

from passport.domain.accounts import OrganisationKind
from tests.support.accounts import OWNER, Cast
from tests.support.recalls import OFFICER
from tests.web.console.conftest import Browser
from tests.web.console.recall_routes import RecallThings, make_recall_things

HELD = re.compile(r'name="listing" value="([0-9a-f-]{36})"')


@pytest.fixture
def things(cast: Cast) -> RecallThings:
    return make_recall_things(cast)


def turn(cast: Cast, **parts: float) -> None:
    """Time passes; the shop signs in anew."""
    cast.site.clock.turn(**parts)
    cast.shop.sign_in()


def test_a_clock_over_24_hours_is_red_and_says_by_how_much(cast: Cast, browser: Browser, things: RecallThings) -> None:
    browser.enter(cast.shop)
    assert "剩余 24 小时 0 分" in browser.get("/console/recalls").text
    turn(cast, hours=25)
    browser.enter(cast.shop)
    page = browser.get("/console/recalls").text
    assert "电池过热" in page and '<span class="tag bad">逾期 1 小时' in page
    english = browser.get("/console/recalls?lang=en").text
    assert "min late" in english and "The battery overheats" in english


def test_a_report_is_previewed_and_then_sent_for_those_chosen(
    cast: Cast, browser: Browser, things: RecallThings
) -> None:
    browser.enter(cast.shop)
    address = f"/console/recalls/{things.case}"
    (listing,) = HELD.findall(browser.get(address).text)
    chosen = {"what": "delisted", "which": "chosen", "listing": listing}
    preview = browser.post(f"{address}/preview", **chosen)
    assert preview.status_code == 200 and "shop.example.cn/item/71" in preview.text
    assert "全部已报告" not in browser.get("/console/recalls").text, "a preview changes nothing"
    assert browser.post(f"{address}/report", **chosen).location == address
    assert "全部已报告" in browser.get("/console/recalls").text
    assert browser.post(f"{address}/report", what="delisted", which="chosen").status_code == 400
    assert browser.post(f"{address}/preview", what="notice", which="all", url="http://x").status_code == 400


def test_only_the_chief_quality_officer_is_offered_to_close_and_it_is_refused_while_listings_are_due(
    app: Flask, cast: Cast, browser: Browser, things: RecallThings
) -> None:
    address = f"/console/recalls/{things.case}"
    browser.enter(cast.shop)
    assert f"{address}/close" not in browser.get(address).text
    officer = Browser(app.test_client())
    officer.enter(cast.site.join("shop-b", "qian.b", OFFICER))
    assert f"{address}/close" in officer.get(address).text
    refused = officer.post(f"{address}/close")
    assert (refused.status_code, "还有商品没有报告下架" in refused.text) == (409, True)
    officer.post(f"{address}/report", what="delisted", which="all")
    assert officer.post(f"{address}/close").status_code == 303
    assert "已结" in officer.get("/console/recalls?state=closed").text


def test_the_sellers_who_tried_again_are_listed_and_measures_are_kept(
    cast: Cast, browser: Browser, things: RecallThings
) -> None:
    browser.enter(cast.shop)
    address = f"/console/recalls/{things.case}"
    assert "已拦截" in browser.get(address).text
    wrong = browser.post(f"{address}/measures", seller_id="s-404", kind="warned", text="x")
    assert (wrong.status_code, "没有这个卖家" in wrong.text) == (404, True)
    sent = browser.post(f"{address}/measures", seller_id="s-1", kind="shop_closed", text="<b>closed</b>")
    assert sent.status_code == 303
    page = browser.get(address).text
    assert "关闭店铺" in page and "&lt;b&gt;closed" in page
    trail = browser.get("/console/audit").text
    assert "关闭店铺" in trail and "shop_closed" not in trail, "what came of it is said in words"


def test_a_listing_whose_sale_a_recall_stopped_says_so_and_leads_to_the_cases(
    cast: Cast, browser: Browser, things: RecallThings
) -> None:
    browser.enter(cast.shop)
    (listing,) = HELD.findall(browser.get(f"/console/recalls/{things.case}").text)
    said = '因召回已停售。召回未关闭前不能再次绑定。 <a href="/console/recalls">'
    assert said in browser.get(f"/console/listings/{listing}").text


def test_the_board_has_five_figures_a_picture_with_a_table_and_both_exports(
    cast: Cast, browser: Browser, things: RecallThings
) -> None:
    browser.enter(cast.shop)
    page = browser.get("/console/recall-board?lang=en").text
    for number in range(1, 6):
        assert f"<dt>{number}. " in page
    assert "0.0 %" in page and "No figure" not in page.split("Sale stopped")[1].split("</dd>")[0]
    assert "100.0 %" in page.split("Relisting blocked")[1].split("</dd>")[0]
    turn(cast, hours=2)
    browser.enter(cast.shop)
    browser.post(f"/console/recalls/{things.case}/report", what="delisted", which="all")
    page = browser.get("/console/recall-board?lang=en").text
    assert '<svg class="columns"' in page and "<summary>" in page
    exported = browser.get("/console/recall-board/csv")
    assert exported.headers["Content-Disposition"].endswith('filename="recall-board.csv"')
    assert "https://shop.example.cn/item/71" in exported.text
    assert browser.get("/console/recall-board/evidence").data.startswith(b"PK")


def test_an_authority_sees_the_platforms_case_and_no_form(
    app: Flask, cast: Cast, browser: Browser, things: RecallThings
) -> None:
    cast.site.add("watch-e", OrganisationKind.AUTHORITY)
    browser.enter(cast.site.join("watch-e", "wang.e", OWNER))
    address = f"/console/recalls/{things.case}"
    assert "shop-b" in browser.get("/console/recalls").text
    page = browser.get(address).text
    assert "<form" not in page.split("<main")[1].replace('class="wide"', "") or "/measures" not in page
    assert f"{address}/acknowledge" not in page and "<button" not in page.split("<main")[1]
    for action in ("acknowledge", "report", "close"):
        assert browser.post(f"{address}/{action}", what="delisted", which="all").status_code == 403
    rival = Browser(app.test_client())
    cast.site.add("shop-d", OrganisationKind.PLATFORM)
    rival.enter(cast.site.join("shop-d", "dora.d", OWNER))
    assert rival.get(address).status_code == 404
    assert "shop-b" not in rival.get("/console/recall-board").text


def test_recalls_are_found_by_title_and_id_and_what_is_typed_stays_text(
    cast: Cast, browser: Browser, things: RecallThings
) -> None:
    browser.enter(cast.shop)
    for found in ("电池", "OVERHEATS", "qingshan/2026"):
        page = browser.get(f"/console/recalls?q={quote(found)}").text
        assert f"/console/recalls/{things.case}" in page, found
    for missing in ("100%", "_", "jacket", "\0"):
        page = browser.get(f"/console/recalls?state=all&q={quote('x' + missing)}").text
        assert things.case not in page and "没有符合条件的召回。" in page
    hostile = quote('"><script>')
    page = browser.get(f"/console/recalls?q={hostile}").text
    assert "<script>" not in page and 'href="/console/recalls?state=closed&amp;q=%22%3E%3Cscript%3E"' in page
