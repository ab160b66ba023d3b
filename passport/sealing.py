# SPDX-License-Identifier: Apache-2.0
"""Secrets at rest that the server has to use again: AES-256-GCM under a key from `console.secret`. RFC 5869, RFC 5116.

Here and not in a service, because cryptography stays beside signing.py. It keeps them from who has a copy of the
database alone; who has the secret file as well has everything that the server has.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from passport.domain.errors import PassportError

_VERSION = b"\x01"
_NONCE_SIZE = 12  # random: 2^32 secrets under one key before RFC 5116's bound


class UnreadableSecret(PassportError):
    """Code: unreadable_secret."""


class SecretBox:
    """One box for one purpose: what another purpose sealed does not open here."""

    def __init__(self, secret: bytes, purpose: str) -> None:
        """`secret` is the content of the secret file; `purpose` a name that never changes."""
        info = b"product-passport/" + purpose.encode("ascii") + b"/v1"
        self._cipher = AESGCM(HKDF(SHA256(), 32, salt=None, info=info).derive(secret))

    def seal(self, plain: bytes, context: str) -> bytes:
        """Version, nonce, ciphertext with tag. `context` is bound to it: a row that is moved does not open."""
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return _VERSION + nonce + self._cipher.encrypt(nonce, plain, _VERSION + context.encode())

    def open(self, sealed: bytes, context: str) -> bytes:
        """Raises UnreadableSecret when it was sealed with another secret file, or was changed."""
        version, nonce, rest = sealed[:1], sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
        try:
            if version != _VERSION or len(nonce) != _NONCE_SIZE:
                raise InvalidTag
            return self._cipher.decrypt(nonce, rest, _VERSION + context.encode())
        except InvalidTag:
            raise UnreadableSecret(
                "unreadable_secret", "A kept secret does not open: console.secret is another one. Make a new secret."
            ) from None
