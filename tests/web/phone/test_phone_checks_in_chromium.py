# SPDX-License-Identifier: Apache-2.0
"""The check page's phone verifies by itself and agrees with an honest server: real Chromium, real registries."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from passport.signing import load_key_file, sign_note
from tests.support.phone_stage import PhoneStage
from tests.support.registries import PASSPHRASE
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.fields import format_instant, parse_instant
from verifier.verdict import Status
from verifier.web.static_files import scripts_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser

from tests.support.phone_shop import DONE, FORGET_ED25519, Phone, Shop, open_phone

STATUSES = [
    *("genuine", "recalled", "void", "not_logged", "cannot_tell"),
    *("counterfeit/bad_signature", "counterfeit/unknown_key", "counterfeit/unknown_prefix", "counterfeit/key_revoked"),
]


@pytest.mark.parametrize("name", STATUSES)
def test_phone_and_server_agree_on_every_status_that_a_registry_reaches(phone: Phone, shop: Shop, name: str) -> None:
    status, _, reason = name.partition("/")
    phone.open(shop.codes[name])
    assert (phone.server_says, phone.data("status")) == (status, status)
    if reason:
        assert phone.data("reason") == reason
    assert not phone.is_above
    if status != "cannot_tell":
        assert phone.data("versus") == "agrees"
        assert phone.said("versus") == "The server says the same."
        assert phone.said("title") == phone.page.locator(".verdict h1").inner_text()
    assert not [line for line in phone.complaints if "Content Security Policy" in line or "Error" in line]


@pytest.mark.parametrize("path", ["/01/06901234500017/21/1", "/01/1/21/2?S=AA", "?code=what%20is%20this"])
def test_what_is_no_code_is_no_code_for_the_phone_either_and_nothing_is_fetched(
    phone: Phone, stage: PhoneStage, path: str
) -> None:
    phone.open(path)
    assert (phone.server_says, phone.data("status")) == ("malformed", "malformed")
    assert not [asked for asked in stage.asked if asked.startswith(("/ledger", "/api"))]


def test_a_good_code_passes_every_step_and_says_what_it_rests_on(phone: Phone, shop: Shop) -> None:
    phone.open(shop.codes["genuine"])
    assert [phone.step(number) for number in range(11)] == ["passed"] * 11
    phone.page.get_by_text("Step by step").click()
    assert phone.page.get_by_text("Is it the same ledger that your phone saw last time?").is_visible()
    assert phone.said("count") == "11 of 11 passed"
    assert phone.row("lot") == "L2"
    assert phone.row("signing_key") == shop.maker.key.key_id
    assert phone.row("witnesses") == "None"
    assert "First visit" in phone.row("memory")
    assert re.fullmatch(r"Recall information as of \d+ \w+ \d{4}, \d\d:\d\d \(UTC\+8\)", phone.said("as-of"))
    phone.open(shop.codes["genuine"])
    assert "remembered since" in phone.row("memory")


def test_the_status_key_comes_from_entry_0_and_is_remembered(phone: Phone, shop: Shop, stage: PhoneStage) -> None:
    phone.open(shop.codes["genuine"])
    assert any(path.startswith("/ledger/tile/entries/000") for path in stage.asked)
    assert phone.memory is not None
    assert phone.memory["statusVkey"] == shop.workshop.registry.service.describe()["status_vkey"]
    stage.asked.clear()
    phone.open(shop.codes["recalled"])
    fetched = [path.split("?")[0] for path in stage.asked if path.startswith(("/ledger", "/api"))]
    gtin = shop.maker.gtin()
    assert sorted(path.removesuffix(shop.codes["recalled"].serial) for path in fetched) == [
        f"/api/v1/proof/01/{gtin}/21/",
        "/ledger/policy",
        f"/ledger/snapshot/gtin/{gtin}",
    ]


def test_a_status_key_that_entry_0_does_not_name_is_not_believed(phone: Phone, shop: Shop, stage: PhoneStage) -> None:
    stage.changes["/ledger/tile/entries/"] = lambda body: body.replace(b"/status+", b"/sTatus+")
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "bad_inclusion_proof")
    assert phone.memory is None
    assert phone.is_above


def test_a_lying_server_that_hides_a_recall_is_contradicted_at_the_top_of_the_page(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.checker.lie = (Status.GENUINE, "genuine")
    phone.open(shop.codes["recalled"])
    assert (phone.server_says, phone.data("status")) == ("genuine", "recalled")
    assert phone.is_above
    assert phone.data("versus") == "differs"
    assert phone.said("title") == "This product is recalled"
    assert "The server says something else" in phone.said("versus")
    assert phone.page.get_by_text("The server's word differs from what your phone found.").is_visible()
    assert "doubted" in (phone.page.locator(".verdict[data-status]").get_attribute("class") or "")
    assert phone.page.locator("[data-part=server-todo]").is_hidden()
    assert phone.page.locator("#phone").get_by_text("Stop using it.").is_visible()
    assert phone.page.locator("#phone").get_by_text("Power bank may overheat").is_visible()
    assert phone.page.locator("#phone a.call").get_attribute("href") == "tel:400-000-0000".replace("-", "")


def test_a_warning_of_the_server_is_not_covered_up_by_the_phones_green(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.checker.lie = (Status.RECALLED, "recall")
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("versus"), phone.is_above) == ("genuine", "differs", True)
    assert "doubted" not in (phone.page.locator(".verdict[data-status]").get_attribute("class") or "")
    assert phone.page.locator("[data-part=server-todo]").is_visible()


def test_that_a_code_may_be_copied_is_the_servers_knowledge_and_stays_on_top(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.checker.lie = (Status.SUSPECT, "many_provinces")
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("versus"), phone.is_above) == ("genuine", "adds", False)
    assert "known to the server alone" in phone.said("versus")


def change_member(body: bytes, name: str, change: Callable[[str], str]) -> bytes:
    document = json.loads(body)
    document[name] = change(document[name])
    return encode_canonical_json(document)


@pytest.mark.parametrize(
    ("member", "change", "step"),
    [
        ("item_hash", lambda text: ("B" if text[0] == "A" else "A") + text[1:], 7),
        ("entry", lambda text: text.replace('"count":4', '"count":5'), 6),
        ("issuer", lambda text: "bolt", 4),
    ],
)
def test_a_tampered_proof_is_noticed_and_never_green(
    phone: Phone, shop: Shop, stage: PhoneStage, member: str, change: Callable[[str], str], step: int
) -> None:
    stage.changes["/api/v1/proof/"] = lambda body: change_member(body, member, change)
    phone.open(shop.codes["genuine"])
    assert (phone.server_says, phone.data("status")) == ("genuine", "cannot_tell")
    assert phone.step(step) == "unknown"
    assert phone.is_above


def test_a_stale_snapshot_is_noticed_although_the_server_says_genuine(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    settings = shop.workshop.registry.settings
    signer = load_key_file(settings.keys / "status.key", PASSPHRASE, "status")

    def age(body: bytes) -> bytes:
        value = json.loads(body.partition(b"\n")[0])
        for member in ("as_of", "next_update"):
            value[member] = format_instant(parse_instant(value[member]) - timedelta(days=3))
        return sign_note(encode_canonical_json(value).decode() + "\n", f"{settings.origin}/status", signer)

    stage.changes["/ledger/snapshot/"] = age
    phone.open(shop.codes["genuine"])
    assert (phone.data("status"), phone.data("reason")) == ("cannot_tell", "snapshot_stale")
    assert phone.is_above
    phone.open(shop.codes["recalled"])
    assert phone.data("status") == "recalled", "an old recall is still a warning"


def test_a_wrong_clock_of_the_phone_is_named(phone: Phone, shop: Shop) -> None:
    phone.page.clock.install(time=0)
    phone.page.goto(f"{phone.url}/check{shop.codes['genuine'].to_path()}&lang=en")
    phone.page.wait_for_function(DONE)
    assert phone.data("reason") == "snapshot_stale"
    assert "check date and time of your phone" in phone.said("versus")


SCRIPTS = f"/static/{scripts_version()}/verifier/"


@pytest.mark.parametrize("path", ["/ledger/policy", "/ledger/snapshot/", "/ledger/tile/", "/api/v1/proof/", SCRIPTS])
def test_what_does_not_arrive_leaves_the_page_as_it_was_and_is_never_green(
    phone: Phone, shop: Shop, stage: PhoneStage, path: str
) -> None:
    stage.changes[path] = lambda body: None
    phone.open(shop.codes["genuine"])
    assert phone.data("state") == "failed"
    assert phone.said("title") == "Your phone could not check"
    assert not phone.is_above
    assert phone.page.locator("#phone .tone-green").count() == 0
    assert phone.page.locator(".verdict.is-green h1").is_visible()


def test_a_recall_in_the_snapshot_stands_although_the_proof_does_not_arrive(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    stage.changes["/api/v1/proof/"] = lambda body: None
    stage.checker.lie = (Status.GENUINE, "genuine")
    phone.open(shop.codes["recalled"])
    assert (phone.data("status"), phone.is_above) == ("recalled", True)


def test_without_a_script_the_page_says_that_the_phone_did_not_check(
    browser: Browser, stage: PhoneStage, shop: Shop
) -> None:
    phone = open_phone(browser, stage, java_script_enabled=False)
    phone.page.goto(f"{phone.url}/check{shop.codes['genuine'].to_path()}&lang=en")
    assert phone.said("title") == "Not checked by your phone"
    assert phone.page.locator(".verdict.is-green").is_visible()
    phone.context.close()


def test_an_old_browser_without_ed25519_finds_the_same(phone: Phone, shop: Shop, stage: PhoneStage) -> None:
    phone.page.add_init_script(FORGET_ED25519)
    for name in ("genuine", "recalled", "counterfeit/bad_signature"):
        phone.open(shop.codes[name])
        assert (phone.data("status"), phone.data("versus")) == (name.partition("/")[0], "agrees")
    assert any("/vendor/noble-ed25519.mjs" in path for path in stage.asked)


def test_an_old_browser_that_cannot_load_ed25519_says_that_it_could_not_check(
    phone: Phone, shop: Shop, stage: PhoneStage
) -> None:
    phone.page.add_init_script(FORGET_ED25519)
    phone.page.route("**/vendor/**", lambda route: route.abort())
    phone.open(shop.codes["genuine"])
    assert (phone.data("state"), phone.data("reason")) == ("failed", "no_ed25519")
    assert "lacks what the check needs" in phone.said("sentence")
