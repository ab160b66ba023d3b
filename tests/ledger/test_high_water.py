# SPDX-License-Identifier: Apache-2.0
"""A ledger never signs below, or beside, what it has signed before."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from passport.domain.ledger_values import BelowHighWater, CorruptLedger
from passport.ledger.high_water import HighWater, Mark, adopt_high_water
from passport.ledger.sequencer import Ledger, LedgerOptions
from passport.signing import LedgerSigner, make_memory_signer
from tests.support.ledgers import ORIGIN, PolicingPolicy, Site, append_all

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def start_code(site: Site) -> str:
    with pytest.raises(BelowHighWater) as caught, site.running():
        pass
    assert caught.value.exit_code == 81
    assert caught.value.remedy
    assert caught.value.remedy in str(caught.value)
    return caught.value.code


@pytest.fixture
def files(tmp_path: Path) -> Site:
    return Site(tmp_path)


def test_a_restored_old_database_is_refused(files: Site) -> None:
    files.fill(3)
    shutil.copytree(files.data, files.directory / "backup")
    files.fill(300, "later")
    shutil.rmtree(files.data)
    shutil.copytree(files.directory / "backup", files.data)
    before = files.database_file.read_bytes()
    assert start_code(files) == "below_high_water"
    assert files.database_file.read_bytes() == before


def test_an_empty_database_under_a_mark_is_refused(files: Site) -> None:
    files.fill(3)
    shutil.rmtree(files.data)
    assert start_code(files) == "below_high_water"


def test_another_history_of_the_same_size_is_refused(files: Site) -> None:
    files.fill(3)
    other = Site(files.directory / "other")
    other.fill(3, "other entry")
    shutil.rmtree(files.data)
    shutil.copytree(other.data, files.data)
    assert start_code(files) == "other_history"


def test_another_history_that_is_longer_is_refused(files: Site) -> None:
    files.fill(3)
    other = Site(files.directory / "other")
    other.fill(700, "other entry")
    shutil.rmtree(files.data)
    shutil.copytree(other.data, files.data)
    assert start_code(files) == "other_history"


def test_a_mark_that_is_behind_moves_up(files: Site) -> None:
    files.fill(3)
    old = files.mark_file.read_bytes()
    files.fill(300, "later")
    newest = files.high_water().read()
    files.mark_file.write_bytes(old)
    with files.running() as ledger:
        assert ledger.head.size == 303
    assert files.high_water().read() == newest


def test_a_lost_mark_is_refused_until_the_operator_adopts_the_database(site: Site) -> None:
    site.fill(3)
    site.mark_file.unlink()
    assert start_code(site) == "high_water_missing"
    with site.store() as store:
        head = store.read_head()
        assert head is not None
        assert adopt_high_water(site.high_water(), head) == Mark(3, head.root_hash)
        with pytest.raises(BelowHighWater):
            adopt_high_water(site.high_water(), head)
    with site.running() as ledger:
        assert append_all(ledger, [b"next"]) == [3]


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def _respell(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"size":3', b'"size": 3'))


def _reverse(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"size":3', b'"size":-3'))


def _rename(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(ORIGIN.encode(), b"another.example/ledger"))


@pytest.mark.parametrize("damage", [_cut, _respell, _reverse, _rename])
def test_a_mark_that_cannot_be_relied_on_is_refused(files: Site, damage: Callable[[Path], None]) -> None:
    files.fill(3)
    damage(files.mark_file)
    assert start_code(files) == "high_water_unusable"


def test_mark_and_database_restored_together_are_betrayed_by_the_public_files(files: Site) -> None:
    files.fill(3)
    shutil.copytree(files.data, files.directory / "backup")
    mark = files.mark_file.read_bytes()
    files.fill(300, "later")
    public = (files.public / "checkpoint").read_bytes()
    shutil.rmtree(files.data)
    shutil.copytree(files.directory / "backup", files.data)
    files.mark_file.write_bytes(mark)
    with files.running() as ledger:
        assert not ledger.wait_published(3, 5)
        assert isinstance(ledger.fatal_error, CorruptLedger)
    assert (files.public / "checkpoint").read_bytes() == public


def test_a_database_of_another_ledger_is_refused(files: Site) -> None:
    files.fill(3)
    with files.store() as store:
        stranger = LedgerSigner(ORIGIN, make_memory_signer(bytes(32)))
        ledger = Ledger(store, PolicingPolicy(), stranger, LedgerOptions(HighWater(files.mark_file, ORIGIN)))
        with pytest.raises(CorruptLedger) as caught:
            ledger.start()
        assert caught.value.code == "bad_checkpoint"
