# SPDX-License-Identifier: Apache-2.0
"""A shop assistant's list in real Chromium: 500 codes in a row, kept over a reload, exported, cleared."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.browser import open_browser
from tests.support.makers import SigningKey
from tests.support.phone_shop import Shop
from tests.support.phone_stage import PhoneStage
from tests.web.scan.scanner import LIST_MODE, Scanner, open_scanner
from verifier.protocol.note import ALG_ED25519, make_vkey

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

COLUMNS = [
    *("checked_at", "gtin", "serial", "status", "result", "reason", "snapshot_as_of"),
    *("seen", "last_seen_at", "was_offline", "host", "code"),
]
ROWS = ".scan-entries > li"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as browser:
        yield browser


@pytest.fixture
def scanner(browser: Browser, stage: PhoneStage) -> Iterator[Scanner]:
    with open_scanner(browser, stage) as scanner:
        yield scanner


def export(scanner: Scanner, kind: str) -> tuple[str, bytes]:
    with scanner.page.expect_download() as download:
        scanner.page.click(f"[data-part={kind}]")
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_500_codes_in_a_row_are_checked_and_the_exports_hold_them_all(scanner: Scanner, shop: Shop) -> None:
    batch = shop.workshop.issue(shop.maker, 21, count=498, lot="L21")
    texts = [code.to_path() for code in batch.codes]
    texts[100:100] = [shop.codes["recalled"].to_path()]
    texts[200:200] = [shop.codes["counterfeit/bad_signature"].to_path()]
    page = scanner.open(script=LIST_MODE)
    start = time.monotonic()
    scanner.find(*texts)
    assert time.monotonic() - start < 120
    assert page.locator(ROWS).count() == 500
    assert scanner.part("total") == "Codes: 500"
    expected = Counter({"genuine": 498, "recalled": 1, "counterfeit": 1})
    assert page.locator("[data-chip=genuine] strong").inner_text() == "498"

    name, data = export(scanner, "csv")
    assert re.fullmatch(r"codes-[0-9-]+\.csv", name)
    assert data.startswith(b"\xef\xbb\xbf") and data.endswith(b"\r\n")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    assert list(rows[0]) == COLUMNS
    assert Counter(row["status"] for row in rows) == expected
    assert [row["code"] for row in rows] == texts
    assert {row["serial"] for row in rows if row["status"] == "recalled"} == {shop.codes["recalled"].serial}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row["snapshot_as_of"]) for row in rows)

    _, data = export(scanner, "json")
    document = json.loads(data)
    assert (document["format"], document["registry"]) == ("product-passport-list/v1", scanner.url)
    assert [code["code"] for code in document["codes"]] == texts
    assert Counter(code["status"] for code in document["codes"]) == expected
    assert list(document["codes"][0]) == COLUMNS

    page.reload()
    page.wait_for_selector("#scan[data-state=ready]")
    page.wait_for_function(f"() => document.querySelectorAll('{ROWS}').length === 500")
    assert page.locator(ROWS).first.get_attribute("data-status") == "genuine"
    assert export(scanner, "csv")[1].count(b"\r\n") == 501
    assert scanner.violations == []


def test_the_same_code_twice_is_marked_and_not_doubled(scanner: Scanner, shop: Shop) -> None:
    page = scanner.open(script=LIST_MODE)
    code = shop.codes["genuine"]
    scanner.find(code.to_path(), shop.codes["void"].to_path(), code.to_path(), f"{scanner.url}{code.to_path()}&utm=1")
    assert page.locator(ROWS).count() == 2
    assert scanner.part("again") == "This code is in the list already"
    assert page.locator(".entry[data-status=genuine] .scan-seen").inner_text() == "seen 3 times"
    rows = list(csv.DictReader(io.StringIO(export(scanner, "csv")[1].decode("utf-8-sig"), newline="")))
    assert [row["seen"] for row in rows] == ["3", "1"]


def test_each_row_says_its_status_in_words_and_by_an_icon_of_its_own(scanner: Scanner, shop: Shop) -> None:
    page = scanner.open(script=LIST_MODE)
    names = ("genuine", "recalled", "void", "not_logged", "counterfeit/unknown_key")
    scanner.find(*(shop.codes[name].to_path() for name in names))
    icons = page.eval_on_selector_all(f"{ROWS} use", "(uses) => uses.map((use) => use.getAttribute('href'))")
    titles = page.locator(f"{ROWS} strong").all_inner_texts()
    assert len(set(icons)) == len(set(titles)) == len(names)
    assert titles[-1] == "This code is genuine"
    assert page.locator(f"{ROWS}[data-status=counterfeit]").inner_text().count("is not registered for this brand") == 1


def test_a_code_that_was_damaged_gets_a_row_and_other_text_does_not(scanner: Scanner, shop: Shop) -> None:
    page = scanner.open(script=LIST_MODE)
    damaged = scanner.url + shop.codes["genuine"].to_path()[:-9]
    scanner.find(damaged, "WIFI:T:WPA;S:shop;;", "=cmd|' /C calc'!A0/01/06901234500011")
    rows = list(csv.DictReader(io.StringIO(export(scanner, "csv")[1].decode("utf-8-sig"), newline="")))
    assert [(row["status"], row["code"]) for row in rows] == [
        ("malformed", damaged),
        ("malformed", "'=cmd|' /C calc'!A0/01/06901234500011"),
    ]
    assert page.locator(ROWS).count() == 2


def test_a_foreign_host_that_is_accepted_for_the_list_is_asked_about_once_and_recorded(
    scanner: Scanner, shop: Shop
) -> None:
    page = scanner.open(script=LIST_MODE)
    scanner.find("https://other.example" + shop.codes["genuine"].to_path())
    assert page.locator(ROWS).count() == 0
    page.click("[data-part=check-here]")
    page.wait_for_selector(ROWS)
    scanner.find("https://other.example" + shop.codes["recalled"].to_path())
    assert page.locator(ROWS).count() == 2
    rows = list(csv.DictReader(io.StringIO(export(scanner, "csv")[1].decode("utf-8-sig"), newline="")))
    assert [row["host"] for row in rows] == ["other.example"] * 2


def test_clearing_asks_first_and_is_for_good(scanner: Scanner, shop: Shop) -> None:
    page = scanner.open(script=LIST_MODE)
    scanner.find(shop.codes["genuine"].to_path())
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.click("[data-part=clear]")
    assert page.locator(ROWS).count() == 1
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.click("[data-part=clear]")
    page.wait_for_selector("[data-part=empty]:not([hidden])")
    assert "Clear all 1 codes" in asked[0]
    page.reload()
    page.wait_for_selector("#scan[data-state=ready]")
    assert page.locator(ROWS).count() == 0
    assert page.locator("[data-part=csv]").is_disabled()


def test_a_browser_without_a_database_keeps_the_list_for_the_visit_and_says_so(scanner: Scanner, shop: Shop) -> None:
    closed = "IDBFactory.prototype.open = () => { throw new DOMException('', 'SecurityError'); };"
    page = scanner.open(script=LIST_MODE + closed)
    page.wait_for_selector("[data-part=not-kept]:not([hidden])")
    assert "export it before you close" in scanner.part("not-kept")
    scanner.find(shop.codes["genuine"].to_path())
    assert page.locator(ROWS).count() == 1
    assert export(scanner, "csv")[1].count(b"\r\n") == 2


def test_an_alarm_takes_green_out_of_the_list_and_a_missing_answer_does_not(
    scanner: Scanner, shop: Shop, stage: PhoneStage
) -> None:
    good, bad = shop.codes["genuine"].to_path(), shop.codes["recalled"].to_path()
    page = scanner.open(script=LIST_MODE)
    scanner.find(good, bad)
    statuses = f"() => [...document.querySelectorAll('{ROWS}')].map(({{ dataset }}) => dataset.status)"
    try:
        stage.changes["/ledger/snapshot"] = lambda _: None
        scanner.find(good, bad)
        assert page.evaluate(statuses) == ["recalled", "genuine"]
        other = make_vkey(shop.workshop.origin, ALG_ED25519, SigningKey("another ledger").public_key)
        stage.changes = {"/ledger/policy": lambda _: f"log {other.to_text()}\nquorum none\n".encode()}
        scanner.find(good, bad)
        assert page.evaluate(statuses) == ["recalled", "cannot_tell"]
    finally:
        stage.changes = {}


def test_the_registry_can_turn_a_row_amber_and_cannot_turn_one_green(scanner: Scanner, shop: Shop) -> None:
    page = scanner.open(script=LIST_MODE)
    asked = []

    def answer(route: Route) -> None:
        asked.append(route.request.post_data_json["codes"])
        verdict = {"status": said, "reason": "many_provinces"}
        route.fulfill(json={"verdicts": [verdict]})

    page.route("**/api/v1/verify", answer)
    statuses = f"() => [...document.querySelectorAll('{ROWS}')].map(({{ dataset }}) => dataset.status)"
    said = "suspect"
    scanner.find(shop.codes["genuine"].to_path())
    assert page.evaluate(statuses) == ["suspect"]
    said = "genuine"
    scanner.find(shop.codes["recalled"].to_path())
    assert page.evaluate(statuses) == ["recalled", "suspect"]
    assert asked == [[shop.codes["genuine"].to_path()]]
    page.unroute("**/api/v1/verify")
    page.route("**/api/v1/verify", lambda route: route.fulfill(status=500, body="no"))
    scanner.find(shop.codes["genuine"].to_path())  # no answer takes nothing back
    assert page.evaluate(statuses) == ["recalled", "suspect"]
