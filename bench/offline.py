# SPDX-License-Identifier: Apache-2.0
"""How long does a phone take to take a batch of 100,000 codes along, and to check 500 of them without a network?"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from tests.support.browser import open_browser
from tests.support.offline_phone import open_offline_phone
from tests.support.phone_stage import PhoneStage
from tests.support.registries import make_template, running_registry

COUNT = 100_000
CHECKS = 500
# The longest time for which the page could not have answered a touch while the batch came in.
WATCH = """() => {
    window.longest = 0;
    let last = performance.now();
    const tick = () => {
        const now = performance.now();
        window.longest = Math.max(window.longest, now - last);
        last = now;
        setTimeout(tick, 0);
    };
    tick();
}"""


def main() -> None:
    with tempfile.TemporaryDirectory() as name, open_browser() as browser, PhoneStage() as stage:
        folder = Path(name)
        template = make_template(folder / "template")
        with running_registry(template, folder / "registry") as workshop:
            stage.show(workshop)
            maker = workshop.admit("acme", "69012345")
            batch = workshop.issue(maker, 1, COUNT)
            phone = open_offline_phone(browser, stage)
            phone.visit(batch.codes[0])
            phone.page.evaluate(WATCH)
            start = time.perf_counter()
            taken = phone.take(batch.codes[0])
            taking = time.perf_counter() - start
            assert taken["count"] == COUNT, taken
            longest = phone.page.evaluate("() => window.longest")
            stage.stop()
            phone.lose_network()
            codes = batch.codes[:: COUNT // CHECKS]
            start = time.perf_counter()
            found = phone.examine(*codes)
            checking = time.perf_counter() - start
            assert found == [["genuine", "genuine", True]] * CHECKS
            start = time.perf_counter()
            phone.open(codes[7])
            opening = time.perf_counter() - start
    print(f"| taking {COUNT:,} codes along ({COUNT * 32 / 1e6:.1f} MB) | {taking:.1f} s |")
    print(f"| longest pause of the page meanwhile | {longest:.0f} ms |")
    print(f"| {CHECKS} checks in a row without a network, anywhere in the batch | {checking:.1f} s |")
    print(f"| opening one code's page without a network, with its check | {opening:.1f} s |")


if __name__ == "__main__":
    main()
