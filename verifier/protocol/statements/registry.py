# SPDX-License-Identifier: Apache-2.0
"""Statements about who may speak: the registry itself, admitted issuers and their keys. DESIGN §3."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from verifier.protocol.encoding import JsonValue, decode_base64, encode_base64, parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Contact, Fields, Text, parse_id
from verifier.protocol.gs1 import parse_company_prefix
from verifier.protocol.keys import PublicKey, parse_public_key
from verifier.protocol.note import ALG_ED25519, VKey, parse_vkey
from verifier.protocol.statements.header import Header, read_header
from verifier.protocol.uscc import parse_uscc

ROLES = ("authority", "laboratory", "manufacturer", "platform")


def parse_role(text: str) -> str:
    """One of ROLES. Raises Malformed."""
    if text not in ROLES:
        raise Malformed("unknown_role", f"role {text[:40]!r} is not one of {', '.join(ROLES)}")
    return text


def possession_text(*, origin: str, issuer: str, key_id: str) -> bytes:
    """What a new key signs to prove that its owner holds it, bound to one ledger and one issuer."""
    return f"product-passport/key-possession/v1\n{origin}\n{issuer}\n{key_id}\n".encode()


@dataclass(frozen=True, slots=True)
class ProvenKey:
    """A public key with the signature by which its owner proved to hold the private half."""

    public_key: PublicKey
    possession: bytes

    def to_json(self) -> dict[str, JsonValue]:
        return {"possession": encode_base64(self.possession), "public_key": self.public_key.raw.hex()}


def read_proven_key(fields: Fields) -> ProvenKey:
    key = ProvenKey(
        public_key=parse_public_key(parse_hex(fields.string("public_key"), size=32)),
        possession=decode_base64(fields.string("possession")),
    )
    fields.done()
    return key


@dataclass(frozen=True, slots=True)
class RegistryCreated:
    """Always and only entry 0: names the key that admits issuers and the key that signs snapshots."""

    type: ClassVar[str] = "registry.created"
    header: Header
    name: Text
    operator_key: PublicKey
    status_vkey: VKey

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "name": self.name.to_json(),
            "operator_key": self.operator_key.raw.hex(),
            "status_vkey": self.status_vkey.to_text(),
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> RegistryCreated:
        statement = cls(
            header=read_header(fields),
            name=fields.text("name", maximum=200),
            operator_key=parse_public_key(parse_hex(fields.string("operator_key"), size=32)),
            status_vkey=fields.parsed("status_vkey", parse_vkey, maximum=400),
        )
        if statement.status_vkey.algorithm != ALG_ED25519:
            raise Malformed("bad_status_vkey", "the status key must be an Ed25519 note key (type 0x01)")
        return statement


@dataclass(frozen=True, slots=True)
class IssuerAdmitted:
    """An organisation may speak: its names, roles, GS1 company prefixes, 统一社会信用代码 and first key."""

    type: ClassVar[str] = "issuer.admitted"
    header: Header
    subject: str
    name: Text
    uscc: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    contact: Contact
    key: ProvenKey

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "contact": self.contact.to_json(),
            "key": self.key.to_json(),
            "name": self.name.to_json(),
            "prefixes": list(self.prefixes),
            "roles": list(self.roles),
            "subject": self.subject,
            "uscc": self.uscc,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> IssuerAdmitted:
        statement = cls(
            header=read_header(fields),
            subject=fields.parsed("subject", parse_id),
            name=fields.text("name", maximum=200),
            uscc=fields.parsed("uscc", parse_uscc),
            roles=fields.sorted_strings("roles", parse_role),
            prefixes=fields.sorted_strings("prefixes", parse_company_prefix, maximum=100),
            contact=fields.contact("contact"),
            key=read_proven_key(fields.inner("key")),
        )
        if not statement.roles:
            raise Malformed("no_role", "an issuer needs at least one role")
        if ("manufacturer" in statement.roles) != bool(statement.prefixes):
            raise Malformed("roles_and_prefixes", "a manufacturer needs GS1 company prefixes, and nobody else has them")
        return statement


@dataclass(frozen=True, slots=True)
class KeyAdded:
    """A further key for an admitted issuer, said by the issuer with a good key or by the registry operator."""

    type: ClassVar[str] = "key.added"
    header: Header
    subject: str
    key: ProvenKey

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {"key": self.key.to_json(), "subject": self.subject}

    @classmethod
    def from_fields(cls, fields: Fields) -> KeyAdded:
        return cls(
            header=read_header(fields),
            subject=fields.parsed("subject", parse_id),
            key=read_proven_key(fields.inner("key")),
        )


@dataclass(frozen=True, slots=True)
class KeyRevoked:
    """A key is not trusted from a ledger index on: what was logged before stays good. No clock is involved."""

    type: ClassVar[str] = "key.revoked"
    header: Header
    subject: str
    key_id: str
    from_index: int
    reason: str

    def to_json(self) -> dict[str, JsonValue]:
        return self.header.to_json(self.type) | {
            "from_index": self.from_index,
            "key_id": self.key_id,
            "reason": self.reason,
            "subject": self.subject,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> KeyRevoked:
        return cls(
            header=read_header(fields),
            subject=fields.parsed("subject", parse_id),
            key_id=parse_hex(fields.string("key_id"), size=32).hex(),
            from_index=fields.integer("from_index"),
            reason=fields.string("reason", maximum=500),
        )
