# SPDX-License-Identifier: Apache-2.0
"""Statements: what issuers sign and the ledger keeps. One module per family, one closed union, unknown types refused.

An entry of the ledger is one canonical JSON object (RFC 8785)

    {"key_id":"<hex>","signature":"<base64>","statement":{…}}

and the signature is Ed25519 over `product-passport/statement/v1\\n` followed by the canonical JSON of the inner
statement.
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.protocol.encoding import (
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
    parse_hex,
)
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.statements.certificates import CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.header import REGISTRY, Header
from verifier.protocol.statements.inspections import InspectionPublished
from verifier.protocol.statements.products import BatchIssued, CodesVoided, ProductPublished
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import IssuerAdmitted, KeyAdded, KeyRevoked, RegistryCreated

__all__ = ["REGISTRY", "Header", "SignedStatement", "Statement", "make_entry", "parse_entry", "signed_bytes"]

Statement = (
    RegistryCreated
    | IssuerAdmitted
    | KeyAdded
    | KeyRevoked
    | ProductPublished
    | BatchIssued
    | CodesVoided
    | RecallPublished
    | RecallRevised
    | RecallClosed
    | CertificateStatus
    | InspectionPublished
    | DossierApproved
)

_CLASSES: tuple[type[Statement], ...] = (
    RegistryCreated,
    IssuerAdmitted,
    KeyAdded,
    KeyRevoked,
    ProductPublished,
    BatchIssued,
    CodesVoided,
    RecallPublished,
    RecallRevised,
    RecallClosed,
    CertificateStatus,
    InspectionPublished,
    DossierApproved,
)
STATEMENT_TYPES: dict[str, type[Statement]] = {cls.type: cls for cls in _CLASSES}

MAX_ENTRY_SIZE = 65_535  # a bundle's length prefix has two bytes (C2SP tlog-tiles, Log entries)
_DOMAIN = b"product-passport/statement/v1\n"


@dataclass(frozen=True, slots=True)
class SignedStatement:
    """A parsed entry. Its signature has not been checked: that needs the author's key, which the ledger tells."""

    entry: bytes
    statement: Statement
    key_id: str
    signature: bytes


def signed_bytes(statement: Statement) -> bytes:
    """The exact bytes that the author signs."""
    return _DOMAIN + encode_canonical_json(statement.to_json())


def make_entry(statement: Statement, *, key_id: str, signature: bytes) -> bytes:
    """The entry's bytes. Raises Malformed when the statement is too large for a ledger entry."""
    entry = encode_canonical_json(
        {"key_id": key_id, "signature": encode_base64(signature), "statement": statement.to_json()}
    )
    if len(entry) > MAX_ENTRY_SIZE:
        raise Malformed("entry_too_large", f"an entry has at most {MAX_ENTRY_SIZE} bytes, this one {len(entry)}")
    return entry


def parse_entry(data: bytes) -> SignedStatement:
    """Parses one ledger entry. Raises Malformed for anything that is not the one spelling of a known statement."""
    fields = Fields(parse_canonical_json(data, max_size=MAX_ENTRY_SIZE), "entry")
    key_id = parse_hex(fields.string("key_id"), size=32).hex()
    signature = decode_base64(fields.string("signature"))
    if len(signature) != 64:
        raise Malformed("wrong_length", "entry.signature must be 64 bytes")
    statement = _read_statement(fields.inner("statement"))
    fields.done()
    signed = SignedStatement(entry=data, statement=statement, key_id=key_id, signature=signature)
    if make_entry(statement, key_id=key_id, signature=signature) != data:
        raise Malformed("not_canonical", "the statement has a second spelling")
    return signed


def _read_statement(fields: Fields) -> Statement:
    name = fields.string("type")
    if name not in STATEMENT_TYPES:
        raise Malformed("unknown_statement_type", f"statements of type {name[:40]!r} are not known")
    statement = STATEMENT_TYPES[name].from_fields(fields)
    fields.done()
    return statement
