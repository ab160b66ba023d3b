# SPDX-License-Identifier: Apache-2.0
"""A signed passport document: a UNTP DigitalProductPassport as vc+jwt (W3C VC-JOSE-COSE §3.1.1, RFC 7515 compact form).

Only EdDSA and only the header alg, typ, cty, kid: an algorithm that the document chooses is an attack, not a feature.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from verifier.protocol.errors import Malformed
from verifier.protocol.gs1 import parse_gtin14
from verifier.protocol.keys import PublicKey, verify_signature

MAX_DOCUMENT_SIZE = 512 * 1024
_PART = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class PassportDocument:
    """A parsed document; nobody has checked its signature yet. `key_id` is the fragment of the header's `kid`."""

    key_id: str
    payload: dict[str, Any]
    signed_bytes: bytes
    signature: bytes

    @property
    def subject(self) -> dict[str, Any]:
        """The `credentialSubject`: the product."""
        subject = self.payload.get("credentialSubject")
        return subject if isinstance(subject, dict) else {}


def make_header(kid: str) -> bytes:
    """The one protected header, as bytes before base64url."""
    return json.dumps(
        {"alg": "EdDSA", "cty": "vc", "kid": kid, "typ": "vc+jwt"}, separators=(",", ":"), sort_keys=True
    ).encode()


def encode_part(data: bytes) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parse_passport_document(data: bytes) -> PassportDocument:
    """Parses the compact form. Raises Malformed. The signature is checked by `verify_passport_document`."""
    if len(data) > MAX_DOCUMENT_SIZE:
        raise Malformed("document_too_large", f"a passport document has at most {MAX_DOCUMENT_SIZE} bytes")
    parts = data.split(b".")
    if len(parts) != 3:
        raise Malformed("bad_jws", "a JWS in compact form has three parts separated by dots")
    header, payload, signature = (_decode_part(part) for part in parts)
    fields = _parse_object(header)
    kid = fields.get("kid")
    if not isinstance(kid, str) or header != make_header(kid):
        raise Malformed("bad_jws_header", 'the header is exactly {"alg":"EdDSA","cty":"vc","kid":"…","typ":"vc+jwt"}')
    return PassportDocument(
        key_id=kid.rpartition("#")[2],
        payload=_parse_object(payload),
        signed_bytes=parts[0] + b"." + parts[1],
        signature=signature,
    )


def verify_passport_document(document: PassportDocument, key: PublicKey) -> None:
    """Raises DoesNotHold("bad_signature") unless this key signed the document."""
    verify_signature(key, message=document.signed_bytes, signature=document.signature)


def find_subject_gtin(subject: dict[str, object]) -> str:
    """The GTIN of a passport's subject: its id is a GS1 Digital Link ending in /01/<gtin14>. Raises Malformed."""
    identifier = subject.get("id")
    if isinstance(identifier, str):
        head, separator, gtin = identifier.rpartition("/01/")
        if separator and head.startswith("https://"):
            return parse_gtin14(gtin)
    raise Malformed("bad_subject", "credentialSubject.id must be a model-level Digital Link, https://…/01/<gtin14>")


def _decode_part(part: bytes) -> bytes:
    text = part.decode("ascii", "replace")
    if _PART.fullmatch(text) is None or len(text) % 4 == 1:
        raise Malformed("bad_jws", "a part of the JWS is not base64url")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode_part(data) != text:
        raise Malformed("bad_jws", "a part of the JWS is a second spelling of its bytes")
    return data


def _parse_object(data: bytes) -> dict[str, Any]:
    try:
        text = data.decode()
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        if "\\u" in text:  # an escaped half of a surrogate pair parses, and then no page can be encoded
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Malformed("bad_json", "a part of the JWS is not a JSON object") from error
    if not isinstance(value, dict):
        raise Malformed("bad_json", "a part of the JWS is not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a member stands twice")
    return value


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
