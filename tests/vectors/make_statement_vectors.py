# SPDX-License-Identifier: Apache-2.0
"""Writes the vectors of statements, snapshots, proof documents and verdicts next to itself; see README-statements.md.

Deterministic: fixed seeds, no clock, no randomness, and no line of the verifier.

    python tests/vectors/make_statement_vectors.py [--check]      with --check it compares, and exits 1 at a difference
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ledger_kit import Case
from snapshot_cases import document_cases, snapshot_cases
from statement_cases import statement_cases
from verdict_code_cases import code_cases
from verdict_ledger_cases import ledger_cases
from verdict_status_cases import status_cases


def verdict_cases() -> list[Case]:
    return [*code_cases(), *ledger_cases(), *status_cases()]


FILES = {
    "statements.json": ("Statements as ledger entries, and the fold with the registration policy.", statement_cases),
    "snapshot.json": ("Signed snapshots: parsing, the auditor's recomputation, look-ups.", snapshot_cases),
    "proof_document.json": ("Proof documents for one code, and tiles of item hashes.", document_cases),
    "verdict.json": ("Whole checks of one code: what the verifier is given, and its verdict.", verdict_cases),
}


def build() -> dict[str, str]:
    """File name to file text."""
    texts = {}
    for name, (description, make) in FILES.items():
        cases = make()
        names = [case["name"] for case in cases]
        if len(set(names)) != len(names):
            raise SystemExit(f"{name}: two cases bear one name: {sorted(n for n in names if names.count(n) > 1)}")
        texts[name] = json.dumps({"description": description, "cases": cases}, ensure_ascii=False, indent=1) + "\n"
    return texts


def main() -> int:
    differing = []
    for name, text in build().items():
        target = Path(__file__).with_name(name)
        if "--check" not in sys.argv[1:]:
            target.write_text(text, encoding="utf-8")
        elif not target.exists() or target.read_text(encoding="utf-8") != text:
            differing.append(name)
    if differing:
        print("not what the generator writes:", *differing)
    return 1 if differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
