# SPDX-License-Identifier: Apache-2.0
"""A registry with witnesses, from end to end: what is published, what is fresh, and what happens when they die."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passport.bootstrap import ledger_vkey, set_policy, start_registry
from passport.settings import BadSettings, Settings
from tests.support.makers import Maker, SigningKey
from tests.support.registries import PASSPHRASE, Workshop, make_template, running_registry
from tests.support.registry_process import RegistryProcess
from tests.support.witness_process import WitnessProcess, verifier_command
from verifier.protocol.errors import Malformed
from verifier.protocol.note import VKey
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint, parse_policy, verify_checkpoint
from verifier.verify import verify
from verifier.witness import Witness
from verifier.witness_key import WitnessKey
from verifier.witness_server import WitnessServer
from verifier.witness_store import KEY_FILE, WitnessStore, make_witness_directory

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


class LocalWitness:
    """A real witness over HTTP, in this process; it can be stopped and started again on its port."""

    def __init__(self, name: str, directory: Path, log: VKey) -> None:
        self.name = name
        self.key = WitnessKey(f"witness.example/{name}", name.encode().ljust(32, b"."))
        self._log = log
        self._place = directory / name
        make_witness_directory(self._place)
        (self._place / KEY_FILE).write_bytes(b"sealed elsewhere")
        self._port = 0
        self.start()

    @property
    def line(self) -> str:
        return f"witness {self.name} {self.key.vkey.to_text()} http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._store = WitnessStore(self._place).__enter__()
        witness = Witness(self.key, [self._log], self._store, time.time)
        self._server = WitnessServer(witness, ("127.0.0.1", self._port))
        self._port = int(self._server.server_address[1])
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        self.is_running = True

    def stop(self) -> None:
        if self.is_running:
            self._server.stop()
            self._thread.join()
            self._store.__exit__(None, None, None)
            self.is_running = False


def policy_with(settings: Settings, witnesses: list[LocalWitness], quorum: str) -> bytes:
    lines = [f"log {ledger_vkey(settings).to_text()}", *(witness.line for witness in witnesses)]
    lines += [f"group us {quorum} {' '.join(witness.name for witness in witnesses)}", "quorum us", ""]
    return "\n".join(lines).encode()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("made"))


@pytest.fixture
def witnesses(template: Settings, tmp_path: Path) -> Iterator[list[LocalWitness]]:
    made = [LocalWitness(name, tmp_path, ledger_vkey(template)) for name in ("w1", "w2")]
    yield made
    for witness in made:
        witness.stop()


@contextmanager
def witnessed(
    template: Settings, directory: Path, witnesses: list[LocalWitness], quorum: str, refresh_seconds: int = 600
) -> Iterator[tuple[Workshop, TlogPolicy]]:
    import shutil

    shutil.copytree(template.directory, directory)
    settings = replace(template, directory=directory, cosignature_refresh_seconds=refresh_seconds)
    policy = set_policy(settings, policy_with(settings, witnesses, quorum))
    template_now = replace(template, directory=directory)
    with running_registry_in(template_now, refresh_seconds) as workshop:
        yield workshop, policy


@contextmanager
def running_registry_in(settings: Settings, refresh_seconds: int) -> Iterator[Workshop]:
    copy = settings.directory.with_name(settings.directory.name + "-running")
    with running_registry(settings, copy, cosignature_refresh_seconds=refresh_seconds) as workshop:
        yield workshop


def published(workshop: Workshop, policy: TlogPolicy) -> VerifiedCheckpoint:
    """What is public now, under the policy."""
    return verify_checkpoint(workshop.registry.service.checkpoint(), policy)


def until(condition: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_witnessed(workshop: Workshop, policy: TlogPolicy) -> bool:
    view = workshop.registry.views.current
    return view is not None and b"witness.example" in view.head.checkpoint


def test_what_is_published_is_cosigned_by_the_quorum_and_the_verdict_says_so(
    template: Settings, tmp_path: Path, witnesses: list[LocalWitness]
) -> None:
    with witnessed(template, tmp_path / "r", witnesses, "all") as (workshop, policy):
        # What had been published before there were witnesses is cosigned at once, not only when something grows.
        until(lambda: is_witnessed(workshop, policy), 5)
        assert published(workshop, policy).size == 1
        acme = workshop.admit("acme", "69012340")
        batch = workshop.issue(acme, 0)
        found = published(workshop, policy)
        assert [name for name, _ in found.witnessed_at] == ["witness.example/w1", "witness.example/w2"]
        verdict = workshop.registry.checker.check(batch.url(0))
        assert verdict.status.value == "genuine"
        public = workshop.registry.settings.public
        assert verify_checkpoint((public / "checkpoint").read_bytes(), policy).size == found.size


def test_cosignatures_go_stale_after_a_day_and_then_nothing_is_green(
    template: Settings, tmp_path: Path, witnesses: list[LocalWitness]
) -> None:
    with witnessed(template, tmp_path / "r", witnesses, "any") as (workshop, policy):
        batch = workshop.issue(workshop.admit("acme", "69012340"), 0)
        until(lambda: is_witnessed(workshop, policy))
        view = workshop.registry.views.current
        assert view is not None
        newest = max(at for _, at in published(workshop, policy).witnessed_at)
        limit = view.trust.max_checkpoint_age
        assert limit == timedelta(hours=24)
        for age, reason in [(limit, "genuine"), (limit + timedelta(seconds=1), "checkpoint_stale")]:
            now = datetime.fromtimestamp(newest, UTC) + age
            snapshot = replace(view.snapshot, as_of_at=now, next_update_at=now + timedelta(hours=1))
            verdict = verify(batch.url(0), trust=replace(view.trust, snapshot=snapshot), ledger=view, now=now)
            assert (verdict.status.value, verdict.reason) == (
                ("genuine" if reason == "genuine" else "cannot_tell"),
                reason,
            )


def test_cosignatures_are_renewed_while_nothing_grows(
    template: Settings, tmp_path: Path, witnesses: list[LocalWitness]
) -> None:
    with witnessed(template, tmp_path / "r", witnesses, "all", refresh_seconds=1) as (workshop, policy):
        until(lambda: is_witnessed(workshop, policy))
        first = published(workshop, policy)
        until(lambda: published(workshop, policy).witnessed_at > first.witnessed_at, 10)
        later = published(workshop, policy)
        assert (later.size, later.root_hash) == (first.size, first.root_hash)
        assert all(new > old for (_, new), (_, old) in zip(later.witnessed_at, first.witnessed_at, strict=True))
        file = workshop.registry.settings.public / "checkpoint"
        until(lambda: verify_checkpoint(file.read_bytes(), policy).witnessed_at > first.witnessed_at)
        # With the witnesses gone, what is public stays as it is, and the ledger goes on accepting.
        for witness in witnesses:
            witness.stop()
        last = published(workshop, policy)
        time.sleep(2.5)
        assert published(workshop, policy).size == last.size
        workshop.admit("acme", "69012340")
        assert published(workshop, policy).size == last.size


def test_one_of_two_is_enough_for_any_and_the_other_is_missed_by_nobody(
    template: Settings, tmp_path: Path, witnesses: list[LocalWitness]
) -> None:
    with witnessed(template, tmp_path / "r", witnesses, "any") as (workshop, policy):
        witnesses[0].stop()
        batch = workshop.issue(workshop.admit("acme", "69012340"), 0)
        assert [name for name, _ in published(workshop, policy).witnessed_at] == ["witness.example/w2"]
        assert workshop.registry.checker.check(batch.url(0)).status.value == "genuine"
        witnesses[0].start()
        size = published(workshop, policy).size
        for number in range(1, 5):  # it catches up from the size that it remembers
            workshop.issue(workshop_maker(workshop), number)
        assert published(workshop, policy).size == size + 4
        assert "witness.example/w1" in dict(published(workshop, policy).witnessed_at)


def workshop_maker(workshop: Workshop) -> Maker:
    return Maker("acme", ("69012340",), SigningKey(f"{workshop.origin} acme 1"))


def test_without_a_quorum_statements_are_accepted_and_published_once_it_is_there(
    template: Settings, tmp_path: Path, witnesses: list[LocalWitness]
) -> None:
    with witnessed(template, tmp_path / "r", witnesses, "all") as (workshop, policy):
        until(lambda: is_witnessed(workshop, policy))
        witnesses[1].stop()
        workshop.admit("acme", "69012340")  # accepted: it has an index
        assert workshop.registry.ledger.head.size == 2
        assert published(workshop, policy).size == 1  # and not public
        assert (workshop.registry.settings.public / "checkpoint").read_bytes().split(b"\n")[1] == b"1"
        witnesses[1].start()
        until(lambda: published(workshop, policy).size == 2)
        assert len(published(workshop, policy).witnessed_at) == 2


def test_a_stop_without_witnesses_is_clean_and_the_next_start_publishes(
    template: Settings, tmp_path: Path, witnesses: list[LocalWitness]
) -> None:
    with witnessed(template, tmp_path / "r", witnesses, "all") as (workshop, policy):
        until(lambda: is_witnessed(workshop, policy))
        for witness in witnesses:
            witness.stop()
        workshop.admit("acme", "69012340")
        settings = workshop.registry.settings
    for witness in witnesses:
        witness.start()
    registry = start_registry(settings, PASSPHRASE)
    try:
        assert registry.ledger.wait_published(2, 10)
        assert verify_checkpoint((settings.public / "checkpoint").read_bytes(), policy).size == 2
    finally:
        registry.stop()


# The policy of a registry


def test_a_policy_that_the_registry_could_not_live_by_is_refused_and_nothing_is_written(
    template: Settings, tmp_path: Path
) -> None:
    other = make_template(tmp_path / "other")
    key = WitnessKey("w", bytes(32)).vkey.to_text()
    log = f"log {ledger_vkey(template).to_text()}\n"
    before = template.policy.read_bytes()
    for text, code in [
        (other.policy.read_text(), "another_ledger"),
        ("quorum none\n", "another_ledger"),
        (f"{log}witness w {key}\nquorum w\n", "quorum_unreachable"),
        (f"{log}witness w {key} ftp://w.example\nquorum w\n", "bad_url"),
        (f"{log}witness w {key} https://w.example/\xe9\nquorum none\n", "bad_url"),
        (f"{log}witness w {key} https://w.example\nquorum x\n", "malformed_policy"),
        ("nonsense\n", "malformed_policy"),
    ]:
        with pytest.raises((BadSettings, Malformed)) as caught:
            set_policy(template, text.encode())
        assert caught.value.code == code
        assert template.policy.read_bytes() == before


def test_the_ledgers_url_is_added_to_a_policy_without_one(template: Settings, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(template.directory, tmp_path / "r")
    settings = replace(template, directory=tmp_path / "r")
    key = WitnessKey("w", bytes(32)).vkey.to_text()
    text = f"log {ledger_vkey(template).to_text()}\nwitness w {key} https://w.example/witness\nquorum w\n"
    policy = set_policy(settings, text.encode())
    assert policy.logs[0].url == b"https://id.example.cn/ledger"
    assert parse_policy(settings.policy.read_bytes()) == policy


def test_a_start_with_a_quorum_that_nobody_can_be_asked_for_is_refused(template: Settings, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(template.directory, tmp_path / "r")
    settings = replace(template, directory=tmp_path / "r")
    key = WitnessKey("w", bytes(32)).vkey.to_text()
    settings.policy.write_text(f"log {ledger_vkey(template).to_text()}\nwitness w {key}\nquorum w\n")
    with pytest.raises(BadSettings) as caught:
        start_registry(settings, PASSPHRASE)
    assert caught.value.code == "quorum_unreachable"
    settings.policy.write_bytes(template.policy.read_bytes())
    start_registry(settings, PASSPHRASE).stop()  # the refusal left no lock behind


# With the commands, each in its own process


@pytest.mark.timeout(300)
def test_the_commands_from_init_to_an_audit_with_two_witnesses_of_which_one_is_killed(tmp_path: Path) -> None:
    with RegistryProcess(tmp_path) as registry:
        place = tmp_path / "registry"
        log = parse_policy((place / "policy.txt").read_bytes()).logs[0].vkey
        with (
            WitnessProcess(tmp_path / "one", [log], "witness.example/one") as one,
            WitnessProcess(tmp_path / "two", [log], "witness.example/two") as two,
        ):
            lines = (place / "policy.txt").read_text().replace("quorum none\n", "")
            lines += f"witness one {one.init().to_text()} {one.url}\nwitness two {two.init().to_text()} {two.url}\n"
            (tmp_path / "policy.txt").write_text(lines + "group either any one two\nquorum either\n")
            said = registry.must("registry", "set-policy", str(place), str(tmp_path / "policy.txt"))
            assert "2 witnesses to ask" in said
            registry.stop()
            registry.serve()
            registry.admit("powerbank", EXAMPLES / "makers" / "power-bank.toml")
            one.kill()
            registry.admit("board", EXAMPLES / "makers" / "decoration-board.toml")
            report = audit(registry.url, place / "policy.txt")
            assert report["is_clean"] and report["size"] == 3
            bad = registry.run("registry", "set-policy", str(place), str(tmp_path / "one" / "log"))
            assert bad.returncode == 3 and "[malformed_policy]" in bad.stderr
            two.kill()
            time.sleep(0.2)
            registry.admit("rice", EXAMPLES / "makers" / "selenium-rice.toml")  # accepted, not public
            assert audit(registry.url, place / "policy.txt")["size"] == 3
            two.start()
            until(lambda: audit(registry.url, place / "policy.txt")["size"] == 4)


def audit(url: str, policy: Path) -> dict[str, object]:
    command = verifier_command("audit", url, "--policy", str(policy), "--no-state", "--json")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    value = json.loads(done.stdout)
    assert isinstance(value, dict)
    return value
