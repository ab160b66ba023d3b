# SPDX-License-Identifier: Apache-2.0
"""Counting in the real server: nothing about persons on the disk, at most a second lost by kill -9, nothing by a stop.

Every file of the registry and every log is searched for what must not be there.
"""

from __future__ import annotations

import csv
import hashlib
import http.client
import os
import re
import shutil
import signal
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.postgres import new_postgres_url
from tests.support.registry_process import ROOT, RegistryProcess

AGENT = "Mozilla/5.0 (Linux; Android 15; NeverStored-7f3a91) Mobile"
ADDRESS = "198.51.100.231"
TABLE = "# documentation networks\nnetwork,province\n198.51.100.0/24,44\n203.0.113.0/24,11\n2001:db8::/32,51\n"


@dataclass
class Counted:
    """A registry process with one batch; `codes` are paths."""

    process: RegistryProcess
    codes: list[str]
    maker: dict[str, str]
    url: str = ""

    @property
    def place(self) -> Path:
        return self.process.directory / "registry"

    def get(self, seq: int, address: str = ADDRESS, agent: str = AGENT, **headers: str) -> str:
        return self.request("GET", f"/check{self.codes[seq]}", address, agent, **headers)

    def request(self, method: str, target: str, address: str, agent: str, body: str = "", **headers: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.process.port, timeout=20)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        who = {"User-Agent": agent, "X-Forwarded-For": address, "Accept-Language": "en"}
        connection.request(method, target, body or None, headers=who | headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        assert answer.status in (200, 303), (answer.status, text[:500])
        return text

    def sessions(self, seq: int) -> int:
        """What a page says, asked by a program that is not counted itself."""
        found = re.search(r"Number of checks</dt><dd>(\d+)</dd>", self.get(seq, agent="curl/8"))
        return int(found[1]) if found else 0

    def kill(self) -> None:
        """kill -9 to the worker and its parent."""
        server = self.process._server
        assert server is not None
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
        for pid in (server.pid, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        server.wait(20)


def make(directory: Path, database_url: str = "") -> Iterator[Counted]:
    process = RegistryProcess(directory, database_url=database_url)
    with process:
        example = ROOT / "examples"
        organisation = directory / "organisation.toml"
        shutil.copy(example / "makers" / "power-bank.toml", organisation)
        key = process.admit("maker", organisation)
        maker = {"PASSPORT_ISSUER": "maker", "PASSPORT_KEY": str(key)}
        prefix = re.search(r'prefixes = \["(\d+)"', organisation.read_text())
        assert prefix is not None
        digits = prefix[1].ljust(12, "0")
        total = sum(int(digit) * (1 if at % 2 == 0 else 3) for at, digit in enumerate(digits))
        gtin = f"0{digits}{-total % 10}"
        out = directory / "batch"
        process.must("issue", "--gtin", gtin, "--lot", "L1", "--count", "40", "--out", str(out), "--yes", **maker)
        with (out / "codes.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        parts = [urlsplit(next(value for value in row.values() if value and "://" in value)) for row in rows]
        process.stop()
        settings = directory / "registry" / "registry.toml"
        text = settings.read_text().replace("proxies = 0", "proxies = 1")
        settings.write_text(text.replace('province_table = ""', 'province_table = "provinces.csv"'))
        (directory / "registry" / "provinces.csv").write_text(TABLE)
        process.serve()
        yield Counted(process, [f"{part.path}?{part.query}" for part in parts], maker, database_url)


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counted]:
    yield from make(tmp_path_factory.mktemp("counted"))


def read_everything(directory: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


def test_nothing_about_a_person_reaches_the_disk_or_the_log(counted: Counted) -> None:
    for seq in range(20):
        counted.get(seq)
        counted.get(seq, address="2001:db8:aaaa:bbbb::1234")
        form = {"Sec_Fetch_Site": "same-origin", "Content_Type": "application/x-www-form-urlencoded"}
        counted.request("POST", f"/check{counted.codes[seq]}", ADDRESS, AGENT, "opened=yes", **form)
    time.sleep(1.2)
    found = read_everything(counted.process.directory)
    assert any(name.endswith("checks.sqlite3-wal") for name in found), "the log of the database is searched too"
    number = bytes(map(int, ADDRESS.split(".")))
    digests = [hash_(text.encode()).hexdigest() for hash_ in (hashlib.sha256, hashlib.md5) for text in (ADDRESS, AGENT)]
    for name, data in found.items():
        for secret in (ADDRESS, "NeverStored", "7f3a91", "Mobile", "aaaa:bbbb", *digests):
            assert secret.encode() not in data, f"{secret} is in {name}"
        if "checks.sqlite3" in name:
            assert number not in data and number[::-1] not in data, f"the address as a number is in {name}"


def test_two_codes_of_one_person_share_no_stored_value_but_counts(counted: Counted) -> None:
    """Every column is a key, a day, a count or a set of provinces: small numbers, no place for a token."""
    for seq in (20, 21):
        counted.get(seq, agent=AGENT + " two")
    time.sleep(1.2)
    counted.process.stop()
    with sqlite3.connect(counted.place / "data" / "checks.sqlite3") as connection:
        columns = [(row[1], row[2]) for row in connection.execute("PRAGMA table_info(code_checks)")]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rows = connection.execute("SELECT * FROM code_checks WHERE seq IN (20, 21)").fetchall()
    connection.close()
    counted.process.serve()
    assert tables == {"code_checks", "checks_version", "shipments"}
    assert [kind for _, kind in columns] == ["VARCHAR(64)"] + [kind for _, kind in columns[1:]]
    assert all(kind in ("BIGINT", "INTEGER") for _, kind in columns[1:])
    names = [name for name, _ in columns]
    today = [dict(zip(names, row, strict=True)) for row in rows]
    assert [row.pop("seq") for row in today] == [20, 21]
    assert today[0] == today[1], "the same visitor leaves the same counts, and nothing else"
    first_day = today[0].pop("first_day")
    assert 700_000 < first_day < 900_000
    assert today[0].pop("issuer") == "maker"
    assert max(abs(value) for value in today[0].values()) < 2**34, "nothing here is as long as a token"


def test_a_clean_stop_loses_nothing(counted: Counted) -> None:
    for number in range(60):
        counted.get(30, agent=f"{AGENT} {number}")
    counted.process.stop()  # at once
    counted.process.serve()
    assert counted.sessions(30) == 60


def test_kill_9_loses_a_second_at_most(counted: Counted) -> None:
    for number in range(50):
        counted.get(31, agent=f"{AGENT} {number}")
    time.sleep(1.0)
    for number in range(5):
        counted.get(32, agent=f"{AGENT} {number}")
    counted.kill()
    counted.process.serve()
    assert counted.sessions(31) == 50
    assert counted.sessions(32) <= 5
    counted.get(31, agent=AGENT + " after")
    assert counted.sessions(31) == 51


def test_places_come_from_the_table_and_a_shipment_is_announced_by_command(counted: Counted) -> None:
    counted.get(33)
    page = counted.get(33, address="203.0.113.5")
    assert "Beijing, Guangdong" in page
    said = counted.process.must("shipment", "--batch", "0", "--seqs", "33-35", "--yes", **counted.maker)
    assert "Codes 33-35 of batch 0 are announced as shipped." in said
    assert "Before the maker shipped it</dt><dd>2</dd>" in counted.get(33)
    refused = counted.process.run("shipment", "--batch", "7", "--yes", **counted.maker)
    assert refused.returncode == 4 and "unknown_batch" in refused.stderr
    refused = counted.process.run("shipment", "--batch", "0", "--seqs", "0-40", "--yes", **counted.maker)
    assert refused.returncode == 4 and "seq_outside_batch" in refused.stderr


def test_a_table_with_a_bad_line_ends_the_start_and_names_the_line(counted: Counted) -> None:
    counted.process.stop()
    table = counted.place / "provinces.csv"
    try:
        table.write_text(TABLE + "192.0.2.0/33,44\n")
        refused = counted.process.run("serve", str(counted.place))
        assert refused.returncode == 3
        assert "line 6" in refused.stderr and "bad_province_table" in refused.stderr
    finally:
        table.write_text(TABLE)
        counted.process.serve()


def test_with_postgresql_the_counts_lie_in_the_same_database(tmp_path: Path) -> None:
    url = new_postgres_url()
    for counted in make(tmp_path, url):
        for number in range(10):
            counted.get(1, agent=f"{AGENT} {number}")
        time.sleep(1.2)
        counted.kill()
        counted.process.serve()
        assert counted.sessions(1) == 10
        assert not (counted.place / "data" / "checks.sqlite3").exists()
        counted.get(1, agent=AGENT + " last")
        counted.process.stop()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT sessions FROM code_checks").fetchall() == [(11,)]
