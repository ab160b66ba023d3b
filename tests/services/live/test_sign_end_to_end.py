# SPDX-License-Identifier: Apache-2.0
"""A dossier from the API to the ledger over real HTTP: entered, approved by a person, signed by the platform's key."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.console_client import ConsoleClient
from tests.support.live_dossiers import approve_dossier, dossier_input
from tests.support.live_registry import Live, live_registry
from tests.support.live_shop import shop_client
from tests.support.platforms import PLATFORM, admit_platform
from verifier.cli import main as verifier_main
from verifier.dossier_document import dossier_digest


@dataclass
class Stage:
    live: Live
    key: Path

    def sign(self, dossier_id: str, *more: str) -> tuple[int, str]:
        process = self.live.process
        environment = {
            "PASSPORT_ISSUER": PLATFORM,
            "PASSPORT_KEY": str(self.key),
            "PASSPORT_TOKEN": self.live.shop["PASSPORT_TOKEN"],
        }
        done = process.run("dossier", "sign", dossier_id, "--yes", *more, **environment)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with live_registry(tmp_path_factory.mktemp("dossiers")) as live:
        yield Stage(live, admit_platform(live.process))


def wait_until_logged(live: Live, dossier_id: str) -> int:
    deadline = time.monotonic() + 15
    while (found := shop_client(live).find_dossier(dossier_id)).state != "logged":
        assert time.monotonic() < deadline, found
        time.sleep(0.1)
    assert found.ledger_index is not None
    return found.ledger_index


def check(stage: Stage, file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, object]]:
    policy = stage.live.process.directory / "policy"
    base = ["--json", "--lang", "en"]
    if not policy.exists():
        assert verifier_main(["policy", stage.live.url, "--output", str(policy)]) == 0
        capsys.readouterr()
    status = verifier_main(
        ["dossier", "check", str(file), "--registry", stage.live.url, "--policy", str(policy), *base]
    )
    return status, json.loads(capsys.readouterr().out)


def test_a_dossier_goes_from_the_api_to_the_ledger_and_the_registry_only_reads_it_there(
    stage: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    live, client = stage.live, shop_client(stage.live)
    console = ConsoleClient(live.url, live.shop["SESSION"])
    value = dossier_input(live.gtin, "L1", f"https://id.example.cn{live.codes[21]}", "直播间移动电源")
    made = client.create_dossier(value, key="end-to-end-1")
    assert (made.state, made.sample.status if made.sample else "") == ("draft", "genuine")
    status, said = stage.sign(made.id)
    assert (status, "no_document" in said) == (4, True), said
    client.submit_dossier(made.id, key="end-to-end-2")
    page = approve_dossier(console, made.id)
    assert made.id in page
    approved = client.find_dossier(made.id)
    assert (approved.state, approved.ledger_index) == ("approved", None)

    out = tmp_path / "dossier.json"
    status, said = stage.sign(made.id, "--out", str(out))
    assert status == 0, said
    data = client.fetch_dossier_document(made.id)
    assert out.read_bytes() == data and dossier_digest(data) == approved.digest
    assert str(approved.digest) in said and "直播间移动电源" in said
    index = wait_until_logged(live, made.id)
    assert f"logged at {index}." in said
    assert f"#{index}" in console.get(f"/console/dossiers/{made.id}")
    status, said = stage.sign(made.id)
    assert (status, f"Already logged at {index}." in said) == (0, True), said

    status, found = check(stage, out, capsys)
    assert (status, found["index"], found["digest"]) == (0, index, approved.digest), found
    forged = tmp_path / "forged.json"
    forged.write_bytes(data.replace("直播间移动电源".encode(), "直播间充电电源".encode()))
    status, found = check(stage, forged, capsys)
    assert status == 1 and found["error"]["code"] == "digest_differs"  # type: ignore[index]


def test_a_dossier_that_is_not_approved_or_not_there_is_not_signed(stage: Stage) -> None:
    status, said = stage.sign(stage.live.shop["DOSSIER"])
    assert status == 4 and "no_document" in said, "a draft has none"
    status, said = stage.sign("019abc00-0000-7000-8000-000000000000")
    assert status == 4 and "unknown_dossier" in said


def test_the_api_has_no_call_that_approves(stage: Stage) -> None:
    paths = shop_client(stage.live).openapi_document().paths
    live = [path for path in paths if "dossier" in path or "sanction" in path]
    assert len(live) >= 8
    assert [path for path in live if path.rpartition("/")[2] in ("approve", "reject", "activate", "lift")] == []
