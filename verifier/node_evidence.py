# SPDX-License-Identifier: Apache-2.0
"""What a node puts into an evidence file: the parts of one view of its mirror, so that they fit. docs/evidence.md"""

from __future__ import annotations

from verifier.evidence import make_proof_document
from verifier.evidence_bundle import EvidenceParts
from verifier.evidence_judge import CHECKPOINT, NOT_LOGGED, POLICY, PROOF, REGISTRY, SNAPSHOT, make_registry_part
from verifier.mirror_view import MirrorView
from verifier.protocol.errors import VerifierError
from verifier.protocol.product_code import ProductCode


def make_node_parts(view: MirrorView, code: ProductCode, snapshot_note: bytes) -> EvidenceParts:
    """Proof, checkpoint, snapshot, policy and entry 0. What cannot be read is absent, with the code of the reason.

    `snapshot_note` is the registry's own: the shard of the code's issuer, or the whole list.
    """
    parts = {POLICY: view.trust.policy.to_bytes(), CHECKPOINT: view.checkpoint.note, SNAPSHOT: snapshot_note}
    absent: dict[str, str] = {}
    try:
        entry, path = view.prove_entry(0)
        parts[REGISTRY] = make_registry_part(view.checkpoint.note, entry, path)
    except VerifierError as error:
        absent[REGISTRY] = error.code
    issuer = view.snapshot.find_issuer_of_gtin(code.gtin)
    key = None if issuer is None else issuer.find_key_by_hint(code.seal.key_hint)
    if issuer is None or key is None or not code.is_sealed_by(key.public_key):
        absent[PROOF] = "not_needed"  # and the item tree must not answer those who guess serials
        return EvidenceParts(parts, absent)
    try:
        evidence = view.find_proof(code, issuer.id)
        if evidence is None:
            absent[PROOF] = NOT_LOGGED
        else:
            parts[PROOF] = make_proof_document(issuer.id, evidence)
    except VerifierError as error:
        absent[PROOF] = error.code
    return EvidenceParts(parts, absent)
