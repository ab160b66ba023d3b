# SPDX-License-Identifier: Apache-2.0
"""Key files and signers, on real files."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from passport.signing import (
    Kdf,
    KeyFileError,
    LedgerSigner,
    Purpose,
    load_key_file,
    make_memory_signer,
    new_key_file,
    parse_key_file,
    read_key_file,
    sign_checkpoint,
    sign_note,
)
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.encoding import encode_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.keys import is_signature_valid
from verifier.protocol.merkle import EMPTY_ROOT
from verifier.protocol.note import ALG_ED25519, make_vkey, parse_note, verify_note

if TYPE_CHECKING:
    from pathlib import Path

QUICK = Kdf(time_cost=1, memory_kib=64, lanes=1)
PASSPHRASE = "correct horse 电池"


@pytest.fixture
def key_path(tmp_path: Path) -> Path:
    path = tmp_path / "maker.key"
    new_key_file(path, PASSPHRASE, "issuer", QUICK)
    return path


def edit(path: Path, **changes: object) -> None:
    document = json.loads(path.read_bytes())
    for name, value in changes.items():
        if isinstance(value, dict):
            document[name] |= value
        else:
            document[name] = value
    path.write_bytes(encode_canonical_json(document) + b"\n")


def code_of(path: Path, passphrase: str = PASSPHRASE, purpose: Purpose | None = None) -> str:
    with pytest.raises(KeyFileError) as caught:
        load_key_file(path, passphrase, purpose)
    return caught.value.code


def test_a_key_file_gives_back_the_key_that_was_made(tmp_path: Path) -> None:
    public_key = new_key_file(tmp_path / "k", PASSPHRASE, "ledger", QUICK)
    signer = load_key_file(tmp_path / "k", PASSPHRASE, "ledger")
    assert signer.public_key == public_key
    assert is_signature_valid(public_key, b"message", signer.sign(b"message"))
    assert signer.purpose == "ledger"


def test_the_default_derivation_opens_too(tmp_path: Path) -> None:
    public_key = new_key_file(tmp_path / "k", PASSPHRASE, "witness")
    assert read_key_file(tmp_path / "k").kdf == Kdf(3, 64 * 1024, 4)
    assert load_key_file(tmp_path / "k", PASSPHRASE).public_key == public_key


def test_only_the_owner_may_read_the_file(key_path: Path) -> None:
    assert stat.S_IMODE(key_path.stat().st_mode) == 0o600


def test_an_existing_file_is_never_overwritten(key_path: Path) -> None:
    before = key_path.read_bytes()
    with pytest.raises(KeyFileError) as caught:
        new_key_file(key_path, PASSPHRASE, "issuer", QUICK)
    assert caught.value.code == "key_file_exists"
    assert key_path.read_bytes() == before
    assert [p.name for p in key_path.parent.iterdir()] == [key_path.name]


def test_a_directory_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError) as caught:
        new_key_file(tmp_path / "missing" / "k", PASSPHRASE, "issuer", QUICK)
    assert caught.value.code == "key_file_not_written"


def test_the_seed_does_not_stand_in_the_file(tmp_path: Path) -> None:
    new_key_file(tmp_path / "a", PASSPHRASE, "issuer", QUICK)
    new_key_file(tmp_path / "b", PASSPHRASE, "issuer", QUICK)
    a, b = read_key_file(tmp_path / "a"), read_key_file(tmp_path / "b")
    assert (a.salt, a.nonce, a.ciphertext) != (b.salt, b.nonce, b.ciphertext)
    assert a.public_key != b.public_key


def test_a_wrong_passphrase_has_a_code_of_its_own(key_path: Path) -> None:
    assert code_of(key_path, "wrong") == "wrong_passphrase"


def test_an_empty_passphrase_is_refused(key_path: Path) -> None:
    assert code_of(key_path, "") == "empty_passphrase"


def test_a_missing_file_has_a_code_of_its_own(tmp_path: Path) -> None:
    assert code_of(tmp_path / "none") == "key_file_missing"


def test_a_key_for_another_purpose_is_refused(key_path: Path) -> None:
    assert code_of(key_path, purpose="ledger") == "wrong_purpose"


def test_an_edited_purpose_does_not_open(key_path: Path) -> None:
    edit(key_path, purpose="ledger")
    assert code_of(key_path, purpose="ledger") == "wrong_passphrase"


def test_an_exchanged_public_key_does_not_open(key_path: Path) -> None:
    edit(key_path, public_key=make_memory_signer(bytes(32)).public_key.raw.hex())
    assert code_of(key_path) == "wrong_passphrase"


@pytest.mark.parametrize("name", ["ciphertext", "nonce"])
def test_an_altered_seal_does_not_open(key_path: Path, name: str) -> None:
    text = json.loads(key_path.read_bytes())[name]
    edit(key_path, **{name: ("A" if text[0] != "A" else "B") + text[1:]})
    assert code_of(key_path) == "wrong_passphrase"


@pytest.mark.parametrize(
    "kdf",
    [
        {"memory_kib": 2**40},
        {"memory_kib": 256 * 1024 + 1},
        {"time_cost": 2**31},
        {"time_cost": 0},
        {"lanes": 1000},
        {"lanes": True},
        {"memory_kib": "65536"},
        {"name": "scrypt"},
        {"salt": "AAAA"},
        {"extra": 1},
    ],
    ids=str,
)
def test_a_derivation_out_of_bounds_is_refused_before_it_is_run(key_path: Path, kdf: dict[str, object]) -> None:
    edit(key_path, kdf=kdf)
    assert code_of(key_path) == "malformed_key_file"


def test_a_huge_file_is_not_read_whole(key_path: Path) -> None:
    key_path.write_bytes(b"[" * 10_000_000)
    assert code_of(key_path) == "malformed_key_file"


def test_a_second_spelling_of_a_key_file_is_refused(key_path: Path) -> None:
    key_path.write_bytes(b" " + key_path.read_bytes())
    assert code_of(key_path) == "malformed_key_file"


@given(st.binary(max_size=200))
def test_any_bytes_are_a_key_file_or_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse_key_file(data)


def test_signatures_are_the_same_bytes_as_those_of_openssl() -> None:
    seed = bytes(range(32))
    expected = Ed25519PrivateKey.from_private_bytes(seed).sign(b"text")
    assert make_memory_signer(seed).sign(b"text") == expected


def test_a_seed_of_another_length_is_a_mistake() -> None:
    with pytest.raises(ValueError):
        make_memory_signer(b"short")


def test_a_signer_does_not_print_its_key() -> None:
    seed = bytes(range(32))
    assert seed.hex() not in repr(make_memory_signer(seed))


def test_a_signed_note_verifies_with_its_vkey() -> None:
    signer = make_memory_signer(bytes(32))
    vkey = make_vkey("example.com/log", ALG_ED25519, signer.public_key)
    note = parse_note(sign_note("hello\n", "example.com/log", signer))
    assert verify_note(note, [vkey]) == (vkey,)


def test_a_text_without_its_newline_is_not_signed() -> None:
    with pytest.raises(ValueError):
        sign_note("hello", "example.com/log", make_memory_signer(bytes(32)))


def test_a_signed_checkpoint_parses_back() -> None:
    signer = make_memory_signer(bytes(32))
    checkpoint = Checkpoint("example.com/log", 0, EMPTY_ROOT)
    note = parse_note(sign_checkpoint(checkpoint, "example.com/log", signer))
    assert parse_checkpoint(note.text) == checkpoint


def test_the_ledger_signer_refuses_another_ledgers_checkpoint() -> None:
    with pytest.raises(ValueError):
        LedgerSigner("example.com/log", make_memory_signer(bytes(32))).sign_checkpoint(
            Checkpoint("example.com/other", 0, EMPTY_ROOT)
        )
