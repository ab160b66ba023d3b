# SPDX-License-Identifier: Apache-2.0
"""Private keys: where they rest, and everything that uses one. RFC 8032, RFC 9106, C2SP signed-note.

A key at rest is a JSON file sealed with Argon2id and AES-256-GCM. Its purpose, its public key and the parameters of
the derivation are bound as associated data: a status key cannot be passed off as a ledger key by editing the file.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol, cast, get_args

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from passport.domain.errors import PassportError
from passport.domain.files import create_file
from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
    parse_hex,
)
from verifier.protocol.errors import Malformed
from verifier.protocol.keys import PublicKey, parse_public_key
from verifier.protocol.note import ALG_ED25519, Note, NoteSignature, VKey, make_vkey

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from verifier.protocol.checkpoint import Checkpoint

Purpose = Literal["issuer", "operator", "ledger", "status", "witness"]
PURPOSES: Final[tuple[str, ...]] = get_args(Purpose)
FORMAT: Final = "passport-key/v1"
SEED_SIZE: Final = 32
_NONCE_SIZE: Final = 12
_TAG_SIZE: Final = 16
_MAX_FILE_SIZE: Final = 4096
_FIELDS: Final = {"format", "purpose", "kdf", "nonce", "ciphertext", "public_key"}
_KDF_FIELDS: Final = {"name", "time_cost", "memory_kib", "lanes", "salt"}


class KeyFileError(PassportError):
    """A key file cannot be made or opened.

    Codes: key_file_exists, key_file_not_written, key_file_missing, key_file_unreadable, malformed_key_file,
    wrong_passphrase, wrong_purpose, empty_passphrase.
    """


class Signer(Protocol):
    """Something that signs with one Ed25519 key: a file, memory, or a hardware token."""

    @property
    def public_key(self) -> PublicKey: ...

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message` (RFC 8032, Ed25519)."""
        ...


@dataclass(frozen=True, slots=True)
class Kdf:
    """Argon2id parameters (RFC 9106). Bounded, so that a doctored file cannot take all memory or all day."""

    time_cost: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    def __post_init__(self) -> None:
        small_enough = self.time_cost <= 16 and self.lanes <= 16 and self.memory_kib <= 256 * 1024
        if not (small_enough and self.time_cost >= 1 and self.lanes >= 1 and self.memory_kib >= 8 * self.lanes):
            raise Malformed(
                "malformed_key_file",
                "Argon2id takes 1 to 16 passes, 1 to 16 lanes, and 8 KiB per lane to 256 MiB of memory here.",
            )

    def derive(self, passphrase: bytes, salt: bytes) -> bytes:
        """Derive 32 bytes of key from a passphrase."""
        return hash_secret_raw(passphrase, salt, self.time_cost, self.memory_kib, self.lanes, hash_len=32, type=Type.ID)


class KeySigner:
    """A signer that holds its key in memory. `purpose` is None for one that no file vouches for."""

    __slots__ = ("_public_key", "_sign", "purpose")

    def __init__(self, seed: bytes, purpose: Purpose | None = None) -> None:
        # The public half is always derived, never read from a file: signing with a foreign one leaks the private key.
        raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
        self._public_key = parse_public_key(raw)
        self._sign = _signing_function(seed, raw)
        self.purpose = purpose

    @property
    def public_key(self) -> PublicKey:
        return self._public_key

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature of `message`."""
        return self._sign(message)

    def __repr__(self) -> str:
        return f"KeySigner({self._public_key.key_id}, purpose={self.purpose!r})"


def _signing_function(seed: bytes, public_key: bytes) -> Callable[[bytes], bytes]:
    """Use libsodium where it is installed, at about half the time of OpenSSL; the signatures are the same bytes."""
    try:
        from nacl.bindings import crypto_sign
    except ImportError:
        return Ed25519PrivateKey.from_private_bytes(seed).sign
    secret = seed + public_key

    def sign(message: bytes) -> bytes:
        return crypto_sign(message, secret)[:64]

    return sign


def make_memory_signer(seed: bytes) -> KeySigner:
    """Make a signer from 32 bytes of seed: for tests, benchmarks and keys that never touch a disk."""
    if len(seed) != SEED_SIZE:
        raise ValueError(f"a seed is {SEED_SIZE} bytes, not {len(seed)}")
    return KeySigner(seed)


def new_key_file(path: Path, passphrase: str, purpose: Purpose, kdf: Kdf | None = None) -> PublicKey:
    """Make a key, seal it into a new file (mode 0600, synced to disk) and return its public half.

    Raises KeyFileError("key_file_exists") and never overwrites: a key that is gone cannot be made again.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"a key's purpose is one of {', '.join(PURPOSES)}")
    kdf = kdf or Kdf()
    seed = secrets.token_bytes(SEED_SIZE)
    public_key = KeySigner(seed).public_key
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE_SIZE)
    document = _header(purpose, public_key, kdf, salt)
    sealed = AESGCM(kdf.derive(_passphrase(passphrase), salt)).encrypt(nonce, seed, encode_canonical_json(document))
    document |= {"nonce": encode_base64(nonce), "ciphertext": encode_base64(sealed)}
    try:
        create_file(path, encode_canonical_json(document) + b"\n", mode=0o600)
    except FileExistsError as error:
        raise KeyFileError("key_file_exists", f"{path} exists and is left as it is; choose another name.") from error
    except OSError as error:
        raise KeyFileError("key_file_not_written", f"{path} cannot be written: {error.strerror}.") from error
    return public_key


def load_key_file(path: Path, passphrase: str, purpose: Purpose | None = None) -> KeySigner:
    """Open a sealed key. With `purpose`, a key made for anything else is refused (one key, one purpose).

    Raises KeyFileError; a wrong passphrase and an altered file cannot be told apart and are both "wrong_passphrase".
    """
    found = read_key_file(path)
    if purpose is not None and found.purpose != purpose:
        raise KeyFileError("wrong_purpose", f"{path} holds a key for '{found.purpose}', not for '{purpose}'.")
    key = found.kdf.derive(_passphrase(passphrase), found.salt)
    associated = encode_canonical_json(_header(found.purpose, found.public_key, found.kdf, found.salt))
    try:
        seed = AESGCM(key).decrypt(found.nonce, found.ciphertext, associated)
    except InvalidTag:
        raise KeyFileError(
            "wrong_passphrase", f"{path} does not open: the passphrase is wrong, or the file was altered."
        ) from None
    signer = KeySigner(seed, found.purpose)
    if signer.public_key != found.public_key:
        raise KeyFileError("malformed_key_file", f"{path} names a public key that is not the one of its private key.")
    return signer


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What a key file says without its passphrase. Not authenticated until it is opened."""

    purpose: Purpose
    public_key: PublicKey
    kdf: Kdf
    salt: bytes
    nonce: bytes
    ciphertext: bytes


def read_key_file(path: Path) -> KeyFile:
    """Read purpose and public key without the passphrase. Raises KeyFileError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(_MAX_FILE_SIZE + 1)
    except FileNotFoundError as error:
        raise KeyFileError("key_file_missing", f"There is no key file at {path}.") from error
    except OSError as error:
        raise KeyFileError("key_file_unreadable", f"{path} cannot be read: {error.strerror}.") from error
    try:
        return parse_key_file(data)
    except Malformed as error:
        raise KeyFileError("malformed_key_file", f"{path} is not a key file: {error}") from error


def parse_key_file(data: bytes) -> KeyFile:
    """Parse the one line of canonical JSON that a key file is. Raises Malformed."""
    if not data.endswith(b"\n"):
        raise Malformed("malformed_key_file", "A key file is one line of JSON and its newline.")
    document = _fields(parse_canonical_json(data[:-1], max_size=_MAX_FILE_SIZE), _FIELDS)
    kdf = _fields(document["kdf"], _KDF_FIELDS)
    purpose = _text(document["purpose"])
    if document["format"] != FORMAT or kdf["name"] != "argon2id" or purpose not in PURPOSES:
        raise Malformed("malformed_key_file", "Format, key derivation or purpose is not one that this version knows.")
    nonce, ciphertext = decode_base64(_text(document["nonce"])), decode_base64(_text(document["ciphertext"]))
    salt = decode_base64(_text(kdf["salt"]))
    if len(nonce) != _NONCE_SIZE or len(ciphertext) != SEED_SIZE + _TAG_SIZE or len(salt) != 16:
        raise Malformed("malformed_key_file", "Nonce, ciphertext or salt has the wrong length.")
    return KeyFile(
        cast("Purpose", purpose),
        parse_public_key(parse_hex(_text(document["public_key"]), size=32)),
        Kdf(_number(kdf["time_cost"]), _number(kdf["memory_kib"]), _number(kdf["lanes"])),
        salt,
        nonce,
        ciphertext,
    )


def _header(purpose: str, public_key: PublicKey, kdf: Kdf, salt: bytes) -> dict[str, JsonValue]:
    """Everything in the file but nonce and ciphertext: what the seal covers as associated data."""
    return {
        "format": FORMAT,
        "purpose": purpose,
        "public_key": public_key.raw.hex(),
        "kdf": {
            "name": "argon2id",
            "time_cost": kdf.time_cost,
            "memory_kib": kdf.memory_kib,
            "lanes": kdf.lanes,
            "salt": encode_base64(salt),
        },
    }


def _passphrase(passphrase: str) -> bytes:
    if not passphrase:
        raise KeyFileError("empty_passphrase", "An empty passphrase protects nothing; give one.")
    return passphrase.encode()


def _fields(value: JsonValue, names: set[str]) -> dict[str, JsonValue]:
    if not isinstance(value, dict) or set(value) != names:
        raise Malformed("malformed_key_file", f"An object with exactly {', '.join(sorted(names))} is expected.")
    return value


def _text(value: JsonValue) -> str:
    if not isinstance(value, str):
        raise Malformed("malformed_key_file", "A string is expected.")
    return value


def _number(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed("malformed_key_file", "A whole number is expected.")
    return value


def sign_note(text: str, name: str, signer: Signer) -> bytes:
    """Sign a note's text (ends in a newline) under a key name. Raises Malformed("malformed_vkey") for a bad name."""
    if not text.endswith("\n"):
        raise ValueError("the text of a note ends in a newline")
    vkey = make_vkey(name, ALG_ED25519, signer.public_key)
    return Note(text, (NoteSignature(name, vkey.key_id, signer.sign(text.encode())),)).to_bytes()


def sign_checkpoint(checkpoint: Checkpoint, name: str, signer: Signer) -> bytes:
    """Sign a checkpoint as a note (C2SP tlog-checkpoint); the ledger's key name is its origin."""
    return sign_note(checkpoint.to_text(), name, signer)


class LedgerSigner:
    """The ledger's own signer: every checkpoint bears the origin as key name."""

    def __init__(self, origin: str, signer: Signer) -> None:
        self._signer = signer
        self._vkey = make_vkey(origin, ALG_ED25519, signer.public_key)

    @property
    def vkey(self) -> VKey:
        return self._vkey

    def sign_checkpoint(self, checkpoint: Checkpoint) -> bytes:
        """Return the signed note. Raises ValueError for another ledger's checkpoint."""
        if checkpoint.origin != self._vkey.name:
            raise ValueError(f"this is the signer of {self._vkey.name}")
        return sign_checkpoint(checkpoint, self._vkey.name, self._signer)
