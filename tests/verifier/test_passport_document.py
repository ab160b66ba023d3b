# SPDX-License-Identifier: Apache-2.0
"""Signed passport documents: one header, one spelling, one algorithm. RFC 7515, W3C VC-JOSE-COSE."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OKPKey

from tests.support.makers import SigningKey
from verifier.passport_document import (
    MAX_DOCUMENT_SIZE,
    encode_part,
    make_header,
    parse_passport_document,
    verify_passport_document,
)
from verifier.protocol.errors import DoesNotHold, Malformed

KEY = SigningKey("maker")
KID = f"https://maker.example.cn/did#{KEY.key_id}"
PAYLOAD = {"credentialSubject": {"id": "https://id.example.cn/01/06901234000016", "name": "移动电源"}, "issuer": {}}


def compact(payload: bytes, header: bytes = make_header(KID), key: SigningKey = KEY) -> bytes:
    signed = f"{encode_part(header)}.{encode_part(payload)}"
    return f"{signed}.{encode_part(key.sign(signed.encode()))}".encode()


def dumped(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


GOOD = compact(dumped(PAYLOAD))


def code_of(data: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        parse_passport_document(data)
    return caught.value.code


def test_a_document_is_read_and_its_signature_checked() -> None:
    document = parse_passport_document(GOOD)
    assert document.key_id == KEY.key_id
    assert document.subject["name"] == "移动电源"
    verify_passport_document(document, KEY.public_key)
    with pytest.raises(DoesNotHold) as caught:
        verify_passport_document(document, SigningKey("somebody else").public_key)
    assert caught.value.code == "bad_signature"


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_an_ordinary_jose_library_accepts_the_same_document() -> None:
    raw = encode_part(KEY.public_key.raw)
    key = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": raw})
    found = jws.deserialize_compact(GOOD, key, algorithms=["EdDSA", "Ed25519"])
    assert found.payload == dumped(PAYLOAD)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "cty": "vc", "kid": KID, "typ": "vc+jwt"},
        {"alg": "HS256", "cty": "vc", "kid": KID, "typ": "vc+jwt"},
        {"alg": "EdDSA", "cty": "vc", "kid": KID},
        {"alg": "EdDSA", "cty": "vc", "kid": KID, "typ": "JWT"},
        {"alg": "EdDSA", "cty": "vc", "kid": 7, "typ": "vc+jwt"},
        {"alg": "EdDSA", "cty": "vc", "typ": "vc+jwt"},
        {"alg": "EdDSA", "cty": "vc", "jwk": {}, "kid": KID, "typ": "vc+jwt"},
        {"alg": "EdDSA", "crit": ["b64"], "cty": "vc", "kid": KID, "typ": "vc+jwt"},
        {"kid": KID, "alg": "EdDSA", "cty": "vc", "typ": "vc+jwt"},
    ],
)
def test_any_other_header_is_refused(header: dict[str, Any]) -> None:
    text = json.dumps(header, separators=(",", ":")).encode()
    assert code_of(compact(dumped(PAYLOAD), text)) == "bad_jws_header"


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda text: text + b"=", "bad_jws"),
        (lambda text: text + b".", "bad_jws"),
        (lambda text: text.replace(b".", b"..", 1), "bad_jws"),
        (lambda text: text.rpartition(b".")[0], "bad_jws"),
        (lambda text: text + b"\n", "bad_jws"),
        (lambda text: b" " + text, "bad_jws"),
        (lambda text: "é".encode() + text, "bad_jws"),
        (lambda text: text[:-1] + bytes([text[-1] + 1]), "bad_jws"),  # 64 bytes leave four spare bits
        (lambda text: b"", "bad_jws"),
        (lambda text: text + b"A" * MAX_DOCUMENT_SIZE, "document_too_large"),
    ],
)
def test_a_second_spelling_is_refused(spoil: Any, code: str) -> None:
    assert code_of(spoil(GOOD)) == code


@pytest.mark.parametrize(
    "payload",
    [
        b"[]",
        b'"text"',
        b"null",
        b"{",
        b"\xff",
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":"\\ud800"}',
        b'{"\\udfff":1}',
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_a_payload_that_readers_would_disagree_about_is_refused(payload: bytes) -> None:
    assert code_of(compact(payload)) == "bad_json"


def test_a_good_surrogate_pair_is_text() -> None:
    document = parse_passport_document(compact(b'{"credentialSubject":{"name":"\\ud83d\\ude00"}}'))
    assert document.subject["name"] == "\U0001f600"


def test_a_subject_of_another_shape_is_empty() -> None:
    assert parse_passport_document(compact(b'{"credentialSubject":[1]}')).subject == {}
    assert parse_passport_document(compact(b"{}")).subject == {}


@given(st.binary(max_size=200))
def test_any_bytes_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_passport_document(data)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255).filter(lambda octet: octet > 0))
def test_a_document_with_one_byte_changed_is_refused(at: int, change: int) -> None:
    changed = GOOD[:at] + bytes([GOOD[at] ^ change]) + GOOD[at + 1 :]
    with pytest.raises((Malformed, DoesNotHold)):
        verify_passport_document(parse_passport_document(changed), KEY.public_key)
