# SPDX-License-Identifier: Apache-2.0
"""The demonstration's directory and its names on the network, and the voice that tells what happens there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from passport.demo.cast import DemoMaker, Lot
from passport.demo.server import DemoFailed, find_port, is_port_free
from passport.domain.files import make_directory, replace_file

WITNESSES = 2


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything of one demonstration is."""

    directory: Path
    registry_port: int
    shop_port: int
    witness_ports: tuple[int, ...]

    @property
    def registry_url(self) -> str:
        return f"http://127.0.0.1:{self.registry_port}"

    @property
    def origin(self) -> str:
        return f"127.0.0.1:{self.registry_port}/ledger"

    @property
    def registry(self) -> Path:
        return self.directory / "registry"

    @property
    def passphrase(self) -> Path:
        return self.directory / "passphrase"

    @property
    def policy(self) -> Path:
        return self.registry / "policy.txt"

    @property
    def mall_token(self) -> Path:
        return self.directory / "mall.token"

    @property
    def mall_link(self) -> Path:
        """The one-time link for the mall's quality manager."""
        return self.directory / "mall-console.txt"

    def witness(self, number: int) -> Path:
        """The directory of witness 1, 2, …"""
        return self.directory / "witnesses" / f"w{number}"

    def witness_url(self, number: int) -> str:
        return f"http://127.0.0.1:{self.witness_ports[number - 1]}"

    def key(self, issuer: str) -> Path:
        return self.directory / "makers" / f"{issuer}.key"

    def batch(self, maker: DemoMaker, lot: Lot) -> Path:
        return self.directory / "batches" / f"{maker.files}-{lot.lot}"

    def read_codes(self, maker: DemoMaker, lot: Lot) -> list[str]:
        """The codes of a batch, as links."""
        lines = (self.batch(maker, lot) / "codes.ndjson").read_text().splitlines()
        return [json.loads(line)["url"] for line in lines]


def open_stage(directory: Path) -> Stage:
    """The stage of an earlier run, or a new one on free ports. Codes carry the registry's port, and the policy those of
    the witnesses, so they stay."""
    make_directory(directory)
    place = directory / "stage.json"
    ports = json.loads(place.read_text()) if place.exists() else {}
    registry_port = _keep_or_find(ports.get("registry_port"), 8080, directory)
    shop_port = find_port(ports.get("shop_port", registry_port + 1))
    witness_ports, start = [], shop_port + 1
    for port in ports.get("witness_ports", [None] * WITNESSES):
        witness_ports.append(_keep_or_find(port, start, directory))
        start = witness_ports[-1] + 1
    ports |= {"registry_port": registry_port, "witness_ports": witness_ports}
    replace_file(place, json.dumps({"shop_port": shop_port} | ports).encode())
    return Stage(directory, registry_port, shop_port, tuple(witness_ports))


def _keep_or_find(port: int | None, start: int, directory: Path) -> int:
    if port is None:
        return find_port(start)
    if not is_port_free(port):
        raise DemoFailed(
            "port_in_use",
            f"Port {port} is taken, and the codes or the policy of this demonstration carry it. If it is running "
            f"already, use that one; otherwise stop what has the port, or remove {directory} to begin anew.",
        )
    return port


class Teller:
    """Prints and runs the steps. Each runs the command that its user would type."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._title = ""
        self._environment = os.environ | {
            "PASSPORT_PASSPHRASE_FILE": str(stage.passphrase),
            "PASSPORT_REGISTRY": stage.registry_url,
            "PASSPORT_STATE": str(stage.directory / "state"),
            "VERIFIER_PASSPHRASE_FILE": str(stage.passphrase),
        }

    def chapter(self, title: str) -> None:
        """Begins a chapter. Its title comes with its first line, so one that was told before says nothing."""
        self._title = title

    def say(self, text: str = "", *, colour: str | None = None) -> None:
        """Prints one line."""
        if self._title:
            click.echo()
            click.secho(self._title, bold=True)
            self._title = ""
        click.secho(text, fg=colour)

    def once(self, name: str, step: Callable[[], object]) -> None:
        """Runs a step unless an earlier run has finished it."""
        marker = self.stage.directory / "done" / name
        if marker.exists():
            return
        step()
        make_directory(marker.parent)
        replace_file(marker, b"")

    def run(self, *arguments: str, accept: Sequence[str] = (), module: str = "passport") -> str:
        """Runs `passport …` or `verifier …`, shows it, and returns what it printed.

        Refusals in `accept` are what an interrupted run leaves behind.
        """
        shown = [f"'{argument}'" if " " in argument else argument for argument in arguments]
        self.say(f"  $ {module} {' '.join(shown)}", colour="cyan")
        result = self.call(module, *arguments)
        if result.returncode != 0 and not any(f"[{code}]" in result.stderr for code in accept):
            raise DemoFailed("step_failed", f"That command ended with {result.returncode}:\n{result.stderr.strip()}")
        return result.stdout

    def call(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs one of the two commands and returns what it said."""
        command = [sys.executable, "-m", module, *arguments]
        return subprocess.run(
            command, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
