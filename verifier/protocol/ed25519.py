# SPDX-License-Identifier: Apache-2.0
"""Ed25519 verification over interchangeable back ends that all give the same answer (RFC 8032, cofactorless).

Libraries differ at the edges: OpenSSL takes small-order keys, libsodium does not; some take S >= L. So everything that
they differ on is refused here, above the seam: in the key (once) and in the signature (two set and integer tests).
What then reaches a back end has one answer in all of them: does SB - hA encode to exactly R.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .errors import Malformed

P = 2**255 - 19  # the field
L = 2**252 + 27742317777372353535851937790883648493  # the order of the base point
_D = -121665 * pow(121666, P - 2, P) % P
_SQRT_MINUS_ONE = pow(2, (P - 1) // 4, P)

Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T with T = XY/Z (RFC 8032, 5.1.4)
_IDENTITY: Point = (0, 1, 1, 0)


def _add(a: Point, b: Point) -> Point:
    # The formula is complete on this curve: it also doubles, and needs no special case.
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * _D * a[3] * b[3] % P
    h = 2 * a[2] * b[2] % P
    w, x, y, z = f - e, h - g, h + g, f + e
    return w * x % P, y * z % P, x * y % P, w * z % P


def _multiply(scalar: int, point: Point) -> Point:
    result = _IDENTITY
    while scalar:
        if scalar & 1:
            result = _add(result, point)
        point = _add(point, point)
        scalar >>= 1
    return result


def _is_identity(point: Point) -> bool:
    return point[0] % P == 0 and (point[1] - point[2]) % P == 0


def _encode(point: Point) -> bytes:
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(raw: bytes) -> Point:
    """The point that 32 bytes encode (RFC 8032, 5.1.3); raises Malformed if there is none or a second spelling."""
    number = int.from_bytes(raw, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    if y >= P:
        raise Malformed("key_not_canonical", "The key's y coordinate is not reduced: a second spelling of a point.")
    u, v = (y * y - 1) % P, (_D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * _SQRT_MINUS_ONE % P
    if (v * x * x - u) % P:
        raise Malformed("key_not_on_curve", "The key is not a point of the curve.")
    if x == 0 and sign:
        raise Malformed("key_not_canonical", "The key writes x = 0 with a sign: a second spelling of a point.")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def check_public_key(raw: bytes) -> None:
    """Raise Malformed unless `raw` (32 bytes) canonically encodes a point of order exactly L.

    Small-order keys verify forged signatures; keys with a small-order part make verifiers disagree.
    """
    if len(raw) != 32:
        raise Malformed("bad_key_length", "An Ed25519 public key has 32 bytes.")
    point = _decode(raw)
    if _is_identity(_multiply(8, point)):
        raise Malformed("key_small_order", "The key has small order; anybody can sign for it.")
    if not _is_identity(_multiply(L, point)):
        raise Malformed("key_mixed_order", "The key is not in the prime-order subgroup.")


def _refused_points() -> frozenset[bytes]:
    """Encodings of R that no honest signer makes: the 8 points of small order, and everything with y >= p.

    A generator of the small group is L times a point outside the prime-order subgroup; y = 3 … finds one.
    """
    refused = set()
    for y in range(2, 100):
        try:
            torsion = _multiply(L, _decode(y.to_bytes(32, "little")))
        except Malformed:
            continue
        if not _is_identity(_multiply(4, torsion)):  # order exactly 8
            refused = {_encode(_multiply(k, torsion)) for k in range(8)}
            break
    for y in (1, P - 1, *range(P, 1 << 255)):  # x = 0 with a sign, then the 19 unreduced values with either sign
        refused |= {(y | sign << 255).to_bytes(32, "little") for sign in (0, 1)}
    return frozenset(refused)


REFUSED_POINTS = _refused_points()


class Backend(Protocol):
    """A library that verifies; it is given only keys and signatures that passed the checks of this module."""

    name: str

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the 64-byte signature of `message` verifies with the 32-byte key."""
        ...


class _CryptographyBackend:
    name = "cryptography"

    def __init__(self) -> None:
        self._load = lru_cache(maxsize=4096)(Ed25519PublicKey.from_public_bytes)

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        try:
            self._load(public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def _load_backends() -> dict[str, Backend]:
    backends: dict[str, Backend] = {}
    try:
        from nacl.bindings import crypto_sign_open
        from nacl.exceptions import BadSignatureError
    except ImportError:
        pass  # PyNaCl is optional: about twice as fast, same answers
    else:

        class _NaclBackend:
            name = "pynacl"

            def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
                try:
                    crypto_sign_open(signature + message, public_key)
                except BadSignatureError:
                    return False
                return True

        backends["pynacl"] = _NaclBackend()
    backends["cryptography"] = _CryptographyBackend()
    return backends


_BACKENDS = _load_backends()
_current: Backend = next(iter(_BACKENDS.values()))


def available_backends() -> tuple[str, ...]:
    """Names of the back ends that can be imported here, the fastest first; "cryptography" is always among them."""
    return tuple(_BACKENDS)


def current_backend() -> str:
    """Name of the back end in use."""
    return _current.name


def use_backend(name: str) -> None:
    """Verify with this back end from now on, in the whole process; ValueError if it is not available."""
    global _current
    if name not in _BACKENDS:
        raise ValueError(f"{name!r} is not among {available_backends()}")
    _current = _BACKENDS[name]


def is_signature_valid(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) of `message` verifies with `public_key`, which has passed `check_public_key`."""
    return (
        len(signature) == 64
        and int.from_bytes(signature[32:], "little") < L
        and signature[:32] not in REFUSED_POINTS
        and _current.verify(public_key, message, signature)
    )
