# SPDX-License-Identifier: Apache-2.0
"""What the ledger's vectors are made with: naive definitions, fixed keys, and no line of `verifier`.

The trees follow the recursive definitions of RFC 6962 word for word, and notes are glued together by hand, so that a
vector is evidence about the implementation and not an echo of it.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

Case = dict[str, Any]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def good(name: str, does: str, op: str, given: dict[str, Any], expect: dict[str, Any]) -> Case:
    return {"name": name, "does": does, "op": op, "input": given, "ok": True, "expect": expect}


def bad(name: str, does: str, op: str, given: dict[str, Any], error: str) -> Case:
    return {"name": name, "does": does, "op": op, "input": given, "ok": False, "error": error}


# --- trees: entry number i is the four bytes of i, big-endian -------------------------------------------------------


def entry(index: int) -> bytes:
    return index.to_bytes(4, "big")


def leaf(index: int) -> bytes:
    return sha256(b"\x00" + entry(index)).digest()


def cut(size: int) -> int:
    k = 1
    while 2 * k < size:
        k *= 2
    return k


@cache
def mth(lo: int, hi: int) -> bytes:
    if lo == hi:
        return sha256(b"").digest()
    if hi - lo == 1:
        return leaf(lo)
    k = cut(hi - lo)
    return sha256(b"\x01" + mth(lo, lo + k) + mth(lo + k, hi)).digest()


def path(m: int, lo: int, hi: int) -> list[bytes]:
    """PATH(m, D[lo:hi])."""
    if hi - lo == 1:
        return []
    k = cut(hi - lo)
    if m < k:
        return [*path(m, lo, lo + k), mth(lo + k, hi)]
    return [*path(m - k, lo + k, hi), mth(lo, lo + k)]


def subproof(m: int, lo: int, hi: int, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[lo:hi], whole)."""
    if m == hi - lo:
        return [] if whole else [mth(lo, hi)]
    k = cut(hi - lo)
    if m <= k:
        return [*subproof(m, lo, lo + k, whole), mth(lo + k, hi)]
    return [*subproof(m - k, lo + k, hi, False), mth(lo, lo + k)]


def consistency(old: int, new: int) -> list[bytes]:
    return subproof(old, 0, new, True) if 0 < old < new else []


def hexes(hashes: list[bytes]) -> list[str]:
    return [value.hex() for value in hashes]


# --- keys and notes -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A signing key from a fixed seed: never use one of these for anything else."""

    name: str
    algorithm: int
    seed: str

    @property
    def private(self) -> Ed25519PrivateKey:
        seed = sha256(b"product passport test vector " + self.seed.encode()).digest()
        return Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> bytes:
        return self.private.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return key_id(self.name, self.algorithm, self.public)

    @property
    def vkey(self) -> str:
        return vkey(self.name, self.key_id, self.algorithm, self.public)

    def sign(self, text: str, timestamp: int = 0) -> bytes:
        """The signature bytes after the key id."""
        if self.algorithm == 1:
            return self.private.sign(text.encode())
        message = f"cosignature/v1\ntime {timestamp}\n{text}".encode()
        return timestamp.to_bytes(8, "big") + self.private.sign(message)

    def line(self, text: str, timestamp: int = 0) -> str:
        return line(self.name, self.key_id, self.sign(text, timestamp))


def key_id(name: str, algorithm: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([algorithm]) + public).digest()[:4]


def vkey(name: str, identifier: bytes, algorithm: int, public: bytes) -> str:
    return f"{name}+{identifier.hex()}+{b64(bytes([algorithm]) + public)}"


def line(name: str, identifier: bytes, signature: bytes) -> str:
    return f"— {name} {b64(identifier + signature)}\n"


def note(text: str, *lines: str) -> str:
    return text + "\n" + "".join(lines)


def checkpoint(origin: str, size: int, extensions: str = "") -> str:
    return f"{origin}\n{size}\n{b64(mth(0, size))}\n{extensions}"


def flipped(data: bytes, at: int = -1) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


ORIGIN = "registry.example/ledger"
LEDGER = Key(ORIGIN, 1, "ledger")
LEDGER_NEXT = Key(ORIGIN, 1, "ledger next")
OTHER_LEDGER = Key("elsewhere.example/ledger", 1, "other ledger")
STRANGER = Key("stranger.example", 1, "stranger")
WITNESSES = [Key(f"witness.example/w{n}", 4, f"witness {n}") for n in (1, 2, 3)]
SEEN_AT = 1_760_000_000
