# SPDX-License-Identifier: Apache-2.0
"""kill -9 at random moments, inside transactions too: every listing is stopped once, every platform is told once."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from passport.domain.accounts import OrganisationKind
from passport.domain.accounts_audit import AuditFilter
from passport.domain.listings import Listing, ListingState
from tests.support.accounts import open_site
from tests.support.listings import fields
from tests.support.postgres import new_postgres_url
from tests.support.recall_killed import PIECE
from tests.support.recalls import RECALL

LISTINGS, SHOPS = 600, ("shop-b", "shop-d", "shop-f")


def _start(directory: Path, url: str | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.support.recall_killed", str(directory), url or "-"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"started\n"
    return process


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_killed_worker_leaves_no_listing_out_and_tells_nobody_twice(kind: str, tmp_path: Path) -> None:
    url = new_postgres_url() if kind == "postgresql" else None
    with open_site(tmp_path, url) as site:
        for shop in SHOPS:
            site.add(shop, OrganisationKind.PLATFORM)
        now = site.clock.now
        with site.business.write() as books:
            for number in range(LISTINGS):
                shop, id_ = SHOPS[number % len(SHOPS)], f"019abc00-0000-7000-8000-{number:012}"
                books.listings.add(Listing(id_, shop, fields(number), ListingState.BOUND, 1, now, now))
    kills, chance = 0, random.Random(24)
    for _ in range(6):
        process = _start(tmp_path, url)
        time.sleep(chance.uniform(0, 0.25))
        process.kill()
        kills += process.wait() != 0
        if process.returncode == 0:
            break
    process = _start(tmp_path, url)
    assert process.wait(60) == 0
    assert kills > 1, "the process was too quick to be killed"
    with open_site(tmp_path, url) as site, site.business.read() as books:
        cases = [books.recall_cases.find_of(shop, RECALL) for shop in SHOPS]
        rows = books.case_listings.of_cases([case.id for case in cases if case is not None])
        found = [books.listings.find_in(SHOPS[n % 3], f"019abc00-0000-7000-8000-{n:012}") for n in range(LISTINGS)]
        told = [len(books.audit.page(shop, AuditFilter(action="recall_case.pushed"), 9)) for shop in SHOPS]
    assert {(one.state, one.revision) for one in found if one is not None} == {(ListingState.STOP_SALE, 2)}
    assert (len(rows), {row.pushed_at is None for row in rows}) == (LISTINGS, {False}) and LISTINGS > PIECE
    assert told == [1, 1, 1]
