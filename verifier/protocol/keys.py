# SPDX-License-Identifier: Apache-2.0
"""Public keys that are safe to trust a signature to, and the check of a signature (RFC 8032 Ed25519, strict)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

from . import ed25519
from .errors import DoesNotHold

PUBLIC_KEY_SIZE = 32
SIGNATURE_SIZE = 64
HINT_SIZE = 2


@lru_cache(maxsize=4096)
def _digest_of_good_key(raw: bytes) -> bytes:
    # The subgroup check costs about a millisecond, so it is made once per key. Refusals are not remembered.
    ed25519.check_public_key(raw)
    return sha256(raw).digest()


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An Ed25519 public key: canonical encoding, on the curve, of prime order. Anything else raises Malformed.

    `key_id` is the SHA-256 of the 32 raw bytes in lower-case hex (64 characters); `hint` its first two bytes.
    """

    raw: bytes
    key_id: str = field(init=False, compare=False)
    hint: bytes = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        digest = _digest_of_good_key(self.raw)
        object.__setattr__(self, "key_id", digest.hex())
        object.__setattr__(self, "hint", digest[:HINT_SIZE])


@lru_cache(maxsize=4096)
def parse_public_key(raw: bytes) -> PublicKey:
    """The key that 32 bytes encode; raises Malformed with the reason (bad_key_length, key_not_canonical,
    key_not_on_curve, key_small_order, key_mixed_order)."""
    return PublicKey(raw)


def is_signature_valid(key: PublicKey, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is a good Ed25519 signature of `message` by `key`: 64 bytes, S < L, R not of small order."""
    return ed25519.is_signature_valid(key.raw, message, signature)


def verify_signature(key: PublicKey, *, message: bytes, signature: bytes) -> None:
    """Raise DoesNotHold("bad_signature") unless `signature` is a good signature of `message` by `key`."""
    if not ed25519.is_signature_valid(key.raw, message, signature):
        raise DoesNotHold("bad_signature", f"The signature does not verify with key {key.key_id[:16]}….")
