# SPDX-License-Identifier: Apache-2.0
"""Certificates and inspections as laboratories and authorities publish them, and dossiers as platforms do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.support.ledger_simulator import LedgerSimulator
from tests.support.makers import Maker, SigningKey, both
from verifier.protocol.statements import Header
from verifier.protocol.statements.certificates import VALID, CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.inspections import InspectionPublished

NUMBER = "2026010914000001"
FROM, UNTIL = date(2026, 1, 1), date(2030, 12, 31)


def make_certificate(header: Header, status: str = VALID, **changes: Any) -> CertificateStatus:
    """CCC, of no product; with a reason where there must be one."""
    members: dict[str, Any] = {
        "scheme": "CCC",
        "number": NUMBER,
        "revision": 0,
        "gtins": (),
        "status": status,
        "valid_from": FROM,
        "valid_until": UNTIL,
        "reason": None if status == VALID else both("it failed"),
    }
    return CertificateStatus(header=header, **(members | changes))


def make_inspection(
    header: Header, gtin: str, *, result: str = "failed", revision: int = 0, **changes: Any
) -> InspectionPublished:
    """The author's own inspection 1 of the whole model."""
    members: dict[str, Any] = {
        "inspection_id": f"{header.issuer}/1",
        "lots": (),
        "standard": "GB 31241-2022",
        "inspected_on": date(2026, 2, 1),
        "summary": both("tested"),
    }
    return InspectionPublished(header=header, gtin=gtin, result=result, revision=revision, **(members | changes))


DOSSIER = "7d1f2a3b-4c5d-4e6f-8a7b-9c0d1e2f3a4b"


def make_dossier(header: Header, gtin: str, *, revision: int = 0, **changes: Any) -> DossierApproved:
    """The approval of one selection dossier, of lot L1."""
    members: dict[str, Any] = {
        "dossier_id": DOSSIER,
        "lot": "L1",
        "digest": f"{revision:064x}",
        "approved_on": date(2026, 2, 1),
    }
    return DossierApproved(header=header, gtin=gtin, revision=revision, **(members | changes))


@dataclass
class AssessedLedger:
    """A ledger with a maker, two laboratories and an authority; each says things with its first key or another."""

    ledger: LedgerSimulator = field(default_factory=LedgerSimulator)
    revisions: dict[str, int] = field(default_factory=dict)  # by certificate number: the last one said

    def __post_init__(self) -> None:
        self.acme = self.ledger.admit("acme", prefix="69012340")
        self.lab = self.ledger.admit("lab", roles=("laboratory",))
        self.lab_2 = self.ledger.admit("lab-2", roles=("laboratory",))
        self.office = self.ledger.admit("office", roles=("authority",))

    def certify(self, who: Maker, status: str = VALID, *, key: SigningKey | None = None, **changes: Any) -> int:
        """With the next revision, unless it is given. The ledger index."""
        number = changes.get("number", NUMBER)
        self.revisions[number] = changes.setdefault("revision", self.revisions.get(number, -1) + 1)
        statement = make_certificate(Header(self.ledger.origin, who.id, self.ledger.now), status, **changes)
        return self.ledger.say(statement, key or who.key)

    def inspect(self, who: Maker, result: str = "failed", *, key: SigningKey | None = None, **changes: Any) -> int:
        header = Header(self.ledger.origin, who.id, self.ledger.now)
        gtin = changes.pop("gtin", self.acme.gtin())
        return self.ledger.say(make_inspection(header, gtin, result=result, **changes), key or who.key)
