# SPDX-License-Identifier: Apache-2.0
"""The token that binds a badge to a listing: a compact JWS that the platform signs. RFC 7515, RFC 7519, RFC 8037.

Any JWT library makes it, so the JSON need not be canonical. Reading is strict all the same: one spelling of base64url,
each member once, no member that is not listed, one algorithm. docs/spec/badge-token.md.
"""

from __future__ import annotations

import base64
import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NoReturn

from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import Fields, parse_id
from verifier.protocol.gs1 import parse_gtin14, parse_lot
from verifier.protocol.keys import SIGNATURE_SIZE, PublicKey, is_signature_valid

MAX_TOKEN_SIZE: Final = 2048
MAX_LIFETIME: Final = timedelta(seconds=900)
CLOCK_SKEW: Final = timedelta(seconds=60)
TYPE: Final = "listing-badge+jwt"
ALGORITHM: Final = "EdDSA"
MAX_ORIGIN: Final = 270

_LISTING_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z._~-]{0,63}", re.ASCII)
_SELLER_ID = re.compile(r"[!-~]{1,64}", re.ASCII)
_KEY_ID = re.compile(r"[0-9a-f]{64}", re.ASCII)
_BASE64URL = re.compile(r"[0-9A-Za-z_-]+", re.ASCII)
_ORIGIN = re.compile(r"(https?)://([a-z0-9.-]{1,253})(?::([1-9][0-9]{0,4}))?", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_LOOPBACK = ("127.0.0.1", "localhost")
_DEFAULT_PORT = {"http": 80, "https": 443}
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class BadgeClaims:
    """What the platform says: this listing of mine, on this origin, sells this. `lot` is "" for any lot."""

    platform: str
    listing: str
    audience: str  # the ledger's origin
    issued_at: datetime
    expires_at: datetime
    gtin: str
    lot: str
    seller_id: str
    seller_name: str
    origin: str


@dataclass(frozen=True, slots=True)
class BadgeToken:
    """A well-formed token. Nothing in it is true before `verify_badge_token`."""

    claims: BadgeClaims
    key_id: str
    signed: bytes
    signature: bytes


def parse_badge_token(text: str) -> BadgeToken:
    """Raises Malformed: token_too_long, token_form, token_header, token_claims, token_lifetime, bad_origin."""
    if len(text) > MAX_TOKEN_SIZE:
        raise Malformed("token_too_long", f"A badge token has at most {MAX_TOKEN_SIZE} characters.")
    parts = text.split(".")
    if len(parts) != 3:
        raise Malformed("token_form", "A badge token is a compact JWS: three parts with two dots between.")
    header, payload, signature = (_decode(part) for part in parts)
    if len(signature) != SIGNATURE_SIZE:
        raise Malformed("token_form", f"An Ed25519 signature has {SIGNATURE_SIZE} bytes.")
    return BadgeToken(
        claims=_read_claims(_load(payload, "token_claims")),
        key_id=_read_header(_load(header, "token_header")),
        signed=f"{parts[0]}.{parts[1]}".encode("ascii"),
        signature=signature,
    )


def verify_badge_signature(token: BadgeToken, key: PublicKey) -> None:
    """Whether this key made it. Raises DoesNotHold: unknown_key, bad_signature."""
    if key.key_id != token.key_id:
        raise DoesNotHold("unknown_key", "The token names another key.")
    if not is_signature_valid(key, token.signed, token.signature):
        raise DoesNotHold("bad_signature", "The token's signature does not verify.")


def check_badge_time(claims: BadgeClaims, now: datetime) -> None:
    """Whether it counts now. Raises DoesNotHold: not_yet_valid, expired."""
    if claims.issued_at > now + CLOCK_SKEW:
        raise DoesNotHold("not_yet_valid", "The token's iat lies in the future. Is the platform's clock right?")
    if now >= claims.expires_at:
        raise DoesNotHold("expired", "The token has expired. The platform makes a new one for each page.")


def signing_input(claims: BadgeClaims, key_id: str) -> bytes:
    """What is signed: header and claims, in base64url. For whoever makes tokens with this library."""
    header = {"alg": ALGORITHM, "kid": key_id, "typ": TYPE}
    value: dict[str, JsonValue] = {
        "iss": claims.platform,
        "sub": claims.listing,
        "aud": claims.audience,
        "iat": int(claims.issued_at.timestamp()),
        "exp": int(claims.expires_at.timestamp()),
        "gtin": claims.gtin,
        "seller": {"id": claims.seller_id, "name": claims.seller_name},
        "origin": claims.origin,
    }
    if claims.lot:
        value["lot"] = claims.lot
    return f"{_encode(_dump(header))}.{_encode(_dump(value))}".encode("ascii")


def join_badge_token(signed: bytes, signature: bytes) -> str:
    """The token out of `signing_input` and its signature (64 bytes)."""
    return f"{signed.decode('ascii')}.{_encode(signature)}"


def parse_origin(text: str) -> str:
    """A web origin in its one spelling (RFC 6454). Raises Malformed("bad_origin").

    https, a host name with a dot in lower case, no default port, nothing behind it. http is for this machine alone,
    127.0.0.1 or localhost: whether that is taken, the server decides (`is_loopback_origin`).
    """
    match = _ORIGIN.fullmatch(text) if len(text) <= MAX_ORIGIN else None
    if match is not None:
        scheme, host, port = match.groups()
        number = _DEFAULT_PORT[scheme] if port is None else int(port)
        is_spelled_once = number <= 65535 and (port is None or number != _DEFAULT_PORT[scheme])
        if is_spelled_once and (host in _LOOPBACK if scheme == "http" else _is_public_name(host)):
            return text
    raise Malformed("bad_origin", "An origin is written https://host or https://host:port, in lower case.")


def is_loopback_origin(origin: str) -> bool:
    """Whether it is http on this machine: for tests and demonstrations, where the server itself is there too."""
    return origin.startswith("http://")


def _is_public_name(host: str) -> bool:
    labels = host.split(".")
    return len(labels) >= 2 and not labels[-1].isdigit() and all(_LABEL.fullmatch(label) for label in labels)


def _decode(part: str) -> bytes:
    if _BASE64URL.fullmatch(part) is None:
        raise Malformed("token_form", "The parts of a token are base64url without padding.")
    try:
        data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        data = b""
    if _encode(data) != part:
        raise Malformed("token_form", "This base64url has a second spelling; its spare bits must be zero.")
    return data


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _dump(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _load(data: bytes, code: str) -> JsonValue:
    """JSON in UTF-8 without a name twice, without null and without numbers that are not integers."""

    def refuse(_text: str) -> NoReturn:
        raise ValueError

    def integer(text: str) -> int:
        if len(text) > 16:  # before Python multiplies it out
            raise ValueError
        return int(text)

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            raise ValueError
        return value

    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=once,
            parse_int=integer,
            parse_float=refuse,
            parse_constant=refuse,
        )
        json.dumps(value, ensure_ascii=False).encode()  # an escape can name half a surrogate pair, which is no text
    except (ValueError, RecursionError):
        raise Malformed(code, "This is not JSON in UTF-8 with each member once and whole numbers.") from None
    return value


def _read_header(value: JsonValue) -> str:
    """The key id."""
    try:
        fields = Fields(value, "header")
        algorithm, kind, key_id = (fields.string(name, maximum=64) for name in ("alg", "typ", "kid"))
        fields.done()
    except Malformed as error:
        raise Malformed("token_header", f"The token's header is wrong: {error}") from None
    if algorithm != ALGORITHM or kind != TYPE or _KEY_ID.fullmatch(key_id) is None:
        raise Malformed("token_header", f"The header says alg {ALGORITHM}, typ {TYPE}, kid: the key's id in hex.")
    return key_id


def _read_claims(value: JsonValue) -> BadgeClaims:
    try:
        fields = Fields(value, "claims")
        seller = Fields(fields.take("seller"), "seller")
        issued, expires = fields.integer("iat", maximum=2**33), fields.integer("exp", maximum=2**33)
        claims = BadgeClaims(
            platform=fields.parsed("iss", parse_id),
            listing=_matching(fields.string("sub", maximum=64), _LISTING_ID),
            audience=fields.string("aud", maximum=255),
            issued_at=datetime.fromtimestamp(issued, UTC),
            expires_at=datetime.fromtimestamp(expires, UTC),
            gtin=fields.parsed("gtin", parse_gtin14),
            lot=fields.parsed("lot", parse_lot) if fields.has("lot") else "",
            seller_id=_matching(seller.string("id", maximum=64), _SELLER_ID),
            seller_name=_visible(seller.string("name", maximum=80)),
            origin=fields.string("origin", maximum=MAX_ORIGIN),
        )
        seller.done()
        fields.done()
    except Malformed as error:
        raise Malformed("token_claims", f"The token's claims are wrong: {error}") from None
    if not timedelta(0) < claims.expires_at - claims.issued_at <= MAX_LIFETIME:
        raise Malformed("token_lifetime", f"exp lies 1 to {int(MAX_LIFETIME.total_seconds())} seconds after iat.")
    parse_origin(claims.origin)
    return claims


def _matching(text: str, pattern: re.Pattern[str]) -> str:
    if pattern.fullmatch(text) is None:
        raise Malformed("token_claims", "an id has characters that it may not have")
    return text


def _visible(text: str) -> str:
    if text != " ".join(text.split()) or any(unicodedata.category(character) in _INVISIBLE for character in text):
        raise Malformed("token_claims", "the seller's name is visible characters on one line")
    return text
