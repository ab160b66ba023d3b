# SPDX-License-Identifier: Apache-2.0
"""A person's way through the console in a real browser, on a phone's width, in both languages, on a real server."""

from __future__ import annotations

import os
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyotp
import pytest

from tests.support.browser import open_browser
from tests.support.registry_process import RegistryProcess

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PASSWORD = "three calm otters swim"
PICTURES = os.environ.get("CONSOLE_PICTURES")  # a directory, to look at what was seen


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def invitations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RegistryProcess, dict[str, str]]]:
    """A registry with one owner invited for each language. The commands run while nobody serves the directory."""
    registry = RegistryProcess(tmp_path_factory.mktemp("console"))
    with registry:
        registry.stop()
        place = str(registry.directory / "registry")
        names = ("--kind", "platform", "--name-zh", "某某商城", "--name-en", "Some Mall")
        registry.must("organisation", "add", place, "shop-b", *names)
        links = {}
        for language in ("zh", "en"):
            said = registry.must("member", "invite", place, "shop-b", "--name", f"Owner {language}")
            found = re.search(r"http://\S+/console/invitation/\S+", said)
            assert found is not None
            links[language] = found[0]
        registry.serve()
        yield registry, links


def picture(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} scrolls sideways"
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)


def send(page: Page) -> None:
    page.locator("main form button").last.click()


def has_no_nameless_fields(page: Page) -> bool:
    """Every field that a person fills in has a label that a screen reader says."""
    return bool(
        page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')].every(e => e.labels.length)"
        )
    )


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_person_joins_makes_a_token_and_leaves(
    browser: Browser, invitations: tuple[RegistryProcess, dict[str, str]], language: str
) -> None:
    registry, links = invitations
    locale = {"zh": "zh-CN", "en": "en-GB"}[language]
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale=locale)
    page = context.new_page()
    foreign: list[str] = []
    page.on("request", lambda request: request.url.startswith(registry.url) or foreign.append(request.url))
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    page.goto(links[language])
    assert page.locator("html").get_attribute("lang") == {"zh": "zh-CN", "en": "en"}[language]
    picture(page, f"{language}-1-invitation")
    page.get_by_label({"zh": "登录名", "en": "Login name"}[language]).fill(f"owner.{language}")
    page.locator("#new_password").fill(PASSWORD)
    page.locator("#repeat_password").fill(PASSWORD)
    send(page)

    page.locator("#code").wait_for()
    assert page.locator(".qr svg path").count() == 2
    secret = page.locator("#secret").input_value()
    picture(page, f"{language}-2-app")
    page.locator("#code").fill("000000")
    send(page)
    page.get_by_role("alert").wait_for()
    assert page.locator("#code").get_attribute("aria-invalid") == "true"
    page.locator("#code").fill(pyotp.TOTP(secret).now())
    send(page)
    page.locator(".codes").wait_for()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(set(codes)) == 10
    picture(page, f"{language}-3-codes")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(links[language], timeout=10)
    assert refused.value.code == 404, "a link works once"
    page.locator("main .button").click()
    page.get_by_role("navigation").wait_for()
    groups = {"zh": ["总览", "商品", "召回", "机构"], "en": ["Overview", "Sales", "Recalls", "Organisation"]}
    assert page.get_by_role("navigation").get_by_role("link").all_inner_texts() == groups[language]
    picture(page, f"{language}-4-overview")

    token = make_token(page, language)
    walk_round(page, registry, language)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{registry.url}/console/account")
    assert token not in page.content()
    page.locator("header button").click()
    page.get_by_role("status").wait_for()
    picture(page, f"{language}-8-signed-out")
    page.goto(f"{registry.url}/console/tokens")
    assert page.url == f"{registry.url}/console/sign-in", "signed out is signed out"

    sign_in_with_recovery_code(page, language, codes[0])
    assert {cookie["name"]: cookie["httpOnly"] for cookie in context.cookies()} == {
        "console": True,
        "device": True,
        "forms": True,
    }
    assert foreign == []
    assert [error for error in errors if "status of 4" not in error] == []
    context.close()


def make_token(page: Page, language: str) -> str:
    page.get_by_role("link", name={"zh": "机构", "en": "Organisation"}[language], exact=True).click()
    page.get_by_role("link", name={"zh": "API 令牌", "en": "API tokens"}[language]).first.click()
    page.get_by_label({"zh": "用途", "en": "What it is for"}[language]).fill(f"shop {language} <b>")
    page.locator("input[value='verify']").check()
    send(page)
    text = page.locator("#token").input_value()
    assert re.fullmatch(r"pp_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", text)
    picture(page, f"{language}-5-token")
    page.locator("main .button").click()
    page.locator("table").wait_for()
    assert page.locator("table th[scope=row]").first.inner_text().startswith(f"shop {language} <b>")
    assert text not in page.content()
    return text


def walk_round(page: Page, registry: RegistryProcess, language: str) -> None:
    """Every page in both widths, without sideways scrolling and without a field that has no name."""
    for place in ("", "/members", "/tokens", "/audit", "/account"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.goto(f"{registry.url}/console{place}")
            assert page.locator("h1").count() == 1
            assert has_no_nameless_fields(page), place
            assert page.locator(".menu [aria-current=page]").count() == 1
            picture(page, f"{language}-6-{place[1:] or 'overview'}-{width}")
    page.goto(f"{registry.url}/console/members")
    page.locator("main th a").first.click()
    page.locator("main dl").wait_for()
    picture(page, f"{language}-7-member-1280")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip", "the first tab stop leads past the menu"
    page.goto(f"{registry.url}/console/audit")
    send(page)
    page.locator(".whole").wait_for()


def sign_in_with_recovery_code(page: Page, language: str, recovery_code: str) -> None:
    page.locator("#login_name").fill(f"owner.{language}")
    page.locator("#password").fill("not the password")
    send(page)
    page.get_by_role("alert").wait_for()
    assert page.locator("#login_name").input_value() == f"owner.{language}"
    assert page.locator("#password").input_value() == ""
    picture(page, f"{language}-9-refused")
    page.locator("#password").fill(PASSWORD)
    send(page)
    page.locator("#code").fill(recovery_code.lower())
    send(page)
    page.get_by_role("status").wait_for()
