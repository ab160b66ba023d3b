# SPDX-License-Identifier: Apache-2.0
"""A monitor on a served ledger, that a test can take from round to round and start again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.support.ledger_server import LedgerServer
from tests.support.ledger_simulator import LedgerSimulator
from tests.support.makers import BatchPlan, Maker
from verifier.ledger_client import LedgerClient
from verifier.monitor import Event, Watch
from verifier.monitor_loop import Monitor, Outlets
from verifier.monitor_state import MonitorStore
from verifier.monitor_webhook import Webhook
from verifier.protocol.errors import VerifierError

ACME = "69012340"


@dataclass
class Scene:
    """A ledger that is served, and a monitor with a state directory that can be started again."""

    directory: Path
    server: LedgerServer
    ledger: LedgerSimulator = field(default_factory=LedgerSimulator)
    prefixes: tuple[str, ...] = (ACME,)
    told: list[Event] = field(default_factory=list)
    webhook: Webhook | None = None
    quiet_after: int | None = None
    store: MonitorStore | None = None
    monitor: Monitor | None = None

    def publish(self, ledger: LedgerSimulator | None = None) -> None:
        files = (ledger or self.ledger).files()
        assert isinstance(self.server.files, dict)
        self.server.files.clear()
        self.server.files.update(files)

    def start(self) -> Monitor:
        """A new process, as far as the monitor can tell."""
        self.end()
        self.store = MonitorStore(self.directory).__enter__()
        client = LedgerClient(self.server.url + "/ledger", self.ledger.policy)
        outlets = Outlets(self.told.extend, self.webhook.post if self.webhook else None)
        watch = Watch(self.prefixes)
        self.monitor = Monitor(client, self.store, watch, outlets, quiet_after_seconds=self.quiet_after)
        return self.monitor

    def end(self) -> None:
        if self.store is not None:
            self.store.__exit__(None, None, None)
        self.store = self.monitor = None

    def step(self, *, later: int = 0) -> tuple[list[str], list[VerifierError]]:
        """One round over the ledger as it is now: kinds of what was told, and the faults."""
        before = len(self.told)
        faults = (self.monitor or self.start()).step(self.ledger.now + timedelta(seconds=later))
        return [event.kind for event in self.told[before:]], faults

    def follow(self) -> list[str]:
        """The same, after the ledger was published and without faults."""
        self.publish()
        kinds, faults = self.step()
        assert faults == []
        return kinds

    def last(self) -> dict[str, Any]:
        return self.told[-1].detail

    def evidence(self) -> set[bytes]:
        return {path.read_bytes() for path in (self.directory / "evidence").iterdir()}


def admit(scene: Scene) -> tuple[Maker, Maker]:
    """Acme, who is watched, and bolt, who is not; the monitor has met both."""
    acme = scene.ledger.admit("acme", prefix=ACME)
    bolt = scene.ledger.admit("bolt", prefix="69055550")
    assert scene.follow() == ["issuer_admitted"]
    return acme, bolt


def issue_many(scene: Scene, maker: Maker, count: int) -> None:
    """Batches of one code and a lot of its own each; the simulator does not remember their codes."""
    for number in range(count):
        plan = BatchPlan(maker.gtin(), number, 1, f"L{number}")
        batch = scene.ledger.issue_batch(maker, plan=plan, logged=False)
        scene.ledger.say(batch.statement, maker.key)
