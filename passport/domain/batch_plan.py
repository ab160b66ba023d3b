# SPDX-License-Identifier: Apache-2.0
"""What one `passport issue` is to do, fixed before the first code is signed, so that a killed run can be finished
exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from passport.domain.maker_errors import StateConflict
from verifier.protocol.encoding import JsonValue, encode_canonical_json, parse_canonical_json, parse_hex
from verifier.protocol.fields import Fields, parse_date, parse_id
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.product_code import MAX_SEQ, MAX_SEQ_V2

_FORMAT = "passport-batch-plan/v1"
MAX_COUNT = {1: MAX_SEQ + 1, 2: MAX_SEQ_V2 + 1}
"""Codes in a batch, by version of the code."""


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """One batch but for its number. `job` is random and names this plan among all others of the issuer.

    `serials_digest` is "" when the serials are made (version 1), else the SHA-256 of the maker's own (version 2).
    """

    job: str
    origin: str
    issuer: str
    key_id: str
    host: str
    gtin: str
    lot: str
    production_date: date
    count: int
    code_version: int
    serials_digest: str = ""

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        value: dict[str, JsonValue] = {
            "code_version": self.code_version,
            "count": self.count,
            "format": _FORMAT,
            "gtin": self.gtin,
            "host": self.host,
            "issuer": self.issuer,
            "job": self.job,
            "key_id": self.key_id,
            "lot": self.lot,
            "origin": self.origin,
            "production_date": self.production_date.isoformat(),
            "serials_digest": self.serials_digest,
        }
        return encode_canonical_json(value)


def parse_batch_plan(data: bytes) -> BatchPlan:
    """The plan that these bytes are. Raises Malformed."""
    fields = Fields(parse_canonical_json(data), "batch plan")
    fields.parsed("format", _parse_format)
    code_version = fields.integer("code_version", minimum=1, maximum=2)
    plan = BatchPlan(
        job=parse_hex(fields.string("job"), size=16).hex(),
        origin=fields.string("origin"),
        issuer=fields.parsed("issuer", parse_id),
        key_id=parse_hex(fields.string("key_id"), size=32).hex(),
        host=fields.string("host"),
        gtin=fields.parsed("gtin", parse_gtin14),
        lot=fields.parsed("lot", parse_lot),
        production_date=fields.parsed("production_date", parse_date),
        count=fields.integer("count", minimum=1, maximum=MAX_COUNT[code_version]),
        code_version=code_version,
        serials_digest=fields.string("serials_digest", minimum=0, maximum=64),
    )
    fields.done()
    return plan


def _parse_format(text: str) -> str:
    if text != _FORMAT:
        raise StateConflict(
            "unknown_format", f"The work directory is of another version of this program ({text[:40]})."
        )
    return text


@dataclass(frozen=True, slots=True)
class BatchOrder:
    """What the person asked for. `production_date` None: the day on which the plan is made."""

    gtin: str
    lot: str
    production_date: date | None
    count: int
    code_version: int
    serials_digest: str = ""

    def check_same_as(self, plan: BatchPlan) -> None:
        """Raise StateConflict("other_batch") unless the plan in the work directory is this very order."""
        pairs = (
            ("GTIN", self.gtin, plan.gtin),
            ("lot", self.lot, plan.lot),
            ("production date", self.production_date or plan.production_date, plan.production_date),
            ("count", self.count, plan.count),
            ("code version", self.code_version, plan.code_version),
            ("list of serials", self.serials_digest, plan.serials_digest),
        )
        for name, asked, planned in pairs:
            if asked != planned:
                raise StateConflict(
                    "other_batch",
                    f"This directory holds a batch with another {name} ({planned}, asked for: {asked}). "
                    "Give the options of that batch to finish it, or another --out for a new one.",
                )
