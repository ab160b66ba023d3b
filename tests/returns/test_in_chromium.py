# SPDX-License-Identifier: Apache-2.0
"""A consumer in a real browser, on a telephone's width, in Chinese, with our scripts and without any."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask

from passport.domain.returns import Remedy
from tests.returns.conftest import Depot
from tests.support.browser import open_browser
from tests.support.web_server import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Page, ViewportSize

TELEPHONE: ViewportSize = {"width": 390, "height": 844}
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
DONE = "() => ['done', 'failed'].includes(document.getElementById('phone').dataset.state)"


def keep(page: Page, name: str) -> None:
    """Pictures to be looked at, where somebody asks for them."""
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("has_script", "seq"), [(True, 41), (False, 42)])
def test_a_consumer_confirms_on_the_telephone_and_is_told_the_second_time(
    depot: Depot, has_script: bool, seq: int
) -> None:
    with WebServer(depot.app) as server, open_browser() as browser:
        context = browser.new_context(
            viewport=TELEPHONE, device_scale_factor=2, locale="zh-CN", java_script_enabled=has_script
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        before = depot.figures()
        page.goto(server.url + depot.path(seq))
        if has_script:
            page.wait_for_function(DONE)
            assert page.evaluate(OVERFLOW) == 0
        card = page.locator(".returned")
        assert "您的产品处理了吗？" in card.inner_text()
        keep(page, f"returned-card-{has_script}")
        button = card.get_by_role("button", name="已修好或已换新")
        box = button.bounding_box()
        assert box is not None and box["height"] >= 44
        button.click()
        page.wait_for_url("**/returned?**")
        assert page.locator("h1").inner_text() == "谢谢，已计入。"
        keep(page, f"returned-thanks-{has_script}")
        page.get_by_role("link", name="回到查验结果").click()
        page.wait_for_load_state()
        assert "这个码已经计入召回完成情况。" in page.locator(".returned").inner_text()
        assert page.locator(".returned button").count() == 0
        keep(page, f"returned-told-{has_script}")
        page.go_back()
        assert page.locator("h1").inner_text() == "谢谢，已计入。"
        page.go_back()
        page.wait_for_load_state()
        assert page.locator(".returned button").count() == 0, "the page is asked for again, and knows"
        after = depot.figures()
        assert after.confirmed[Remedy.REMEDIED] == before.confirmed[Remedy.REMEDIED] + 1
        context.close()


def test_a_form_on_another_site_speaks_for_nobody(depot: Depot) -> None:
    other = Flask("another site")
    with WebServer(depot.app) as server, WebServer(other) as foreign, open_browser() as browser:
        context = browser.new_context()
        page = context.new_page()
        page.set_default_timeout(10_000)
        before = depot.figures()
        action = (server.url + depot.path(43)).replace("?", "/returned?")
        form = (
            f'<form method="post" action="{action}"><input name="kind" value="remedied">'
            '<input name="recall" value="acme/1"><button>Win a prize</button></form>'
        )
        other.add_url_rule("/", "prize", lambda: form)
        page.goto(foreign.url.replace("127.0.0.1", "localhost"))
        with page.expect_response("**/returned?**") as answer:
            page.get_by_role("button").click()
        assert answer.value.status == 403
        assert depot.figures().confirmed == before.confirmed
        context.close()
