# SPDX-License-Identifier: Apache-2.0
"""The overview: what needs the reader today is counted from the tables, leads to its page, and goes when it is done."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask import Flask

from passport.domain.accounts import OrganisationKind
from tests.support.accounts import OWNER, READER, Cast
from tests.support.listings import make_market
from tests.support.live_commerce import make_studio
from tests.web.console.conftest import Browser, make_console_app
from tests.web.console.recall_routes import make_recall_things
from tests.web.console.webhook_routes import make_webhook_things
from verifier.web.moments import CHINA

LINE = re.compile(r'<li( class="urgent")?>.*?<a href="(/console[^"]*)">([^<]*)</a></li>')


def things(browser: Browser, language: str = "en") -> dict[str, tuple[str, bool]]:
    """Address → its words, and whether it is urgent."""
    page = browser.get(f"/console?lang={language}").text
    listed = page[page.index('id="todo"') : page.index("</section>", page.index('id="todo"'))]
    return {unescape(address): (text, bool(urgent)) for urgent, address, text in LINE.findall(listed)}


def test_a_recall_is_urgent_until_it_is_confirmed_and_its_listings_until_they_are_reported(
    cast: Cast, browser: Browser
) -> None:
    case = make_recall_things(cast).case
    browser.enter(cast.shop)
    page = browser.get("/console?lang=en").text
    assert "Recalls that nobody has confirmed: 1." in page
    assert "Listings to take down because of a recall, and to report: 1." in page
    assert "Listings over 24 hours" not in page
    browser.post(f"/console/recalls/{case}/acknowledge")
    assert "Recalls that nobody" not in browser.get("/console").text
    cast.site.clock.turn(hours=25)
    cast.shop.sign_in()
    browser.enter(cast.shop)
    assert things(browser)["/console/recalls"] == (
        "Listings over 24 hours without a report that they were taken down: 1.",
        True,
    )
    assert things(browser, "zh")["/console/recalls"][0] == "有 1 个商品超过 24 小时还没有上报下架。"
    browser.post(f"/console/recalls/{case}/report", what="delisted", which="all")
    assert "/console/recalls" not in things(browser)


def test_what_the_gate_refused_and_what_waits_for_it_are_counted_and_drawn(cast: Cast) -> None:
    site = cast.site
    market = make_market(site, cast)
    browser = Browser(make_console_app(site, listings=market.listings).test_client())
    browser.enter(cast.shop)
    assert "/console/listings?state=refused" not in things(browser)
    one, two, _ = market.add(3)
    market.listings.gatekeeper.bind(cast.shop.principal, one.id)
    market.refuse_by_recall()
    market.listings.gatekeeper.bind(cast.shop.principal, two.id)
    assert things(browser)["/console/listings?state=refused"] == ("Listings that the gate refused: 1.", False)
    assert things(browser)["/console/listings?state=draft"][0] == "Listings that are not bound yet: 1."
    page = browser.get("/console?lang=en").text
    today = f"{site.clock.now.astimezone(CHINA):%m-%d}"
    assert page.count('<rect class="tone-good"') >= 2 and page.count('<rect class="tone-bad"') >= 2, (
        "legend and columns"
    )
    assert re.search(rf'<th scope="row">{today}</th><td>1</td><td>1</td>', page)
    browser.enter(market.rival)
    assert "/console/listings?state=refused" not in things(browser), "another platform's are not mine"


def test_a_new_platform_is_told_what_to_begin_with_and_its_reader_is_not(cast: Cast, browser: Browser) -> None:
    site = cast.site
    site.add("shop-n", OrganisationKind.PLATFORM)
    owner, reader = site.join("shop-n", "nora"), site.join("shop-n", "ned", READER)
    beginnings = {"/console/listings", "/console/webhooks/new"}
    browser.enter(owner)
    assert beginnings <= set(things(browser))
    assert things(browser, "zh")["/console/listings"][0] == "还没有商品。请新增一个，或导入 CSV 文件。"
    browser.enter(reader)
    assert not beginnings & set(things(browser)), "who may not enter anything is not asked to"
    make_webhook_things(cast)
    browser.enter(cast.shop)
    assert "/console/webhooks/new" not in things(browser)


def test_only_the_chief_quality_officer_is_asked_to_approve(cast: Cast) -> None:
    studio = make_studio(cast.site, cast)
    studio.submitted()
    app = make_console_app(cast.site)
    for person, is_asked in ((studio.officer, True), (studio.worker, False), (cast.shop, False)):
        browser = Browser(app.test_client())
        browser.enter(person)
        assert ("/console/dossiers?state=submitted" in things(browser)) is is_asked


@pytest.mark.parametrize("kind", [OrganisationKind.AUTHORITY, OrganisationKind.LABORATORY, OrganisationKind.MAKER])
def test_the_page_opens_for_every_kind_of_organisation_and_shows_no_platforms_figures(
    cast: Cast, app: Flask, kind: OrganisationKind
) -> None:
    make_recall_things(cast)
    cast.site.add("other-x", kind)
    for role, name in ((OWNER, "olga.x"), (READER, "rita.x")):
        browser = Browser(app.test_client())
        browser.enter(cast.site.join("other-x", name, role))
        assert browser.get("/console").status_code == 200
        found = things(browser)
        assert not [address for address in found if "listings" in address or "dossiers" in address]
        assert ("/console/recalls" in found) is (kind is OrganisationKind.AUTHORITY)
