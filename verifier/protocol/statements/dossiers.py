# SPDX-License-Identifier: Apache-2.0
"""Statements about selection dossiers of live rooms, by the platform that approved them. Issue 4, live commerce."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from verifier.protocol.encoding import JsonValue, parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, parse_date
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.statements.header import Header, read_header

# RFC 9562, versions 4 and 7: what they hold of the world is chance, and in version 7 the time. Others hold a
# machine's address or the digest of a name.
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def parse_dossier_id(text: str) -> str:
    """A random UUID (RFC 9562, version 4 or 7) in small letters. Raises Malformed."""
    if _UUID.fullmatch(text) is None:
        raise Malformed("bad_dossier_id", "a dossier id is a UUID of version 4 or 7 in small letters, with hyphens")
    return text


@dataclass(frozen=True, slots=True)
class DossierApproved:
    """A platform has approved what a live room sells: one lot of one GTIN, with the papers that it checked.

    The dossier is not in the ledger and no person is named: `digest` is the SHA-256 (hex) of its canonical JSON.
    `approved_on` is a local calendar date. `revision` counts from 0 per author and dossier, without a gap.
    """

    type: ClassVar[str] = "dossier.approved"
    header: Header
    dossier_id: str
    gtin: str
    lot: str
    digest: str
    approved_on: date
    revision: int

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "approved_on": self.approved_on.isoformat(),
            "digest": self.digest,
            "dossier_id": self.dossier_id,
            "gtin": self.gtin,
            "lot": self.lot,
            "revision": self.revision,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> DossierApproved:
        return cls(
            header=read_header(fields),
            dossier_id=fields.parsed("dossier_id", parse_dossier_id),
            gtin=fields.parsed("gtin", parse_gtin14),
            lot=fields.parsed("lot", parse_lot),
            digest=parse_hex(fields.string("digest"), size=32).hex(),
            approved_on=fields.parsed("approved_on", parse_date),
            revision=fields.integer("revision"),
        )
