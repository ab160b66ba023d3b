# SPDX-License-Identifier: Apache-2.0
"""Issuing in flat memory: the largest process of a whole `passport issue`, and how it grows with the batch."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.registry_process import ROOT, RegistryProcess, passport_command

LARGE = 100_000 if os.environ.get("CI") else 40_000
SMALL = 10_000
MAX_MIB = 300
# The PDF keeps a place for each label; the code itself, with its lines, has 1,000.
MAX_BYTES_PER_CODE = 300


@pytest.fixture(scope="module")
def key(registry_process: RegistryProcess) -> Path:
    return registry_process.admit("rice-maker", ROOT / "examples" / "makers" / "selenium-rice.toml")


def _resident(pid: int) -> int:
    """Bytes that a process has in memory now; 0 if it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")
    except (OSError, IndexError):
        return 0


def _high_water(pid: int) -> int:
    """The most bytes that a process has had in memory since its exec; 0 if it is gone.

    Not ru_maxrss: that begins with the size of whoever forked it, which here is a large test process.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM:")), 0)


def _children_of(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _largest_process(registry: RegistryProcess, key: Path, out: Path, *order: str) -> tuple[int, int]:
    """Bytes of the largest of the command and its workers: over all, and after the key file was opened.

    To open it takes 64 MiB for a moment (Argon2id), under which everything else would disappear.
    """
    command = passport_command(
        *("issue", "--gtin", "6945678000348", "--issuer", "rice-maker", "--key", str(key), "--out", str(out)), *order
    )
    process = subprocess.Popen(command, env=registry.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    largest = later = 0
    while process.poll() is None:
        family = (process.pid, *_children_of(process.pid))
        largest = max(largest, *map(_high_water, family))
        if (out / ".work" / "plan.json").exists():
            later = max(later, *map(_resident, family))
        time.sleep(0.005)
    assert process.returncode == 0
    assert later
    return largest, later


@pytest.mark.parametrize("kind", ["made", "brought"])
def test_memory_does_not_grow_with_the_batch(
    registry_process: RegistryProcess, key: Path, tmp_path: Path, kind: str
) -> None:
    sizes = []
    for count in (SMALL, LARGE):
        serials = tmp_path / f"{count}.csv"
        serials.write_text("".join(f"{kind}-{count}-{number}\n" for number in range(count)))
        source = ("--count", str(count)) if kind == "made" else ("--serials", str(serials))
        order = (*source, "--lot", f"{kind}{count}", "--labels", "pdf", "--yes", "--quiet")
        began = time.monotonic()
        largest, later = _largest_process(registry_process, key, tmp_path / str(count), *order)
        print(f"{kind} {count}: {largest >> 20} MiB, {later >> 20} MiB later, {time.monotonic() - began:.1f} s")
        assert largest < MAX_MIB * 2**20
        sizes.append(later)
    slope = (sizes[1] - sizes[0]) / (LARGE - SMALL)
    print(f"{slope:.0f} bytes for each further code")
    assert slope < MAX_BYTES_PER_CODE
