# SPDX-License-Identifier: Apache-2.0
"""A phone in real Chromium that prepares for a time without a network, and then has none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.support.phone_shop import DONE, Phone, open_phone
from verifier.web.static_files import scripts_version

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.support.phone_stage import PhoneStage
    from verifier.protocol.product_code import ProductCode

MODULES = f"/static/{scripts_version()}/phone"
ADDRESSES = {"ledger": "/ledger", "proof": "/api/v1/proof"}
KEPT = "() => document.querySelector('#phone [data-part=kept]')?.textContent"
READY = "() => navigator.serviceWorker.ready.then(() => true)"
TAKE = """async ([modules, code, addresses]) => {
    const { examine } = await import(`${modules}/examine.mjs`);
    const { takeAlong } = await import(`${modules}/pack.mjs`);
    const report = await examine(code, new Date(), addresses);
    const shares = [];
    try {
        const pack = await takeAlong(report, (share) => shares.push(share));
        return { count: pack.count, lot: pack.lot, shares };
    } catch (error) {
        return { code: error.code ?? String(error), shares };
    }
}"""
EXAMINE = """async ([modules, codes, addresses]) => {
    const { examine } = await import(`${modules}/examine.mjs`);
    const found = [];
    for (const code of codes) {
        const { status, reason, isOffline } = await examine(code, new Date(), addresses);
        found.push([status, reason, isOffline]);
    }
    return found;
}"""
# Runs `change` on one record of the phone's database: what an attacker with the phone in hand, or a bad disk, would do.
CHANGE = """async (store) => {
    const open = indexedDB.open("product-passport");
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const database = await done(open);
    const act = (record) => { /* change */ };
    const places = database.transaction(store, "readwrite").objectStore(store);
    const cursors = places.openCursor();
    let count = 0;
    await new Promise((resolve) => {
        cursors.onsuccess = () => {
            const cursor = cursors.result;
            if (!cursor) return resolve();
            const record = cursor.value;
            cursor.update(act(record) ?? record);
            count += 1;
            cursor.continue();
        };
    });
    database.close();
    return count;
}"""


class OfflinePhone(Phone):
    """`visit` with a network, then `lose_network`, then `open` again."""

    def visit(self, code: ProductCode, *, language: str = "en") -> Page:
        """Opens a code's page and waits until all that the phone keeps is kept."""
        page = self.open(code, language=language)
        page.wait_for_function(KEPT)
        page.evaluate(READY)
        return page

    def wait_until(self, script: str) -> None:
        """Until an asynchronous function is true. `wait_for_function` takes the promise itself for true."""
        deadline = time.monotonic() + 15
        while not self.page.evaluate(script):
            assert time.monotonic() < deadline, script
            self.page.wait_for_timeout(50)

    def lose_network(self) -> None:
        self.context.set_offline(True)

    def open_shell(self, code: ProductCode | str) -> Page:
        """The code's address as the camera would open it. No parameter of ours."""
        path = code if isinstance(code, str) else code.to_path()
        self.page.goto(f"{self.url}{path}")
        self.page.wait_for_function(DONE)
        return self.page

    @property
    def is_shell(self) -> bool:
        return self.server_says == ""

    def take(self, code: ProductCode) -> dict[str, Any]:
        return dict(self.page.evaluate(TAKE, [MODULES, code.to_path(), ADDRESSES]))

    def examine(self, *codes: ProductCode) -> list[list[Any]]:
        """Status, reason and whether it was without a network, of each code."""
        return list(self.page.evaluate(EXAMINE, [MODULES, [code.to_path() for code in codes], ADDRESSES]))

    def change(self, store: str, script: str) -> int:
        """Changes every record of a store of the phone's database; how many there were."""
        return int(self.page.evaluate(CHANGE.replace("/* change */", script), store))


def open_offline_phone(browser: Browser, stage: PhoneStage, **options: object) -> OfflinePhone:
    phone = open_phone(browser, stage, service_workers="allow", **options)
    return OfflinePhone(phone.context, phone.page, phone.url, phone.complaints)
