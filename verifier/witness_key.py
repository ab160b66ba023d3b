# SPDX-License-Identifier: Apache-2.0
"""A witness's cosignature key: sealed in a file, opened with a passphrase. RFC 7914 (scrypt), C2SP tlog-cosignature.

Not the key files of `passport`: those need Argon2id, which `cryptography` has only where its OpenSSL has it, and a
witness runs with `cryptography` alone. The key's name is sealed in as well: a cosignature does not say who made it but
by its key, so one key must never bear two names.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from verifier.files import create_file
from verifier.protocol.cosignature import Cosignature, cosigned_text
from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
)
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.keys import parse_public_key
from verifier.protocol.note import ALG_COSIGNATURE, NoteSignature, VKey, make_vkey, parse_vkey

if TYPE_CHECKING:
    from pathlib import Path

FORMAT: Final = "witness-key/v1"
_SEED_SIZE: Final = 32
_SALT_SIZE: Final = 16
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16
_MAX_FILE_SIZE: Final = 4096
_BLOCK_SIZE: Final = 8


class KeyFileError(Malformed):
    """A key file cannot be made or opened.

    Codes: key_file_exists, key_file_not_written, key_file_missing, key_file_unreadable, malformed_key_file,
    wrong_passphrase, empty_passphrase.
    """


@dataclass(frozen=True, slots=True)
class Kdf:
    """Parameters of scrypt: cost 2^`log_cost` with blocks of 8, which takes 2^(log_cost + 10) bytes of memory.

    Bounded, so that a doctored file cannot take all memory. The default takes 128 MiB and about half a second.
    """

    log_cost: int = 17

    def __post_init__(self) -> None:
        if not 10 <= self.log_cost <= 20:
            raise Malformed("malformed_key_file", "The cost of scrypt lies between 2^10 and 2^20 here.")

    def derive(self, passphrase: bytes, salt: bytes) -> bytes:
        """Derive 32 bytes of key."""
        return Scrypt(salt=salt, length=32, n=1 << self.log_cost, r=_BLOCK_SIZE, p=1).derive(passphrase)


class WitnessKey:
    """An open key. `vkey` is what others put into their policies."""

    def __init__(self, name: str, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        # The public half is always derived, never read: signing with a foreign one would leak the private key.
        public_key = parse_public_key(self._private.public_key().public_bytes_raw())
        self.vkey: VKey = make_vkey(name, ALG_COSIGNATURE, public_key)

    def cosign(self, checkpoint_text: str, timestamp: int) -> NoteSignature:
        """Sign a checkpoint's text as seen at `timestamp` (POSIX seconds, not 0). Whether it may be signed is the
        caller's affair."""
        if timestamp <= 0:
            raise ValueError("a witness's timestamp is never zero")
        signature = self._private.sign(cosigned_text(checkpoint_text, timestamp))
        return NoteSignature(self.vkey.name, self.vkey.key_id, Cosignature(timestamp, signature).to_bytes())

    def __repr__(self) -> str:
        return f"WitnessKey({self.vkey.to_text()})"


def new_key_file(path: Path, name: str, passphrase: str, kdf: Kdf | None = None) -> VKey:
    """Make a key for a witness of this name, seal it into a new file (mode 0600, synced) and return its vkey.

    Raises Malformed("malformed_vkey") for a bad name, KeyFileError("key_file_exists"); nothing is ever overwritten.
    """
    kdf = kdf or Kdf()
    seed, salt, nonce = (secrets.token_bytes(size) for size in (_SEED_SIZE, _SALT_SIZE, _NONCE_SIZE))
    vkey = WitnessKey(name, seed).vkey
    document = _header(vkey, kdf, salt)
    sealed = AESGCM(kdf.derive(_passphrase(passphrase), salt)).encrypt(nonce, seed, encode_canonical_json(document))
    document |= {"nonce": encode_base64(nonce), "ciphertext": encode_base64(sealed)}
    try:
        create_file(path, encode_canonical_json(document) + b"\n", mode=0o600)
    except FileExistsError as error:
        raise KeyFileError("key_file_exists", f"{path} exists and is left as it is.") from error
    except OSError as error:
        raise KeyFileError("key_file_not_written", f"{path} cannot be written: {error.strerror}.") from error
    return vkey


def load_key_file(path: Path, passphrase: str) -> WitnessKey:
    """Open a sealed key. Raises KeyFileError; a wrong passphrase and an altered file cannot be told apart."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_FILE_SIZE + 1)
    except FileNotFoundError as error:
        raise KeyFileError("key_file_missing", f"There is no key file {path}.") from error
    except OSError as error:
        raise KeyFileError("key_file_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    try:
        vkey, kdf, salt, nonce, ciphertext = _parse(data)
    except Malformed as error:
        raise KeyFileError("malformed_key_file", f"{path} is not a witness's key file: {error}") from error
    associated = encode_canonical_json(_header(vkey, kdf, salt))
    try:
        seed = AESGCM(kdf.derive(_passphrase(passphrase), salt)).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        raise KeyFileError(
            "wrong_passphrase", f"{path} does not open: the passphrase is wrong, or the file was altered."
        ) from None
    key = WitnessKey(vkey.name, seed)
    if key.vkey != vkey:
        raise KeyFileError("malformed_key_file", f"{path} names a public key that is not the one of its private key.")
    return key


def _header(vkey: VKey, kdf: Kdf, salt: bytes) -> dict[str, JsonValue]:
    """Everything in the file but nonce and ciphertext: what the seal covers as associated data."""
    return {
        "format": FORMAT,
        "kdf": {"log_cost": kdf.log_cost, "name": "scrypt", "salt": encode_base64(salt)},
        "vkey": vkey.to_text(),
    }


def _parse(data: bytes) -> tuple[VKey, Kdf, bytes, bytes, bytes]:
    """The one line of canonical JSON that a key file is. Raises Malformed."""
    if not data.endswith(b"\n"):
        raise Malformed("malformed_key_file", "one line of JSON and its newline are expected.")
    fields = Fields(parse_canonical_json(data[:-1], max_size=_MAX_FILE_SIZE), "key file")
    inner = fields.inner("kdf")
    names = fields.string("format"), inner.string("name")
    kdf, salt = Kdf(inner.integer("log_cost")), decode_base64(inner.string("salt"))
    nonce, ciphertext = decode_base64(fields.string("nonce")), decode_base64(fields.string("ciphertext"))
    vkey = fields.parsed("vkey", parse_vkey, maximum=2000)
    inner.done()
    fields.done()
    sizes = len(salt), len(nonce), len(ciphertext)
    if names != (FORMAT, "scrypt") or vkey.algorithm != ALG_COSIGNATURE:
        raise Malformed("malformed_key_file", "format, derivation or key is of a kind that this version does not know.")
    if sizes != (_SALT_SIZE, _NONCE_SIZE, _SEED_SIZE + _TAG_SIZE):
        raise Malformed("malformed_key_file", "salt, nonce or ciphertext has the wrong length.")
    return vkey, kdf, salt, nonce, ciphertext


def _passphrase(passphrase: str) -> bytes:
    if not passphrase:
        raise KeyFileError("empty_passphrase", "An empty passphrase protects nothing; give one.")
    return passphrase.encode()
