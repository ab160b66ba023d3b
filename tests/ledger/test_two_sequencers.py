# SPDX-License-Identifier: Apache-2.0
"""Two sequencers on one database: one loses each race, none loses an entry, and there is one history."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from passport.domain.ledger_values import Appended, DirectoryLocked
from passport.ledger.fsck import fsck, fsck_store
from passport.ledger.high_water import HighWater, adopt_high_water
from passport.storage.engine import open_database
from passport.storage.ledger_store import SqlLedgerStore
from tests.support.ledgers import ORIGIN, VKEY, PolicingPolicy, Site, assert_chain, running

if TYPE_CHECKING:
    from pathlib import Path

    from passport.ledger.sequencer import Ledger


def append_from_threads(ledgers: list[Ledger], count: int) -> dict[int, bytes]:
    """Each ledger gets its own entries and some that the other gets as well."""
    places: dict[int, bytes] = {}
    errors: list[BaseException] = []

    def write(ledger: Ledger, name: str) -> None:
        try:
            for number in range(count):
                for entry in (f"{name} {number}".encode(), f"common {number}".encode()):
                    appended = ledger.append(entry).result(60)
                    assert places.setdefault(appended.index, entry) == entry, "two entries in one place"
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=(ledger, f"writer{at}")) for at, ledger in enumerate(ledgers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    return places


def test_two_sequencers_on_one_store_make_one_history(site: Site) -> None:
    notes: list[bytes] = []
    policies = [PolicingPolicy(), PolicingPolicy()]

    def witness(note: bytes) -> bytes:
        notes.append(note)
        return note

    with site.store() as store:
        mark = HighWater(site.directory / "other-host.json", ORIGIN)
        one = site.ledger(store, policies[0], pool_seconds=0.001, witness=witness)
        two = site.ledger(store, policies[1], pool_seconds=0.001, high_water=mark)
        with running(one), running(two):
            places = append_from_threads([one, two], 60)
            assert (one.fatal_error, two.fatal_error) == (None, None)
        assert sorted(places) == list(range(180))
        # Each knows the same history, as far as it has looked.
        longest = max((policy.entries for policy in policies), key=len)
        assert all(longest[: policy.size] == policy.entries for policy in policies)
        assert longest == [places[index] for index in range(180)]
        assert_chain(store, notes)
        assert fsck_store(store, VKEY) == []
    assert fsck(site.sink(), VKEY) == []


def test_two_processes_with_their_own_connections_make_one_history_on_postgresql(site: Site, tmp_path: Path) -> None:
    if site.url is None:
        with site.store(), pytest.raises(DirectoryLocked), site.store():
            pass
        return
    site.fill(3)
    databases = [open_database(site.url), open_database(site.url)]
    stores = [SqlLedgerStore(database) for database in databases]
    other = Site(tmp_path / "second-host", site.url)
    head = stores[1].read_head()
    assert head is not None
    adopt_high_water(other.high_water(), head)
    one, two = site.ledger(stores[0], pool_seconds=0.001), other.ledger(stores[1], pool_seconds=0.001)
    with running(one), running(two):
        places = append_from_threads([one, two], 40)
    assert sorted(places) == list(range(3, 123))
    assert fsck_store(stores[0], VKEY) == []
    assert fsck(site.sink(), VKEY) == []
    assert fsck(other.sink(), VKEY) == []
    for database in databases:
        database.close()


def test_the_slower_one_finds_what_the_faster_one_has_stored(site: Site) -> None:
    with site.store() as store:
        mark = HighWater(site.directory / "other-host.json", ORIGIN)
        one, two = site.ledger(store), site.ledger(store, high_water=mark, sink=None)
        with running(one), running(two):
            assert one.append(b"first").result(10) == Appended(0, is_new=True)
            assert two.append(b"second").result(10) == Appended(1, is_new=True)
            assert one.append(b"second").result(10) == Appended(1, is_new=False)
            assert two.append(b"first").result(10) == Appended(0, is_new=False)
