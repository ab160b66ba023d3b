# SPDX-License-Identifier: Apache-2.0
"""What the registry puts into an evidence file: the parts of one view, so that they fit each other. docs/evidence.md"""

from __future__ import annotations

from passport.domain.ledger_values import LedgerError
from passport.services.views import View, Views, read_entries
from verifier.evidence import make_proof_document
from verifier.evidence_bundle import EvidenceParts
from verifier.evidence_judge import CHECKPOINT, NOT_LOGGED, POLICY, PROOF, REGISTRY, SNAPSHOT, make_registry_part
from verifier.protocol.errors import VerifierError
from verifier.protocol.policy import TlogPolicy
from verifier.protocol.product_code import ProductCode


def make_evidence_parts(views: Views, view: View, code: ProductCode, policy: TlogPolicy) -> EvidenceParts:
    """Proof, checkpoint, snapshot, policy and entry 0. What cannot be read is absent, with the code of the reason."""
    parts = {POLICY: policy.to_bytes(), CHECKPOINT: view.head.checkpoint}
    absent: dict[str, str] = {}
    issuer = view.snapshot.find_issuer_of_gtin(code.gtin)
    # A shard cannot show that nobody may speak for a GTIN; then the whole list is the evidence.
    parts[SNAPSHOT] = views.sign_view(view, None if issuer is None else issuer.id)
    try:
        (entry,) = read_entries(view.store, 0, 1)
        parts[REGISTRY] = make_registry_part(view.head.checkpoint, entry, view.prove_entry(0))
    except LedgerError as error:
        absent[REGISTRY] = error.code
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
    except (LedgerError, VerifierError) as error:
        absent[PROOF] = error.code
    return EvidenceParts(parts, absent)
