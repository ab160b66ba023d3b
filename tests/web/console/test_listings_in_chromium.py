# SPDX-License-Identifier: Apache-2.0
"""A platform's quality team at work in a real browser: import, preview, refusal with proof, appeal; two widths."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Error

from passport.domain.gate import CertificateFact, RecallFact
from tests.support.accounts import open_site
from tests.support.browser import open_browser
from tests.support.listings import GOOD, GTIN, Market, make_market
from tests.support.web_server import WebServer
from tests.web.console.conftest import make_console_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PICTURES = os.environ.get("CONSOLE_PICTURES")  # a directory, to look at what was seen


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def market(tmp_path: Path) -> Iterator[Market]:
    with open_site(tmp_path) as site:
        yield make_market(site)


def holds(page: Page, expression: str) -> bool:
    """A page that renews itself may do so in the middle of the question: then it is asked once more."""
    for _ in range(3):
        page.wait_for_load_state()
        try:
            return bool(page.evaluate(expression))
        except Error:
            continue
    return False


def picture(page: Page, name: str) -> None:
    assert holds(page, "document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
    nameless = "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
    assert holds(page, f"{nameless}.every(e => e.labels.length || e.getAttribute('aria-label'))"), name
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1280), ("en", 390), ("zh", 1280)])
def test_from_a_file_to_an_appeal(browser: Browser, market: Market, tmp_path: Path, language: str, width: int) -> None:
    names = ["青山旗舰店", "山下数码专营店", "=1+1 店"]
    rows = "".join(f"https://shop.example.cn/item/{n},s-{n % 7},{names[n % 3]},{GTIN},L1,\n" for n in range(60))
    broken = f"http://shop.example.cn/x,s,n,{GTIN},L1,\nhttps://shop.example.cn/item/3,s,n,{GTIN},L1,\n"
    broken += f'https://shop.example.cn/y,s,"n,{GTIN},L1,\nhttps://shop.example.cn/z,s,n,6901234500019,L1,\n'
    sheet = tmp_path / "十一月商品.csv"
    sheet.write_text(f"url,seller_id,seller_name,gtin,lots,codes\n{rows}{broken}", encoding="gb18030")
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale={"zh": "zh-CN", "en": "en-GB"}[language],
        java_script_enabled=False,
    )
    page = context.new_page()
    tag = f"{language}-{width}"
    with WebServer(make_console_app(market.site, listings=market.listings)) as server:
        context.add_cookies([{"name": "console", "value": market.cast.shop.session, "url": server.url}])
        page.goto(f"{server.url}/console/listings?lang={language}")
        picture(page, f"{tag}-1-empty")
        page.goto(f"{server.url}/console/imports")
        page.set_input_files("#file", str(sheet))
        page.locator("main form button").first.click()
        picture(page, f"{tag}-2-checking")
        market.listings.worker.work()
        page.wait_for_selector("form[action$='/run'] button")  # the page renews itself
        picture(page, f"{tag}-3-preview")
        page.locator("form[action$='/run'] button").click()
        picture(page, f"{tag}-4-running")
        market.listings.worker.work()
        page.wait_for_selector("a.button[href='/console/listings']")
        page.goto(f"{server.url}/console/listings")
        picture(page, f"{tag}-5-list")
        _refuse(market)
        page.locator("input[name=listing]").first.check()
        page.locator("form[action='/console/listings/preview'] button").last.click()
        picture(page, f"{tag}-6-preview-of-binding")
        page.locator("main h2 a").first.click()
        page.locator("form[action$='/bind'] button").click()
        picture(page, f"{tag}-7-refused")
        page.locator("a[href$='/appeal']").first.click()
        page.fill("#text", "证书已经续期。 The certificate was renewed.")
        page.locator("input[name=wants_person]").check()
        picture(page, f"{tag}-8-appeal-form")
        page.locator("main form button").last.click()
        picture(page, f"{tag}-9-appeal")
    context.close()


def _refuse(market: Market) -> None:
    market.ledger.facts = GOOD.__class__(
        GOOD.as_of,
        GOOD.maker,
        GOOD.passport,
        (RecallFact("qingshan/2026-01", 31),),
        certificates=(CertificateFact("CCC", "2026010914000001", 12, "suspended"),),
        codes=GOOD.codes,
    )
