# SPDX-License-Identifier: Apache-2.0
"""`verifier serve` in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.support.registry_process import ROOT, free_port

PATIENCE_SECONDS = 40.0


@dataclass
class NodeProcess:
    """Use as a context manager. `state` is the node's directory; the rest of `arguments` goes to the command."""

    registry_url: str
    state: Path
    arguments: tuple[str, ...] = ("--trust-first-use",)
    port: int = field(default_factory=free_port)
    _server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        return self.state.parent / f"{self.state.name}.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def start(self) -> None:
        """Start it, and wait until it answers; whether it has anything to answer with is another question."""
        command = [sys.executable, "-m", "verifier", "serve", "--registry", self.registry_url, "--lang", "en"]
        command += ["--state", str(self.state), "--listen", f"127.0.0.1:{self.port}", *self.arguments]
        home = {"XDG_CONFIG_HOME": str(self.state.parent), "XDG_STATE_HOME": str(self.state.parent)}
        environment = os.environ | home | {"PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            # A session of its own: kill -9 hits parent and worker together.
            self._server = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True, cwd=self.state.parent
            )
        self.wait(lambda: self.ask("/api/v1/node") is not None)

    def wait(self, is_so: Callable[[], bool]) -> None:
        """Until it is so."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert self._server is not None and self._server.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, (self.log.read_text(), self.ask("/api/v1/node"))
            time.sleep(0.05)

    def ask(self, target: str) -> bytes | None:
        """The body of a 200 answer; None for every other answer."""
        try:
            with urllib.request.urlopen(self.url + target, timeout=10) as answer:
                data: bytes = answer.read()
                return data
        except OSError:
            return None

    def describe(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.ask("/api/v1/node") or b"{}")
        return found

    def status_of(self, code: str) -> str:
        """The verdict on one code's path."""
        request = urllib.request.Request(self.url + code, headers={"Accept": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return str(json.load(answer)["status"])

    def memory(self) -> int:
        """Bytes that its processes hold in memory."""
        assert self._server is not None
        listed = subprocess.run(
            ["ps", "-o", "rss=", "-g", str(self._server.pid)], capture_output=True, text=True, check=True
        )
        return 1024 * sum(map(int, listed.stdout.split()))

    def kill(self) -> None:
        """kill -9, to every process of it."""
        assert self._server is not None
        os.killpg(self._server.pid, signal.SIGKILL)
        self._server.wait()
        self._server = None

    def stop(self) -> int:
        """End it in order; its exit code."""
        if self._server is None:
            return 0
        server, self._server = self._server, None
        server.send_signal(signal.SIGTERM)
        try:
            return server.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            return server.wait()

    def __exit__(self, *_: object) -> None:
        self.stop()
