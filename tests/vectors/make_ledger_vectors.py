# SPDX-License-Identifier: Apache-2.0
"""Writes the ledger's vectors next to itself; with --check, compares instead and exits 1 at a difference.

Deterministic: fixed seeds, no clock, no randomness. `python tests/vectors/make_ledger_vectors.py [--check]`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ledger_note_cases import checkpoint_cases, cosignature_cases, note_cases
from ledger_proof_cases import policy_cases, proof_cases
from ledger_tree_cases import merkle_cases, tile_cases

FILES = {
    "merkle.json": ("RFC 6962 trees: hashes, inclusion proofs, consistency proofs.", merkle_cases),
    "tile.json": ("C2SP tlog-tiles: tile paths, tiles, entry bundles, appending.", tile_cases),
    "note.json": ("C2SP signed-note: notes and verifier keys.", note_cases),
    "checkpoint.json": ("C2SP tlog-checkpoint: the text of a checkpoint.", checkpoint_cases),
    "cosignature.json": ("C2SP tlog-cosignature, Ed25519 type: witnesses' signatures.", cosignature_cases),
    "tlog_proof.json": ("C2SP tlog-proof: a proof in one file.", proof_cases),
    "tlog_policy.json": ("C2SP tlog-policy: policies, and checkpoints judged by them.", policy_cases),
}


def main() -> int:
    check = "--check" in sys.argv[1:]
    differing = []
    for name, (description, make) in FILES.items():
        cases = make()
        names = [case["name"] for case in cases]
        if len(set(names)) != len(names):
            raise SystemExit(f"{name}: two cases bear one name")
        text = json.dumps({"description": description, "cases": cases}, ensure_ascii=False, indent=1) + "\n"
        target = Path(__file__).with_name(name)
        if not check:
            target.write_text(text, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            differing.append(name)
    if differing:
        print("not what the generator writes:", *differing)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
