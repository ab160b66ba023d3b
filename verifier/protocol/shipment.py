# SPDX-License-Identifier: Apache-2.0
"""A maker's signed word that codes of a batch left the factory. Not a ledger entry. docs/counting.md, RFC 8785.

One line of canonical JSON

    {"key_id":"<hex>","notice":{…},"signature":"<base64>"}

and the signature is Ed25519 over `product-passport/shipment/v1\\n` followed by the canonical JSON of the notice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
    parse_hex,
)
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields, format_instant, parse_id, parse_instant

MAX_SHIPMENT_SIZE = 4096
_DOMAIN = b"product-passport/shipment/v1\n"


@dataclass(frozen=True, slots=True)
class ShipmentNotice:
    """Codes `first_seq` to `last_seq` of a batch are shipped. `origin` binds the notice to one registry."""

    type: ClassVar[str] = "product-passport/shipment/v1"

    origin: str
    issuer: str
    batch: int
    first_seq: int
    last_seq: int
    issued_at: datetime

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "batch": self.batch,
            "first_seq": self.first_seq,
            "issued_at": format_instant(self.issued_at),
            "issuer": self.issuer,
            "last_seq": self.last_seq,
            "origin": self.origin,
            "type": self.type,
        }


@dataclass(frozen=True, slots=True)
class SignedShipment:
    """A parsed notice. Its signature has not been checked: that needs the issuer's key, which the ledger tells."""

    notice: ShipmentNotice
    key_id: str
    signature: bytes

    def to_bytes(self) -> bytes:
        """The one spelling."""
        return encode_canonical_json(
            {"key_id": self.key_id, "notice": self.notice.to_json(), "signature": encode_base64(self.signature)}
        )


def shipment_signed_bytes(notice: ShipmentNotice) -> bytes:
    """The exact bytes that the maker signs."""
    return _DOMAIN + encode_canonical_json(notice.to_json())


def parse_shipment(data: bytes) -> SignedShipment:
    """Reads a signed notice. Raises Malformed on anything but the one spelling of one."""
    fields = Fields(parse_canonical_json(data, max_size=MAX_SHIPMENT_SIZE), "shipment")
    inner = fields.inner("notice")
    if inner.string("type") != ShipmentNotice.type:
        raise Malformed("unknown_type", f"the notice's type must be {ShipmentNotice.type}")
    notice = ShipmentNotice(
        origin=inner.string("origin"),
        issuer=inner.parsed("issuer", parse_id),
        batch=inner.integer("batch"),
        first_seq=inner.integer("first_seq"),
        last_seq=inner.integer("last_seq"),
        issued_at=inner.parsed("issued_at", parse_instant),
    )
    inner.done()
    if notice.first_seq > notice.last_seq:
        raise Malformed("bad_range", "first_seq must not lie behind last_seq")
    key_id = parse_hex(fields.string("key_id"), size=32).hex()
    signature = decode_base64(fields.string("signature"))
    if len(signature) != 64:
        raise Malformed("wrong_length", "a signature has 64 bytes")
    fields.done()
    return SignedShipment(notice, key_id, signature)
