# SPDX-License-Identifier: Apache-2.0
"""What a fold says, as values that can be compared; and entries signed by any key."""

from __future__ import annotations

from typing import Any

from tests.support.ledger_simulator import NOW
from tests.support.makers import SigningKey
from verifier.fold import LedgerState
from verifier.protocol.statements import Statement, make_entry, signed_bytes
from verifier.snapshot import make_snapshot, snapshot_text

_NAMES = ("size", "registry", "issuers", "key_owners", "batches", "batches_of_gtin", "products", "voids", "recalls")
_NAMES += ("certificates", "inspections", "inspections_of_gtin", "dossiers", "next_revisions")


def signed(statement: Statement, key: SigningKey) -> bytes:
    return make_entry(statement, key_id=key.key_id, signature=key.sign(signed_bytes(statement)))


def picture(state: LedgerState) -> dict[str, Any]:
    """Everything that a fold says, its snapshot included."""
    text = snapshot_text(make_snapshot(state, root_hash=bytes(32), as_of_at=NOW, next_update_at=NOW))
    folded = {name: getattr(state, name) for name in (*_NAMES, "disregarded")} | {"used": sorted(state.used_batches)}
    next_batches = {issuer: state.next_batch(issuer) for issuer in state.issuers}
    prefixes = [prefix for issuer in state.issuers.values() for prefix in issuer.prefixes]
    owners = [state.prefixes.find_issuer_id(f"0{prefix}00") for prefix in prefixes]
    return {name: repr(value) for name, value in folded.items()} | {"text": text, "next": next_batches, "own": owners}
