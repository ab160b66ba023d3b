# SPDX-License-Identifier: Apache-2.0
"""The console within reach: axe, one heading, targets for thumbs, no sideways scrolling, in both languages and schemes.

A page of the quality team is one line here; what is asked of a page stands in tests/support/reach.py. WCAG 2.2.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from passport.domain.accounts import Role
from tests.support.accounts import Cast, make_cast, open_site
from tests.support.browser import open_browser
from tests.support.reach import HEADINGS, OVERFLOW, SMALL_TARGETS, Reader, list_violations, reading
from tests.support.web_server import WebServer
from tests.web.console.badge_routes import add_alert
from tests.web.console.conftest import make_console_app
from tests.web.console.listing_routes import make_things
from tests.web.console.live_routes import make_live_things
from tests.web.console.recall_routes import make_recall_things
from tests.web.console.webhook_routes import make_webhook_things

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PAGES = (
    "/console",
    "/console/listings",
    "/console/listings/<listing_id>",
    "/console/appeals",
    "/console/dossiers/<dossier_id>",
    "/console/sanctions/<sanction_id>",
    "/console/recalls",
    "/console/recalls/<case_id>",
    "/console/recall-board",
    "/console/returns/qingshan/2026-01",
    "/console/webhooks/<webhook_id>",
    "/console/badges",
    "/console/tokens",
    "/console/audit",
)
WIDTHS = (320, 390, 960, 1280)  # 960: the narrowest at which a table is a table

HALVES = {Reader("zh", "light", 390): 0, Reader("en", "dark", 1280): 1}
"""Axe is what takes time: each reader asks it about every second page, and everything else about all of them."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def staged(tmp_path: Path) -> Iterator[tuple[Cast, list[str], str]]:
    """The cast, the pages of a shop with something on each, and the session of its owner and officer."""
    with open_site(tmp_path) as site:
        cast = make_cast(site)
        things = make_things(cast)
        add_alert(cast, things.listing)
        webhooks, recalls, live = make_webhook_things(cast), make_recall_things(cast), make_live_things(cast)
        pages = [live.fill(recalls.fill(webhooks.fill(things.fill(page)))) for page in PAGES]
        everything = frozenset({Role.OWNER, Role.CHIEF_QUALITY_OFFICER})
        yield cast, pages, site.join("shop-b", "quality.lead", everything).session


def look_at(page: Page, address: str, width: int) -> list[str]:
    """What is wrong with the page that is open, beside what axe says; nothing if all is well."""
    levels = [heading["level"] for heading in page.evaluate(HEADINGS)]
    found: list[str] = []
    if levels.count(1) != 1 or any(after > before + 1 for before, after in pairwise(levels)):
        found.append(f"headings {levels}")
    if width < 960:
        found += page.evaluate(SMALL_TARGETS)
    for other in WIDTHS:
        page.set_viewport_size({"width": other, "height": 844})
        if page.evaluate(OVERFLOW) > 0:
            found.append(f"scrolls sideways at {other}")
    return [f"{address}: {one}" for one in found]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("reader", HALVES, ids=str)
def test_every_page_of_a_quality_team_is_within_reach(
    staged: tuple[Cast, list[str], str], browser: Browser, reader: Reader
) -> None:
    cast, pages, session = staged
    with WebServer(make_console_app(cast.site)) as server, reading(browser, reader) as page:
        page.context.add_cookies([{"name": "console", "value": session, "url": server.url}])
        found = []
        for number, address in enumerate(pages):
            page.set_viewport_size({"width": reader.width, "height": 844})
            answer = page.goto(f"{server.url}{address}")
            assert answer is not None and answer.status == 200, address
            if number % 2 == HALVES[reader]:
                found += [f"{address}: {one}" for one in list_violations(page)]
            found += look_at(page, address, reader.width)
        assert found == []
