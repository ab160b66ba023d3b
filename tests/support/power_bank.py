# SPDX-License-Identifier: Apache-2.0
"""The example maker of power banks with a real registry: a published passport, one lot that is good, one recalled."""

from __future__ import annotations

import csv
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.registry_process import ROOT, RegistryProcess

EXAMPLES = ROOT / "examples"
RECALLED_LOT = "L20260301"  # the one that examples/recall-power-bank.toml names, without its first hundred
GTIN = "06901234567892"
GOOD_LOT = "L20260320"
TURN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PowerBank:
    """A running registry; `good` and `recalled` are paths with query, as they stand in the codes."""

    process: RegistryProcess
    good: str
    recalled: str

    @property
    def url(self) -> str:
        return self.process.url


def _last_code(folder: Path) -> str:
    with (folder / "codes.csv").open(newline="", encoding="utf-8-sig") as file:
        row = list(csv.DictReader(file))[-1]
    part = urlsplit(next(value for value in row.values() if value and "://" in value))
    return f"{part.path}?{part.query}"


def _wait_until_recalled(url: str) -> None:
    deadline = time.monotonic() + TURN_SECONDS
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    while True:
        with urllib.request.urlopen(request, timeout=10) as answer:
            if json.load(answer)["status"] == "recalled":
                return
        assert time.monotonic() < deadline, "the recall did not arrive"
        time.sleep(0.1)


@contextmanager
def power_bank_registry(folder: Path) -> Iterator[PowerBank]:
    """Two lots of 104 codes each, issued, published and, one of them, recalled by the `passport` command."""
    product = EXAMPLES / "products" / "power-bank.json"
    with RegistryProcess(folder) as process:
        key = process.admit("powerbank", EXAMPLES / "makers" / "power-bank.toml")
        maker = {"PASSPORT_ISSUER": "powerbank", "PASSPORT_KEY": str(key)}
        process.must("product", "publish", str(product), **maker)
        about = ("issue", "--gtin", GTIN, "--workers", "1", "--quiet", "--yes", "--production-date", "2026-03-18")
        for lot in (RECALLED_LOT, GOOD_LOT):
            process.must(*about, "--lot", lot, "--count", "104", "--out", str(folder / lot), **maker)
        process.must("recall", "publish", str(EXAMPLES / "recall-power-bank.toml"), "--yes", **maker)
        good, recalled = _last_code(folder / GOOD_LOT), _last_code(folder / RECALLED_LOT)
        _wait_until_recalled(process.url + recalled)
        yield PowerBank(process, good, recalled)
