# SPDX-License-Identifier: Apache-2.0
"""An organisation that asks to be admitted, and its admission request: the proof that it holds the key. DESIGN §3."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.protocol.encoding import JsonValue, encode_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Contact, Fields, Text, parse_id
from verifier.protocol.gs1 import parse_company_prefix
from verifier.protocol.keys import verify_signature
from verifier.protocol.statements.registry import ProvenKey, parse_role, possession_text, read_proven_key
from verifier.protocol.uscc import parse_uscc

_FORMAT = "product-passport/admission-request/v1"
MAX_REQUEST_SIZE = 1 << 16


@dataclass(frozen=True, slots=True)
class Organisation:
    """Names, 统一社会信用代码, roles, GS1 company prefixes and contact; the check characters are right."""

    name: Text
    uscc: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    contact: Contact

    def to_json(self) -> dict[str, JsonValue]:
        return {
            "contact": self.contact.to_json(),
            "name": self.name.to_json(),
            "prefixes": list(self.prefixes),
            "roles": list(self.roles),
            "uscc": self.uscc,
        }


def parse_organisation(value: JsonValue) -> Organisation:
    """The organisation that a file's value describes. Raises Malformed."""
    fields = Fields(value, "organisation")
    organisation = Organisation(
        name=fields.text("name", maximum=200),
        uscc=fields.parsed("uscc", parse_uscc),
        # People write sets in any order; the statement has them sorted.
        roles=tuple(sorted({parse_role(str(role)) for role in fields.items("roles", minimum=1, maximum=4)})),
        prefixes=tuple(sorted({parse_company_prefix(str(item)) for item in fields.items("prefixes", maximum=100)})),
        contact=fields.contact("contact"),
    )
    fields.done()
    if ("manufacturer" in organisation.roles) != bool(organisation.prefixes):
        raise Malformed("roles_and_prefixes", "a manufacturer needs GS1 company prefixes, and nobody else has them")
    return organisation


@dataclass(frozen=True, slots=True)
class AdmissionRequest:
    """What a maker hands to the operator of the registry. `organisation` may be left to the operator."""

    origin: str
    issuer: str
    key: ProvenKey
    organisation: Organisation | None

    def to_bytes(self) -> bytes:
        """Canonical JSON and a newline."""
        value: dict[str, JsonValue] = {
            "format": _FORMAT,
            "issuer": self.issuer,
            "key": self.key.to_json(),
            "origin": self.origin,
        }
        if self.organisation is not None:
            value["organisation"] = self.organisation.to_json()
        return encode_canonical_json(value) + b"\n"


def parse_admission_request(value: JsonValue) -> AdmissionRequest:
    """The request, with its proof of possession verified. Raises Malformed, DoesNotHold("bad_signature")."""
    fields = Fields(value, "admission request")
    if fields.string("format") != _FORMAT:
        raise Malformed("unknown_format", f"an admission request has the format {_FORMAT}")
    request = AdmissionRequest(
        origin=fields.string("origin"),
        issuer=fields.parsed("issuer", parse_id),
        key=read_proven_key(fields.inner("key")),
        organisation=parse_organisation(fields.take("organisation")) if fields.has("organisation") else None,
    )
    fields.done()
    key = request.key.public_key
    text = possession_text(origin=request.origin, issuer=request.issuer, key_id=key.key_id)
    verify_signature(key, message=text, signature=request.key.possession)
    return request
