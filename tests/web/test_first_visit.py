# SPDX-License-Identifier: Apache-2.0
"""A phone's first visit over a slow network: how soon the verdict is painted, and how many bytes of script it takes.

Chromium's own throttling (DevTools protocol, Network.emulateNetworkConditions), with the values of the preset that its
DevTools call "Slow 4G": 1.6 Mbit/s down and 750 kbit/s up, 90 % of each, and 150 ms × 3.75 = 562.5 ms for each request.
Lighthouse's "slow 4G" says 150 ms where this says 562.5, so this is the harder of the two. The CPU is not throttled.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.browser import open_browser
from tests.support.phone_shop import DONE
from tests.support.power_bank import PowerBank, power_bank_registry
from verifier.web.static_files import encode_static, find_path, scripts_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, CDPSession, Page

MAX_SECONDS = 1.5
MAX_SCRIPT = 60_000  # bytes, as they come over the wire
SLOW_4G = {
    "offline": False,
    "latency": 150 * 3.75,
    "downloadThroughput": 1.6 * 1000 * 1000 / 8 * 0.9,
    "uploadThroughput": 750 * 1000 / 8 * 0.9,
}
WATCH = """() => new Promise((resolve) => new PerformanceObserver((list) => {
    const last = list.getEntries().at(-1);
    const [visit] = performance.getEntriesByType("navigation");
    resolve({ ms: last.startTime, element: last.element?.outerHTML.slice(0, 60), arrived: visit.responseEnd });
}).observe({ type: "largest-contentful-paint", buffered: true }))"""

NOTE_RESULT = """new MutationObserver(() => {
    if (document.getElementById("phone")?.dataset.state === "done") window.doneAt ??= performance.now();
}).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-state"] })"""
SCRIPTS = """() => performance.getEntriesByType("resource").filter(({ name }) => /\\.m?js(\\?|$)/.test(name))
  .map((it) => ({
    name: it.name.replace(/.*\\/static\\/([0-9a-f]{12}\\/)?/, "").replace(/\\?.*/, ""),
    size: it.encodedBodySize, isBefore: it.startTime < window.doneAt }))"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PowerBank]:
    with power_bank_registry(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """A new profile: nothing is kept from before."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, locale="zh-CN")
    yield context
    context.close()


def slow_page(context: BrowserContext) -> tuple[Page, CDPSession]:
    page = context.new_page()
    page.set_default_timeout(60_000)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    session.send("Network.emulateNetworkConditions", SLOW_4G)
    return page, session


def largest_paint(browser: Browser, address: str) -> dict[str, Any]:
    """The largest contentful paint of a first visit, after the phone's own check has said all that it says."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, device_scale_factor=2, locale="zh-CN")
    try:
        page, _ = slow_page(context)
        page.goto(address)
        page.wait_for_function(DONE)
        found: dict[str, Any] = page.evaluate(WATCH)
        assert page.locator(".verdict").get_attribute("data-status") == "genuine"
        return found
    finally:
        context.close()


def paint_some_times(browser: Browser, address: str) -> list[float]:
    """Seconds of three first visits; the network really was slow, and what was painted is text of the page."""
    paints = [largest_paint(browser, address) for _ in range(3)]
    assert all(paint["arrived"] >= SLOW_4G["latency"] for paint in paints)
    assert all(paint["element"].startswith("<p") for paint in paints)
    print(f"largest contentful paint: {paints}")
    return [paint["ms"] / 1000 for paint in paints]


def test_the_largest_paint_of_a_first_visit_on_slow_4g_is_early(browser: Browser, shop: PowerBank) -> None:
    """The median of three: others may work on the machine that measures."""
    assert statistics.median(paint_some_times(browser, f"{shop.url}/check{shop.good}")) < MAX_SECONDS


def test_with_the_redirect_of_a_scanned_code_it_is_early_enough_too(browser: Browser, shop: PowerBank) -> None:
    """Two requests leave 0.37 s; a busy machine only ever adds to what it takes, so the shortest of three counts."""
    assert min(paint_some_times(browser, shop.url + shop.good)) < MAX_SECONDS


def test_a_first_visit_loads_less_than_60_kb_of_script(phone: BrowserContext, shop: PowerBank) -> None:
    """What comes over the wire, by Chromium's count, until the phone says its own result. The rest comes later."""
    page = phone.new_page()
    page.add_init_script(NOTE_RESULT)
    with page.expect_request("**/phone/after.mjs"):
        page.goto(shop.url + shop.good)
    page.wait_for_load_state("networkidle")
    assert page.locator("#phone").get_attribute("data-state") == "done"
    assert page.evaluate("document.querySelector('script').src").endswith(f"/static/{scripts_version()}/check.mjs")
    loaded: list[dict[str, Any]] = page.evaluate(SCRIPTS)
    before = {it["name"]: it["size"] for it in loaded if it["isBefore"]}
    later = {it["name"]: it["size"] for it in loaded if not it["isBefore"]}
    total = sum(before.values())
    print(f"{len(before)} files, {total} bytes; later {len(later)} files, {sum(later.values())} bytes: {sorted(later)}")
    assert set(before) == {*find_path(), "verifier/tile.mjs"}, "no less and no more than the check needs"
    assert before == {name: len(encode_static(name, "br")) for name in before}, "as small as brotli makes them"
    assert total < MAX_SCRIPT
