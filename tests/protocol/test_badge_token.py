# SPDX-License-Identifier: Apache-2.0
"""The badge token: what other libraries make is read, and nothing that has a second spelling or an unknown member."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk, jwt

from verifier.badge_check import check_badge_signer
from verifier.protocol.badge_token import (
    MAX_TOKEN_SIZE,
    check_badge_time,
    join_badge_token,
    parse_badge_token,
    parse_origin,
    signing_input,
    verify_badge_signature,
)
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.fields import Contact, Text
from verifier.protocol.keys import parse_public_key
from verifier.trust import Issuer, KeyRecord

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "badge_token.json").read_text())
CASES = {case["name"]: case for case in VECTORS["cases"]}
GOOD = CASES["a-token"]
KEY = parse_public_key(bytes.fromhex(VECTORS["public_key"]))


@pytest.mark.parametrize("name", CASES)
def test_each_vector_is_read_or_refused_as_it_says(name: str) -> None:
    case = CASES[name]
    if case["ok"]:
        token = parse_badge_token(case["input"]["token"])
        verify_badge_signature(token, KEY)
        claims = token.claims
        shown = {
            "platform": claims.platform,
            "listing": claims.listing,
            "gtin": claims.gtin,
            "lot": claims.lot,
            "seller_name": claims.seller_name,
            "origin": claims.origin,
            "expires_at": int(claims.expires_at.timestamp()),
        }
        assert shown == case["expect"]
        return
    with pytest.raises((Malformed, DoesNotHold)) as refused:
        verify_badge_signature(parse_badge_token(case["input"]["token"]), KEY)
    assert refused.value.code == case["error"]
    assert isinstance(refused.value, Malformed) == (case["error"] not in ("bad_signature", "unknown_key"))


def test_what_is_written_is_read_again() -> None:
    token = parse_badge_token(GOOD["input"]["token"])
    signed = signing_input(token.claims, token.key_id)
    again = parse_badge_token(join_badge_token(signed, token.signature))
    assert again.claims == token.claims


def test_the_time_counts_to_the_second_with_a_minute_for_clocks() -> None:
    claims = parse_badge_token(GOOD["input"]["token"]).claims
    for at in (claims.issued_at - timedelta(seconds=60), claims.issued_at, claims.expires_at - timedelta(seconds=1)):
        check_badge_time(claims, at)
    for at, code in (
        (claims.issued_at - timedelta(seconds=61), "not_yet_valid"),
        (claims.expires_at, "expired"),
        (claims.expires_at + timedelta(days=1000), "expired"),
    ):
        with pytest.raises(DoesNotHold) as refused:
            check_badge_time(claims, at)
        assert refused.value.code == code


def make_issuer(**changes: Any) -> Issuer:
    issuer = Issuer(
        "shop-b", Text(zh="店", en="Shop"), "", ("platform",), (), Contact("", "https://s"), (KeyRecord(KEY, 1),)
    )
    return replace(issuer, **changes)


@pytest.mark.parametrize(
    ("issuer", "origin", "code"),
    [
        (None, "registry.example.cn/ledger", "unknown_platform"),
        (make_issuer(roles=("manufacturer", "laboratory")), "registry.example.cn/ledger", "not_a_platform"),
        (make_issuer(keys=()), "registry.example.cn/ledger", "unknown_key"),
        (make_issuer(keys=(KeyRecord(KEY, 1, revoked_from=9),)), "registry.example.cn/ledger", "revoked_key"),
        (make_issuer(), "other.example.cn/ledger", "other_ledger"),
    ],
)
def test_a_key_speaks_for_its_own_platform_while_it_is_good(issuer: Issuer | None, origin: str, code: str) -> None:
    token = parse_badge_token(GOOD["input"]["token"])
    with pytest.raises(DoesNotHold) as refused:
        check_badge_signer(token, lambda _id: issuer, origin)
    assert refused.value.code == code
    assert check_badge_signer(token, lambda _id: make_issuer(), "registry.example.cn/ledger").id == "shop-b"


def test_another_librarys_token_is_read() -> None:
    x, d = (base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in (KEY.raw, bytes.fromhex(VECTORS["seed"])))
    key = jwk.OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d})
    now = int(datetime(2026, 11, 21, 8, tzinfo=UTC).timestamp())
    claims = {
        "iss": "shop-b",
        "sub": "listing-1",
        "aud": "registry.example.cn/ledger",
        "iat": now,
        "exp": now + 900,
        "gtin": "06901234567892",
        "seller": {"id": "s-1", "name": "某某旗舰店"},
        "origin": "https://shop.example.cn",
    }
    header = {"alg": "EdDSA", "typ": "listing-badge+jwt", "kid": KEY.key_id}
    text = jwt.encode(header, claims, key, algorithms=["EdDSA"])
    token = parse_badge_token(text)
    verify_badge_signature(token, KEY)
    assert token.claims.seller_name == "某某旗舰店" and token.claims.lot == ""
    decoded = jwt.decode(GOOD["input"]["token"], key, algorithms=["EdDSA"])
    assert decoded.claims["iss"] == "shop-b", "and the other way round"


@pytest.mark.parametrize(
    "text",
    ["https://shop.example.cn", "https://shop.example.cn:8443", "http://127.0.0.1:5000", "http://localhost"],
)
def test_an_origin_in_its_one_spelling(text: str) -> None:
    assert parse_origin(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://shop.example.cn/",
        "https://shop.example.cn:443",
        "https://shop.example.cn:0443",
        "https://shop.example.cn:70000",
        "https://SHOP.example.cn",
        "https://shop",
        "https://shop.example.cn.",
        "https://1.2.3.4",
        "https://a@shop.example.cn",
        "https://shop.example.cn *",
        "https://shop.example.cn; script-src *",
        "https://shop.example.cn\n",
        "http://shop.example.cn",
        "http://localhost:80",
        "http://127.0.0.2",
        "null",
        "*",
    ],
)
def test_nothing_else_is_an_origin_so_nothing_else_gets_into_the_policy(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse_origin(text)
    assert refused.value.code == "bad_origin"


@given(
    st.text(max_size=300)
    | st.from_regex(r"[A-Za-z0-9_-]{0,60}\.[A-Za-z0-9_-]{0,200}\.[A-Za-z0-9_-]{86}", fullmatch=True)
)
def test_any_text_is_read_or_malformed(text: str) -> None:
    error = None
    try:
        parse_badge_token(text)
    except Malformed as caught:
        error = caught.code
    assert error in {None, "token_form", "token_header", "token_claims", "token_lifetime", "bad_origin"}


def test_a_token_is_bounded() -> None:
    with pytest.raises(Malformed) as refused:
        parse_badge_token("a" * (MAX_TOKEN_SIZE + 1))
    assert refused.value.code == "token_too_long"
