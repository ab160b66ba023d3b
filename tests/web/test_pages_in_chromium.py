# SPDX-License-Identifier: Apache-2.0
"""The pages in a real browser: narrow and wide, both languages, zoom, print; the badge live, silent and out of date."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.support.browser import open_browser
from tests.support.fake_registry import GOOD, GTIN, FakeChecker
from tests.support.web_server import WebServer
from verifier.verdict import Status
from verifier.web.streams import StreamGate

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

BADGE = f"/badge/01/{GTIN}/10/L20260318A"
CHECK = f"/check{GOOD.to_path()}"
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """() => [...document.querySelectorAll("a, button, input, summary")]
    .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && box.x >= 0 && box.height < 43.5).map(([html]) => html)"""
GREEN = "document.querySelector('[data-part=band]').classList.contains('is-green')"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def server(app: Flask, gate: StreamGate) -> Iterator[WebServer]:
    with WebServer(app) as server:
        yield server
        gate.stop()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page = context.new_page()
    page.set_default_timeout(10_000)
    yield page
    context.close()


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(("width", "locale"), [(390, "zh-CN"), (390, "en-GB"), (1280, "zh-CN"), (195, "en-GB")])
def test_no_page_scrolls_sideways_and_every_target_is_large_enough(
    browser: Browser, server: WebServer, checker: FakeChecker, status: Status, width: int, locale: str
) -> None:
    """195 px is what 200 % zoom leaves of a telephone."""
    checker.status = status
    context = browser.new_context(viewport={"width": width, "height": 844}, locale=locale, java_script_enabled=True)
    page = context.new_page()
    page.goto(server.url + ("/check/01/1?x" if status is Status.MALFORMED else CHECK))
    assert page.evaluate(OVERFLOW) <= 0
    assert page.evaluate(SMALL_TARGETS) == []
    context.close()


def test_nothing_is_blocked_by_our_own_policy_and_no_request_fails(page: Page, server: WebServer) -> None:
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))

    def note(request: Request) -> None:
        # The phone gives its other request up as soon as one answer does not do; that is no failure of a request.
        if request.failure != "net::ERR_ABORTED":
            messages.append(f"{request.url}: {request.failure}")

    page.on("requestfailed", note)
    for address in ("/", CHECK, BADGE):
        page.goto(server.url + address)
        page.wait_for_timeout(200)
    assert messages == []


def test_the_language_switch_keeps_the_code(page: Page, server: WebServer, checker: FakeChecker) -> None:
    page.goto(server.url + GOOD.to_path())
    assert page.locator("h1").inner_text() == "此码真实有效"
    page.get_by_role("link", name="English").click()
    assert page.locator("h1").inner_text() == "This code is genuine"
    assert page.evaluate("document.documentElement.lang") == "en"
    assert set(checker.asked) == {GOOD.to_path()}
    page.goto(server.url + CHECK)
    assert page.locator("h1").inner_text() == "This code is genuine", "the cookie remembers"


def test_the_page_works_without_a_script(browser: Browser, server: WebServer) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(server.url + "/")
    page.get_by_label("Paste or type the address in the QR code").fill(GOOD.to_url("id.example.cn"))
    page.get_by_role("button", name="Check").click()
    assert page.locator("h1").inner_text() == "This code is genuine"
    assert page.get_by_role("link", name="400-820-0000").is_visible()
    page.locator("summary", has_text="How we know").click()
    assert page.get_by_text("The signature is right", exact=True).is_visible()
    page.goto(server.url + BADGE)
    assert page.locator("h1").inner_text() == "Lot registered, no recall"
    context.close()


def test_what_is_folded_away_is_printed(page: Page, server: WebServer) -> None:
    page.goto(server.url + CHECK)
    page.emulate_media(media="print")
    assert page.get_by_text("数字签名", exact=True).is_visible()
    assert page.locator(".language").is_hidden()


def test_a_badge_turns_red_while_it_is_looked_at(page: Page, server: WebServer, checker: FakeChecker) -> None:
    page.goto(server.url + BADGE)
    page.wait_for_function(GREEN)
    checker.set_lot(Status.RECALLED)
    page.locator(".verdict.is-red").wait_for(timeout=4000)
    assert page.locator("h1").inner_text() == "该批次正在召回"
    assert page.locator("use").get_attribute("href") == "#icon-recall"
    assert "400-820-0001" in page.locator("ul").inner_text()


@pytest.mark.parametrize("script", ["badge.mjs", "badge_stream.mjs"])
def test_a_green_badge_whose_script_never_came_ends_by_its_style_sheet(
    page: Page, server: WebServer, script: str
) -> None:
    finish = "document.getAnimations().map(one => { one.finish(); return one.effect.getTiming().delay; })"
    shown = "getComputedStyle(document.querySelector('.verdict')).visibility"
    page.route(re.compile(f"/{script}$"), lambda route: route.abort())
    page.goto(server.url + BADGE)
    assert page.evaluate(shown) == "visible"
    assert set(page.evaluate(finish)) == {45_000}
    assert page.evaluate(shown) == "hidden"
    page.unroute_all()
    page.goto(server.url + BADGE)
    page.locator("#badge:not(.unattended) .is-green").wait_for()
    assert page.evaluate(finish) == []


def test_a_badge_that_gets_no_stream_polls(
    page: Page, server: WebServer, checker: FakeChecker, gate: StreamGate
) -> None:
    gate.stop()  # from now on every stream is refused with 503
    page.goto(server.url + BADGE)
    checker.set_lot(Status.RECALLED)
    page.locator(".verdict.is-red").wait_for(timeout=5000)


def test_a_badge_turns_grey_when_the_server_is_gone_and_recovers_never_by_itself(
    page: Page, server: WebServer, gate: StreamGate
) -> None:
    page.goto(server.url + BADGE)
    page.wait_for_function(GREEN)
    gate.stop()
    server.stop()
    page.locator(".verdict.is-grey").wait_for(timeout=12_000)
    assert page.locator("h1").inner_text() == "暂时无法判断"
    assert page.locator("use").get_attribute("href") == "#icon-question"


def test_a_recall_stays_red_when_the_server_is_gone(
    page: Page, server: WebServer, checker: FakeChecker, gate: StreamGate
) -> None:
    checker.set_lot(Status.RECALLED)
    page.goto(server.url + BADGE)
    gate.stop()
    server.stop()
    page.wait_for_timeout(8000)
    assert page.locator(".verdict.is-red").is_visible()


def test_a_badge_turns_grey_when_the_snapshot_is_out_of_date_although_events_go_on(
    browser: Browser, server: WebServer, checker: FakeChecker
) -> None:
    """The fake goes on saying "genuine, 0 seconds left": green then ends at once, whatever this device's clock says."""
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.clock.install(time=0)  # the device thinks that it is 1970
    page.goto(server.url + BADGE)
    page.clock.run_for(2000)
    assert page.evaluate(GREEN), "a wrong clock alone does no harm"
    checker.lot_seconds = 0
    checker.set_lot(Status.GENUINE)
    page.wait_for_timeout(500)
    page.clock.run_for(1100)
    page.locator(".verdict.is-grey").wait_for(timeout=4000)
    context.close()


def test_a_badge_in_the_frame_of_another_site_is_live(page: Page, server: WebServer, checker: FakeChecker) -> None:
    shop = Flask("shop")
    frame = f'<!doctype html><title>shop</title><iframe src="{server.url}{BADGE}" width="320" height="180"></iframe>'
    shop.add_url_rule("/", view_func=lambda: frame)
    with WebServer(shop) as other:
        page.goto(other.url.replace("127.0.0.1", "localhost"))
        badge = page.frame_locator("iframe")
        badge.locator(".verdict.is-green").wait_for()
        checker.set_lot(Status.RECALLED)
        badge.locator(".verdict.is-red").wait_for(timeout=4000)
