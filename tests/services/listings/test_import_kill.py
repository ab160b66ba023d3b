# SPDX-License-Identifier: Apache-2.0
"""A process that is killed while it enters 20,000 rows: nothing twice, nothing lost. And the time for 100,000."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from passport.domain.listing_imports import ImportState
from passport.domain.listings import ListingFilter
from passport.services.listings import Listings, make_listings
from passport.services.listings.kit import ListingKit
from passport.services.listings.worker import CHUNK
from tests.services.listings.test_imports import file
from tests.support.accounts import AccountsSite, open_site
from tests.support.listings import ToldLedger, make_market

ROOT = Path(__file__).resolve().parents[3]
ROWS = 20_000
WORK = """
import sys
from pathlib import Path
from passport.storage.business import open_business
from passport.storage.lock import DirectoryLock
from passport.services.listings import make_listings
from passport.services.listings.kit import ListingKit
from passport.bootstrap import utc_now
from tests.support.listings import ToldLedger
with DirectoryLock(Path(sys.argv[1])) as lock:
    business = open_business(f"sqlite:///{sys.argv[1]}/business.sqlite3", lock)
    worker = make_listings(ListingKit(business, ToldLedger(), utc_now)).worker
    print("ready", flush=True)
    while worker.work():
        pass
    business.close()
"""


@pytest.mark.timeout(180)
def test_after_a_kill_exactly_the_lines_that_the_import_names_are_in(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        market = make_market(site)
        shop, imports = market.cast.shop.principal, market.listings.imports
        job = imports.upload(shop, "big.csv", [file(ROWS)])
        market.listings.worker.work()
        assert imports.run(shop, job.id).state is ImportState.RUNNING

    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    child = subprocess.Popen([sys.executable, "-c", WORK, str(tmp_path)], stdout=subprocess.PIPE, env=environment)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    log = tmp_path / "business.sqlite3-wal"
    before = log.stat().st_size if log.exists() else 0
    while (log.stat().st_size if log.exists() else 0) < before + 1_000_000:
        time.sleep(0.002)
    child.send_signal(signal.SIGKILL)
    child.wait()

    with open_site(tmp_path) as site:
        listings = make_market_again(site)
        found = listings.imports.get(shop, job.id)
        count = sum(listings.desk.count_by_state(shop).values())
        assert found.state is ImportState.RUNNING and 0 < found.run.good < ROWS
        assert found.run.good == count == found.run.line - 1 and count % CHUNK == 0
        site.clock.turn(days=10_000)  # the child's clock was the real one
        while listings.worker.work():
            pass
        done = listings.imports.get(shop, job.id)
        assert (done.state, done.run.good, done.run.bad) == (ImportState.DONE, ROWS, 0)
        urls = [one.fields.url for one in listings.desk.export(shop, ListingFilter())]
        assert len(urls) == len(set(urls)) == ROWS
        assert urls[-1] == "https://shop.example.cn/i/0" and urls[0] == f"https://shop.example.cn/i/{ROWS - 1}"


def make_market_again(site: AccountsSite) -> Listings:
    """The same database without a new cast."""
    return make_listings(ListingKit(site.business, ToldLedger(), site.clock))


@pytest.mark.timeout(300)
def test_a_hundred_thousand_rows_are_checked_and_entered(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        market = make_market(site)
        shop, imports = market.cast.shop.principal, market.listings.imports
        data = file(100_000)
        began = time.perf_counter()
        job = imports.upload(shop, "big.csv", [data])
        market.listings.worker.work()
        checked = time.perf_counter()
        imports.run(shop, job.id)
        market.listings.worker.work()
        done = time.perf_counter()
        assert imports.get(shop, job.id).run.good == 100_000
        print(f"\n{len(data):,} bytes: checked in {checked - began:.1f} s, entered in {done - checked:.1f} s")
        began = time.perf_counter()
        page = market.listings.desk.page(shop, ListingFilter(search="i/9999"), "", 51)
        print(f"a page of a search over them in {1000 * (time.perf_counter() - began):.0f} ms")
        assert page
