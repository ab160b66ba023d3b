# SPDX-License-Identifier: Apache-2.0
"""The scan page in real Chromium without a camera's help: photo, typing, WeChat, foreign hosts, hostile texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import open_browser
from tests.support.phone_shop import DONE, OVERFLOW, Shop
from tests.support.phone_stage import PhoneStage
from tests.web.scan.label_film import write_photo
from tests.web.scan.scanner import LIST_MODE, Scanner, open_scanner

if TYPE_CHECKING:
    from playwright.sync_api import Browser

WECHAT = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Mobile/15E148 MicroMessenger/8.0.50(0x1800323d)"
FAIL_WITH = """
    MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException("", "%s"));
"""
TARGETS = """() => [...document.querySelectorAll("main :is(button, a, summary, input[type=text], input[type=file])")]
    .filter((element) => element.checkVisibility())
    .map((element) => [element.outerHTML.slice(0, 60), element.getBoundingClientRect().height])
    .filter(([, height]) => height < 43.5)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """There is a camera, and its owner says no."""
    with open_browser("--use-fake-device-for-media-stream", "--deny-permission-prompts") as browser:
        yield browser


@pytest.fixture
def scanner(browser: Browser, stage: PhoneStage) -> Iterator[Scanner]:
    with open_scanner(browser, stage) as scanner:
        yield scanner


@pytest.fixture
def host(stage: PhoneStage) -> str:
    return stage.url.removeprefix("http://")


@pytest.mark.parametrize(("language", "title"), [("zh", "没有摄像头权限"), ("en", "The camera is not allowed")])
def test_a_camera_that_is_refused_leaves_words_that_say_what_to_do(scanner: Scanner, language: str, title: str) -> None:
    scanner.open(language=language)
    if scanner.sees("start"):
        scanner.page.click("[data-part=start]")
    scanner.page.wait_for_selector("#scan[data-reason=refused]")
    assert scanner.part("camera-title") == title
    assert scanner.part("camera-note")
    assert scanner.sees("restart")
    assert scanner.page.locator("#scan-code").is_visible()
    assert scanner.camera_calls == 1


@pytest.mark.parametrize(
    ("error", "reason"), [("NotFoundError", "none"), ("NotReadableError", "busy"), ("UnknownError", "broken")]
)
def test_each_trouble_with_the_camera_has_words_of_its_own(scanner: Scanner, error: str, reason: str) -> None:
    scanner.open(script=FAIL_WITH % error)
    if scanner.sees("start"):
        scanner.page.click("[data-part=start]")
    scanner.page.wait_for_selector(f"#scan[data-reason={reason}]")
    assert scanner.part("camera-title")
    assert "photo" in scanner.part("camera-note") or "Close the other app" in scanner.part("camera-note")
    assert scanner.sees("restart") == (reason != "none")


def test_a_photo_of_the_label_is_read_on_the_phone_and_leads_to_the_check_page(
    scanner: Scanner, shop: Shop, host: str, tmp_path: Path
) -> None:
    photo = write_photo(tmp_path / "photo.jpg", shop.codes["recalled"].to_qr_text(host))
    scanner.open()
    assert scanner.page.locator("[data-part=photo]").get_attribute("capture") is None
    scanner.page.set_input_files("[data-part=photo]", photo)
    scanner.page.wait_for_url("**/check/01/**")
    scanner.page.wait_for_function(DONE)
    assert scanner.page.locator("#phone").get_attribute("data-status") == "recalled"


@pytest.mark.parametrize("script", ["", "delete globalThis.WebAssembly;"])
def test_a_photo_without_a_code_and_a_file_that_is_no_photo_are_said_to_be_so(
    scanner: Scanner, tmp_path: Path, script: str
) -> None:
    scanner.open(script=script)
    scanner.page.set_input_files("[data-part=photo]", write_photo(tmp_path / "table.jpg", None))
    scanner.page.wait_for_function(
        "() => document.querySelector('[data-part=photo-note]').innerText.includes('no read')"
    )
    (tmp_path / "letter.jpg").write_bytes(b"Dear shop")
    scanner.page.set_input_files("[data-part=photo]", tmp_path / "letter.jpg")
    scanner.page.wait_for_function(
        "() => document.querySelector('[data-part=photo-note]').innerText.includes('not a p')"
    )


def test_a_typed_code_is_checked_also_with_spaces_around_and_without_https(
    scanner: Scanner, shop: Shop, host: str
) -> None:
    for text in (shop.codes["genuine"].to_path(), host + shop.codes["genuine"].to_path()):
        scanner.open()
        scanner.type(f"  {text} \t")
        scanner.page.wait_for_url("**/check/01/**")
        assert scanner.page.url.endswith(shop.codes["genuine"].to_path())


def test_a_foreign_host_is_named_and_nothing_is_opened_before_a_choice(scanner: Scanner, shop: Shop) -> None:
    page = scanner.open()
    scanner.asked.clear()
    here = page.url
    scanner.type("https://xn--fiqs8s.other.example:8443" + shop.codes["genuine"].to_path())
    scanner.wait_for_card("foreign")
    assert scanner.part("host") == "xn--fiqs8s.other.example:8443"
    assert scanner.part("unicode-host") == "中国.other.example:8443"
    assert scanner.part("own-host") == scanner.url.removeprefix("http://")
    link = page.locator("[data-part=open]")
    assert link.get_attribute("href") == ("https://xn--fiqs8s.other.example:8443" + shop.codes["genuine"].to_path())
    assert (link.get_attribute("target"), link.get_attribute("rel")) == ("_blank", "noopener noreferrer")
    page.wait_for_timeout(500)
    assert page.url == here
    assert not [url for url in scanner.asked if "other.example" in url or "/api/" in url or "/check/" in url]
    page.click("[data-part=dismiss]")
    assert not scanner.sees("foreign")
    scanner.type("https://other.example" + shop.codes["genuine"].to_path())
    page.click("[data-part=check-here]")
    page.wait_for_url("**/check/01/**")
    assert page.url.startswith(scanner.url)


@pytest.mark.parametrize(
    "text",
    [
        "javascript:alert(1)",
        "javascript:location='https://other.example/01/06901234500011/21/1'",
        "data:text/html,<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "https://other.example/login?next=/01/",
        "WIFI:T:WPA;S:shop;P:secret;;",
        "tel:10086",
        "https://other.example/\u202egpj.exe",
    ],
)
def test_any_other_text_is_shown_and_does_nothing(scanner: Scanner, text: str) -> None:
    page = scanner.open()
    here = page.url
    scanner.asked.clear()
    page.on("dialog", lambda dialog: pytest.fail("a text was run"))
    scanner.find(text)
    scanner.wait_for_card("inert")
    shown = text.replace("\u202e", "[U+202E]")
    assert page.locator("[data-part=inert-text]").text_content() == shown
    assert page.locator("[data-part=inert] a, [data-part=inert] img").count() == 0
    page.wait_for_timeout(200)
    assert (page.url, len(page.context.pages)) == (here, 1)
    assert not [url for url in scanner.asked if "other.example" in url]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_wechats_browser_is_offered_a_photo_and_the_way_out_and_never_asked_for_its_camera(
    browser: Browser, stage: PhoneStage, shop: Shop, host: str, tmp_path: Path, language: str
) -> None:
    with open_scanner(browser, stage, user_agent=WECHAT) as scanner:
        page = scanner.open(language=language)
        assert scanner.data("camera") == "wechat"
        assert not scanner.sees("viewer") and not scanner.sees("start")
        assert ("在浏览器打开" if language == "zh" else "Open in browser") in scanner.part("wechat")
        assert page.locator("[data-part=address]").input_value() == f"{stage.url}/scan"
        assert scanner.camera_calls == 0
        page.set_input_files(
            "[data-part=photo]", write_photo(tmp_path / "photo.jpg", shop.codes["genuine"].to_qr_text(host))
        )
        page.wait_for_url("**/check/01/**")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_and_its_targets_are_large_enough(
    browser: Browser, stage: PhoneStage, shop: Shop, width: int, language: str
) -> None:
    with open_scanner(browser, stage, viewport={"width": width, "height": 844}) as scanner:
        page = scanner.open(language=language, script=LIST_MODE)
        scanner.find(shop.codes["recalled"].to_path(), "https://other.example" + shop.codes["genuine"].to_path())
        assert scanner.sees("foreign") and scanner.sees("list")
        assert page.evaluate(OVERFLOW) == 0
        assert page.evaluate(TARGETS) == []
        left, right = (page.locator(f".scan-{side}").bounding_box() for side in ("left", "right"))
        assert left and right
        assert (left["x"] < right["x"]) == (width == 1280)
        assert scanner.violations == []


def test_without_script_there_is_typing_and_advice(browser: Browser, stage: PhoneStage, shop: Shop) -> None:
    with open_scanner(browser, stage, java_script_enabled=False) as scanner:
        scanner.page.goto(f"{stage.url}/scan?lang=en")
        assert "your phone's own camera" in scanner.part("no-script")
        assert not scanner.sees("viewer") and not scanner.sees("photo-line") and not scanner.sees("modes")
        scanner.type(shop.codes["genuine"].to_path())
        scanner.page.wait_for_url("**/check/01/**")
        assert scanner.page.locator(".verdict").get_attribute("data-status") == "genuine"


def test_the_landing_page_and_every_page_lead_to_the_scan_page(scanner: Scanner) -> None:
    for path in ("/", "/check"):
        scanner.page.goto(f"{scanner.url}{path}?lang=en")
        assert scanner.page.locator("header a[href='/scan']").is_visible()
        assert scanner.page.locator("main a[href='/scan']").is_visible()
