# SPDX-License-Identifier: Apache-2.0
"""Real Chromium, whose camera sees a film of a printed label: it is read, and the code is checked by the phone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.phone_shop import DONE, OVERFLOW, Shop
from tests.support.phone_stage import PhoneStage
from tests.web.scan.scanner import LIST_MODE, Scanner, open_scanner

if TYPE_CHECKING:
    from playwright.sync_api import Browser

NO_WASM = "delete globalThis.WebAssembly;"
HIDE = """(isHidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => isHidden });
    document.dispatchEvent(new Event("visibilitychange"));
    return document.querySelector("video").srcObject.getVideoTracks()[0].enabled;
}"""
# A telephone's camera; `refuses`: it offers a lamp and will not light it.
WITH_TOOLS = """
    window.applied = [];
    MediaStreamTrack.prototype.getCapabilities = () => ({ torch: true, zoom: { min: 1, max: 5, step: 0.5 } });
    MediaStreamTrack.prototype.getSettings = () => ({ zoom: 2 });
    MediaStreamTrack.prototype.applyConstraints = async ({ advanced: [wanted] }) => {
        if (window.refuses) throw new OverconstrainedError("torch");
        window.applied.push(wanted);
    };
"""
READINGS = "(more) => Number(document.getElementById('scan').dataset.readings ?? 0) >= more"


def land(scanner: Scanner) -> str | None:
    """Where the phone's own check ended, on the check page."""
    scanner.page.wait_for_url("**/check/01/**")
    scanner.page.wait_for_function(DONE)
    return scanner.page.locator("#phone").get_attribute("data-status")


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (1280, "en")])
def test_a_filmed_label_leads_to_its_check_page_where_the_phone_finds_it_genuine(
    filming: Browser, stage: PhoneStage, shop: Shop, width: int, language: str
) -> None:
    with open_scanner(filming, stage, viewport={"width": width, "height": 844}) as scanner:
        scanner.start(language=language)
        assert land(scanner) == "genuine"
        assert scanner.page.url == stage.url + "/check" + shop.codes["genuine"].to_path()
        assert [url for url in scanner.asked if url.endswith("zxing_reader.wasm")]
        assert not [url for url in scanner.asked if "/vendor/qr/" in url]


def test_without_webassembly_the_other_decoder_reads_the_film(scanner: Scanner) -> None:
    scanner.start(script=NO_WASM)
    assert land(scanner) == "genuine"
    assert not [url for url in scanner.asked if "zxing" in url]
    assert [url for url in scanner.asked if url.endswith("/vendor/qr/decode.js")]


def test_a_decoder_that_does_not_arrive_is_replaced_by_the_other_one(scanner: Scanner) -> None:
    scanner.page.route("**/*.wasm", lambda route: route.abort())
    scanner.start()
    assert land(scanner) == "genuine"


def test_without_any_decoder_the_page_says_what_to_do(scanner: Scanner) -> None:
    scanner.page.route("**/vendor/**", lambda route: route.abort())
    scanner.open()
    scanner.page.wait_for_selector("#scan[data-reason=no_decoder]")
    assert scanner.part("camera-title") == "The reader did not arrive"
    assert "type the address" in scanner.part("camera-note")


def test_in_a_list_the_code_is_checked_in_place_once_and_the_camera_is_asked_for_once(
    scanner: Scanner, shop: Shop
) -> None:
    page = scanner.open(script=LIST_MODE)
    scanner.wait_for_card("result")
    assert scanner.page.locator("[data-part=result]").get_attribute("data-status") == "genuine"
    assert shop.codes["genuine"].serial in scanner.part("item")
    assert scanner.part("as-of").startswith("Recall information as of ")
    assert page.evaluate(HIDE, True) is False
    page.wait_for_timeout(300)
    assert page.evaluate(HIDE, False) is True
    page.wait_for_timeout(4500)  # the code stays in view, and is no news
    assert scanner.data("readings") == "1"
    assert page.locator(".entry").count() == 1
    assert scanner.part("total") == "Codes: 1"
    assert scanner.camera_calls == 1
    assert scanner.violations == []
    assert page.evaluate(OVERFLOW) == 0
    assert [line for line in scanner.complaints if "rror" in line] == []


def test_a_camera_that_offers_lamp_and_zoom_can_be_told_to_use_them(scanner: Scanner) -> None:
    page = scanner.open(script=WITH_TOOLS + LIST_MODE)
    torch, zoom = page.locator("[data-part=torch]"), page.locator("[data-part=zoom]")
    torch.click()
    page.wait_for_selector("[data-part=torch][aria-pressed=true]")
    assert zoom.input_value() == "2"
    zoom.fill("3.5")
    page.wait_for_function("() => applied.length === 2")
    assert page.evaluate("applied") == [{"torch": True}, {"zoom": 3.5}]
    page.evaluate("() => { window.refuses = true; }")
    torch.click()
    page.wait_for_timeout(200)
    assert torch.get_attribute("aria-pressed") == "true", "what the camera refuses is not said to be so"
    assert scanner.camera_calls == 1


def test_a_camera_that_offers_neither_shows_no_control_for_them(scanner: Scanner) -> None:
    scanner.open(script="MediaStreamTrack.prototype.getCapabilities = () => ({});" + LIST_MODE)
    scanner.wait_for_card("result")
    assert not scanner.sees("torch")
    assert not scanner.sees("zoom-line")


def test_the_camera_is_let_go_when_the_page_is_left(scanner: Scanner) -> None:
    page = scanner.open(script=LIST_MODE)
    page.wait_for_function(READINGS, arg=1)
    ended = "() => document.querySelector('video').srcObject.getVideoTracks()[0].readyState"
    page.evaluate("() => dispatchEvent(new PageTransitionEvent('pagehide'))")
    assert page.evaluate(ended) == "ended"
