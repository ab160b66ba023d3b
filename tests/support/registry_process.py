# SPDX-License-Identifier: Apache-2.0
"""A real registry in a process of its own, made and served by the `passport` command, with makers admitted by it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

ROOT = Path(__file__).parents[2]
START_SECONDS = 30.0


def passport_command(*arguments: str) -> list[str]:
    """The command line of `passport` under this interpreter."""
    return [sys.executable, "-m", "passport", *arguments]


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class RegistryProcess:
    """Use as a context manager; `run` starts `passport` with address and passphrase in its environment."""

    directory: Path
    port: int = field(default_factory=free_port)
    database_url: str = ""  # SQLite if empty
    serve_options: tuple[str, ...] = ()
    _server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.port}/ledger"

    @property
    def environment(self) -> dict[str, str]:
        mine = {
            "PASSPORT_REGISTRY": self.url,
            "PASSPORT_PASSPHRASE_FILE": str(self.directory / "passphrase"),
            "PASSPORT_STATE": str(self.directory / "state"),
            "PYTHONPATH": str(ROOT),
        }
        return os.environ | mine

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `passport` to its end; more environment as keywords."""
        return subprocess.run(
            passport_command(*arguments),
            env=self.environment | more,
            cwd=self.directory,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
            check=False,
        )

    def must(self, *arguments: str, **more: str) -> str:
        """Run `passport`; it must succeed. Returns what it printed."""
        done = self.run(*arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def admit(self, issuer: str, organisation: Path) -> Path:
        """Make a key, ask for admission, and admit. Returns the key file."""
        key, request = self.directory / f"{issuer}.key", self.directory / f"{issuer}.json"
        self.must("key", "new", str(key))
        about = (
            "--origin",
            self.origin,
            "--issuer",
            issuer,
            "--organisation",
            str(organisation),
            "--out",
            str(request),
        )
        self.must("key", "prove", str(key), *about)
        operator = str(self.directory / "registry" / "keys" / "operator.key")
        self.must("issuer", "admit", str(request), "--operator-key", operator, "--yes")
        return key

    def __enter__(self) -> Self:
        (self.directory / "passphrase").write_text("a passphrase for tests\n")
        place = str(self.directory / "registry")
        names = ("--base-url", self.url, "--name-zh", "测试登记处", "--name-en", "Test registry")
        database = ("--database-url", self.database_url) if self.database_url else ()
        self.must("registry", "init", place, *names, "--listen", f"127.0.0.1:{self.port}", *database)
        self.serve()
        return self

    def serve(self) -> None:
        """Start the server; it must not be running."""
        place = str(self.directory / "registry")
        log = (self.directory / "server.log").open("ab")
        command = passport_command("serve", place, *self.serve_options)
        self._server = subprocess.Popen(command, env=self.environment, cwd=self.directory, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self._server.poll() is None, (self.directory / "server.log").read_text()
            assert time.monotonic() < deadline, "the registry did not start"
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/ledger/checkpoint", timeout=2) as response:
                return response.status == 200
        except OSError:
            return False

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the server in order."""
        if self._server is not None:
            self._server.send_signal(signal.SIGTERM)
            try:
                self._server.wait(20)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
