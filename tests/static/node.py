# SPDX-License-Identifier: Apache-2.0
"""Node for tests. Without one they are skipped with the reason; under CI that is a failure, so nobody misses it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

HERE = Path(__file__).parent
OLDEST = 18


def run_node(script: str, *arguments: str | Path) -> Any:
    """What the script of this folder prints as JSON. A report of failures is an answer too; a crash is an error."""
    node = find_node()
    version = subprocess.run([node, "--version"], check=True, capture_output=True, text=True).stdout
    if int(version.removeprefix("v").split(".")[0]) < OLDEST:
        _missing(f"node {version.strip()} is older than {OLDEST}")
    command = [node, HERE / script, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=300)
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def find_node() -> str:
    """Node's file. Without one the test is skipped; under CI it fails."""
    node = os.environ.get("NODE") or shutil.which("node")
    if node is None:
        _missing("no node on the path (set NODE to its file)")
    return node


def _missing(reason: str) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"the browser's modules must be tested under CI: {reason}")
    pytest.skip(reason)
