# SPDX-License-Identifier: Apache-2.0
"""A registry from nothing: what its making leaves behind, and when it refuses to be made or started."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from passport.bootstrap import create_registry, ledger_vkey, make_policy, open_store, start_registry
from passport.domain.ledger_values import BelowHighWater, CorruptLedger, DirectoryLocked
from passport.settings import FILE_NAME, Settings, load_settings
from passport.signing import KeyFileError, load_key_file
from tests.support.registries import PASSPHRASE, make_template, running_registry
from verifier.fold import fold_entries
from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.errors import Malformed
from verifier.protocol.note import parse_note
from verifier.protocol.policy import parse_policy, verify_checkpoint
from verifier.protocol.statements import REGISTRY, parse_entry
from verifier.protocol.tile import parse_entry_bundle
from verifier.snapshot import parse_snapshot


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("made"))


@pytest.fixture
def settings(template: Settings, tmp_path: Path) -> Settings:
    """A copy that a test may break."""
    shutil.copytree(template.directory, tmp_path / "registry")
    return replace(template, directory=tmp_path / "registry")


def test_a_new_registry_is_public_from_its_first_entry_on(settings: Settings) -> None:
    public = settings.public
    checkpoint = verify_checkpoint((public / "checkpoint").read_bytes(), parse_policy(settings.policy.read_bytes()))
    (entry,) = parse_entry_bundle((public / "tile/entries/000.p/1").read_bytes(), width=1)
    assert checkpoint.size == 1 and checkpoint.origin == settings.origin
    state = fold_entries([entry], settings.origin)
    assert state.registry is not None and not state.disregarded
    operator = load_key_file(settings.keys / "operator.key", PASSPHRASE, "operator")
    status = load_key_file(settings.keys / "status.key", PASSPHRASE, "status")
    assert state.registry.operator_key == operator.public_key
    assert state.registry.status_vkey.public_key == status.public_key
    assert parse_entry(entry).statement.header.issuer == REGISTRY
    assert state.registry.name.zh == "登记处"


def test_its_settings_and_policy_are_read_back(settings: Settings, template: Settings) -> None:
    assert load_settings(settings.directory) == settings
    assert ledger_vkey(settings).name == settings.origin
    assert settings.policy.read_bytes() == template.policy.read_bytes()
    assert b"quorum none" in settings.policy.read_bytes()


def test_no_private_key_is_readable_by_others_or_without_the_passphrase(settings: Settings) -> None:
    for name in ("ledger", "status", "operator"):
        path = settings.keys / f"{name}.key"
        assert path.stat().st_mode & 0o077 == 0
        assert json.loads(path.read_text())["purpose"] == name
    with pytest.raises(KeyFileError):
        start_registry(settings, "not the passphrase")


def test_one_key_has_one_purpose(settings: Settings) -> None:
    (settings.keys / "status.key").write_bytes((settings.keys / "operator.key").read_bytes())
    with pytest.raises(KeyFileError):
        start_registry(settings, PASSPHRASE)


def test_nothing_is_overwritten_by_a_second_making(settings: Settings) -> None:
    before = {path: path.read_bytes() for path in settings.directory.rglob("*") if path.is_file()}
    with pytest.raises(KeyFileError) as caught:
        create_registry(settings, PASSPHRASE)
    assert caught.value.code == "key_file_exists"
    assert {path: path.read_bytes() for path in settings.directory.rglob("*") if path.is_file()} == before


def test_an_unfinished_making_is_no_registry(settings: Settings) -> None:
    (settings.directory / FILE_NAME).unlink()
    with pytest.raises(Exception, match="passport registry init"):
        load_settings(settings.directory)


def test_a_registry_starts_stops_and_starts_again_where_it_was(template: Settings, tmp_path: Path) -> None:
    with running_registry(template, tmp_path / "r") as workshop:
        acme = workshop.admit("acme", "69012340")
        batch = workshop.issue(acme, 0)
        size = workshop.registry.ledger.head.size
        settings = workshop.registry.settings
    with running_registry(settings, tmp_path / "copy") as again:
        assert again.registry.views.wait_for_size(size, 10)
        assert again.registry.checker.check(batch.url(0)).status.value == "genuine"
        current = again.registry.views.current
        assert current is not None and current.head.size == size
        note = again.registry.service.snapshot(None)
        assert current.status_vkey is not None
        assert parse_snapshot(note or b"", current.status_vkey).size == size


def test_two_processes_never_have_one_directory(settings: Settings) -> None:
    store = open_store(settings)
    try:
        with pytest.raises(DirectoryLocked) as caught:
            start_registry(settings, PASSPHRASE)
        assert caught.value.exit_code == 82
    finally:
        store.close()
    start_registry(settings, PASSPHRASE).stop()  # the lock is free again


def test_an_old_copy_of_the_database_does_not_start(template: Settings, tmp_path: Path) -> None:
    with running_registry(template, tmp_path / "r") as workshop:
        workshop.admit("acme", "69012340")
        settings = workshop.registry.settings
    shutil.rmtree(settings.data)
    shutil.copytree(template.data, settings.data)
    with pytest.raises(BelowHighWater) as caught:
        start_registry(settings, PASSPHRASE)
    assert caught.value.code == "below_high_water" and caught.value.remedy in str(caught.value)
    open_store(settings).close()  # a refused start leaves no lock behind


def test_a_ledger_key_that_is_not_the_ledgers_does_not_start(template: Settings, tmp_path: Path) -> None:
    other = make_template(tmp_path / "other")
    shutil.copytree(template.directory, tmp_path / "mixed")
    shutil.copy(other.keys / "ledger.key", tmp_path / "mixed" / "keys" / "ledger.key")
    with pytest.raises(CorruptLedger):
        start_registry(replace(template, directory=tmp_path / "mixed"), PASSPHRASE)


def test_a_policy_names_the_ledgers_key_and_where_it_is_served(settings: Settings) -> None:
    policy = make_policy(ledger_vkey(settings), "https://id.example.cn/ledger")
    assert policy.logs[0].url == b"https://id.example.cn/ledger"
    note = parse_note((settings.public / "checkpoint").read_bytes())
    assert parse_checkpoint(note.text).origin == policy.logs[0].vkey.name


def test_a_damaged_policy_file_does_not_start(settings: Settings) -> None:
    settings.policy.write_bytes(b"log nonsense\n")
    with pytest.raises(Malformed):
        start_registry(settings, PASSPHRASE)
