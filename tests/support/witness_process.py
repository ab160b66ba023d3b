# SPDX-License-Identifier: Apache-2.0
"""A real witness in a process of its own, made and served by the `verifier` command."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from verifier.protocol.note import VKey, parse_vkey

ROOT = Path(__file__).parents[2]
PASSPHRASE = "a passphrase for tests"


def verifier_command(*arguments: str) -> list[str]:
    """The command line of `verifier` under this interpreter."""
    return [sys.executable, "-m", "verifier", *arguments]


def environment(directory: Path) -> dict[str, str]:
    return os.environ | {"VERIFIER_PASSPHRASE_FILE": str(directory / "passphrase"), "PYTHONPATH": str(ROOT)}


@dataclass
class WitnessProcess:
    """`directory` holds the passphrase and, below `w`, the witness. Use as a context manager; may be started again."""

    directory: Path
    logs: Iterable[VKey]
    name: str = "witness.example/w1"
    vkey: VKey | None = None
    port: int = 0
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def place(self) -> Path:
        return self.directory / "w"

    def init(self) -> VKey:
        """Make the witness, unless it is made."""
        self.directory.mkdir(parents=True, exist_ok=True)
        (self.directory / "passphrase").write_text(PASSPHRASE + "\n")
        if self.vkey is None:
            command = verifier_command("witness", "init", str(self.place), "--name", self.name, "--json")
            done = subprocess.run(
                command, env=environment(self.directory), capture_output=True, text=True, timeout=60, check=True
            )
            self.vkey = parse_vkey(json.loads(done.stdout)["vkey"])
        return self.vkey

    def start(self) -> Self:
        """Serve it, on the port that it had before."""
        self.init()
        options = [option for vkey in self.logs for option in ("--log", vkey.to_text())]
        command = verifier_command("witness", "serve", str(self.place), "--listen", f"127.0.0.1:{self.port}", "--json")
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, *options], env=environment(self.directory), stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, (self.directory / "log").read_text()
        self.port = int(json.loads(line)["url"].rpartition(":")[2])
        return self

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.kill()
        self.process.communicate()

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=20)
        return self.process.returncode

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def post(self, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
        """Status, media type, body."""
        return post(self.port, body, path)


def post(port: int, body: bytes, path: str = "/add-checkpoint") -> tuple[int, str, bytes]:
    """POST to loopback on a connection of its own: status, media type, body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", path, body)
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()
    finally:
        connection.close()


def get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()
