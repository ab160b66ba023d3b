# SPDX-License-Identifier: Apache-2.0
"""`verifier evidence` as a process: check without a network, show, make against a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from passport.web.app import create_app
from tests.evidence.test_round_trip import foreign_policy
from tests.support.evidence_files import make_file
from tests.support.phone_shop import Shop
from tests.support.web_server import WebServer
from verifier.evidence_bundle import make_additions
from verifier.evidence_check import Known, check_bundle
from verifier.protocol.policy import TlogPolicy

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path: Path, policy: TlogPolicy) -> Path:
    (tmp_path / "policy.txt").write_bytes(policy.to_bytes())
    return tmp_path


def run(home: Path, *arguments: str, offline: bool = True) -> subprocess.CompletedProcess[str]:
    start = [str(ROOT / "tests" / "evidence" / "without_network.py")] if offline else ["-m", "verifier"]
    places = {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, *start, "evidence", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=os.environ | places | {"LANG": "C.UTF-8"}, timeout=60, cwd=home
    )


def write(home: Path, data: bytes) -> str:
    path = home / "evidence.zip"
    path.write_bytes(data)
    return str(path)


@pytest.mark.parametrize("name", ["genuine", "recalled", "not_logged", "counterfeit/bad_signature", "cannot_tell"])
def test_a_file_is_checked_without_a_network_under_a_policy_of_ones_own(home: Path, shop: Shop, name: str) -> None:
    file = write(home, make_file(shop, shop.codes[name].to_path()))
    done = run(home, "check", file, "--policy", "policy.txt")
    is_said = name == "not_logged"  # a log shows presence, never absence
    assert done.returncode == (3 if is_said else 0), done.stdout + done.stderr
    assert done.stdout.startswith("? The file is whole. That" if is_said else "✓ The file is whole, and")
    assert ("Stated, not proven" in done.stdout) == (name == "not_logged")


def test_without_a_policy_it_says_that_the_keys_are_the_files_own_and_ends_with_3(
    home: Path, shop: Shop, policy: TlogPolicy
) -> None:
    done = run(home, "check", write(home, make_file(shop, shop.codes["genuine"].to_path())))
    assert done.returncode == 3
    assert "The keys are the file's own; nobody else vouches for them" in done.stdout
    assert policy.logs[0].vkey.to_text() in done.stdout
    assert str(shop.workshop.registry.service.describe()["status_vkey"]) in done.stdout


def test_a_policy_of_another_ledger_refuses_it_and_a_saved_one_is_only_told(home: Path, shop: Shop) -> None:
    file = write(home, make_file(shop, shop.codes["genuine"].to_path()))
    (home / "other.txt").write_bytes(foreign_policy().to_bytes())
    done = run(home, "check", file, "--policy", "other.txt", "--json")
    assert (done.returncode, json.loads(done.stdout)["error"]["code"]) == (1, "another_ledger")
    saved = home / "config" / "product-passport"
    saved.mkdir(parents=True)
    (saved / "policy.txt").write_bytes(foreign_policy().to_bytes())
    done = run(home, "check", file)
    assert done.returncode == 3
    assert "does not know this ledger" in done.stderr


def test_a_changed_byte_ends_with_1_and_names_the_member(home: Path, shop: Shop) -> None:
    data = make_file(shop, shop.codes["genuine"].to_path())
    at = data.index(b'"item_hash":"') + 20
    file = write(home, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    done = run(home, "check", file, "--policy", "policy.txt")
    assert done.returncode == 1
    assert "proof.json" in done.stdout and "member_changed" in done.stdout
    value = json.loads(run(home, "check", file, "--json").stdout)
    assert (value["error"]["where"], value["exit_code"]) == ("proof.json", 1)
    assert run(home, "show", file).returncode == 1


def test_the_answer_for_programs_says_all_of_it(home: Path, shop: Shop) -> None:
    additions = make_additions("https://shop.example.cn/1", "bought on Monday")
    file = write(home, make_file(shop, shop.codes["recalled"].to_path(), additions))
    value = json.loads(run(home, "check", file, "--policy", "policy.txt", "--json").stdout)
    assert (value["exit_code"], value["keys"], value["judged_by"]) == (0, "known", "server")
    assert value["verdict"]["status"] == "recalled"
    assert value["under_policy"] == {"reason": "recall", "status": "recalled"}
    assert value["stated"] == ["listing_url", "note"]
    assert [key["purpose"] for key in value["fingerprints"]] == ["log", "status"]
    assert value["is_from_the_future"] is False


def test_show_prints_what_the_file_says_and_that_nothing_is_checked(home: Path, shop: Shop) -> None:
    additions = make_additions("", "a note of mine")
    done = run(home, "show", write(home, make_file(shop, shop.codes["genuine"].to_path(), additions)))
    assert done.returncode == 0
    assert "nothing is checked" in done.stdout and "a note of mine" in done.stdout and "snapshot.txt" in done.stdout


@pytest.mark.parametrize("arguments", [("check", "there-is-none.zip"), ("show", "there-is-none.zip")])
def test_a_file_that_is_not_there_is_wrong_usage(home: Path, arguments: tuple[str, str]) -> None:
    done = run(home, *arguments)
    assert done.returncode == 2
    assert "no_file" in done.stderr


@pytest.fixture(scope="module")
def server(shop: Shop) -> Iterator[WebServer]:
    with WebServer(create_app(shop.workshop.registry.service, shop.workshop.registry.checker)) as server:
        yield server


@pytest.mark.parametrize("name", ["genuine", "void", "not_logged", "counterfeit/unknown_prefix", "cannot_tell"])
def test_make_asks_a_server_and_what_it_writes_holds(
    home: Path, shop: Shop, server: WebServer, policy: TlogPolicy, name: str
) -> None:
    photo = home / "label.jpg"
    photo.write_bytes(b"a photo")
    options = ["--server", server.url, "--output", "made.zip", "--photo", str(photo), "--note", "mine"]
    code = shop.codes[name].to_path()
    done = run(home, "make", code, *options, "--listing-url", "https://shop.example.cn/1", offline=False)
    assert done.returncode == 0, done.stderr
    checked = check_bundle((home / "made.zip").read_bytes(), Known(policy))
    assert (checked.own.verdict.status, checked.bundle.judged_by) == (name.partition("/")[0], "verifier")
    assert checked.is_proven == (name != "not_logged")
    assert checked.bundle.additions.photos[0].sha256 == sha256(b"a photo").hexdigest()
    assert run(home, "check", "made.zip", "--policy", "policy.txt").returncode == (0 if checked.is_proven else 3)


def test_make_names_what_did_not_arrive_and_does_not_guess(home: Path, shop: Shop) -> None:
    options = ["--server", "http://127.0.0.1:9", "--output", "made.zip", "--policy", "policy.txt"]
    done = run(home, "make", shop.codes["genuine"].to_path(), *options, offline=False)
    assert done.returncode == 0
    checked = check_bundle((home / "made.zip").read_bytes(), Known())
    assert (checked.own.verdict.status, checked.keys) == ("cannot_tell", "missing")
    assert checked.bundle.case.absent["checkpoint.txt"] != "not_collected"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--listing-url", "ftp://x"], "bad_listing_url"),
        (["--photo", "there-is-none"], "no_file"),
        (["--note", "x" * 2001], "note_too_long"),
    ],
)
def test_make_refuses_what_cannot_be_added(home: Path, options: list[str], code: str) -> None:
    arguments = ["/01/x", "--server", "http://127.0.0.1:9", "--output", "made.zip", "--policy", "policy.txt"]
    done = run(home, "make", *arguments, *options, offline=False)
    assert done.returncode == 2
    assert code in done.stderr
    assert not (home / "made.zip").exists()
