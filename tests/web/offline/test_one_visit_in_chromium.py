# SPDX-License-Identifier: Apache-2.0
"""After one visit the check page works without a network: green only by kept evidence and a current list, dated."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.support.makers import SigningKey, sign_code
from tests.support.offline_phone import READY, OfflinePhone, open_offline_phone
from tests.support.phone_shop import DONE, OVERFLOW, Shop
from tests.support.phone_stage import PhoneStage

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SHELL = "caches.match('/check/offline', { ignoreVary: true }).then((shell) => shell.text())"
KEYS = """(store) => new Promise((found) => {
    const open = indexedDB.open("product-passport");
    open.onsuccess = () => {
        const all = open.result.transaction(store).objectStore(store).getAllKeys();
        all.onsuccess = () => {
            open.result.close();
            found(all.result);
        };
    };
})"""
DATED = r"Recall information as of .+ \(UTC\+8\) \(\d+ min old\), valid until .+ \(UTC\+8\)"


def test_the_same_code_is_genuine_by_the_phone_alone_and_dated(phone: OfflinePhone, shop: Shop) -> None:
    page = phone.visit(shop.codes["genuine"])
    assert "can be checked again without a network until" in phone.said("kept")
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert phone.is_shell
    assert (phone.data("status"), phone.data("reason"), phone.data("versus")) == ("genuine", "genuine", "alone")
    assert phone.said("title") == "This code is genuine"
    assert re.fullmatch(DATED, phone.said("as-of"))
    assert phone.is_above
    assert "the server was not asked" in phone.said("versus")
    assert "The server was not asked" in page.locator(".verdict").inner_text()
    assert [phone.step(number) for number in range(11)] == ["passed"] * 11
    assert not [line for line in phone.complaints if "Content Security Policy" in line]


def test_the_address_that_a_camera_opens_works_as_well(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.open_shell(shop.codes["genuine"])
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")


def test_a_server_that_is_gone_is_no_network_too(phone: OfflinePhone, shop: Shop, stage: PhoneStage) -> None:
    phone.visit(shop.codes["genuine"])
    stage.stop()
    phone.open(shop.codes["genuine"])
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")


@pytest.mark.parametrize("path", ["/ledger/snapshot", "/ledger/policy", "/api/v1/proof"])
def test_a_server_that_answers_nonsense_is_not_a_missing_network(
    phone: OfflinePhone, shop: Shop, stage: PhoneStage, path: str
) -> None:
    phone.visit(shop.codes["genuine"])
    stage.changes = {"/ledger": lambda _: None, "/api": lambda _: None}
    stage.changes.pop(path, None)
    phone.open(shop.codes["genuine"])
    assert not phone.is_shell
    assert (phone.data("state"), phone.data("status")) == ("failed", "cannot_tell")


@pytest.mark.parametrize("word", [b'{"code":"unreachable"}', b"null", b"[" * 100_000])
def test_a_server_that_says_that_it_is_not_there_is_not_a_missing_network(
    phone: OfflinePhone, shop: Shop, stage: PhoneStage, word: bytes
) -> None:
    phone.visit(shop.codes["genuine"])
    stage.refusals = {"/ledger": word, "/api": word}
    phone.open(shop.codes["genuine"])
    assert not phone.is_shell
    assert (phone.data("state"), phone.data("status"), phone.data("reason")) == ("failed", "cannot_tell", "bad_status")


def test_a_code_that_was_not_looked_up_cannot_be_told_and_what_is_known_is_said(
    phone: OfflinePhone, shop: Shop
) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.open(shop.codes["not_logged"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "not_on_this_phone")
    why = phone.said("why")
    for words in ("registered key made the seal", "No recall covered it as of", "cannot be called genuine"):
        assert words in why
    assert re.fullmatch(DATED, phone.said("as-of"))
    assert "tone-grey" in (phone.page.locator("#phone [data-part=band]").get_attribute("class") or "")


def test_a_recalled_lot_is_red_although_its_code_was_never_looked_up(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.open(shop.codes["recalled"])
    assert (phone.data("status"), phone.said("title")) == ("recalled", "This product is recalled")
    assert "tone-red" in (phone.page.locator("#phone [data-part=band]").get_attribute("class") or "")


def test_a_void_code_is_void_without_a_network(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.open(shop.codes["void"])
    assert phone.data("status") == "void"


@pytest.mark.parametrize("name", ["counterfeit/bad_signature", "counterfeit/unknown_key"])
def test_a_forged_code_is_counterfeit_while_the_list_is_fresh(phone: OfflinePhone, shop: Shop, name: str) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.open(shop.codes[name])
    assert (phone.data("status"), phone.data("reason")) == tuple(name.split("/"))


def test_a_key_that_the_list_does_not_know_is_not_called_forged_hours_later(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.page.clock.install(time=datetime.now(UTC) + timedelta(hours=3))
    phone.open(shop.codes["counterfeit/unknown_key"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "unknown_key")
    phone.open(shop.codes["counterfeit/bad_signature"])
    assert phone.data("status") == "counterfeit"


def test_past_the_next_update_nothing_is_green_and_the_date_is_shown(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.page.clock.install(time=datetime.now(UTC) + timedelta(hours=25))
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "snapshot_stale")
    assert re.fullmatch(r"Recall information as of .+ \(25 h old\), no longer valid since .+", phone.said("as-of"))
    phone.open(shop.codes["recalled"])
    assert phone.data("status") == "recalled", "an old recall is still a warning"


def test_a_clock_that_was_set_back_makes_nothing_green(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.page.clock.install(time=datetime.now(UTC) - timedelta(hours=1))
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "snapshot_stale")


def test_what_was_never_visited_says_that_the_phone_has_nothing(
    browser: Browser, stage: PhoneStage, shop: Shop
) -> None:
    phone = open_offline_phone(browser, stage)
    phone.page.goto(f"{phone.url}/?lang=en")
    phone.page.evaluate(READY)
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert (phone.is_shell, phone.data("state"), phone.data("status")) == (True, "failed", "cannot_tell")
    assert "has not kept what the check needs" in phone.said("sentence")
    ink, page_ink = (
        phone.page.locator(place).evaluate("(e) => getComputedStyle(e).color") for place in (".verdict", "body")
    )
    assert ink == page_ink  # the server's block can be read although no result was put above it
    phone.context.close()


def test_a_forgotten_registry_is_not_trusted_by_what_is_left_of_it(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"]).evaluate("() => localStorage.clear()")
    phone.lose_network()
    phone.open(shop.codes["genuine"])
    assert (phone.data("state"), phone.data("status")) == ("failed", "cannot_tell")


def test_another_makers_code_keeps_the_first_one_checkable(phone: OfflinePhone, shop: Shop) -> None:
    """The ledger grows in between: the kept lists and proofs of both makers follow it."""
    workshop = shop.workshop
    phone.visit(shop.codes["genuine"])
    other = workshop.admit("corn", "69055555")
    batch = workshop.issue(other, 1)
    phone.visit(batch.codes[0])
    phone.lose_network()
    for code in (shop.codes["genuine"], batch.codes[0]):
        phone.open(code)
        assert (phone.is_shell, phone.data("status")) == (True, "genuine")
    forged = sign_code(SigningKey("nobody"), gtin=other.gtin(), batch=1, seq=1)
    phone.open(forged)
    assert phone.data("status") == "counterfeit"


@pytest.mark.parametrize(("width", "language"), [(390, "zh"), (390, "en"), (1280, "zh"), (1280, "en")])
def test_the_shell_speaks_the_language_of_the_last_page_and_fits(
    browser: Browser, stage: PhoneStage, shop: Shop, width: int, language: str
) -> None:
    phone = open_offline_phone(browser, stage, viewport={"width": width, "height": 844})
    phone.visit(shop.codes["genuine"], language="en" if language == "zh" else "zh")
    phone.visit(shop.codes["genuine"], language=language)
    phone.wait_until(f"async () => (await {SHELL}).includes('<html lang=\"{language}')")
    phone.lose_network()
    page = phone.open_shell(shop.codes["genuine"])
    assert page.locator("html").get_attribute("lang") == ("zh-CN" if language == "zh" else "en")
    assert phone.said("title") == ("此码真实有效" if language == "zh" else "This code is genuine")
    assert ("没有询问服务器" if language == "zh" else "server was not asked") in phone.said("versus")
    assert page.evaluate(OVERFLOW) == 0
    phone.context.close()


def test_a_browser_that_keeps_nothing_still_checks_online(browser: Browser, stage: PhoneStage, shop: Shop) -> None:
    phone = open_offline_phone(browser, stage)
    phone.context.add_init_script(
        "IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError'); };"
    )
    phone.visit(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("versus")) == ("genuine", "agrees")
    assert "keeps nothing" in phone.said("kept")
    phone.context.close()


def test_typed_text_is_checked_without_a_network_too(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    phone.lose_network()
    phone.page.goto(f"{phone.url}/check?code=id.example.cn{shop.codes['genuine'].to_path().replace('?', '%3F')}")
    phone.page.wait_for_function(DONE)
    assert (phone.is_shell, phone.data("status")) == (True, "genuine")


def test_whoever_asks_to_be_forgotten_leaves_nothing_behind(phone: OfflinePhone, shop: Shop) -> None:
    phone.visit(shop.codes["genuine"])
    page = phone.visit(shop.codes["genuine"])
    stored = page.evaluate(KEYS, "codes")
    assert len(stored) == 1 and re.fullmatch(r"[0-9a-f]{64}", stored[0]), "no serial number stands in the clear"
    phone.context.set_offline(True)
    page.get_by_text("Step by step").click()
    with page.expect_navigation():
        page.get_by_role("button", name="Forget this registry").click()
    phone.page.wait_for_function(DONE)
    assert (phone.is_shell, phone.data("state"), phone.data("status")) == (True, "failed", "cannot_tell")
    for store in ("lists", "codes", "packs", "tiles", "facts"):
        assert page.evaluate(KEYS, store) == []
