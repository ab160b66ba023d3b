# SPDX-License-Identifier: Apache-2.0
"""`verifier monitor` as a process of its own: kill -9 while the ledger grows, signals, exit codes, words."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.support.ledger_server import LedgerServer, Refuse
from tests.support.ledger_simulator import LedgerSimulator
from tests.support.makers import Maker
from tests.support.webhook_receiver import WebhookReceiver
from verifier.cli import main
from verifier.commands.monitor_words import WORDS
from verifier.monitor import KINDS, EntryReader, Watch

ROOT = Path(__file__).resolve().parents[2]
ACME = "69012340"
KILLS = 10 if os.environ.get("CI") else 3
DEADLINE_SECONDS = 60


@dataclass
class Scene:
    """A served ledger of now, a policy, and monitors on one state directory, each with files for what it prints."""

    place: Path
    server: LedgerServer
    ledger: LedgerSimulator
    acme: Maker
    bolt: Maker
    files: dict[str, bytes]
    outputs: list[Path] = field(default_factory=list)

    def publish(self) -> None:
        """The checkpoint last, as a ledger does it."""
        files = self.ledger.tree_files()
        self.files.update(files)
        self.files["/ledger/checkpoint"] = self.ledger.checkpoint()

    def arguments(self, *more: str) -> list[str]:
        policy = self.place / "policy"
        policy.write_bytes(self.ledger.policy_text())
        options = ["--policy", str(policy), "--registry", self.server.url, "--state", str(self.place / "state")]
        return ["monitor", *options, *more]

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        output = self.place / f"output-{len(self.outputs)}"
        self.outputs.append(output)
        command = [sys.executable, "-m", "verifier", *self.arguments("--json", "--interval", "0.02", *more)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        with output.open("wb") as out, (self.place / "errors").open("ab") as errors:
            return subprocess.Popen(command, stdout=out, stderr=errors, env=environment)

    def printed(self) -> list[dict[str, Any]]:
        """Every whole line of every process, in order."""
        lines = [line for path in self.outputs for line in path.read_bytes().split(b"\n")[:-1]]
        return [json.loads(line) for line in lines]

    def expected_ids(self) -> list[str]:
        reader = EntryReader(self.ledger.origin, Watch((ACME,)))
        now = datetime.now(UTC)
        return [event.id for entry in self.ledger.entries for event in reader.read(entry, seen_at=now)]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    ledger = LedgerSimulator(now=datetime.now(UTC).replace(microsecond=0))
    acme = ledger.admit("acme", prefix=ACME)
    bolt = ledger.admit("bolt", prefix="69055550")
    files = ledger.files()
    with LedgerServer(files) as server:
        yield Scene(tmp_path, server, ledger, acme, bolt, files)


def wait_for(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def grow(scene: Scene, chance: random.Random) -> None:
    """A few entries, some of them ours."""
    for _ in range(chance.randint(1, 4)):
        number = len(scene.ledger.entries)
        match chance.randrange(5):
            case 0:
                scene.ledger.issue_batch(scene.bolt, count=1, lot=f"B{number}")
            case 1:
                scene.ledger.recall(scene.acme, str(number))
            case 2:
                scene.ledger.publish_product(scene.acme, document=str(number).encode())
            case _:
                scene.ledger.issue_batch(scene.acme, count=1, lot=f"L{chance.randrange(20)}")
    scene.publish()


def _has_printed_more(scene: Scene, before: int) -> bool:
    return len(scene.printed()) > before


def test_no_event_is_lost_and_doubles_are_equal_when_it_is_killed_while_the_ledger_grows(scene: Scene) -> None:
    chance = random.Random(5)
    with WebhookReceiver() as receiver:
        for _ in range(KILLS):
            before = len(scene.printed())
            process = scene.start("--prefix", ACME, "--webhook", receiver.url)
            wait_for(partial(_has_printed_more, scene, before), "nothing was printed")
            for _ in range(chance.randint(1, 12)):
                grow(scene, chance)
                receiver.status = chance.choice([204, 204, 503])
                time.sleep(chance.random() / 20)
            process.kill()
            process.wait()
            grow(scene, chance)  # what the next one finds
        receiver.status = 204
        process = scene.start("--prefix", ACME, "--webhook", receiver.url)
        expected = scene.expected_ids()
        wait_for(lambda: {event["id"] for event in receiver.events} >= set(expected), "the webhook misses events")
        process.send_signal(signal.SIGTERM)
        assert process.wait(DEADLINE_SECONDS) == 0
        printed, posted = scene.printed(), receiver.events
    for events in (printed, posted):
        assert list(dict.fromkeys(event["id"] for event in events)) == expected  # each of them, and in order
    same = {json.dumps(event, sort_keys=True) for event in [*printed, *posted]}
    assert len(same) == len(expected)  # whatever came twice was the same
    assert len(printed) - len(expected) <= 20 * KILLS
    assert (scene.place / "errors").read_text().count("Traceback") == 0


def test_a_monitor_that_starts_before_its_ledger_and_its_receiver_waits_for_both(scene: Scene) -> None:
    scene.server.faults["/ledger/checkpoint"] = Refuse(503)
    with WebhookReceiver() as receiver:
        receiver.stop()
        process = scene.start("--prefix", ACME, "--webhook", receiver.url)
        try:
            wait_for(lambda: scene.server.requests.count("/ledger/checkpoint") > 3, "it gave up")
            scene.server.faults.clear()
            wait_for(lambda: len(scene.printed()) == 1, "it did not meet the ledger")
            assert receiver.bodies == []
            receiver.start()
            wait_for(lambda: len(receiver.bodies) == 1, "the webhook was not tried again")
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(DEADLINE_SECONDS) == 0
    errors = (scene.place / "errors").read_text()
    assert errors.count("bad_status") == 1  # once while it lasts
    assert "s3cret" not in errors


def test_a_fork_ends_the_process_with_4_after_the_webhook_has_it(scene: Scene) -> None:
    with WebhookReceiver() as receiver:
        process = scene.start("--webhook", receiver.url)
        wait_for(lambda: len(receiver.bodies) == 3, "it did not meet the ledger")
        receiver.status = 503
        scene.files["/ledger/checkpoint"] = scene.ledger.forked_checkpoint()
        wait_for(lambda: any(event.get("kind") == "ledger_forked" for event in scene.printed()), "no fork was told")
        receiver.status = 200
        assert process.wait(DEADLINE_SECONDS) == 4
        assert receiver.events[-1]["kind"] == "ledger_forked"
    assert scene.printed()[-1]["error"]["code"] == "ledger_forked"
    notes = {path.read_bytes() for path in (scene.place / "state" / "evidence").iterdir()}
    assert notes == {scene.ledger.checkpoint(), scene.ledger.forked_checkpoint()}
    assert main(scene.arguments("--once")) == 4  # and it does not forget


def test_one_round_says_by_its_exit_code_what_happened(scene: Scene, capsys: pytest.CaptureFixture[str]) -> None:
    once = scene.arguments("--once", "--prefix", ACME)
    assert main(once) == 0
    assert main(once) == 0
    assert main([*once, "--webhook", "http://127.0.0.1:9/"]) == 0  # nothing to deliver
    scene.ledger.issue_batch(scene.acme)
    scene.publish()
    assert main([*once, "--webhook", "http://127.0.0.1:9/"]) == 3
    scene.server.faults["/ledger/checkpoint"] = Refuse(503)
    assert main(once) == 3
    scene.server.faults["/ledger/checkpoint"] = Refuse(200, b"no checkpoint")
    assert main(once) == 4
    scene.server.faults.clear()
    assert main([*once, "--prefix", "6999"]) == 2
    assert main([*once, "--webhook", "http://hook.example.cn/"]) == 2
    assert "watch_changed" in capsys.readouterr().err


def test_the_policy_of_another_ledger_is_wrong_usage(scene: Scene) -> None:
    arguments = scene.arguments("--once")
    (scene.place / "policy").write_bytes(LedgerSimulator(origin="b.example.cn/ledger").policy_text())
    assert main(arguments) == 2


@pytest.mark.parametrize(
    "more",
    [
        ["--prefix", "12"],
        ["--prefix", "６９０１２３４"],
        ["--interval", "0"],
        ["--quiet-after", "0"],
        ["--interval", "nan"],
    ],
)
def test_wrong_options_exit_with_2(scene: Scene, more: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(scene.arguments("--once", *more))
    assert caught.value.code == 2


def test_a_second_monitor_on_one_directory_exits_with_2(scene: Scene) -> None:
    process = scene.start()
    try:
        wait_for(lambda: bool(scene.printed()), "it did not start")
        assert main(scene.arguments("--once")) == 2
    finally:
        process.terminate()
        assert process.wait(DEADLINE_SECONDS) == 0


@pytest.mark.parametrize(("language", "words"), [("zh", "新批次：acme 第 0 批"), ("en", "batch 0 of acme: GTIN")])
def test_people_get_one_line_per_event(
    scene: Scene, capsys: pytest.CaptureFixture[str], language: str, words: str
) -> None:
    scene.ledger.issue_batch(scene.acme, lot="L1")
    scene.ledger.recall(scene.acme, "1")
    scene.publish()
    assert main(scene.arguments("--once", "--prefix", ACME, "--lang", language)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4
    assert any(words in line and " #3 " in line for line in lines)
    assert not any("?" in line or "{" in line for line in lines)


def test_each_kind_of_event_has_words_and_is_documented() -> None:
    documented = (ROOT / "docs" / "verifier.md").read_text()
    assert set(WORDS) == set(KINDS)
    assert {kind for kind in KINDS if f"`{kind}`" not in documented} == set()
