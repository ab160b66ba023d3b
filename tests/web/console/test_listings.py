# SPDX-License-Identifier: Apache-2.0
"""The console's pages of listings, as a browser without scripts sees them: search, binding, appeals, import."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from flask import Flask

from passport.domain.listing_file import MAX_FILE_SIZE
from tests.support.accounts import AccountsSite
from tests.support.listings import GTIN, Market, fields, make_market
from tests.web.console.conftest import Browser, make_console_app


@pytest.fixture
def market(site: AccountsSite) -> Market:
    return make_market(site)


@pytest.fixture
def app(market: Market) -> Flask:
    return make_console_app(market.site, listings=market.listings)


@pytest.fixture
def browser(app: Flask, market: Market) -> Browser:
    browser = Browser(app.test_client())
    browser.enter(market.cast.shop)
    return browser


def upload(browser: Browser, data: bytes, name: str = "listings.csv") -> str:
    form = {"csrf_token": browser.form_token(), "file": (io.BytesIO(data), name)}
    answer = browser.client.post("/console/imports", base_url=browser.base, data=form, headers={"Origin": browser.base})
    assert answer.status_code == 303, answer.text
    return answer.location


def test_an_empty_list_says_what_to_do_and_only_platforms_see_the_menu(browser: Browser, market: Market) -> None:
    text = browser.get("/console/listings?lang=en").text
    assert "There are no listings yet" in text and 'href="/console/imports"' in text
    browser.enter(market.cast.maker)
    assert "/console/listings" not in browser.get("/console").text


def test_a_listing_is_entered_refused_with_proof_appealed_and_bound(browser: Browser, market: Market) -> None:
    form = {"url": "https://shop.example.cn/item/1", "seller_id": "s-1", "seller_name": "Some seller", "gtin": GTIN}
    wrong = browser.post("/console/listings/new?lang=en", **form | {"gtin": GTIN[:-1] + "9"}, lots="L1", codes="")
    assert wrong.status_code == 400 and "A GTIN has" in wrong.text and 'value="Some seller"' in wrong.text
    assert re.search(r'name="gtin"(?:(?!</div>).)*class="at-field"', wrong.text, re.DOTALL), "said at its field too"
    address = browser.post("/console/listings/new", **form, lots="L1", codes="").location
    market.refuse_by_recall()
    assert browser.post(f"{address}/bind").location == address
    page = browser.get(f"{address}?lang=en").text
    assert "The recall qingshan/2026-01 is open." in page and 'href="/console/ledger/31"' in page
    assert "recall.published" in browser.get("/console/ledger/31").text
    assert browser.get("/console/ledger/4000").status_code == 404
    assert browser.get("/console/ledger/x").status_code == 400
    decision = re.search(r'href="(/console/decisions/[^"/]+)"', page)
    assert decision is not None
    assert "gate/2" in browser.get(decision[1]).text
    appeal = browser.post(f"{decision[1]}/appeal", text="<b>closed</b>", wants_person="yes").location
    text = browser.get(appeal).text
    assert "&lt;b&gt;closed&lt;/b&gt;" in text and "<b>closed" not in text
    assert browser.post(f"{appeal}/answer", text="We look.").location == appeal
    assert browser.post(f"{appeal}/close", text="So it is.", outcome="facts_changed").location == appeal
    assert browser.post(f"{appeal}/close", text="Again.", outcome="upheld").status_code == 409
    market.ledger.facts = replace(market.ledger.facts, recalls=())
    browser.post(f"{address}/bind")
    assert "there is no reason against it" in browser.get(f"{address}?lang=en").text


def test_many_are_previewed_before_they_are_bound(browser: Browser, market: Market) -> None:
    ids = [listing.id for listing in market.add(3)]
    preview = browser.post("/console/listings/preview", listing=ids)
    assert preview.text.count('type="hidden" name="listing"') == 3
    assert market.listings.desk.count_by_state(market.cast.shop.principal) == {"draft": 3}
    browser.post("/console/listings/bind", listing=ids)
    assert market.listings.desk.count_by_state(market.cast.shop.principal) == {"bound": 3}
    assert browser.post("/console/listings/preview").status_code == 400
    page = browser.post("/console/listings/preview", listing=ids[:1], shown=ids, all="yes")
    assert page.text.count('type="hidden" name="listing"') == 3, "all that the page showed, not the chosen one"
    assert browser.get("/console/listings").text.count('type="hidden" name="shown"') == 3
    assert browser.post("/console/listings/bind", listing=["0" * 36]).status_code == 404


def test_names_are_shown_as_text_and_search_filters(browser: Browser, market: Market) -> None:
    shop, desk = market.cast.shop.principal, market.listings.desk
    odd = desk.create(shop, replace(fields(7), seller_name="<script>alert(1)</script>"))
    list(market.add(2))
    page = browser.get("/console/listings?q=%3Cscript").text
    assert "&lt;script&gt;alert(1)" in page and "<script" not in page
    assert odd.id in page and page.count('name="listing"') == 1
    assert browser.get("/console/listings?state=odd").status_code == 400
    assert browser.get("/console/listings?q=%00&before=%00").status_code == 200
    exported = browser.get("/console/listings/export?state=draft")
    assert exported.mimetype == "text/csv" and exported.data.count(b"\r\n") == 4


def test_a_file_is_uploaded_shown_and_run_without_scripts(browser: Browser, market: Market) -> None:
    rows = "".join(f"https://shop.example.cn/c/{number % 4},s,n,{GTIN},L1,\n" for number in range(5))
    address = upload(browser, f"url,seller_id,seller_name,gtin,lots,codes\n{rows}".encode())
    busy = browser.get(f"{address}?lang=en").text
    assert '<meta http-equiv="refresh" content="2">' in busy and "<progress" in busy and "<script" not in busy
    market.listings.worker.work()
    ready = browser.get(f"{address}?lang=en").text
    assert "refresh" not in ready and "Same address as line 2" in ready and "(4)" in ready
    browser.post(f"{address}/run")
    market.listings.worker.work()
    done = browser.get(f"{address}?lang=en").text
    assert "Entered" in done and market.listings.desk.count_by_state(market.cast.shop.principal) == {"draft": 4}
    assert browser.post(f"{address}/discard").status_code == 303, "it is done, and stays"


def test_a_file_that_is_too_large_or_none_is_refused_with_words(browser: Browser) -> None:
    assert browser.post("/console/imports").status_code == 400
    form = {"csrf_token": browser.form_token(), "file": (io.BytesIO(b"x" * (MAX_FILE_SIZE + 128 * 1024)), "x.csv")}
    answer = browser.client.post("/console/imports", base_url=browser.base, data=form, headers={"Origin": browser.base})
    assert answer.status_code == 413
    nobody = Browser(browser.client.application.test_client())
    form = {"csrf_token": nobody.form_token(), "file": (io.BytesIO(b"x" * (2 << 20)), "x.csv")}
    answer = nobody.client.post("/console/imports", base_url=nobody.base, data=form, headers={"Origin": nobody.base})
    assert answer.status_code in (303, 413), "strangers do not send us files"
