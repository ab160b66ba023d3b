# SPDX-License-Identifier: Apache-2.0
"""The verifier needs nothing but `cryptography`, and the check that says so can fail."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path("tests/support/check_verifier_alone.py")


def run_in(directory: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(directory / SCRIPT)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=directory)


def test_the_verifier_imports_with_cryptography_alone() -> None:
    result = run_in(ROOT)
    assert result.returncode == 0, result.stderr
    assert "cryptography alone" in result.stdout


@pytest.mark.parametrize("line", ["import flask", "from passport import signing", "import numpy", "import nacl"])
def test_a_further_import_anywhere_in_the_verifier_is_noticed(tmp_path: Path, line: str) -> None:
    shutil.copytree(ROOT / "verifier", tmp_path / "verifier", ignore=shutil.ignore_patterns("__pycache__", "static"))
    (tmp_path / SCRIPT).parent.mkdir(parents=True)
    shutil.copy(ROOT / SCRIPT, tmp_path / SCRIPT)
    with (tmp_path / "verifier" / "recalls.py").open("a") as file:
        file.write(f"\n{line}\n")
    result = run_in(tmp_path)
    assert result.returncode != 0
    assert "not available" in result.stderr
