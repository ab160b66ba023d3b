# SPDX-License-Identifier: Apache-2.0
"""Certificate files and inspection files: what a laboratory or an authority writes, as JSON or TOML.

docs/passport-command.md describes every member.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from verifier.facts import InspectionRecord
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.gs1 import gtin14_from
from verifier.protocol.statements import Header
from verifier.protocol.statements.certificates import VALID, CertificateStatus, spell_certificate_name
from verifier.protocol.statements.inspections import InspectionPublished

_NOBODY_YET = Header("draft", "draft", datetime(1970, 1, 1, tzinfo=UTC))  # whoever signs puts his own in its place

Members = dict[str, Any]


def parse_certificate_draft(value: JsonValue) -> CertificateStatus:
    """The statement that a certificate file describes, but for its header and revision. Raises Malformed.

    GTINs may be shorter than 14 digits and in any order; scheme and number may be written as on the paper.
    """
    members = _object(value, "certificate") | {"revision": 0}
    members.setdefault("status", VALID)
    members["gtins"] = _sorted_set(members.get("gtins", []), gtin14_from)
    for name in ("scheme", "number"):
        if isinstance(members.get(name), str):
            members[name] = spell_certificate_name(members[name])
    fields = _fields(members, CertificateStatus.type, "certificate")
    draft = CertificateStatus.from_fields(fields)
    fields.done()
    return draft


def parse_inspection_draft(value: JsonValue, issuer: str) -> InspectionPublished:
    """The first report that an inspection file describes, but for its header. Raises Malformed.

    `number` is unique among the inspections of the issuer.
    """
    members = _object(value, "inspection")
    number = members.pop("number", None)
    if not isinstance(number, str):
        raise Malformed("missing_member", "inspection: member 'number' is missing; choose one, such as \"2026-001\"")
    return _read_inspection(members | {"inspection_id": f"{issuer}/{number}", "revision": 0})


def parse_inspection_revision(value: JsonValue, record: InspectionRecord) -> InspectionPublished:
    """The next report on an inspection: the whole of it, but for its header. Raises Malformed."""
    members = _object(value, "inspection")
    if members.pop("number", None) not in (None, record.statement.inspection_id.partition("/")[2]):
        raise Malformed("another_number", f"the file is not about {record.statement.inspection_id}")
    members.setdefault("gtin", record.statement.gtin)
    name = {"inspection_id": record.statement.inspection_id, "revision": record.statement.revision + 1}
    return _read_inspection(members | name)


def members_of(statement: CertificateStatus | InspectionPublished) -> Members:
    """What a statement says, as its file would have it; without header, id and revision."""
    left_out = {*statement.header.to_json(statement.type), "inspection_id", "revision"}
    return {name: value for name, value in statement.to_json().items() if name not in left_out}


def _read_inspection(members: Members) -> InspectionPublished:
    members["lots"] = _sorted_set(members.get("lots", []), str)
    if isinstance(members.get("gtin"), str):
        members["gtin"] = gtin14_from(members["gtin"])
    fields = _fields(members, InspectionPublished.type, "inspection")
    draft = InspectionPublished.from_fields(fields)
    fields.done()
    return draft


def _object(value: JsonValue, what: str) -> Members:
    if not isinstance(value, dict):
        raise Malformed("not_an_object", f"{what}: the file holds one object")
    clash = sorted(value.keys() & _NOBODY_YET.to_json("").keys() | value.keys() & {"inspection_id", "revision"})
    if clash:
        raise Malformed("unknown_member", f"{what}: {clash[0]!r} is not for the file to say")
    return dict(value)


def _fields(members: Members, statement_type: str, what: str) -> Fields:
    fields = Fields(members | _NOBODY_YET.to_json(statement_type), what)
    fields.take("type")
    return fields


def _sorted_set(values: Any, spell: Any) -> Any:
    """In the order and spelling that the statement wants; what is no list of texts is left to the parser."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        return values
    return sorted({spell(value) for value in values})
