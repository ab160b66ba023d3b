# SPDX-License-Identifier: Apache-2.0
"""A green badge whose script never arrived ends by itself in a real browser: its style sheet is the clock then."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from tests.badge.conftest import URL, make_token
from tests.badge.stage import REGISTRY, Shops
from tests.support.browser import open_browser
from tests.support.web_server import WebServer
from verifier.web.streams import StreamGate

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

SCRIPTS = [r"/listing_(badge|about)\.mjs", r"/(badge_stream|listing_about)\.mjs"]  # the badge's own, what it imports
END = "document.getAnimations().map(one => { one.finish(); return one.effect.getTiming().delay; })"
SHOWN = "getComputedStyle(document.querySelector('.verdict')).visibility"
LOST = "getComputedStyle(document.getElementById('badge'), '::before').visibility"


@pytest.fixture
def shops(tmp_path: Path, app: Flask, gate: StreamGate) -> Iterator[Shops]:
    with Shops(tmp_path) as shops, WebServer(app) as server:
        shops.tunnel.port_behind = int(server.host.partition(":")[2])
        shops.token = make_token()
        yield shops
        gate.stop()


@pytest.fixture
def page(shops: Shops) -> Iterator[Page]:
    browser: Browser
    with open_browser(shops.rules) as browser:
        # The badge's rule holds for whoever wants nothing to move as well: nothing does.
        context = browser.new_context(ignore_https_errors=True, locale="en-GB", reduced_motion="reduce")
        yield context.new_page()
        context.close()


@pytest.mark.parametrize("script", SCRIPTS)
def test_green_ends_without_the_script_that_would_end_it(page: Page, shops: Shops, script: str) -> None:
    page.route(re.compile(script), lambda route: route.abort())
    page.goto(f"{URL}&lang=en")
    page.frame_locator("iframe").locator(".verdict.is-green").wait_for()
    badge = page.frames[1]
    assert (badge.evaluate(SHOWN), badge.evaluate(LOST)) == ("visible", "hidden")
    assert set(badge.evaluate(END)) == {45_000}
    assert (badge.evaluate(SHOWN), badge.evaluate(LOST)) == ("hidden", "visible")
    page.goto(f"{REGISTRY}/badge/listing/{shops.token}/about?lang=en")
    assert page.evaluate(SHOWN) == "visible"
    assert set(page.evaluate(END)) == {45_000}
    assert page.evaluate(SHOWN) == "hidden"


def test_the_script_takes_over_from_the_style_sheet(page: Page, shops: Shops) -> None:
    page.goto(f"{URL}&lang=en")
    page.frame_locator("iframe").locator(".listing-badge:not(.unattended) .verdict.is-green").wait_for()
    assert page.frames[1].evaluate(END) == []
    page.goto(f"{REGISTRY}/badge/listing/{shops.token}/about?lang=en")
    page.locator("#about:not(.unattended) .verdict.is-green").wait_for()
    assert page.evaluate(END) == []
