# SPDX-License-Identifier: Apache-2.0
"""`verifier serve` beside a real registry: goes on without it, survives kill -9, hears of recalls within a poll."""

from __future__ import annotations

import csv
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.node_process import NodeProcess
from tests.support.node_stage import post_lines
from tests.support.registry_process import RegistryProcess, free_port

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = pytest.mark.xdist_group("serve")


@dataclass
class Plant:
    """A registry process with a maker, a product, and lots as they are made."""

    registry: RegistryProcess
    gtin: str
    maker: dict[str, str]

    def issue(self, lot: str, count: int) -> list[str]:
        """Codes of a new lot, as paths."""
        folder = self.registry.directory / lot
        about = ("issue", "--gtin", self.gtin, "--workers", "1", "--quiet", "--yes", "--production-date", "2026-03-18")
        self.registry.must(*about, "--lot", lot, "--count", str(count), "--out", str(folder), **self.maker)
        with (folder / "codes.csv").open(newline="", encoding="utf-8-sig") as file:
            urls = [next(value for value in row.values() if "://" in (value or "")) for row in csv.DictReader(file)]
        return [f"{part.path}?{part.query}" for part in map(urlsplit, urls)]

    def recall(self, number: str, lot: str) -> None:
        options = ["--number", number, "--gtin", self.gtin, "--lot", lot, "--severity", "serious", "--action", "recall"]
        options += ["--phone", "400-820-0001", "--title-zh", "召回", "--title-en", "Recall", "--hazard-zh", "过热"]
        options += ["--hazard-en", "Heat", "--remedy-zh", "退款", "--remedy-en", "Refund", "--yes"]
        self.registry.must("recall", "publish", *options, **self.maker)


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plant]:
    folder = tmp_path_factory.mktemp("plant")
    gtin = json.loads((EXAMPLES / "products" / "power-bank.json").read_text())["gtin"]
    with RegistryProcess(folder) as registry:
        key = registry.admit("powerbank", EXAMPLES / "makers" / "power-bank.toml")
        maker = {"PASSPORT_ISSUER": "powerbank", "PASSPORT_KEY": str(key)}
        registry.must("product", "publish", str(EXAMPLES / "products" / "power-bank.json"), **maker)
        yield Plant(registry, gtin, maker)


def is_whole(node: NodeProcess) -> bool:
    said = node.describe()
    return said.get("state") == "following" and said.get("missing_batches_count") == 0


def test_the_node_answers_pages_badge_and_api_and_goes_on_when_the_registry_is_dead(
    plant: Plant, tmp_path: Path
) -> None:
    codes = plant.issue("L1", 300)
    with NodeProcess(plant.registry.url, tmp_path / "node") as node:
        node.wait(lambda: is_whole(node) and node.status_of(codes[0]) == "genuine")
        node.wait(lambda: b"CCC" in (node.ask(f"/check{codes[7]}") or b""))  # the passport has come as well
        plant.registry.stop()
        node.wait(lambda: node.describe()["state"] == "failing")
        assert node.describe()["reason"]["code"] == "unreachable"
        assert {json.loads(line)["status"] for line in post_lines(node.url, codes)} == {"genuine"}
        assert b"is-green" in (node.ask(f"/badge/01/{plant.gtin.zfill(14)}/10/L1") or b"")
        assert node.ask("/healthz") == b"ok\n"
        assert node.describe()["behind_seconds"] > 0
        assert node.stop() == 0
        node.start()  # with the registry still dead
        assert node.status_of(codes[299]) == "genuine"
        plant.registry.serve()
        node.wait(lambda: is_whole(node))
        assert node.describe()["behind_seconds"] < 10


def test_a_recall_changes_the_nodes_answer_within_a_poll_and_a_little(plant: Plant, tmp_path: Path) -> None:
    (first, *_), (other, *_) = plant.issue("R1", 3), plant.issue("R2", 3)
    with NodeProcess(plant.registry.url, tmp_path / "node") as node:
        node.wait(lambda: is_whole(node) and node.status_of(first) == "genuine")
        plant.recall("r1", "R1")
        began = time.monotonic()
        node.wait(lambda: node.status_of(first) == "recalled")
        assert time.monotonic() - began < 10, "a poll is two seconds, and this machine is busy"
        assert node.status_of(other) == "genuine"


def test_a_node_that_is_killed_again_and_again_while_it_mirrors_ends_up_with_everything(
    plant: Plant, tmp_path: Path
) -> None:
    codes = plant.issue("K1", 3000)
    with NodeProcess(plant.registry.url, tmp_path / "node", ("--trust-first-use", "--poll-seconds", "0.1")) as node:
        for delay in (0.0, 0.02, 0.05, 0.1, 0.3):
            time.sleep(delay)
            node.kill()
            node.start()
        node.wait(lambda: is_whole(node))
        answers = [json.loads(line)["status"] for line in post_lines(node.url, codes)]
        assert answers == ["genuine"] * 3000


def test_without_a_policy_a_node_does_not_start_and_with_its_first_one_it_stays(plant: Plant, tmp_path: Path) -> None:
    node = NodeProcess(plant.registry.url, tmp_path / "node", ())
    with pytest.raises(AssertionError, match="no_policy"):
        node.start()
    with NodeProcess(plant.registry.url, tmp_path / "node", ("--trust-first-use",)) as node:
        node.wait(lambda: is_whole(node))
        assert "Trust on first use" in node.log.read_text()
    pinned = (tmp_path / "node" / "policy.txt").read_bytes()
    assert pinned.startswith(b"log 127.0.0.1")
    with NodeProcess(plant.registry.url, tmp_path / "node", ()) as node:  # no policy is given, and none is needed
        node.wait(lambda: is_whole(node))


def test_a_taken_port_and_a_taken_directory_end_with_2_and_say_so(plant: Plant, tmp_path: Path) -> None:
    with NodeProcess(plant.registry.url, tmp_path / "node") as node:
        node.wait(lambda: is_whole(node))
        command = [sys.executable, "-m", "verifier", "serve", "--registry", plant.registry.url]
        command += ["--state", str(tmp_path / "node"), "--lang", "en"]
        for port, code in ((node.port, "port_in_use"), (free_port(), "mirror_running")):
            done = subprocess.run(
                [*command, "--listen", f"127.0.0.1:{port}"], capture_output=True, text=True, timeout=60, check=False
            )
            assert (done.returncode, code in done.stderr, "Traceback" in done.stderr) == (2, True, False), done.stderr


def head_of(size: int) -> bytes:
    head = "POST /api/v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\n"
    return f"{head}Connection: close\r\nContent-Length: {size}\r\n\r\n".encode()


def test_the_first_answers_come_while_the_request_is_still_being_sent(plant: Plant, tmp_path: Path) -> None:
    with NodeProcess(plant.registry.url, tmp_path / "node") as node:
        body = b'"x"\n' * 10_000
        with socket.create_connection(("127.0.0.1", node.port), timeout=15) as connection:
            connection.sendall(head_of(len(body)) + body[:20_000])
            answer = connection.recv(65_536)
            while b'"malformed"' not in answer:
                piece = connection.recv(65_536)
                assert piece, "the answer ended"
                answer += piece
            connection.sendall(body[20_000:])
            while piece := connection.recv(65_536):
                answer += piece
        assert answer.count(b'"malformed"') == 10_000


def test_who_sends_all_before_reading_gets_all_and_who_never_reads_holds_little_memory(
    plant: Plant, tmp_path: Path
) -> None:
    codes = plant.issue("M1", 50)
    body = "".join(json.dumps(code) + "\n" for code in codes * 200).encode()
    with NodeProcess(plant.registry.url, tmp_path / "node") as node:
        node.wait(lambda: is_whole(node) and node.status_of(codes[0]) == "genuine")
        before = node.memory()
        idlers = [socket.create_connection(("127.0.0.1", node.port), timeout=30) for _ in range(4)]
        try:
            for idler in idlers:
                idler.sendall(head_of(len(body)) + body)  # and not a byte is read
            assert len(post_lines(node.url, codes * 20)) == 1000  # others are served meanwhile
            assert node.memory() - before < 100 << 20
            answer = b""
            while piece := idlers[0].recv(1 << 20):
                answer += piece
            assert answer.count(b'"status":"genuine"') == len(codes) * 200
        finally:
            for idler in idlers:
                idler.close()
