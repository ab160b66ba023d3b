# SPDX-License-Identifier: Apache-2.0
"""Writes badge_token.json: tokens as a platform makes them, and as nobody may. It shares no code with the verifier."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SEED = sha256(b"badge token vectors").digest()
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
KEY_ID = sha256(PUBLIC).hexdigest()
HEADER = {"alg": "EdDSA", "typ": "listing-badge+jwt", "kid": KEY_ID}
CLAIMS = {
    "iss": "shop-b",
    "sub": "0193aaaa-0000-7000-8000-000000000001",
    "aud": "registry.example.cn/ledger",
    "iat": 1795248000,
    "exp": 1795248900,
    "gtin": "06901234567892",
    "lot": "L20260318A",
    "seller": {"id": "s-1", "name": "某某旗舰店"},
    "origin": "https://shop.example.cn",
}


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: bytes, claims: bytes) -> str:
    signed = f"{encode(header)}.{encode(claims)}"
    return f"{signed}.{encode(KEY.sign(signed.encode()))}"


def token(header: Any = None, claims: Any = None) -> str:
    return sign(json.dumps(header or HEADER).encode(), json.dumps(claims or CLAIMS).encode())


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in CLAIMS.items() if key != name}


def good(name: str, does: str, text: str, **changes: Any) -> dict[str, Any]:
    expect = {
        "platform": "shop-b",
        "listing": CLAIMS["sub"],
        "gtin": CLAIMS["gtin"],
        "lot": CLAIMS["lot"],
        "seller_name": "某某旗舰店",
        "origin": CLAIMS["origin"],
        "expires_at": CLAIMS["exp"],
    } | changes
    return {"name": name, "does": does, "op": "badge_token", "input": {"token": text}, "ok": True, "expect": expect}


def bad(name: str, does: str, text: str, error: str) -> dict[str, Any]:
    return {"name": name, "does": does, "op": "badge_token", "input": {"token": text}, "ok": False, "error": error}


def second_spelling(text: str) -> str:
    """The last character of a signature has four spare bits."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) + 1]


def cases() -> list[dict[str, Any]]:
    compact = json.dumps(CLAIMS, ensure_ascii=False, separators=(",", ":")).encode()
    claims, header = json.dumps(CLAIMS).encode(), json.dumps(HEADER).encode()
    plain = token()
    found = [
        good("a-token", "JSON as a library writes it, with \\u escapes and spaces", plain),
        good("compact-json", "UTF-8 and no spaces", sign(json.dumps(HEADER).encode(), compact)),
        good("members-in-another-order", "order says nothing", token(claims=dict(reversed(CLAIMS.items())))),
        good("no-lot", "any lot of the product", token(claims=without("lot")), lot=""),
        good(
            "a-port",
            "an origin with a port",
            token(claims=CLAIMS | {"origin": "https://shop.example.cn:8443"}),
            origin="https://shop.example.cn:8443",
        ),
        good(
            "loopback",
            "http on this machine; the server decides",
            token(claims=CLAIMS | {"origin": "http://127.0.0.1:81"}),
            origin="http://127.0.0.1:81",
        ),
        bad("no-algorithm", "alg none", token(HEADER | {"alg": "none"}), "token_header"),
        bad(
            "no-signature",
            "alg none and an empty signature",
            token(HEADER | {"alg": "none"}).rpartition(".")[0] + ".",
            "token_form",
        ),
        bad("symmetric", "the public key as an HMAC secret", token(HEADER | {"alg": "HS256"}), "token_header"),
        bad("another-name-of-the-algorithm", "RFC 9864's Ed25519", token(HEADER | {"alg": "Ed25519"}), "token_header"),
        bad("another-type", "typ JWT", token(HEADER | {"typ": "JWT"}), "token_header"),
        bad("no-type", "typ missing", token({"alg": "EdDSA", "kid": KEY_ID}), "token_header"),
        bad("key-in-the-header", "jwk", token(HEADER | {"jwk": {"kty": "OKP"}}), "token_header"),
        bad("critical-extension", "crit", token(HEADER | {"crit": ["b64"], "b64": False}), "token_header"),
        bad("key-id-in-capitals", "a second spelling", token(HEADER | {"kid": KEY_ID.upper()}), "token_header"),
        bad("another-key", "kid of nobody", token(HEADER | {"kid": "00" * 32}), "unknown_key"),
        bad("header-member-twice", "alg twice", sign(b'{"alg":"none",' + header[1:], claims), "token_header"),
        bad("claim-twice", "sub twice", sign(header, b'{"sub":"x",' + claims[1:]), "token_claims"),
        bad(
            "inner-member-twice",
            "seller.id twice",
            sign(header, claims.replace(b'{"id"', b'{"id":"x","id"')),
            "token_claims",
        ),
        bad("unknown-claim", "nbf", token(claims=CLAIMS | {"nbf": 1}), "token_claims"),
        bad(
            "unknown-member-of-the-seller",
            "seller.url",
            token(claims=CLAIMS | {"seller": {"id": "s", "name": "n", "url": ""}}),
            "token_claims",
        ),
        bad(
            "audience-in-an-array",
            "RFC 7519 allows it, we do not",
            token(claims=CLAIMS | {"aud": [CLAIMS["aud"]]}),
            "token_claims",
        ),
        bad("time-with-a-fraction", "iat 1.5", token(claims=CLAIMS | {"iat": 1795248000.5}), "token_claims"),
        bad("time-as-text", "exp as a string", token(claims=CLAIMS | {"exp": "1795248900"}), "token_claims"),
        bad("time-as-a-boolean", "iat true", token(claims=CLAIMS | {"iat": True}), "token_claims"),
        bad(
            "time-beyond-all-bounds",
            "exp of 40 digits",
            sign(header, claims.replace(b"1795248900", b"9" * 40)),
            "token_claims",
        ),
        bad("null", "lot null", token(claims=CLAIMS | {"lot": None}), "token_claims"),
        bad("empty-lot", "leave it out instead", token(claims=CLAIMS | {"lot": ""}), "token_claims"),
        bad(
            "gtin-of-thirteen-digits",
            "one spelling: 14",
            token(claims=CLAIMS | {"gtin": "6901234567892"}),
            "token_claims",
        ),
        bad(
            "gtin-with-a-wrong-digit",
            "the check digit",
            token(claims=CLAIMS | {"gtin": "06901234567893"}),
            "token_claims",
        ),
        bad(
            "seller-name-with-an-override",
            "U+202E",
            token(claims=CLAIMS | {"seller": {"id": "s", "name": "a\u202eb"}}),
            "token_claims",
        ),
        bad(
            "seller-name-with-half-a-pair",
            "a lone surrogate",
            token(claims=CLAIMS | {"seller": {"id": "s", "name": "\ud800"}}),
            "token_claims",
        ),
        bad("lives-too-long", "901 seconds", token(claims=CLAIMS | {"exp": 1795248901}), "token_lifetime"),
        bad("ends-before-it-begins", "exp before iat", token(claims=CLAIMS | {"exp": 1795247999}), "token_lifetime"),
        bad("ends-as-it-begins", "exp is iat", token(claims=CLAIMS | {"exp": CLAIMS["iat"]}), "token_lifetime"),
        bad("claims-that-are-no-object", "an array", token(claims=["iss"]), "token_claims"),
        bad("claims-that-are-no-json", "text", sign(header, b"iss=shop-b"), "token_claims"),
        bad("nested-deeply", "600 arrays", sign(header, b"[" * 600), "token_claims"),
        bad("second-spelling", "spare bits of the signature", second_spelling(plain), "token_form"),
        bad("padding", "= at the end", plain + "=", "token_form"),
        bad("two-parts", "no signature part", plain.rpartition(".")[0], "token_form"),
        bad("four-parts", "one more", plain + ".AA", "token_form"),
        bad("a-space", "before it", " " + plain, "token_form"),
        bad("standard-base64", "+ instead of -", "+" + plain[1:], "token_form"),
        bad("short-signature", "63 bytes", plain[:-2], "token_form"),
        bad(
            "changed-claims",
            "signed for others",
            f"{plain.split('.')[0]}.{encode(compact)}.{plain.split('.')[2]}",
            "bad_signature",
        ),
    ]
    origins = {
        "origin-with-a-path": "https://shop.example.cn/",
        "origin-with-the-default-port": "https://shop.example.cn:443",
        "origin-in-capitals": "https://Shop.example.cn",
        "origin-without-tls": "http://shop.example.cn",
        "origin-of-an-address": "https://192.0.2.1",
        "origin-with-a-policy": "https://shop.example.cn; script-src *",
        "origin-star": "*",
    }
    return found + [
        bad(name, text, token(claims=CLAIMS | {"origin": text}), "bad_origin") for name, text in origins.items()
    ]


def main() -> None:
    document = {
        "description": "Badge tokens (docs/spec/badge-token.md), all signed with one key of the platform shop-b. "
        "Time and audience are not looked at.",
        "seed": SEED.hex(),
        "public_key": PUBLIC.hex(),
        "cases": cases(),
    }
    path = Path(__file__).with_name("badge_token.json")
    path.write_text(json.dumps(document, ensure_ascii=True, indent=1) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
