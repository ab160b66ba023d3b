# SPDX-License-Identifier: Apache-2.0
"""What every run of the vectors in JavaScript must report, whichever engine it ran in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.statement_vectors import DocumentSource, FaultySource, trust_of
from verifier.protocol.fields import Text, parse_instant
from verifier.protocol.policy import VerifiedCheckpoint
from verifier.verdict import Suspicion, Verdict
from verifier.verify import verify

VECTORS = Path(__file__).parents[1] / "vectors"
FILES = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(VECTORS.glob("*.json"))}


def check_report(report: dict[str, Any], *, backends: list[str]) -> None:
    """No case failed, both back ends answered the probes, and every case ran or is of a kind that is left out."""
    assert report["failures"] == []
    assert report["backends"] == backends
    total = sum(len(file["cases"]) for file in FILES.values())
    assert report["ran"] == dict.fromkeys(backends, total - report["notInTheBrowser"])
    assert total > report["notInTheBrowser"]


def give_verdict(given: dict[str, Any]) -> Verdict:
    """Python's verdict on the input of a `verify` case."""
    seen, suspicion = given.get("seen"), given.get("suspicion")
    return verify(
        given["code"],
        trust=trust_of(given),
        ledger=FaultySource(given["fault"]) if "fault" in given else DocumentSource(given["proof"]),
        now=parse_instant(given["now"]),
        seen=seen and VerifiedCheckpoint(seen["origin"], seen["size"], bytes.fromhex(seen["root_hash"]), b"", ()),
        suspicion=suspicion and Suspicion(suspicion["reason"], Text(**suspicion["facts"])),
    )
