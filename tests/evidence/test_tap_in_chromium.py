# SPDX-License-Identifier: Apache-2.0
"""One tap on the check page of real Chromium: the file is made on the phone and holds elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.evidence_files import make_file, members_of
from tests.support.phone_shop import Phone, Shop, open_phone
from tests.support.phone_stage import PhoneStage
from verifier.evidence_bundle import make_additions
from verifier.evidence_check import Checked, Known, check_bundle
from verifier.evidence_judge import REGISTRY
from verifier.protocol.policy import TlogPolicy
from verifier.verdict import Status

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Download, Page

ROOT = Path(__file__).resolve().parents[2]
READY = "() => document.querySelector('form[data-evidence]').dataset.evidence === 'phone'"


def tap(page: Page) -> Download:
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("Save evidence|一键举证")).click()
    return download.value


def tap_and_check(phone: Phone, policy: TlogPolicy) -> Checked:
    phone.page.wait_for_function(READY)
    data = Path(tap(phone.page).path()).read_bytes()
    return check_bundle(data, Known(policy))


@pytest.mark.parametrize(
    "name",
    [
        "genuine",
        "recalled",
        "void",
        "not_logged",
        "cannot_tell",
        "counterfeit/bad_signature",
        "counterfeit/unknown_prefix",
    ],
)
def test_one_tap_makes_a_file_that_holds_for_every_status(
    phone: Phone, shop: Shop, stage: PhoneStage, policy: TlogPolicy, name: str
) -> None:
    phone.open(shop.codes[name])
    checked = tap_and_check(phone, policy)
    assert (checked.own.verdict.status, checked.bundle.judged_by) == (name.partition("/")[0], "phone")
    assert checked.keys == "known"
    assert checked.is_proven == (name != "not_logged")
    said = checked.bundle.document["server_said"]
    assert isinstance(said, dict) and said["status"] == name.partition("/")[0]
    assert "/check/evidence" not in stage.asked
    assert not [line for line in phone.complaints if "Content Security Policy" in line]


def test_text_that_is_no_code_is_kept_too(phone: Phone, policy: TlogPolicy) -> None:
    phone.open("?code=what%20is%20this")
    checked = tap_and_check(phone, policy)
    assert (checked.bundle.case.code, checked.own.verdict.status) == ("https://what is this", "malformed")


def test_a_real_process_without_a_network_takes_the_file(
    phone: Phone, shop: Shop, policy: TlogPolicy, tmp_path: Path
) -> None:
    phone.open(shop.codes["recalled"])
    phone.page.wait_for_function(READY)
    download = tap(phone.page)
    assert re.fullmatch(r"evidence-\d{4}-\d{8}\.zip", download.suggested_filename)
    file = tmp_path / download.suggested_filename
    download.save_as(file)
    (tmp_path / "policy.txt").write_bytes(policy.to_bytes())
    script = ROOT / "tests" / "evidence" / "without_network.py"
    command = [sys.executable, str(script), "evidence", "check", str(file), "--policy", str(tmp_path / "policy.txt")]
    places = {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LANG": "C.UTF-8"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=places)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "This product is recalled" in done.stdout
    state = phone.page.locator("[data-evidence-part=state]").inner_text()
    assert download.suggested_filename in state and "verifier evidence check" in state


def test_what_is_typed_goes_in_and_photos_never_leave_the_phone(
    phone: Phone, shop: Shop, stage: PhoneStage, policy: TlogPolicy, tmp_path: Path
) -> None:
    photo = tmp_path / "my own face.jpg"
    photo.write_bytes(b"\xff\xd8" + bytes(200_000))
    phone.open(shop.codes["genuine"])
    page = phone.page
    page.wait_for_function(READY)
    page.get_by_text("Add the listing, a note or photos").click()
    page.get_by_label("Address of the listing").fill("https://shop.example.cn/商品?id=1")
    page.get_by_label("Note").fill("bought on Monday\n<script>document.title='ran'</script>")
    page.get_by_label("Photos").set_input_files(photo)
    stage.asked.clear()
    checked = tap_and_check(phone, policy)
    assert checked.bundle.additions.to_json() == {
        "listing_url": "https://shop.example.cn/商品?id=1",
        "note": "bought on Monday\n<script>document.title='ran'</script>",
        "photos": [{"sha256": sha256(photo.read_bytes()).hexdigest(), "size": 200_002}],
    }
    assert all("/evidence" not in path or "/static/" in path for path in stage.asked)
    assert not any(b"face" in data for data in checked.bundle.members.values())


@pytest.mark.parametrize(
    ("label", "value", "words"),
    [("Address of the listing", "https://a b.example", "without spaces"), ("Note", "x" * 2001, "2,000")],
)
def test_what_is_too_much_is_said_and_nothing_is_saved(
    phone: Phone, shop: Shop, label: str, value: str, words: str
) -> None:
    phone.open(shop.codes["genuine"])
    page = phone.page
    page.wait_for_function(READY)
    page.evaluate("() => document.querySelector('form[data-evidence]').noValidate = true")
    page.get_by_text("Add the listing, a note or photos").click()
    page.get_by_label(label).evaluate(
        "(field, value) => { field.removeAttribute('maxlength'); field.value = value; }", value
    )
    page.get_by_role("button", name="Save evidence").click()
    page.get_by_text(words, exact=False).last.wait_for()
    assert words in page.locator("[data-evidence-part=state]").inner_text()


def test_a_server_that_says_something_else_is_in_the_file_beside_the_phones_own_result(
    phone: Phone, shop: Shop, stage: PhoneStage, policy: TlogPolicy
) -> None:
    stage.checker.lie = (Status.GENUINE, "genuine")
    phone.open(shop.codes["recalled"])
    checked = tap_and_check(phone, policy)
    assert checked.own.verdict.status == "recalled"
    said = checked.bundle.document["server_said"]
    assert isinstance(said, dict) and said["status"] == "genuine"
    assert "server_said" in checked.stated
    sheet = checked.bundle.members["sheet.html"].decode()
    assert "The server's word" in sheet and "该产品正在召回" in sheet


@pytest.mark.parametrize("word", [b'{"code":"Nothing, sorry"}', b'{"code":{"a":1}}', b'{"code":""}'])
def test_a_registry_cannot_spoil_the_file_by_how_it_refuses(
    phone: Phone, shop: Shop, stage: PhoneStage, policy: TlogPolicy, word: bytes
) -> None:
    stage.refusals["/api/v1/proof"] = word
    phone.open(shop.codes["genuine"])
    checked = tap_and_check(phone, policy)
    assert checked.bundle.case.absent["proof.json"] == "bad_status"
    assert (checked.own.verdict.status, checked.own.verdict.reason) == ("cannot_tell", "bad_status")


def test_without_a_network_after_one_visit_the_tap_still_makes_a_file_with_entry_0(
    phone: Phone, shop: Shop, stage: PhoneStage, policy: TlogPolicy
) -> None:
    phone.open(shop.codes["genuine"])
    phone.page.wait_for_function(READY)
    phone.page.wait_for_function("() => localStorage.getItem('product-passport/anchor/v1') !== null")
    for path in ("/ledger", "/api"):
        stage.changes[path] = lambda body: None
    checked = tap_and_check(phone, policy)
    assert checked.is_proven
    assert REGISTRY in checked.bundle.members


def test_without_script_the_form_asks_the_server(
    browser: Browser, shop: Shop, stage: PhoneStage, policy: TlogPolicy
) -> None:
    phone = open_phone(browser, stage, java_script_enabled=False, accept_downloads=True)
    try:
        phone.page.goto(f"{stage.url}/check{shop.codes['void'].to_path()}&lang=en")
        data = Path(tap(phone.page).path()).read_bytes()
    finally:
        phone.context.close()
    checked = check_bundle(data, Known(policy))
    assert (checked.own.verdict.status, checked.bundle.judged_by, checked.is_proven) == ("void", "server", True)


def test_inside_wechat_the_form_asks_the_server(browser: Browser, shop: Shop, stage: PhoneStage) -> None:
    phone = open_phone(
        browser, stage, user_agent="Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0", accept_downloads=True
    )
    try:
        phone.open(shop.codes["genuine"])
        phone.page.wait_for_timeout(500)
        data = Path(tap(phone.page).path()).read_bytes()
    finally:
        phone.context.close()
    assert check_bundle(data, Known()).bundle.judged_by == "server"


@pytest.mark.parametrize("width", [390, 1280])
def test_the_sheet_runs_no_script_and_fits_the_screen(browser: Browser, shop: Shop, tmp_path: Path, width: int) -> None:
    note = "<script>document.title='ran'</script><img src=x onerror=\"document.title='ran'\">" + "很长的字" * 200
    additions = make_additions("https://shop.example.cn/" + "a" * 1500, note)
    data = make_file(shop, shop.codes["recalled"].to_path(), additions, product="<script>document.title='ran'</script>")
    sheet = tmp_path / "sheet.html"
    sheet.write_bytes(members_of(data)["sheet.html"])
    page = browser.new_page(viewport={"width": width, "height": 800})
    try:
        page.goto(sheet.as_uri())
        assert page.title() == "举证单 · Evidence sheet"
        assert page.evaluate("() => document.scripts.length + document.images.length") == 0
        assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert page.get_by_text("<script>document.title='ran'</script>").count() >= 2
        assert page.pdf(format="A4").startswith(b"%PDF")
    finally:
        page.close()
