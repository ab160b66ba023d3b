# SPDX-License-Identifier: Apache-2.0
"""A shop assistant without a network: after one code of a batch was scanned online, 500 of it are checked offline."""

from __future__ import annotations

import csv
import io
import time
from collections import Counter
from pathlib import Path

from tests.support.browser import open_browser
from tests.support.phone_shop import Shop
from tests.support.phone_stage import PhoneStage
from tests.web.scan.scanner import LIST_MODE, open_scanner

IS_READY = """async () => {
    const names = await caches.keys();
    const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys())));
    const urls = kept.flat().map(({ url }) => url);
    const isKept = (end) => urls.some((url) => new URL(url).pathname.endsWith(end));
    return isKept("/zxing_reader.wasm") && isKept("/scan.css") && isKept("/scan");
}"""


def test_500_codes_in_a_row_are_checked_in_airplane_mode_and_exported(stage: PhoneStage, shop: Shop) -> None:
    batch = shop.workshop.issue(shop.maker, 31, count=499, lot="L31")
    texts = [code.to_path() for code in batch.codes] + [shop.codes["recalled"].to_path()]
    with open_browser() as browser, open_scanner(browser, stage) as scanner:
        page = scanner.open(script=LIST_MODE)
        scanner.find(texts[0], shop.codes["recalled"].to_path())
        deadline = time.monotonic() + 30
        while not page.evaluate(IS_READY):
            assert time.monotonic() < deadline, "the page is not kept"
            time.sleep(0.2)
        page.wait_for_function("() => document.querySelectorAll('#take-along [data-pack]').length >= 2", timeout=30_000)
        page.on("dialog", lambda dialog: dialog.accept())
        page.click("[data-part=clear]")
        scanner.context.set_offline(True)
        page.goto(f"{stage.url}/scan")
        page.wait_for_selector("#scan[data-state=ready]")
        scanner.find(*texts)
        with page.expect_download() as download:
            page.click("[data-part=csv]")
        rows = list(
            csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig"), newline=""))
        )
        assert Counter(row["status"] for row in rows) == {"genuine": 499, "recalled": 1}
        assert {row["was_offline"] for row in rows} == {"true"}
        assert all(row["snapshot_as_of"] for row in rows)
