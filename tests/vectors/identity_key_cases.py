# SPDX-License-Identifier: Apache-2.0
"""Cases for Ed25519 keys and signatures, made with plain affine arithmetic, slow and obvious."""

# ruff: noqa: E501 - one case per line reads best

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from identity_kit import Case, L, bad, good

P = 2**255 - 19
D = -121665 * pow(121666, -1, P) % P


Affine = tuple[int, int]


def add(a: Affine, b: Affine) -> Affine:
    t = D * a[0] * b[0] * a[1] * b[1]
    return (a[0] * b[1] + a[1] * b[0]) * pow(1 + t, -1, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - t, -1, P) % P


def times(scalar: int, point: Affine) -> Affine:
    result = (0, 1)
    for bit in bin(scalar)[2:]:
        result = add(result, result)
        if bit == "1":
            result = add(result, point)
    return result


def encode(point: Affine) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def decode(raw: bytes) -> Affine:
    number = int.from_bytes(raw, "little")
    y = number & (1 << 255) - 1
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    assert x * x % P == square
    return (P - x if x & 1 != number >> 255 else x), y


SMALL_ORDER = {
    "order-1": "0100000000000000000000000000000000000000000000000000000000000000",
    "order-2": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "order-4-a": "0000000000000000000000000000000000000000000000000000000000000000",
    "order-4-b": "0000000000000000000000000000000000000000000000000000000000000080",
    "order-8-a": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "order-8-b": "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "order-8-c": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "order-8-d": "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
}
SECOND_SPELLINGS = {
    "identity-with-sign": "0100000000000000000000000000000000000000000000000000000000000080",
    "order-2-with-sign": "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "y-is-p": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "y-is-p-with-sign": "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "y-is-p-plus-1": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "y-is-p-plus-1-with-sign": "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "y-is-p-plus-3": "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "y-is-2-to-255-minus-1": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "all-ones": "ff" * 32,
}


class Key:
    """An Ed25519 key from a fixed seed, with its secret scalar in the open."""

    def __init__(self, seed: bytes) -> None:
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.raw = self._private.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.raw).hexdigest()
        half = bytearray(hashlib.sha512(seed).digest()[:32])
        half[0] &= 248
        half[31] = half[31] & 63 | 64
        self.scalar = int.from_bytes(half, "little")

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def sign_with(self, r: bytes, nonce: int, message: bytes, raw: bytes | None = None) -> bytes:
        """A signature with this R; nonce is the part of R's logarithm that is in the prime-order subgroup."""
        h = int.from_bytes(hashlib.sha512(r + (raw or self.raw) + message).digest(), "little")
        return r + ((nonce + h * self.scalar) % L).to_bytes(32, "little")


KEY, OTHER_KEY = Key(b"\x01" * 32), Key(b"\x02" * 32)


def key_cases() -> list[Case]:
    op = "parse_public_key"
    torsion = decode(bytes.fromhex(SMALL_ORDER["order-8-a"]))
    mixed = {f"mixed-order-{8 // k}": encode(add(decode(KEY.raw), times(k, torsion))) for k in (1, 2, 4)}
    return [
        *(good(f"key-{n}", "an honest key", op, {"public_key": k.raw.hex()}, {"key_id": k.key_id, "hint": k.key_id[:4]}) for n, k in (("seed-01", KEY), ("seed-02", OTHER_KEY))),
        *(bad(f"key-{n}", "a point of small order: anybody can sign for it", op, {"public_key": h}, "key_small_order") for n, h in SMALL_ORDER.items()),
        *(bad(f"key-{n}", "a second spelling of a point", op, {"public_key": h}, "key_not_canonical") for n, h in SECOND_SPELLINGS.items()),
        *(bad(f"key-{n}", "an honest key plus a point of small order", op, {"public_key": raw.hex()}, "key_mixed_order") for n, raw in mixed.items()),
        bad("key-not-on-curve", "y = 2, for which there is no x", op, {"public_key": "02" + "00" * 31}, "key_not_on_curve"),
        bad("key-31-bytes", "a byte too few", op, {"public_key": KEY.raw[:31].hex()}, "bad_key_length"),
        bad("key-33-bytes", "a byte too many", op, {"public_key": KEY.raw.hex() + "00"}, "bad_key_length"),
        bad("key-empty", "no bytes", op, {"public_key": ""}, "bad_key_length"),
        *signature_cases(torsion),
    ]  # fmt: skip


def signature_cases(torsion: Affine) -> list[Case]:
    message = b"product-code/v1\n"
    signature = KEY.sign(message)
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    # R = r·B + T needs the logarithm of R; with the base point's own discrete logarithms: kB = (k/a)·A.
    nonce = 12345
    honest_r = times(nonce * pow(KEY.scalar, -1, L) % L, decode(KEY.raw))
    rfc = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    rows: list[tuple[str, str, bytes, bytes, bool]] = [
        ("signature-honest", "a good signature", message, signature, True),
        ("signature-own-nonce", "a good signature with another nonce", message, KEY.sign_with(encode(honest_r), nonce, message), True),
        ("signature-other-message", "the same signature over another message", message + b"\n", signature, False),
        ("signature-s-plus-l", "S + L, which is S again to a lenient verifier", message, r + (s + L).to_bytes(32, "little"), False),
        ("signature-s-is-l", "S = L", message, r + L.to_bytes(32, "little"), False),
        ("signature-s-all-ones", "S = 2^256 - 1", message, r + b"\xff" * 32, False),
        ("signature-r-is-identity", "R = the neutral point, whose equation holds", message, KEY.sign_with(bytes.fromhex(SMALL_ORDER["order-1"]), 0, message), False),
        ("signature-r-is-identity-misspelt", "the neutral point with y = p + 1", message, KEY.sign_with(bytes.fromhex(SECOND_SPELLINGS["y-is-p-plus-1"]), 0, message), False),
        ("signature-r-is-identity-with-sign", "the neutral point with a sign bit", message, KEY.sign_with(bytes.fromhex(SECOND_SPELLINGS["identity-with-sign"]), 0, message), False),
        *((f"signature-r-has-{n}", "R of small order, which cofactored verifiers accept", message, KEY.sign_with(bytes.fromhex(h), 0, message), False) for n, h in list(SMALL_ORDER.items())[1:]),
        ("signature-r-has-a-small-part", "an honest R plus a point of order 8, which cofactored verifiers accept", message, KEY.sign_with(encode(add(honest_r, torsion)), nonce, message), False),
        ("signature-zero", "64 zero bytes", message, bytes(64), False),
        ("signature-63-bytes", "a byte too few", message, signature[:63], False),
        ("signature-65-bytes", "a byte too many", message, signature + b"\0", False),
        ("signature-empty", "no bytes", message, b"", False),
        ("signature-halves-swapped", "S before R", message, signature[32:] + signature[:32], False),
        ("signature-first-bit", "one bit of R flipped", message, bytes([signature[0] ^ 1]) + signature[1:], False),
        ("signature-last-bit", "the lowest bit of S flipped", message, r + (s ^ 1).to_bytes(32, "little"), False),
    ]  # fmt: skip
    cases = [signature_case(n, d, KEY, m, sig, valid) for n, d, m, sig, valid in rows]
    rfc_key = Key(bytes.fromhex(rfc))
    cases.append(
        signature_case("signature-rfc8032-test-1", "the first test of RFC 8032", rfc_key, b"", rfc_key.sign(b""), True)
    )
    cases.append(
        signature_case(
            "signature-of-another-key", "a good signature by another key", OTHER_KEY, message, signature, False
        )
    )
    return cases


def signature_case(name: str, does: str, key: Key, message: bytes, signature: bytes, valid: bool) -> Case:
    given = {"public_key": key.raw.hex(), "message": message.hex(), "signature": signature.hex()}
    return good(name, does, "is_signature_valid", given, {"valid": valid})
