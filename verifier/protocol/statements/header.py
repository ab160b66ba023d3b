# SPDX-License-Identifier: Apache-2.0
"""What every statement says first: in which ledger, by whom, when by the author's own clock. SCITT (RFC 9943) words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Fields, format_instant, parse_id, parse_instant

REGISTRY = "registry"  # the reserved issuer id under which the registry operator speaks


@dataclass(frozen=True, slots=True)
class Header:
    """`origin` binds the statement to one ledger, so it cannot be replayed into another.

    `issued_at` is the author's claim, shown to people and never used to decide anything: an author's clock is not
    evidence.
    """

    origin: str
    issuer: str
    issued_at: datetime

    def to_json(self, statement_type: str) -> dict[str, JsonValue]:
        return {
            "issued_at": format_instant(self.issued_at),
            "issuer": self.issuer,
            "origin": self.origin,
            "type": statement_type,
        }


def read_header(fields: Fields) -> Header:
    return Header(
        origin=fields.string("origin"),
        issuer=fields.parsed("issuer", parse_id),
        issued_at=fields.parsed("issued_at", parse_instant),
    )
