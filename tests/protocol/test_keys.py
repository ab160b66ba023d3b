# SPDX-License-Identifier: Apache-2.0
"""Keys and signatures: the same strict answer from every back end."""

from __future__ import annotations

import subprocess
import sys
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.identity_vectors import load_cases, run_case
from verifier.protocol import ed25519
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.keys import PublicKey, is_signature_valid, parse_public_key, verify_signature

PRIVATE = Ed25519PrivateKey.from_private_bytes(b"\x07" * 32)
KEY = parse_public_key(PRIVATE.public_key().public_bytes_raw())
BACKENDS = ("cryptography", "pynacl")


@pytest.fixture
def restored_backend():
    before = ed25519.current_backend()
    yield
    ed25519.use_backend(before)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    "case", load_cases("keys.json") + load_cases("product_code.json"), ids=lambda case: case["name"]
)
def test_each_vector_gives_its_answer_with_each_back_end(case, backend, restored_backend):
    if backend not in ed25519.available_backends():
        pytest.skip(f"{backend} is not installed")
    ed25519.use_backend(backend)
    run_case(case)


def test_the_vectors_hold_cases_on_which_a_bare_back_end_answers_otherwise():
    # Otherwise the checks above the seam would be tested by nothing.
    bare = ed25519._BACKENDS["cryptography"]
    differing = []
    for case in load_cases("keys.json"):
        if case["op"] == "is_signature_valid" and not case["expect"]["valid"]:
            arguments = [bytes.fromhex(case["input"][name]) for name in ("public_key", "message", "signature")]
            if bare.verify(*arguments):
                differing.append(case["name"])
    assert "signature-r-is-identity" in differing


def test_what_libraries_differ_on_is_refused_before_a_back_end_is_asked(monkeypatch, restored_backend):
    class Credulous:
        name = "credulous"

        def verify(self, public_key, message, signature):
            return True

    monkeypatch.setitem(ed25519._BACKENDS, "credulous", Credulous())
    ed25519.use_backend("credulous")
    believed = {
        case["name"]
        for case in load_cases("keys.json")
        if case["op"] == "is_signature_valid"
        and is_signature_valid(
            parse_public_key(bytes.fromhex(case["input"]["public_key"])),
            bytes.fromhex(case["input"]["message"]),
            bytes.fromhex(case["input"]["signature"]),
        )
    }
    assert believed == {
        "signature-honest",
        "signature-own-nonce",
        "signature-rfc8032-test-1",
        "signature-other-message",
        "signature-of-another-key",
        "signature-r-has-a-small-part",
        "signature-first-bit",
        "signature-last-bit",
    }


def test_the_refused_points_are_the_small_ones_and_all_second_spellings():
    assert len(ed25519.REFUSED_POINTS) == 48
    refused = [
        case for case in load_cases("keys.json") if case.get("error") in ("key_small_order", "key_not_canonical")
    ]
    assert len(refused) == 17
    assert {bytes.fromhex(case["input"]["public_key"]) for case in refused} <= ed25519.REFUSED_POINTS


def test_a_key_knows_its_id_and_hint():
    assert KEY.key_id == sha256(KEY.raw).hexdigest()
    assert KEY.hint.hex() == KEY.key_id[:4]
    assert PublicKey(KEY.raw) == KEY
    assert hash(PublicKey(KEY.raw)) == hash(KEY)


def test_no_way_leads_to_a_key_that_was_not_checked():
    with pytest.raises(Malformed) as caught:
        PublicKey(bytes(32))
    assert caught.value.code == "key_small_order"


@settings(max_examples=20)
@given(st.binary(min_size=32, max_size=32))
def test_the_key_of_any_seed_is_accepted(seed):
    raw = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    assert parse_public_key(raw).raw == raw


@settings(max_examples=40)
@given(st.binary(max_size=40) | st.binary(min_size=32, max_size=32))
def test_any_bytes_are_a_key_or_malformed(raw):
    try:
        assert parse_public_key(raw).raw == raw
    except Malformed:
        return


@settings(max_examples=60)
@given(st.binary(max_size=80), st.integers(0, 511))
def test_one_flipped_bit_of_a_signature_is_always_noticed(message, bit):
    signature = bytearray(PRIVATE.sign(message))
    assert is_signature_valid(KEY, message, bytes(signature))
    signature[bit // 8] ^= 1 << bit % 8
    assert not is_signature_valid(KEY, message, bytes(signature))
    with pytest.raises(DoesNotHold) as caught:
        verify_signature(KEY, message=message, signature=bytes(signature))
    assert caught.value.code == "bad_signature"


def test_a_good_signature_passes_in_silence():
    verify_signature(KEY, message=b"x", signature=PRIVATE.sign(b"x"))


def test_an_unknown_back_end_is_refused(restored_backend):
    with pytest.raises(ValueError, match="cryptography"):
        ed25519.use_backend("openssl")


def test_the_verifier_works_without_pynacl():
    code = (
        "import sys; sys.modules['nacl'] = None\n"
        "from verifier.protocol import ed25519, product_code\n"
        "assert ed25519.available_backends() == ('cryptography',)\n"
        "assert ed25519.current_backend() == 'cryptography'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
