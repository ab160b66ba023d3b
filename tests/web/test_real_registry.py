# SPDX-License-Identifier: Apache-2.0
"""The pages over a real registry and the production server: issue, check, recall, within seconds and over real HTTP."""

from __future__ import annotations

import csv
import http.client
import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.registry_process import RegistryProcess

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SERIAL = "A/B%+//C"


@dataclass
class Shop:
    """A registry with one maker, one product and two lots; `codes` are paths by lot."""

    process: RegistryProcess
    gtin: str
    codes: dict[str, list[str]]
    maker: dict[str, str]

    def get(self, target: str, **headers: str) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=10)
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body

    def verify(self, codes: list[str]) -> list[str]:
        body = json.dumps({"codes": codes}).encode()
        request = urllib.request.Request(
            f"{self.process.url}/api/v1/verify", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return [verdict["status"] for verdict in json.load(answer)["verdicts"]]


def read_codes(folder: Path) -> list[str]:
    with (folder / "codes.csv").open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    parts = [urlsplit(next(value for value in row.values() if value and "://" in value)) for row in rows]
    return [f"{part.path}?{part.query}" for part in parts]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    product = json.loads((EXAMPLES / "products" / "power-bank.json").read_text())
    gtin = product["gtin"]
    with RegistryProcess(folder) as process:
        key = process.admit("powerbank", EXAMPLES / "makers" / "power-bank.toml")
        maker = {"PASSPORT_ISSUER": "powerbank", "PASSPORT_KEY": str(key)}
        process.must("product", "publish", str(EXAMPLES / "products" / "power-bank.json"), **maker)
        serials = folder / "serials.csv"
        serials.write_text(f'serial\n"{SERIAL}"\nPLAIN1\n')
        about = ("issue", "--gtin", gtin, "--workers", "1", "--quiet", "--yes", "--production-date", "2026-03-18")
        process.must(*about, "--lot", "L1", "--count", "300", "--out", str(folder / "L1"), **maker)
        process.must(*about, "--lot", "L2", "--serials", str(serials), "--out", str(folder / "L2"), **maker)
        codes = {lot: read_codes(folder / lot) for lot in ("L1", "L2")}
        yield Shop(process, gtin.zfill(14), codes, maker)


def test_a_real_code_is_genuine_and_shows_the_published_product(shop: Shop) -> None:
    status, headers, _ = shop.get(shop.codes["L1"][7])
    assert (status, headers["location"]) == (307, f"/check{shop.codes['L1'][7]}")
    status, _, page = shop.get(headers["location"])
    assert status == 200
    assert "此码真实有效" in page
    assert "L1" in page
    assert "2026年3月18日" in page
    assert "CCC" in page
    assert 'href="/documents/' in page


def test_a_makers_own_serial_with_slashes_survives_the_production_server(shop: Shop) -> None:
    code = next(code for code in shop.codes["L2"] if "%2F" in code)
    assert shop.get(shop.get(code)[1]["location"], Accept="application/json")[2].count('"genuine"') == 2
    status, _, proof = shop.get(f"/api/v1/proof{code}")
    assert (status, json.loads(proof)["type"]) == (200, "product-passport/proof/v1")
    assert len(proof) < 4096


def test_a_thousand_codes_are_verified_in_one_call(shop: Shop) -> None:
    first, second = shop.codes["L1"][:2]
    moved_seal = f"{first.partition('?')[0]}?{second.partition('?')[2]}"
    codes = shop.codes["L1"] + shop.codes["L2"] + ["x", moved_seal]
    found = shop.verify((codes * 4)[:1000])
    assert found[:302] == ["genuine"] * 302
    assert found[302] == "malformed"
    assert found[303] == "counterfeit"
    assert found[304:] == found[: 1000 - 304]


def test_a_recall_reaches_page_api_and_badge_within_five_seconds_and_only_its_lot(shop: Shop) -> None:
    stream = http.client.HTTPConnection("127.0.0.1", shop.process.port, timeout=10)
    stream.request("GET", f"/badge/01/{shop.gtin}/10/L1/events")
    events = (json.loads(line[6:]) for line in stream.getresponse() if line.startswith(b"data: "))
    assert next(events)["verdict"]["status"] == "genuine"
    options = ["--number", "2026-1", "--gtin", shop.gtin, "--lot", "L1", "--severity", "serious", "--action", "recall"]
    options += ["--phone", "400-820-0001", "--title-zh", "召回", "--title-en", "Recall", "--hazard-zh", "过热"]
    options += ["--hazard-en", "Overheating", "--remedy-zh", "退款", "--remedy-en", "Refund", "--yes"]
    began = time.monotonic()
    shop.process.must("recall", "publish", "--help")
    start_up_seconds = time.monotonic() - began  # of the command itself, which is not what we time
    began = time.monotonic()
    shop.process.must("recall", "publish", *options, **shop.maker)
    assert next(event for event in events if event["verdict"]["status"] == "recalled")
    page = shop.get(f"/check{shop.codes['L1'][7]}")[2]
    assert "该产品正在召回" in page
    assert shop.verify([shop.codes["L1"][0]]) == ["recalled"]
    assert time.monotonic() - began - start_up_seconds < 5
    stream.close()
    assert "400-820-0001" in page
    assert shop.verify([shop.codes["L1"][0], shop.codes["L2"][0]]) == ["recalled", "genuine"]
    assert "is-green" in shop.get(f"/badge/01/{shop.gtin}/10/L2")[2]
    recall_id = "powerbank/2026-1"
    shop.process.must("recall", "close", recall_id, "--reason-zh", "完成", "--reason-en", "Done", "--yes", **shop.maker)
    page = shop.get(f"/check{shop.codes['L1'][7]}")[2]
    assert "此码真实有效" in page
    assert "已结束的召回" in page
