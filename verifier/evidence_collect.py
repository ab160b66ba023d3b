# SPDX-License-Identifier: Apache-2.0
"""Collects the parts of an evidence file from a registry over the network; what does not come is named as absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from verifier.evidence import make_proof_document
from verifier.evidence_bundle import EvidenceParts
from verifier.evidence_judge import CHECKPOINT, NOT_LOGGED, PARTS, POLICY, PROOF, REGISTRY, SNAPSHOT, make_registry_part
from verifier.fetch import NotFound
from verifier.ledger_client import LedgerClient, LedgerView, NetworkEvidence
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.product_code import ProductCode, parse_product_code
from verifier.snapshot import parse_snapshot

T = TypeVar("T")


@dataclass(slots=True)
class _Collector:
    client: LedgerClient
    code: ProductCode
    parts: dict[str, bytes] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def run(self) -> None:
        self.parts[POLICY] = self.client.policy.to_bytes()
        checkpoint = self._try(CHECKPOINT, self.client.fetch_checkpoint)
        if checkpoint is None:
            return
        self.parts[CHECKPOINT] = checkpoint.note
        view = self.client.view(checkpoint)
        registry = self._try(REGISTRY, view.fetch_registry)
        if registry is None:
            return
        entry = next(view.fetch_entries(0, 1))
        self.parts[REGISTRY] = make_registry_part(checkpoint.note, entry, view.tree.inclusion_proof(0))
        note = self._try(SNAPSHOT, self._fetch_snapshot)
        snapshot = None if note is None else self._try(SNAPSHOT, lambda: parse_snapshot(note, registry.status_vkey))
        if note is None or snapshot is None:
            return
        self.parts[SNAPSHOT] = note
        issuer = snapshot.find_issuer_of_gtin(self.code.gtin)
        if issuer is None:
            self.absent[PROOF] = "not_needed"
            return
        self._find_proof(issuer.id, NetworkEvidence(self.client, view, snapshot), view)

    def _find_proof(self, issuer_id: str, network: NetworkEvidence, view: LedgerView) -> None:
        try:
            evidence = network.find_evidence(self.code, issuer_id)
        except VerifierError as error:
            self.absent[PROOF] = error.code
            return
        if evidence is None:
            self.absent[PROOF] = NOT_LOGGED
            return
        self.parts[PROOF] = make_proof_document(issuer_id, evidence)
        self.parts[CHECKPOINT] = evidence.checkpoint

    def _fetch_snapshot(self) -> bytes:
        try:
            return self.client.fetch_snapshot(gtin=self.code.gtin)
        except NotFound:
            return self.client.fetch_snapshot()  # a shard cannot show that nobody may speak for a GTIN

    def _try(self, name: str, fetch: Callable[[], T]) -> T | None:
        try:
            return fetch()
        except VerifierError as error:
            self.absent[name] = error.code
            return None


def collect_parts(client: LedgerClient, code: str) -> EvidenceParts:
    """Whatever the registry has to show for this text. Raises nothing on account of the network."""
    try:
        collector = _Collector(client, parse_product_code(code))
    except Malformed:
        return nothing_needed()
    collector.run()
    return EvidenceParts(collector.parts, collector.absent)


def nothing_needed() -> EvidenceParts:
    """The parts for text that is no code: nobody needs to be asked about it."""
    return EvidenceParts({}, dict.fromkeys(PARTS, "not_needed"))
