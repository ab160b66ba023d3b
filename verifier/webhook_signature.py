# SPDX-License-Identifier: Apache-2.0
"""Signatures of webhooks, for who sends and for who receives. Standard Webhooks 1.0.0; HMAC-SHA256, RFC 2104.

    message = verify_webhook(request.headers, request.get_data(), secret, now=datetime.now(UTC))

Pure: no clock, no files, no sockets. Check the bytes of the body as they came, before anything parses them.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from verifier.protocol.encoding import decode_base64, encode_base64, parse_decimal
from verifier.protocol.errors import DoesNotHold, Malformed

ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
TOLERANCE_SECONDS = 300
_PREFIX = "whsec_"
_VERSION = "v1,"
_SECRET_SIZES = range(24, 65)  # bytes; the specification's bounds
_MAX_SIGNATURES = 10
_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}", re.ASCII)
_LAST_SECOND = 253_402_300_799  # of the year 9999


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """What the signature covers beside the body. The same `id` twice is the same message: do it once."""

    id: str
    sent_at: datetime


def format_secret(raw: bytes) -> str:
    """A secret as people copy it: whsec_<base64>."""
    return _PREFIX + encode_base64(raw)


def parse_secret(text: str) -> bytes:
    """The bytes of a secret; the prefix may be missing. Raises Malformed("bad_webhook_secret")."""
    try:
        raw = decode_base64(text.strip().removeprefix(_PREFIX))
    except Malformed:
        raw = b""
    if len(raw) not in _SECRET_SIZES:
        raise Malformed("bad_webhook_secret", "A webhook's secret is whsec_ and the base64 of 24 to 64 bytes.")
    return raw


def sign_webhook(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature, "v1,<base64>", over `id.timestamp.body`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return _VERSION + encode_base64(hmac.new(secret, signed, sha256).digest())


def make_headers(secrets: Iterable[bytes], message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The three headers of a message, with a signature by each secret: two while one is being replaced."""
    signatures = " ".join(sign_webhook(secret, message_id, timestamp, body) for secret in secrets)
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signatures}


def verify_webhook(
    headers: Mapping[str, str],
    body: bytes,
    secret: str,
    *,
    now: datetime,
    tolerance_seconds: int = TOLERANCE_SECONDS,
) -> WebhookMessage:
    """Who sent this body knows the secret, and sent it a moment ago.

    `headers` by any spelling of their names. Raises Malformed: bad_webhook_secret, webhook_header_missing,
    bad_webhook_header; DoesNotHold: webhook_too_old, webhook_too_new, webhook_signature.
    """
    key = parse_secret(secret)
    found = {name.lower(): value for name, value in headers.items()}
    message_id, stamp, signatures = (_header(found, name) for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if _ID.fullmatch(message_id) is None:
        raise Malformed("bad_webhook_header", f"{ID_HEADER} is not an id.")
    try:
        timestamp = parse_decimal(stamp, maximum=_LAST_SECOND)
    except Malformed:
        raise Malformed("bad_webhook_header", f"{TIMESTAMP_HEADER} is not a number of seconds.") from None
    expected = sign_webhook(key, message_id, timestamp, body).encode()
    # All are compared, and each in constant time: how long it takes says nothing about where they differ.
    matches = [hmac.compare_digest(expected, one.encode("utf-8", "replace")) for one in signatures.split(" ")]
    if len(matches) > _MAX_SIGNATURES or not any(matches):
        raise DoesNotHold("webhook_signature", "No signature of this message is by this secret.")
    sent_at = datetime.fromtimestamp(timestamp, UTC)
    age = (now - sent_at).total_seconds()
    if age > tolerance_seconds:
        raise DoesNotHold("webhook_too_old", f"The message was sent {age:.0f} seconds ago: somebody may repeat it.")
    if age < -tolerance_seconds:
        raise DoesNotHold("webhook_too_new", f"The message is from {-age:.0f} seconds ahead: look at the clocks.")
    return WebhookMessage(message_id, sent_at)


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(name, "")
    if not value:
        raise Malformed("webhook_header_missing", f"The header {name} is missing.")
    return value
