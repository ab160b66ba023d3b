# SPDX-License-Identifier: Apache-2.0
"""A mirror on a served ledger that a test can take from round to round, cut off, and start again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from tests.support.ledger_server import LedgerServer
from tests.support.ledger_simulator import LedgerSimulator
from verifier.fetch import Fetcher
from verifier.ledger_client import LedgerClient
from verifier.mirror import Mirror
from verifier.mirror_fill import Filler
from verifier.mirror_store import MirrorStore
from verifier.node import Node
from verifier.protocol.errors import VerifierError


def node_files(ledger: LedgerSimulator) -> dict[str, bytes]:
    """All that a registry serves, with the item hashes of every batch that was logged."""
    files = ledger.files()
    for (issuer, number), batch in ledger.batches.items():
        files[f"/api/v1/batches/{issuer}/{number}/items"] = b"".join(batch.item_hashes)
    return files


@dataclass
class MirrorScene:
    """`later` moves the node's clock on from the ledger's."""

    directory: Path
    server: LedgerServer
    ledger: LedgerSimulator = field(default_factory=LedgerSimulator)
    later: timedelta = timedelta()
    store: MirrorStore | None = None
    mirror: Mirror | None = None
    node: Node | None = None

    def publish(
        self, ledger: LedgerSimulator | None = None, change: Callable[[dict[str, bytes]], None] | None = None
    ) -> None:
        files = node_files(ledger or self.ledger)
        if change is not None:
            change(files)
        assert isinstance(self.server.files, dict)
        self.server.files.clear()
        self.server.files.update(files)

    def start(self) -> Node:
        """A new process, as far as the mirror can tell."""
        self.end()
        self.store = MirrorStore(self.directory).__enter__()
        client = LedgerClient(self.server.url + "/ledger", self.ledger.policy)
        self.mirror = Mirror(client, self.store)
        self.mirror.restore()
        self.filler = Filler(client, Fetcher(timeout_seconds=10), self.store, self.mirror)
        self.node = Node(self.mirror, self.filler, self.store, self.ledger.policy, lambda: self.ledger.now + self.later)
        return self.node

    def end(self) -> None:
        if self.store is not None:
            self.store.__exit__(None, None, None)
        self.store = self.mirror = self.node = None

    def step(self) -> VerifierError | None:
        """One round over what is served now; its fault. Then everything beside the tree."""
        node = self.node or self.start()
        assert self.mirror is not None
        self.mirror._asked_at = float("-inf")  # half a minute has passed
        fault = node.step()
        self.filler._patience.clear()  # and so has every back-off
        self.filler.step(lambda: False)
        return fault

    def follow(self) -> Node:
        """Publish, and one round that must be without a fault."""
        self.publish()
        fault = self.step()
        assert fault is None, fault
        assert self.node is not None
        return self.node

    def evidence(self) -> set[bytes]:
        return {path.read_bytes() for path in (self.directory / "evidence").glob("*.note")}
