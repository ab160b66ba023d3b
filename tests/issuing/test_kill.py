# SPDX-License-Identifier: Apache-2.0
"""kill -9 of a real `passport issue` at random moments, against a real registry: one batch, and each code once."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from passport.registry_client import RegistryClient
from passport.services.issue_journal import Journal
from passport.services.issue_segments import SEGMENT_WIDTH
from passport.signing import read_key_file
from tests.issuing.kit import naive_root
from tests.support.registry_process import ROOT, RegistryProcess, passport_command
from verifier.protocol.merkle import leaf_hash
from verifier.protocol.product_code import parse_product_code
from verifier.protocol.statements import parse_entry
from verifier.protocol.statements.products import BatchIssued

ROUNDS = int(os.environ.get("PASSPORT_KILL_ROUNDS") or ("10" if os.environ.get("CI") else "3"))
KILLS_IN_A_ROUND = 6
COUNT = 6 * SEGMENT_WIDTH + 77
GTIN = "06901234567892"
SEED = int(os.environ.get("PASSPORT_KILL_SEED") or random.randrange(2**32))


def _batches_of(registry: RegistryProcess, lot: str) -> list[BatchIssued]:
    statements = (parse_entry(entry).statement for entry in RegistryClient(registry.url).ledger_entries())
    return [item for item in statements if isinstance(item, BatchIssued) and item.lot == lot]


def _children_of(pid: int) -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.add(int(path.parent.name))
    return found


def _is_alive(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _run_and_kill(
    command: list[str], environment: dict[str, str], delay_seconds: float, until: Path | None = None
) -> bool:
    """Whether the command was killed rather than done: after a time, or as soon as a file is there.

    Its workers must then end by themselves.
    """
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + delay_seconds
    while process.poll() is None and time.monotonic() < deadline and not (until is not None and until.exists()):
        time.sleep(0.001)
    if process.returncode is None:
        children = _children_of(process.pid)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert process.stderr is not None
        process.stderr.close()
        deadline = time.monotonic() + 10
        while any(_is_alive(child) for child in children):
            assert time.monotonic() < deadline, f"workers {children} outlive their parent"
            time.sleep(0.02)
        return True
    _, errors = process.communicate()
    assert process.returncode == 0, errors.decode()
    return False


@pytest.fixture(scope="module")
def key(registry_process: RegistryProcess) -> Path:
    return registry_process.admit("killed-maker", ROOT / "examples" / "makers" / "power-bank.toml")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_run_that_is_killed_anywhere_ends_as_one_batch_with_each_code_once(
    registry_process: RegistryProcess, key: Path, tmp_path: Path, number: int
) -> None:
    chance = random.Random(SEED + number)
    print(f"PASSPORT_KILL_SEED={SEED}")
    out, lot = tmp_path / "out", f"KILL-{number}"
    command = _command(out, lot, key)
    kills = sum(
        _run_and_kill(command, registry_process.environment, chance.uniform(0.5, 1.5)) for _ in range(KILLS_IN_A_ROUND)
    )
    assert not _run_and_kill(command, registry_process.environment, 120)
    print(f"{kills} kills")
    _check_round(registry_process, out, lot, key)


STEPS = (
    *(".work/plan.json", ".work/number.json", ".work/segments/000002.seg", ".work/statement.json", ".work/logged.json"),
    *("codes.csv", "codes.ndjson", "batch.json", ".labels.pdf.part", ".work/labels-pdf.done"),
)


def test_a_run_that_is_killed_after_every_step_ends_as_one_batch(
    registry_process: RegistryProcess, key: Path, tmp_path: Path
) -> None:
    out, lot = tmp_path / "out", "KILL-STEPS"
    killed = [
        step
        for step in STEPS
        if _run_and_kill(_command(out, lot, key), registry_process.environment, 120, until=out / step)
    ]
    print(f"killed after {killed}")
    assert len(killed) >= 5  # the last steps can be over faster than anybody looks
    assert not _run_and_kill(_command(out, lot, key), registry_process.environment, 120)
    _check_round(registry_process, out, lot, key)


def test_a_run_that_a_person_stops_says_how_to_go_on(
    registry_process: RegistryProcess, key: Path, tmp_path: Path
) -> None:
    out, lot = tmp_path / "out", "CTRL-C"
    process = subprocess.Popen(_command(out, lot, key), env=registry_process.environment, stderr=subprocess.PIPE)
    while not (out / ".work" / "segments" / "000000.seg").exists():
        assert process.poll() is None
        time.sleep(0.001)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130, errors.decode()
    assert errors.decode() == "Interrupted. The same command goes on where this one stopped. [interrupted]\n"
    assert not _run_and_kill(_command(out, lot, key), registry_process.environment, 120)
    _check_round(registry_process, out, lot, key)


def _command(out: Path, lot: str, key: Path) -> list[str]:
    return passport_command(
        *("issue", "--gtin", GTIN, "--lot", lot, "--count", str(COUNT), "--out", str(out), "--labels", "pdf"),
        *("--issuer", "killed-maker", "--key", str(key), "--workers", "2", "--quiet", "--yes"),
    )


def _check_round(registry_process: RegistryProcess, out: Path, lot: str, key: Path) -> None:
    (batch,) = _batches_of(registry_process, lot)
    receipt = Journal(out).find_receipt()
    assert receipt is not None
    assert receipt.statement == batch
    _check_files(out, batch, key)
    status = RegistryClient(registry_process.url).find_batch("killed-maker", batch.batch)
    assert status is not None
    assert status.is_complete
    left = {path.name for path in out.iterdir()}
    assert left == {".work", "batch.json", "codes.csv", "codes.ndjson", "labels.pdf"}
    assert not list((out / ".work" / "segments").iterdir())


def _check_files(out: Path, batch: BatchIssued, key: Path) -> None:
    public_key = read_key_file(key).public_key
    lines = (out / "codes.csv").read_text().splitlines()[1:]
    codes = [parse_product_code(line.split(",")[4]) for line in lines]
    assert len({code.identity for code in codes}) == len(codes) == COUNT
    assert [code.seal.seq for code in codes] == list(range(COUNT))
    assert all(code.is_sealed_by(public_key) for code in codes[:: COUNT // 97])
    assert naive_root([leaf_hash(code.item_leaf) for code in codes]) == batch.item_root
    assert len((out / "codes.ndjson").read_bytes().splitlines()) == COUNT
    assert (out / "labels.pdf").read_bytes().endswith(b"%%EOF\n")
