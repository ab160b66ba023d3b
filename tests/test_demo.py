# SPDX-License-Identifier: Apache-2.0
"""`make demo` is what a newcomer runs first: it works from nothing, goes on after a stop, and then starts at once."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from verifier.protocol.policy import parse_policy, verify_checkpoint

COMMAND = [sys.executable, "-m", "passport", "demo"]


def start(directory: Path, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*COMMAND, str(directory), *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(process: subprocess.Popen[str], *, timeout: float = 240) -> str:
    output, _ = process.communicate(timeout=timeout)
    assert process.returncode == 0, output[-3000:]
    return output


def check_as_stranger(url: str, directory: Path) -> tuple[str, int]:
    """What `verifier check` finds over the network, trusting the ledger's policy alone."""
    policy = str(directory / "registry" / "policy.txt")
    command = [sys.executable, "-m", "verifier", "check", url, "--policy", policy, "--json", "--no-state"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return json.loads(result.stdout)["verdict"]["status"], result.returncode


def get_status(url: str) -> str:
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["status"])


@pytest.mark.timeout(400)
def test_the_story_survives_a_stop_and_the_second_run_starts_at_once(tmp_path: Path) -> None:
    directory = tmp_path / "demo"
    first = start(directory, "--once")
    deadline = time.monotonic() + 120
    while not (directory / "done" / "issue-example-power-L20260301").exists() and first.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    first.send_signal(signal.SIGINT)  # Ctrl-C in the middle of the issuing
    interrupted, _ = first.communicate(timeout=60)
    assert "Ending in order" in interrupted

    story = finish(start(directory, "--once"))
    assert "10,000 genuine, 2 malformed, 1 counterfeit" in story
    assert "1,350 genuine, 1,150 recalled" in story
    assert "refused: No laboratory or authority has published certificate CCC 2026010914000001" in story
    assert "bound, now that its certificate is in the ledger" in story
    assert "sale of https://mall.example.cn/item/power-bank is stopped; the mall has until" in story
    assert "✓ The ledger holds" in story
    assert "Codes logged: 10000" in story
    assert "passport registry init" not in story  # that part was done by the first run
    policy = parse_policy((directory / "registry" / "policy.txt").read_bytes())
    note = (directory / "registry" / "public" / "ledger" / "checkpoint").read_bytes()
    assert len(verify_checkpoint(note, policy).witnessed_at) == 2  # both witnesses of the policy cosigned

    server = start(directory)
    try:
        began, lines = time.monotonic(), []
        assert server.stdout is not None
        for line in server.stdout:
            lines.append(line)
            if "Ctrl-C ends it" in line:
                break
        seconds = time.monotonic() - began
        again = "".join(lines)
        assert "$ passport" not in again
        addresses = dict(
            re.findall(r"^  (a genuine code|a recalled one|outside the recall|the shop) +(\S+)", again, re.M)
        )
        assert get_status(addresses["a genuine code"]) == "genuine"
        assert get_status(addresses["a recalled one"]) == "recalled"
        assert get_status(addresses["outside the recall"]) == "genuine"
        console = re.search(r"^  the mall's console +(\S+)", again, re.M)
        assert console is not None
        with urllib.request.urlopen(console[1], timeout=10) as page:
            assert "质量经理" in page.read().decode()
        with urllib.request.urlopen(addresses["the shop"], timeout=10) as page:
            assert "/badge/01/06901234567892/10/L20260301" in page.read().decode()
        for name, status, exit_code in (
            ("a genuine code", "genuine", 0),
            ("a recalled one", "recalled", 1),
            ("outside the recall", "genuine", 0),
        ):
            assert check_as_stranger(addresses[name], directory) == (status, exit_code)
        assert seconds < 60, "the second run does not repeat the work of the first"
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=60)
    assert server.returncode == 0


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    import socket

    directory = tmp_path / "demo"
    directory.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        (directory / "stage.json").write_text(json.dumps({"registry_port": port, "shop_port": port + 1}))
        process = start(directory, "--once")
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert f"Port {port} is taken" in output and "[port_in_use]" in output
    assert "Traceback" not in output
