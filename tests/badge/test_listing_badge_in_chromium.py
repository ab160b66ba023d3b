# SPDX-License-Identifier: Apache-2.0
"""The badge in a real browser with three origins: the shop, a site that copies it, and the registry."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.badge.conftest import LISTING, SHOP, URL, World, make_claims, make_token, now, sign
from tests.badge.stage import FOREIGN_HOST, REGISTRY, Shops
from tests.support.browser import open_browser
from tests.support.web_server import WebServer
from verifier.verdict import Status
from verifier.web.streams import StreamGate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page

PICTURES = os.environ.get("BADGE_PICTURES")  # a directory, to look at what was seen
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def shops(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shops]:
    with Shops(tmp_path_factory.mktemp("shops")) as shops:
        yield shops


@pytest.fixture(scope="module")
def browser(shops: Shops) -> Iterator[Browser]:
    with open_browser(shops.rules) as browser:
        yield browser


@pytest.fixture
def server(app: Flask, gate: StreamGate, shops: Shops) -> Iterator[WebServer]:
    with WebServer(app) as server:
        shops.tunnel.port_behind = int(server.host.partition(":")[2])
        shops.token, shops.style, shops.plain, shops.attributes = make_token(), "", "", {}
        yield server
        gate.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB", ignore_https_errors=True)
    page = context.new_page()
    page.set_default_timeout(6_000)
    yield page
    context.close()


def badge_of(page: Page, colour: str, *, timeout: float = 6_000) -> Frame:
    """The frame of the badge, once it has this colour."""
    page.frame_locator("iframe").locator(f".verdict.is-{colour}").wait_for(timeout=timeout)
    return page.frames[1]


def picture(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png")


def test_the_right_listing_is_green(page: Page, server: WebServer, world: World) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"{URL}&lang=en")
    badge = badge_of(page, "green")
    assert badge.locator("h1").inner_text() == "Lot registered, no recall"
    assert badge.locator("[data-part=seller]").inner_text() == "某某旗舰店"
    assert re.fullmatch("[0-9A-Z]{4}", badge.locator("[data-part=code]").inner_text())
    page.wait_for_timeout(1200)  # beats go by
    badge_of(page, "green")
    assert world.alerts == [] and messages == []
    picture(page, "green-en")
    page.goto(URL)
    badge_of(page, "green")
    assert page.frames[1].locator("h1").inner_text() == "批次已登记，无召回"
    picture(page, "green-zh")


def test_another_listing_of_the_same_platform_is_grey(page: Page, server: WebServer, world: World) -> None:
    page.goto(f"{SHOP}/item?id=2&lang=en")
    badge = badge_of(page, "grey")
    assert badge.locator("[data-part=sentence]").inner_text() == "This badge belongs to another page."
    page.wait_for_timeout(1500)  # events and polling do not turn it green
    assert badge_of(page, "grey").locator("[data-part=claims]").is_hidden()
    assert world.alerts == [(LISTING, "another_page", f"{SHOP}/item?id=2")]
    picture(page, "another-page-en")


def test_a_foreign_site_cannot_frame_it_and_the_platform_hears_of_the_place(
    page: Page, server: WebServer, world: World
) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(f"https://{FOREIGN_HOST}/fake/item?visitor=7")
    page.wait_for_function("document.querySelector('iframe')")
    page.wait_for_timeout(1000)
    assert page.frames[1].url.startswith("chrome-error:")
    assert any("frame-ancestors" in text for text in messages), messages
    assert world.alerts == [(LISTING, "foreign_origin", f"https://{FOREIGN_HOST}/fake/item")]


def test_a_page_that_hides_its_address_is_grey(page: Page, server: WebServer, shops: Shops, world: World) -> None:
    page.goto(URL)
    badge_of(page, "green")
    page.evaluate(
        """() => { const frame = document.querySelector("iframe").cloneNode();
        frame.referrerPolicy = "no-referrer"; document.querySelector("iframe").replaceWith(frame); }"""
    )
    badge_of(page, "grey")
    assert world.alerts == [(LISTING, "no_page", "")]


def test_an_expired_token_is_grey_from_the_start_and_while_it_is_open(
    page: Page, server: WebServer, shops: Shops
) -> None:
    past = now().replace(microsecond=0) - timedelta(seconds=2)
    shops.token = sign(make_claims(expires_at=past))
    page.goto(f"{URL}&lang=en")
    badge = badge_of(page, "grey")
    assert badge.locator("[data-part=sentence]").inner_text() == "This badge has expired. Reload the shop's page."
    assert badge.locator("[data-part=claims]").is_hidden()
    shops.token = sign(make_claims(expires_at=now().replace(microsecond=0) + timedelta(seconds=4)))
    page.goto(f"{URL}&lang=en")
    badge_of(page, "green")
    badge_of(page, "grey", timeout=7000)
    assert page.frames[1].evaluate("document.getElementById('badge').dataset.status") == "unknown"


def test_a_new_token_is_a_new_frame(page: Page, server: WebServer, shops: Shops) -> None:
    shops.token = sign(make_claims(expires_at=now().replace(microsecond=0) - timedelta(seconds=2)))
    page.goto(URL)
    badge_of(page, "grey")
    page.evaluate(
        "token => document.querySelector('product-passport-badge').setAttribute('token', token)", make_token()
    )
    badge_of(page, "green")
    page.evaluate("() => document.querySelector('product-passport-badge').removeAttribute('token')")
    assert page.locator("iframe").count() == 0


def test_a_recall_turns_it_red_while_it_is_looked_at_and_stays(
    page: Page, server: WebServer, world: World, gate: StreamGate
) -> None:
    page.goto(f"{URL}&lang=en")
    badge_of(page, "green")
    world.checker.set_lot(Status.RECALLED)
    badge = badge_of(page, "red", timeout=4000)
    assert badge.locator("h1").inner_text() == "Recalled: do not buy"
    assert "400-820-0001" in badge.locator("ul").inner_text()
    assert badge.locator("use").get_attribute("href") == "#icon-recall", "it is told by more than its colour"
    picture(page, "red-en")
    world.moved = timedelta(seconds=1000)  # the token has expired: no reason to stop warning
    page.wait_for_timeout(1500)
    world.moved = timedelta()
    world.checker.set_lot(Status.CANNOT_TELL)  # the server has lost its ledger: no reason either
    page.wait_for_timeout(1500)
    gate.stop()
    server.stop()
    page.wait_for_timeout(7500)
    assert badge_of(page, "red").locator("h1").inner_text() == "Recalled: do not buy"


def test_without_its_server_it_is_unknown_and_not_green(page: Page, server: WebServer, gate: StreamGate) -> None:
    page.goto(f"{URL}&lang=en")
    badge_of(page, "green")
    gate.stop()
    server.stop()
    badge = badge_of(page, "grey", timeout=12_000)
    assert badge.locator("h1").inner_text() == "We cannot tell right now"
    assert badge.locator("[data-part=code]").inner_text() == "", "the code of a minute that is over"


def test_without_streams_it_polls(page: Page, server: WebServer, world: World, gate: StreamGate) -> None:
    gate.stop()
    page.goto(URL)
    badge_of(page, "green")
    world.checker.set_lot(Status.RECALLED)
    badge_of(page, "red", timeout=4000)


def test_without_scripts_it_is_shown_by_a_plain_frame_and_renews_itself(
    browser: Browser, server: WebServer, shops: Shops, world: World
) -> None:
    context = browser.new_context(java_script_enabled=False, ignore_https_errors=True, locale="en-GB")
    page = context.new_page()
    address = f"{REGISTRY}/badge/listing/{shops.token}"
    shops.plain = f'<iframe src="{address}" title="Badge" referrerpolicy="no-referrer-when-downgrade"></iframe>'
    page.goto(URL)
    badge = page.frame_locator("iframe")
    badge.locator(".verdict.is-green").wait_for()
    again = badge.locator("meta[http-equiv=refresh]").get_attribute("content")
    assert again is not None and again.startswith("30; url=/badge/listing/")
    context.close()


@pytest.mark.timeout(150)
def test_badge_and_page_behind_it_change_their_code_together_each_minute(page: Page, server: WebServer) -> None:
    page.goto(f"{URL}&lang=en")
    badge = badge_of(page, "green")
    with page.expect_popup() as opened:
        badge.get_by_role("link", name="See the proof").click()
    about = opened.value
    about.locator(".verdict.is-green").wait_for()
    assert about.get_by_role("link", name=URL).is_visible()
    picture(about, "about-en")
    codes: list[str] = []
    for _ in range(2):
        for _ in range(40):  # the two ask one after the other
            shown = badge.locator("[data-part=code]").inner_text(), about.locator("[data-live=code]").inner_text()
            if shown[0] == shown[1]:
                break
            page.wait_for_timeout(100)
        assert shown[0] == shown[1]
        codes.append(shown[0])
        if len(codes) == 1:
            badge.wait_for_function(
                "code => document.querySelector('[data-part=code]').textContent !== code", arg=codes[0], timeout=70_000
            )
    assert codes[0] != codes[1]
    assert about.locator("[data-live=before]").inner_text() == codes[0]


def test_a_keyboard_reaches_the_proof_and_leaves_again(page: Page, server: WebServer) -> None:
    page.goto(f"{URL}&lang=en")
    badge = badge_of(page, "green")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"
    page.keyboard.press("Tab")
    assert badge.evaluate("document.activeElement.textContent").startswith("See the proof")
    outline = badge.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "where the keyboard is can be seen"
    with page.expect_popup() as opened:
        page.keyboard.press("Enter")
    assert opened.value.url.startswith(f"{REGISTRY}/badge/listing/")


def test_a_screen_reader_hears_what_it_is_and_when_it_changes(page: Page, server: WebServer, world: World) -> None:
    page.goto(f"{URL}&lang=en")
    badge = badge_of(page, "green")
    assert page.locator("iframe").get_attribute("title") == "Product passport badge"
    tree = badge.locator("body").aria_snapshot()
    assert 'main "Product passport badge"' in tree
    assert 'heading "Lot registered, no recall" [level=1]' in tree
    assert 'link "See the proof (opens in a new window)"' in tree
    live = badge.locator("[aria-live=polite][role=status]")
    assert "Lot registered" in live.inner_text()
    badge.evaluate(
        """() => { window.said = 0; new MutationObserver(() => window.said++)
        .observe(document.querySelector("[role=status]"), {subtree: true, childList: true, characterData: true}); }"""
    )
    page.wait_for_timeout(1500)
    assert badge.evaluate("window.said") == 0, "nothing is announced while nothing changes"
    world.checker.set_lot(Status.RECALLED)
    badge_of(page, "red")
    assert badge.evaluate("window.said") > 0
    assert 'heading "Recalled: do not buy"' in badge.locator("body").aria_snapshot()


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (390, "en"), (240, "zh"), (195, "en")])
def test_it_fits_narrow_places_and_200_percent(
    page: Page, server: WebServer, shops: Shops, world: World, width: int, language: str
) -> None:
    """195 px is what 200 % zoom leaves of a telephone."""
    page.set_viewport_size({"width": width, "height": 844})
    shops.style = "body { margin: 0 }"
    for status, colour in ((Status.GENUINE, "green"), (Status.RECALLED, "red")):
        world.checker.lot_status = status
        page.goto(f"{URL}&lang={language}")
        badge = badge_of(page, colour)
        assert badge.evaluate(OVERFLOW) <= 0
        about = badge.get_by_role("link").get_attribute("href")
        box = badge.get_by_role("link").bounding_box()
        assert box is not None and box["height"] >= 43.5
        other = page.context.new_page()
        other.set_viewport_size({"width": width, "height": 844})
        other.goto(f"{REGISTRY}{about}")
        assert other.evaluate(OVERFLOW) <= 0
        picture(other, f"about-{colour}-{language}-{width}")
        other.close()
        picture(page, f"{colour}-{language}-{width}")


def test_nothing_moves_for_whoever_wants_it_still(browser: Browser, server: WebServer) -> None:
    context = browser.new_context(reduced_motion="reduce", ignore_https_errors=True)
    page = context.new_page()
    page.goto(URL)
    badge = badge_of(page, "green")
    assert badge.evaluate("document.getAnimations().length") == 0
    assert badge.evaluate(
        "[...document.querySelectorAll('*')].every(e => getComputedStyle(e).transitionDuration === '0s')"
    )
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, server: WebServer, world: World, scheme: str) -> None:
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    context = browser.new_context(color_scheme=scheme, ignore_https_errors=True)
    page = context.new_page()
    for status, colour in ((Status.GENUINE, "green"), (Status.RECALLED, "red"), (Status.CANNOT_TELL, "grey")):
        world.checker.lot_status = status
        page.goto(f"{URL}&lang=en")
        badge = badge_of(page, colour)
        about = context.new_page()
        about.goto(REGISTRY + str(badge.get_by_role("link").get_attribute("href")))
        for place in (badge, about.main_frame):
            place.evaluate(axe)
            found = place.evaluate(
                "async () => (await axe.run(document)).violations.map(v => v.id + ': ' + v.nodes[0].html)"
            )
            assert found == []
        about.close()
    context.close()
