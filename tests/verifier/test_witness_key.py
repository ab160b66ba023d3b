# SPDX-License-Identifier: Apache-2.0
"""The witness's key at rest: sealed, never overwritten, and good for one name alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from verifier.protocol.cosignature import verify_cosignature
from verifier.protocol.errors import Malformed
from verifier.protocol.note import ALG_COSIGNATURE, Note
from verifier.witness_key import Kdf, KeyFileError, WitnessKey, load_key_file, new_key_file

CHEAP = Kdf(10)
TEXT = "log.example\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "witness.key"


def code_of(path: Path, passphrase: str = "right") -> str:
    with pytest.raises(KeyFileError) as caught:
        load_key_file(path, passphrase)
    assert str(path) in str(caught.value) or caught.value.code == "empty_passphrase"
    return caught.value.code


def test_a_sealed_key_signs_for_the_vkey_that_was_printed(path: Path) -> None:
    vkey = new_key_file(path, "witness.example/w1", "right", CHEAP)
    key = load_key_file(path, "right")
    assert key.vkey == vkey and vkey.algorithm == ALG_COSIGNATURE
    assert verify_cosignature(Note(TEXT, (key.cosign(TEXT, 7),)), vkey) == 7
    with pytest.raises(ValueError, match="never zero"):
        key.cosign(TEXT, 0)


def test_the_default_derivation_is_expensive_and_opens(path: Path) -> None:
    assert Kdf().log_cost >= 17
    vkey = new_key_file(path, "w", "right")
    assert load_key_file(path, "right").vkey == vkey


def test_the_file_is_private_even_under_a_lax_umask_and_never_overwritten(path: Path) -> None:
    old = os.umask(0)
    try:
        new_key_file(path, "w", "right", CHEAP)
    finally:
        os.umask(old)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(KeyFileError) as caught:
        new_key_file(path, "w", "right", CHEAP)
    assert caught.value.code == "key_file_exists"
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_the_wrong_passphrase_and_no_passphrase(path: Path) -> None:
    new_key_file(path, "w", "right", CHEAP)
    assert code_of(path, "wrong") == "wrong_passphrase"
    assert code_of(path, "") == "empty_passphrase"
    assert code_of(path.with_name("none")) == "key_file_missing"
    assert code_of(path.parent) == "key_file_unreadable"
    with pytest.raises(KeyFileError):
        new_key_file(path.with_name("other"), "w", "", CHEAP)
    assert not path.with_name("other").exists()


def test_name_key_and_parameters_are_sealed_in(path: Path) -> None:
    new_key_file(path, "w", "right", CHEAP)
    good = json.loads(path.read_text())
    renamed = WitnessKey("another", bytes(32)).vkey.to_text()
    for change in [{"vkey": renamed}, {"kdf": good["kdf"] | {"log_cost": 11}}]:
        path.write_text(json.dumps(good | change, separators=(",", ":"), sort_keys=True) + "\n")
        assert code_of(path) == "wrong_passphrase"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "witness-key/v2"},
        {"extra": 1},
        {"nonce": "AAAA"},
        {"ciphertext": "AAAA"},
        {"vkey": "w+00000000+AAAA"},
        {"kdf": {"name": "scrypt", "log_cost": 40, "salt": "AAAAAAAAAAAAAAAAAAAAAA=="}},
        {"kdf": {"name": "argon2id", "log_cost": 10, "salt": "AAAAAAAAAAAAAAAAAAAAAA=="}},
        {"kdf": {"name": "scrypt", "log_cost": 10, "salt": "AAAA"}},
    ],
)
def test_what_is_no_key_file_is_refused_before_anything_is_derived(path: Path, change: dict[str, object]) -> None:
    new_key_file(path, "w", "right", CHEAP)
    document = json.loads(path.read_text()) | change
    path.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True) + "\n")
    assert code_of(path) == "malformed_key_file"


def test_a_bad_name_makes_no_key(path: Path) -> None:
    for name in ("", "two words", "a+b", "line\n"):
        with pytest.raises(Malformed):
            new_key_file(path, name, "right", CHEAP)
    assert not path.exists()


def test_a_key_does_not_show_itself() -> None:
    key = WitnessKey("w", bytes([7]) * 32)
    assert (bytes([7]) * 32).hex() not in repr(key)
    assert "w+" in repr(key)
