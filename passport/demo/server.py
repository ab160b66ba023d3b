# SPDX-License-Identifier: Apache-2.0
"""The servers of the demonstration, each a child process: started, waited for, ended."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from passport.domain.errors import PassportError

READY_SECONDS = 30.0


class DemoFailed(PassportError):
    """The demonstration cannot go on; the message says why and what to do."""

    exit_code = 1


def find_port(start: int) -> int:
    """The first port from `start` on at which nobody listens on loopback."""
    for port in range(start, start + 100):
        if is_port_free(port):
            return port
    raise DemoFailed("no_port", f"No port between {start} and {start + 99} is free on this machine.")


def is_port_free(port: int) -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class ServerProcess:
    """`python -m …` in a process of its own, its output in a file. It is ready when `ready_url` answers."""

    def __init__(self, command: Sequence[str], ready_url: str, log: Path) -> None:
        self._ready_url = ready_url
        self._log = log
        with log.open("ab") as output:
            # A session of its own: Ctrl-C reaches the demonstration alone, which then ends the server in order.
            self._process = subprocess.Popen(
                [sys.executable, "-m", *command], stdout=output, stderr=output, start_new_session=True
            )

    def wait_ready(self) -> None:
        """Waits until the server answers. Raises DemoFailed with the end of its log."""
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(self._ready_url, timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        tail = self._log.read_text(errors="replace")[-600:]
        self.stop()
        raise DemoFailed("server_not_ready", f"A server did not start. The end of {self._log}:\n{tail}")

    def stop(self) -> int:
        """Ends the server in order and waits for it."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=30)


def serve_registry(directory: Path, url: str, passphrase_file: Path, log: Path) -> ServerProcess:
    """`passport serve`."""
    command = ("passport", "serve", str(directory), "--passphrase-file", str(passphrase_file))
    return ServerProcess(command, f"{url}/ledger/checkpoint", log)
