# SPDX-License-Identifier: Apache-2.0
"""A maker reports what came back of a recall in a real browser, in both languages and both widths."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.accounts import open_site
from tests.support.browser import open_browser
from tests.support.returns import RECALL, goods, make_depot
from tests.support.web_server import WebServer
from tests.web.console.conftest import make_console_app

PICTURES = os.environ.get("CONSOLE_PICTURES")  # a directory, to look at what was seen
WORDS = {"zh": ("数量", "日期", "上报", "完成率 42.00 %"), "en": ("Number", "Day", "Report", "Return rate 42.00 %")}


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1280)])
def test_a_maker_reports_goods_and_sees_the_rate(tmp_path: Path, language: str, width: int) -> None:
    with open_site(tmp_path) as site, open_browser() as browser:
        depot = make_depot(site)
        depot.returns.desk.report_recovered(depot.cast.shop.principal, RECALL, goods(300))
        with WebServer(make_console_app(site)) as server:
            context = browser.new_context(viewport={"width": width, "height": 900}, device_scale_factor=2)
            context.add_cookies([{"name": "console", "value": depot.cast.maker.session, "url": server.url}])
            page = context.new_page()
            page.set_default_timeout(15_000)
            page.goto(f"{server.url}/console/returns?lang={language}")
            page.locator(f"a[href='/console/returns/{RECALL}']").click()
            count, day, send, rate = WORDS[language]
            page.get_by_label(count, exact=True).fill("120")
            page.get_by_label(day, exact=True).fill("2026-11-20")
            page.locator("#note").fill("<b>warehouse</b>")
            page.get_by_role("button", name=send, exact=True).click()
            page.wait_for_load_state()
            assert page.locator("#rate").inner_text().replace("\u00a0", " ") == rate
            assert page.locator("table.list").inner_text().count("<b>warehouse</b>") == 1
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert page.locator("svg.returns-bar").bounding_box() is not None
            if PICTURES:
                page.screenshot(path=f"{PICTURES}/return-{language}-{width}.png", full_page=True)
            context.close()
