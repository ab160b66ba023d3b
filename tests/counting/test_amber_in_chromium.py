# SPDX-License-Identifier: Apache-2.0
"""A copied code in a real browser: the server's amber on top, and beside it what only the phone can say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.counting.conftest import Shop
from tests.support.browser import open_browser
from tests.support.phone_shop import OVERFLOW, Phone
from tests.support.web_server import WebServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PLACES = ("44", "11", "51", "21", "44", "44")
WORDS = {
    "en": ("6 checks in 4 provinces", "If yours is new, ask the seller", "The code itself is in order", "see its word"),
    "zh": ("共查验 6 次，来自 4 个省级地区", "如果您买的是新品，请询问卖家", "码本身没有问题", "请看服务器的说法"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.mark.parametrize("language", ["en", "zh"])
def test_amber_stands_on_top_with_its_facts_and_the_phone_says_what_it_adds(
    shop: Shop, browser: Browser, language: str
) -> None:
    seq = 280 if language == "en" else 281
    for number, place in enumerate(PLACES):
        shop.visit(seq, address=f"203.0.113.{number}", place=place)
    shop.recorder.flush()
    facts, advice, title, word = WORDS[language]
    with WebServer(shop.client.application) as server:
        context = browser.new_context(viewport={"width": 390, "height": 844}, service_workers="block")
        phone = Phone(context, context.new_page(), server.url, [])
        phone.page.set_default_timeout(15_000)
        phone.open(shop.batch.codes[seq], language=language)
        assert (phone.server_says, phone.data("status"), phone.data("versus")) == ("suspect", "genuine", "adds")
        amber = phone.page.locator("main > section").first
        assert "is-amber" in (amber.get_attribute("class") or "")
        assert facts in amber.inner_text()
        assert advice in amber.inner_text()
        assert not phone.is_above
        assert "doubted" not in (amber.get_attribute("class") or "")
        assert phone.said("title") == title, "not the server's word again, and no green light for the product"
        assert word in phone.said("versus")
        assert phone.page.locator("[data-part=differs]").first.is_hidden()
        assert phone.page.evaluate(OVERFLOW) <= 0
        context.close()
