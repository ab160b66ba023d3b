# SPDX-License-Identifier: Apache-2.0
"""A quality team works on a recall in a real browser: clock, report with preview, measure, board; two widths."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.accounts import Cast, make_cast, open_site
from tests.support.browser import open_browser
from tests.support.web_server import WebServer
from tests.web.console.conftest import make_console_app
from tests.web.console.recall_routes import RecallThings, make_recall_things
from tests.web.console.test_listings_in_chromium import picture

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[tuple[Cast, RecallThings]]:
    with open_site(tmp_path) as site:
        cast = make_cast(site)
        yield cast, make_recall_things(cast)


def sign_in(page: Page, cast: Cast, server: WebServer, language: str) -> None:
    page.context.add_cookies(
        [
            {"name": "console", "value": cast.shop.session, "url": server.url},
            {"name": "device", "value": cast.shop.device, "url": server.url},
        ]
    )
    page.goto(f"{server.url}/console/recalls?lang={language}")


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1280)])
def test_a_team_reports_on_a_case_and_reads_the_board(
    staged: tuple[Cast, RecallThings], browser: Browser, language: str, width: int
) -> None:
    cast, things = staged
    cast.site.clock.turn(hours=26)
    cast.shop.sign_in()
    with WebServer(make_console_app(cast.site)) as server:
        page = browser.new_page(viewport={"width": width, "height": 900})
        sign_in(page, cast, server, language)
        picture(page, f"recalls-{language}-{width}")
        assert page.locator("td .tag.bad").count() == 2, "the clock, and how many are over 24 hours"
        page.goto(f"{server.url}/console/recalls/{things.case}")
        picture(page, f"recall-case-{language}-{width}")
        page.get_by_role("checkbox").check()
        page.locator("form[action$='/preview'] button").click()
        picture(page, f"recall-preview-{language}-{width}")
        page.locator("form[action$='/report'] button").click()
        assert page.locator(".done").count() == 1
        page.locator("#seller_id").fill("s-1")
        page.locator("form[action$='/measures'] button").click()
        assert page.locator(".done").count() == 1
        picture(page, f"recall-done-{language}-{width}")
        page.goto(f"{server.url}/console/recall-board")
        assert page.locator("svg.columns rect").count() == 1
        picture(page, f"recall-board-{language}-{width}")
        page.context.close()
