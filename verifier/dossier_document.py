# SPDX-License-Identifier: Apache-2.0
"""A selection dossier (选品档案) as an approved document: one spelling, whose SHA-256 stands in the ledger. RFC 8785.

The platform keeps the document and shows it to whom it likes. It names no member: who approved is a role. The sample's
seal, which is in it, keeps outsiders from guessing the document by its digest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from verifier.protocol.encoding import JsonValue, encode_canonical_json, parse_canonical_json, parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, format_instant, parse_date, parse_id, parse_instant
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.product_code import MAX_CODE_LENGTH

TYPE = "selection-dossier/v1"
MAX_DOCUMENT_SIZE = 65_535
MAX_REPORTS = 20
MAX_URL = 500


@dataclass(frozen=True, slots=True)
class ReportInDossier:
    """A report that was looked at. `scheme` is a certificate's; `digest` (hex) and `url` may be "": not given."""

    kind: str
    number: str
    issued_by: str
    valid_from: date
    valid_until: date
    scheme: str = ""
    digest: str = ""
    url: str = ""

    def to_json(self) -> dict[str, JsonValue]:
        value: dict[str, JsonValue] = {
            "issued_by": self.issued_by,
            "kind": self.kind,
            "number": self.number,
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }
        optional = {"digest": self.digest, "scheme": self.scheme, "url": self.url}
        return value | {name: text for name, text in optional.items() if text}


@dataclass(frozen=True, slots=True)
class DossierDocument:
    """What was approved. `ledger_size` and `root_hash` (hex) name the tree by which the sample was genuine."""

    dossier_id: str
    platform: str
    room_id: str
    room_name: str
    session_at: datetime
    item_title: str
    gtin: str
    lot: str
    seller_id: str
    seller_name: str
    reports: tuple[ReportInDossier, ...]
    sample_code: str
    approved_at: datetime
    approved_by_role: str
    rule_version: str
    ledger_size: int
    root_hash: str

    def to_bytes(self) -> bytes:
        """The canonical JSON. Raises Malformed when it is too large."""
        data = encode_canonical_json(
            {
                "approved_at": format_instant(self.approved_at),
                "approved_by_role": self.approved_by_role,
                "dossier_id": self.dossier_id,
                "gtin": self.gtin,
                "item_title": self.item_title,
                "ledger": {"root_hash": self.root_hash, "size": self.ledger_size},
                "lot": self.lot,
                "platform": self.platform,
                "reports": [report.to_json() for report in self.reports],
                "room": {"id": self.room_id, "name": self.room_name},
                "rule_version": self.rule_version,
                "sample": {"code": self.sample_code, "verdict": "genuine"},
                "seller": {"id": self.seller_id, "name": self.seller_name},
                "session_at": format_instant(self.session_at),
                "type": TYPE,
            }
        )
        if len(data) > MAX_DOCUMENT_SIZE:
            raise Malformed("dossier_too_large", f"A dossier's document has at most {MAX_DOCUMENT_SIZE:,} bytes.")
        return data


def dossier_digest(data: bytes) -> str:
    """SHA-256 of a document's bytes, in hex: what `dossier.approved` says in the ledger."""
    return sha256(data).hexdigest()


def parse_dossier_document(data: bytes) -> DossierDocument:
    """Raises Malformed for whatever is not the one spelling of a dossier."""
    fields = Fields(parse_canonical_json(data, max_size=MAX_DOCUMENT_SIZE), "dossier")
    if fields.string("type") != TYPE:
        raise Malformed("unknown_dossier_type", f"the document is no {TYPE}")
    ledger, room, sample, seller = (fields.inner(name) for name in ("ledger", "room", "sample", "seller"))
    if sample.string("verdict") != "genuine":
        raise Malformed("sample_not_genuine", "a dossier is approved with a genuine sample alone")
    found = DossierDocument(
        dossier_id=fields.string("dossier_id", maximum=36),
        platform=fields.parsed("platform", parse_id),
        room_id=room.string("id"),
        room_name=room.string("name"),
        session_at=fields.parsed("session_at", parse_instant),
        item_title=fields.string("item_title"),
        gtin=fields.parsed("gtin", parse_gtin14),
        lot=fields.parsed("lot", parse_lot),
        seller_id=seller.string("id"),
        seller_name=seller.string("name"),
        reports=tuple(_report(value) for value in fields.items("reports", minimum=1, maximum=MAX_REPORTS)),
        sample_code=sample.string("code", maximum=MAX_CODE_LENGTH),
        approved_at=fields.parsed("approved_at", parse_instant),
        approved_by_role=fields.string("approved_by_role"),
        rule_version=fields.string("rule_version"),
        ledger_size=ledger.integer("size"),
        root_hash=parse_hex(ledger.string("root_hash"), size=32).hex(),
    )
    for part in (fields, ledger, room, sample, seller):
        part.done()
    if found.to_bytes() != data:
        raise Malformed("not_canonical", "the document has a second spelling")
    return found


def _report(value: JsonValue) -> ReportInDossier:
    fields = Fields(value, "report")
    report = ReportInDossier(
        kind=fields.string("kind"),
        number=fields.string("number"),
        issued_by=fields.string("issued_by"),
        valid_from=fields.parsed("valid_from", parse_date),
        valid_until=fields.parsed("valid_until", parse_date),
        scheme=fields.string("scheme") if fields.has("scheme") else "",
        digest=parse_hex(fields.string("digest"), size=32).hex() if fields.has("digest") else "",
        url=fields.string("url", maximum=MAX_URL) if fields.has("url") else "",
    )
    fields.done()
    return report
