# SPDX-License-Identifier: Apache-2.0
"""Statements about inspections of a product, passed or failed, by a laboratory or an authority. Issue 4, the gate."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, Text, parse_date
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.statements.certificates import MAX_REVISION, LinkedDocument, read_linked_document
from verifier.protocol.statements.header import Header, read_header

FAILED = "failed"
RESULTS = ("passed", FAILED)
MAX_LOTS = 256

_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?/[A-Za-z0-9][A-Za-z0-9.-]{0,39}", re.ASCII)


def parse_inspection_id(text: str) -> str:
    """`<issuer id>/<number>`: the inspector's own name space, as a recall id is. Raises Malformed."""
    if _ID.fullmatch(text) is None:
        raise Malformed(
            "bad_inspection_id", "an inspection id is <issuer id>/<number of letters, digits, dots and hyphens>"
        )
    return text


@dataclass(frozen=True, slots=True)
class InspectionPublished:
    """What an inspection of one GTIN found: of these `lots`, or of the whole model where there are none.

    `revision` 0 is the first report. A later one has a larger number and replaces it whole: so a failed inspection is
    remedied, or a report corrected.
    """

    type: ClassVar[str] = "inspection.published"
    header: Header
    inspection_id: str
    revision: int
    gtin: str
    lots: tuple[str, ...]
    result: str
    standard: str
    inspected_on: date
    summary: Text
    report: LinkedDocument | None = None

    def to_json(self) -> dict[str, JsonValue]:
        value = self.header.to_json(self.type) | {
            "gtin": self.gtin,
            "inspected_on": self.inspected_on.isoformat(),
            "inspection_id": self.inspection_id,
            "lots": list(self.lots),
            "result": self.result,
            "revision": self.revision,
            "standard": self.standard,
            "summary": self.summary.to_json(),
        }
        if self.report is not None:
            value["report"] = self.report.to_json()
        return value

    @classmethod
    def from_fields(cls, fields: Fields) -> InspectionPublished:
        result = fields.string("result")
        if result not in RESULTS:
            raise Malformed("unknown_result", f"an inspection's result is one of {', '.join(RESULTS)}")
        return cls(
            header=read_header(fields),
            inspection_id=fields.parsed("inspection_id", parse_inspection_id),
            revision=fields.integer("revision", maximum=MAX_REVISION),
            gtin=fields.parsed("gtin", parse_gtin14),
            lots=fields.sorted_strings("lots", parse_lot, maximum=MAX_LOTS),
            result=result,
            standard=fields.string("standard"),
            inspected_on=fields.parsed("inspected_on", parse_date),
            summary=fields.text("summary"),
            report=read_linked_document(fields.inner("report")) if fields.has("report") else None,
        )
