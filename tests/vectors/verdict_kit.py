# SPDX-License-Identifier: Apache-2.0
"""How a case of `verdict.json` is written down: what the verifier is given, and the verdict that it must reach."""

from __future__ import annotations

from typing import Any

from ledger_kit import Case
from statement_kit import AS_OF, NEXT_UPDATE, NOW, World, document

OUTCOMES = {"p": "passed", "f": "failed", "u": "unknown", "s": "skipped"}
ALL_PASSED = "ppppppppppp"


def case(
    name: str,
    does: str,
    world: World,
    code: str,
    verdict: str,
    steps: str = ALL_PASSED,
    **given: Any,
) -> Case:
    """One case. `verdict` is "status reason"; `steps` one letter per step 0 … 10.

    `given`: `proof` (parts, a document's text, or None: not in the ledger; if absent, that of the world's first item),
    `fault` (a code word: it did not arrive), `snapshot` (a note or None), `policy`, `now`, `seen`, `suspicion`,
    `recalls` (expected identifiers, worst first).
    """
    status, reason = verdict.split()
    recalls = given.pop("recalls", [])
    proof = given.pop("proof", ...)
    if "fault" not in given:
        if proof is ...:
            proof = world.proof(world.batch, 0)
        given["proof"] = document(proof) if isinstance(proof, dict) else proof
    given.setdefault("snapshot", world.signed_snapshot())
    value = {"code": code, "now": NOW, "policy": world.policy, "status_vkey": world.status_key.vkey} | given
    expect = {
        "status": status,
        "reason": reason,
        "steps": [OUTCOMES[letter] for letter in steps],
        "recalls": recalls,
    }
    return {"name": name, "does": does, "op": "verify", "input": value, "ok": True, "expect": expect}


__all__ = ["ALL_PASSED", "AS_OF", "NEXT_UPDATE", "NOW", "case"]
