# SPDX-License-Identifier: Apache-2.0
"""The command `verifier`, against a real ledger over real HTTP: what it prints, and what it exits with."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.ledger_server import LedgerServer, Refuse
from tests.support.ledger_simulator import LedgerSimulator, flip_bit
from tests.support.makers import IssuedBatch, Maker, SigningKey, both, make_gtin, sign_code
from verifier.cli import main
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.registry import IssuerAdmitted

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Scene:
    """A registry at work now, a saved policy, and a home directory of its own."""

    ledger: LedgerSimulator
    maker: Maker
    batch: IssuedBatch
    files: dict[str, bytes]
    server: LedgerServer
    home: Path
    capture: pytest.CaptureFixture[str]

    @property
    def policy(self) -> str:
        return str(self.home / "config" / "product-passport" / "policy.txt")

    def publish(self) -> None:
        """Serve the ledger as it is now."""
        self.files.clear()
        self.files.update(self.ledger.files())

    def run(self, *arguments: str) -> tuple[int, str]:
        """Exit code, and what was printed for people."""
        status = main(list(arguments))
        return status, self.capture.readouterr().out

    def json(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Exit code, and the one JSON object that was printed."""
        status = main([*arguments, "--json"])
        lines = self.capture.readouterr().out.splitlines()
        assert len(lines) == 1
        value = json.loads(lines[0])
        assert value["exit_code"] == status
        return status, value

    def check(self, code: str, *arguments: str) -> tuple[int, str, str]:
        """Exit code, status and reason of `verifier check`."""
        status, value = self.json("check", code, "--registry", self.server.url, *arguments)
        return status, value["verdict"]["status"], value["verdict"]["reason"]


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Scene]:
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    ledger = LedgerSimulator(now=datetime.now(UTC).replace(microsecond=0), witnesses=("w1",))
    maker = ledger.admit("acme", prefix="69012340")
    ledger.admit("bolt", prefix="69055550")
    batch = ledger.issue_batch(maker, count=4)
    files = ledger.files()
    with LedgerServer(files) as server:
        scene = Scene(ledger, maker, batch, files, server, tmp_path, capsys)
        saved = Path(scene.policy)
        saved.parent.mkdir(parents=True)
        saved.write_bytes(ledger.policy_text())
        yield scene


def test_a_genuine_code_exits_with_0(scene: Scene) -> None:
    assert scene.check(scene.batch.url(2)) == (0, "genuine", "genuine")


def test_a_code_may_be_given_as_its_path_or_as_the_text_of_its_qr_symbol(scene: Scene) -> None:
    code = scene.batch.codes[1]
    assert scene.check(code.to_path())[0] == 0
    assert scene.check(code.to_qr_text("id.example.cn"))[0] == 0


def test_people_get_the_verdict_first_then_facts_then_numbered_steps(scene: Scene) -> None:
    status, shown = scene.run("check", scene.batch.url(0), "--registry", scene.server.url)
    assert status == 0
    lines = shown.splitlines()
    assert lines[0] == "✓ This code is genuine"
    assert any("acme Co." in line for line in lines)
    steps = [line for line in lines if re.match(r" +\d+ [✓✗?·] ", line)]
    assert [int(line.split()[0]) for line in steps] == list(range(11))
    assert "\x1b" not in shown


def test_the_language_follows_the_environment_and_the_option_wins(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ["check", scene.batch.url(0), "--registry", scene.server.url]
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert scene.run(*code)[1].startswith("✓ 此码真实有效")
    assert scene.run(*code, "--lang", "en")[1].startswith("✓ This code is genuine")
    monkeypatch.setenv("LC_ALL", "C")
    assert scene.run(*code)[1].startswith("✓ This code is genuine")


def test_a_recalled_code_exits_with_1_and_the_remedy_is_shown(scene: Scene) -> None:
    scene.ledger.recall(scene.maker, "2026-1", lot="L1")
    scene.publish()
    assert scene.check(scene.batch.url(0)) == (1, "recalled", "recall")
    shown = scene.run("check", scene.batch.url(0), "--registry", scene.server.url)[1]
    assert "acme/2026-1 (active): Power bank may overheat" in shown
    assert "Refund" in shown


def test_void_forged_and_unlogged_codes_exit_with_1(scene: Scene) -> None:
    scene.ledger.void(scene.maker, scene.batch, 3, 3)
    unlogged = scene.ledger.issue_batch(scene.maker, logged=False)
    forged = sign_code(SigningKey("thief"), gtin=scene.maker.gtin(), batch=0, seq=0)
    nobody = sign_code(SigningKey("thief"), gtin=make_gtin("69777770"), batch=0, seq=0)
    scene.publish()
    assert scene.check(scene.batch.url(3)) == (1, "void", "void")
    assert scene.check(unlogged.url(0)) == (1, "not_logged", "no_such_batch_or_item")
    assert scene.check(forged.to_path()) == (1, "counterfeit", "unknown_key")
    assert scene.check(nobody.to_path()) == (1, "counterfeit", "unknown_prefix")  # by the whole snapshot


def test_a_malformed_code_exits_with_2_and_asks_nobody(scene: Scene) -> None:
    assert scene.check(scene.batch.url(0)[:-1])[:2] == (2, "malformed")
    assert scene.check("hello")[:2] == (2, "malformed")
    assert scene.server.requests == []


def test_a_registry_that_is_down_exits_with_3(scene: Scene) -> None:
    url = scene.server.url
    scene.server.faults["/ledger/checkpoint"] = Refuse(503)
    status, value = scene.json("check", scene.batch.url(0), "--registry", url)
    assert (status, value["verdict"]["status"]) == (3, "cannot_tell")
    assert value["problems"][0]["code"] == "bad_status"


def test_a_proof_that_does_not_arrive_exits_with_3_and_is_never_green(scene: Scene) -> None:
    scene.server.faults[f"/api/v1/proof{scene.batch.codes[0].to_path()}"] = Refuse(502)
    assert scene.check(scene.batch.url(0)) == (3, "cannot_tell", "bad_status")


def test_a_stale_snapshot_exits_with_3_and_still_shows_a_recall(scene: Scene) -> None:
    scene.ledger.recall(scene.maker, "2026-1", lot="L1")
    fresh = scene.ledger.issue_batch(scene.maker, lot="L2")
    scene.publish()
    old = scene.ledger.snapshot(shard="acme", as_of=scene.ledger.now - timedelta(days=3))
    scene.files[f"/ledger/snapshot/gtin/{scene.maker.gtin()}"] = old
    assert scene.check(fresh.url(0)) == (3, "cannot_tell", "snapshot_stale")
    assert scene.check(scene.batch.url(0)) == (1, "recalled", "recall")


def test_a_code_that_a_forger_points_to_his_own_host_is_checked_where_the_policy_says(scene: Scene) -> None:
    with_url = scene.ledger.policy_text().replace(b"\nwitness", f" {scene.server.url}/ledger\nwitness".encode(), 1)
    Path(scene.policy).write_bytes(with_url)
    forged = sign_code(SigningKey("thief"), gtin=scene.maker.gtin(), batch=0, seq=0).to_url("forger.example.com")
    status, value = scene.json("check", forged)
    assert (status, value["verdict"]["status"]) == (1, "counterfeit")
    assert value["ledger"] == scene.server.url + "/ledger"


def test_without_any_url_the_host_of_the_link_is_asked(scene: Scene) -> None:
    host = scene.server.url.removeprefix("http://")
    link = "HTTP://" + host + scene.batch.codes[0].to_path()
    assert scene.json("check", link)[0] == 0
    assert scene.json("check", scene.batch.codes[0].to_path())[1]["error"]["code"] == "no_registry_url"


def test_plain_http_to_another_machine_is_refused_with_2(scene: Scene) -> None:
    status, value = scene.json("check", scene.batch.url(0), "--registry", "http://passport.example.cn")
    assert (status, value["error"]["code"]) == (2, "insecure_url")


def test_a_missing_or_broken_policy_and_one_for_another_ledger_exit_with_2(scene: Scene) -> None:
    code = ["check", scene.batch.url(0), "--registry", scene.server.url, "--policy"]
    other = scene.home / "other"
    assert scene.json(*code, str(other))[1]["error"]["code"] == "no_policy"
    other.write_bytes(b"log\n")
    assert scene.json(*code, str(other))[1]["error"]["code"] == "malformed_policy"
    other.write_bytes(LedgerSimulator(origin="b.example.cn/ledger").policy_text())
    status, value = scene.json(*code, str(other))
    assert (status, value["error"]["code"]) == (2, "unknown_log")


def test_a_checkpoint_without_the_policys_witnesses_exits_with_4(scene: Scene) -> None:
    scene.ledger.cosigners = []
    scene.publish()
    status, value = scene.json("check", scene.batch.url(0), "--registry", scene.server.url)
    assert (status, value["problems"][0]["code"]) == (4, "quorum_missing")


def test_the_second_run_needs_no_entry_0_and_accepts_a_ledger_that_grew(scene: Scene) -> None:
    assert scene.check(scene.batch.url(0))[0] == 0
    for number in range(300):
        scene.ledger.append(b"%d" % number)
    scene.publish()
    scene.server.requests.clear()
    assert scene.check(scene.batch.url(1))[0] == 0
    assert not any("entries" in request for request in scene.server.requests)


def another_history(scene: Scene) -> LedgerSimulator:
    other = LedgerSimulator(now=scene.ledger.now + timedelta(seconds=1), witnesses=("w1",))
    maker = other.admit("acme", prefix="69012340")
    other.admit("bolt", prefix="69055550")
    other.issue_batch(maker, count=4)
    return other


def test_a_ledger_that_shows_another_history_than_before_exits_with_4_and_both_notes_are_kept(scene: Scene) -> None:
    assert scene.check(scene.batch.url(0))[0] == 0
    other = another_history(scene)
    scene.files.update(other.files())
    status, value = scene.json("check", scene.batch.url(0), "--registry", scene.server.url)
    assert (status, value["problems"][0]["code"]) == (4, "ledger_forked")
    kept = sorted((scene.home / "state" / "product-passport").iterdir())
    assert len(kept) == 2
    assert other.checkpoint() in [path.read_bytes() for path in kept]
    assert scene.json("check", scene.batch.url(0), "--registry", scene.server.url)[0] == 4  # and it does not forget


def test_a_ledger_that_is_smaller_than_before_is_never_green(scene: Scene) -> None:
    smaller = dict(scene.files)
    scene.ledger.issue_batch(scene.maker)
    scene.publish()
    assert scene.check(scene.batch.url(0))[0] == 0
    scene.files.update(smaller)  # the wider tiles are still there, so one history can be shown, and is
    for _ in range(2):  # the larger checkpoint stays remembered
        assert scene.check(scene.batch.url(0)) == (3, "cannot_tell", "ledger_went_back")


def test_an_address_without_a_ledger_exits_with_3_and_blames_nobody(scene: Scene) -> None:
    scene.files.clear()
    for arguments in (["audit", scene.server.url], ["audit", scene.server.url, "--no-state"]):
        status, value = scene.json(*arguments)
        assert (status, value["error"]["code"]) == (3, "not_found")
    assert scene.check(scene.batch.url(0))[:2] == (3, "cannot_tell")


def test_without_state_nothing_is_remembered_and_nothing_is_written(scene: Scene) -> None:
    assert scene.check(scene.batch.url(0), "--no-state")[0] == 0
    assert not (scene.home / "state").exists()
    scene.files.update(another_history(scene).files())
    assert scene.check(scene.batch.url(0), "--no-state")[0] == 0


def test_a_damaged_memory_is_an_error_and_never_silently_replaced(scene: Scene) -> None:
    assert scene.check(scene.batch.url(0))[0] == 0
    (path,) = (scene.home / "state" / "product-passport").iterdir()
    damaged = path.read_bytes().replace(b"\\n4\\n", b"\\n3\\n")  # another size under the same signature
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)
    status, value = scene.json("check", scene.batch.url(0), "--registry", scene.server.url)
    assert (status, value["error"]["code"]) == (2, "bad_state")
    assert str(path) in value["error"]["message"]


def test_the_seal_alone_is_checked_offline(scene: Scene) -> None:
    key = scene.maker.key.public_key.raw.hex()
    status, value = scene.json("seal", scene.batch.url(2), "--key", key)
    assert (status, value["is_sealed"], value["seq"]) == (0, True, 2)
    other = SigningKey("thief").public_key.raw.hex()
    assert scene.json("seal", scene.batch.url(2), "--key", other)[0] == 1
    assert scene.json("seal", "https://id.example.cn/01/1", "--key", key)[0] == 2
    assert scene.json("seal", scene.batch.url(2), "--key", "00" * 32)[0] == 2
    assert scene.json("seal", scene.batch.url(2), "--key", key.upper())[0] == 2
    assert scene.server.requests == []
    assert "`verifier check`" in scene.run("seal", scene.batch.url(2), "--key", key)[1]


def test_a_clean_audit_exits_with_0_and_is_remembered(scene: Scene) -> None:
    status, value = scene.json("audit", scene.server.url)
    assert (status, value["is_clean"], value["size"]) == (0, True, 4)
    assert "seen_size" not in value
    assert scene.json("audit", scene.server.url)[1]["seen_size"] == 4
    assert scene.run("audit", scene.server.url)[1].startswith("✓ The ledger holds")


def test_an_audit_with_findings_exits_with_4_and_lists_them(scene: Scene) -> None:
    scene.ledger.append(b"advertising")
    scene.publish()
    status, value = scene.json("audit", scene.server.url)
    assert status == 4
    assert [(finding["code"], finding["index"]) for finding in value["findings"]] == [("entry_not_permitted", 4)]
    assert "✗ entry_not_permitted: Entry 4" in scene.run("audit", scene.server.url)[1]


def test_an_audit_after_a_check_notices_another_history(scene: Scene) -> None:
    assert scene.check(scene.batch.url(0))[0] == 0
    scene.files.update(another_history(scene).files())
    status, value = scene.json("audit", scene.server.url)
    assert (status, value["findings"][0]["code"]) == (4, "ledger_forked")


def test_an_audit_whose_network_fails_exits_with_3_and_blames_nobody(scene: Scene) -> None:
    scene.server.faults["/ledger/tile/entries/000.p/4"] = Refuse(503)
    status, value = scene.json("audit", scene.server.url)
    assert (status, value["error"]["code"]) == (3, "bad_status")


def test_a_snapshot_is_shown_from_a_registry_a_shard_and_a_file(scene: Scene) -> None:
    assert scene.json("snapshot", scene.server.url)[1]["snapshot"]["size"] == 4
    assert scene.json("snapshot", scene.server.url + "/ledger/snapshot/acme")[1]["snapshot"]["shard"] == "acme"
    file = scene.home / "snapshot"
    file.write_bytes(scene.ledger.snapshot())
    vkey = scene.ledger.status_vkey.to_text()
    assert scene.json("snapshot", str(file), "--vkey", vkey)[0] == 0
    assert scene.json("snapshot", str(file), "--registry", scene.server.url)[0] == 0
    assert "acme: acme Co." in scene.run("snapshot", str(file), "--vkey", vkey)[1]


def test_a_snapshot_that_is_stale_unsigned_or_malformed_has_its_own_exit_code(scene: Scene) -> None:
    vkey = ["--vkey", scene.ledger.status_vkey.to_text()]
    file = scene.home / "snapshot"
    file.write_bytes(scene.ledger.snapshot(as_of=scene.ledger.now - timedelta(days=9)))
    assert scene.json("snapshot", str(file), *vkey)[0] == 3
    assert scene.json("snapshot", str(file))[0] == 2
    assert scene.json("snapshot", str(file), "--vkey", scene.ledger.ledger_vkey.to_text())[0] == 1
    file.write_bytes(b"no note")
    assert scene.json("snapshot", str(file), *vkey)[0] == 2
    assert scene.json("snapshot", str(scene.home / "absent"), *vkey)[0] == 2
    flip_bit(scene.files, "/ledger/snapshot", bit=8 * 30)
    assert scene.json("snapshot", scene.server.url)[0] == 4


def test_a_policy_is_printed_with_its_key_and_a_plain_warning(scene: Scene) -> None:
    assert main(["policy", scene.server.url]) == 0
    captured = scene.capture.readouterr()
    assert "Trust on first use" in captured.err
    assert scene.ledger.ledger_vkey.to_text() in captured.err
    assert f"{scene.server.url}/ledger\n" in captured.out  # the ledger's URL is written into the policy
    other = scene.home / "printed"
    other.write_text(captured.out)
    assert scene.json("check", scene.batch.url(0), "--policy", str(other))[0] == 0


def test_a_saved_policy_is_found_by_the_other_commands_and_never_overwritten(scene: Scene) -> None:
    Path(scene.policy).unlink()
    assert scene.json("policy", scene.server.url, "--save")[1]["vkeys"] == [scene.ledger.ledger_vkey.to_text()]
    assert scene.json("check", scene.batch.url(0))[0] == 0
    assert scene.json("policy", scene.server.url, "--save")[0] == 0  # the same again
    before = Path(scene.policy).read_bytes()
    impostor = LedgerSimulator(origin="b.example.cn/ledger")
    scene.files["/ledger/policy"] = impostor.policy_text()
    scene.files["/ledger/checkpoint"] = impostor.checkpoint()
    status, value = scene.json("policy", scene.server.url, "--save")
    assert (status, value["error"]["code"]) == (4, "policy_changed")
    assert Path(scene.policy).read_bytes() == before


def test_a_policy_that_the_ledger_itself_does_not_keep_is_refused(scene: Scene) -> None:
    scene.files["/ledger/policy"] = LedgerSimulator(origin="b.example.cn/ledger").policy_text()
    out = scene.home / "never"
    assert scene.json("policy", scene.server.url, "--output", str(out))[0] == 2
    assert not out.exists()


def test_a_makers_name_cannot_command_the_terminal(scene: Scene) -> None:
    admission = parse_entry(scene.ledger.entries[1]).statement
    assert isinstance(admission, IssuerAdmitted)
    later = scene.ledger.entries[2:]
    del scene.ledger.entries[1:]
    scene.ledger.say(replace(admission, name=both("evil\x1b[2J\u202ename")), scene.ledger.operator_key)
    scene.ledger.entries += later
    scene.publish()
    shown = scene.run("check", scene.batch.url(0), "--registry", scene.server.url)[1]
    assert "evil" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_the_command_runs_as_a_module_in_a_process_of_its_own(scene: Scene) -> None:
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    command = [sys.executable, "-m", "verifier", "check", scene.batch.url(0), "--registry", scene.server.url]
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    assert "This code is genuine" in result.stdout  # and a terminal without ✓ is no reason to fail
