# SPDX-License-Identifier: Apache-2.0
"""Every durable write "failed", and "failed but stored", with stores that police the write order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from passport.domain.ledger_values import Appended, AppendFailed, CorruptLedger, OutcomeUnknown
from passport.ledger.fsck import fsck, fsck_store
from passport.storage.ledger_store import SqlLedgerStore
from tests.support.faulty_store import (
    FAILED,
    FAILED_BUT_STORED,
    UNREADABLE,
    Faults,
    FaultyHighWater,
    FaultySink,
    FaultyStore,
)
from tests.support.ledgers import ORIGIN, VKEY, PolicingPolicy, append_all, assert_chain, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from passport.ledger.sequencer import Ledger
    from tests.support.ledgers import Site

DURABLE_WRITES = ["commit", "high_water", "write_blob", "write_published", "write_checkpoint"]


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("passport.ledger.publisher._RETRY_SECONDS", 0.02)
    monkeypatch.setattr("passport.ledger.integrator._REREAD_PAUSES_SECONDS", (0.0, 0.01))


def faulty(site: Site, store: SqlLedgerStore, faults: Faults, policy: PolicingPolicy) -> AbstractContextManager[Ledger]:
    return running(
        site.ledger(
            FaultyStore(store, faults),
            policy,
            sink=FaultySink(site.sink(), faults),
            high_water=FaultyHighWater(site.mark_file, ORIGIN, faults, store),
            pool_seconds=0.001,
        )
    )


def send_until_acknowledged(ledger: Ledger, entry: bytes) -> Appended:
    for _ in range(10):
        try:
            return ledger.append(entry).result(30)
        except AppendFailed:
            time.sleep(0.01)
    raise AssertionError("never acknowledged")


def cases() -> Iterator[tuple[str, int, str]]:
    for name in DURABLE_WRITES:
        for call in (1, 3):
            for fault in (FAILED, FAILED_BUT_STORED):
                yield name, call, fault


@pytest.mark.parametrize(("name", "call", "fault"), list(cases()))
def test_a_write_that_fails_loses_nothing_that_was_acknowledged(site: Site, name: str, call: int, fault: str) -> None:
    faults = Faults({(name, call): fault})
    acknowledged: dict[int, bytes] = {}
    notes: list[bytes] = []
    policy = PolicingPolicy()
    with site.store() as store:
        with faulty(site, store, faults, policy) as ledger:
            for number in range(5):
                entry = b"entry %d" % number
                acknowledged[send_until_acknowledged(ledger, entry).index] = entry
                assert ledger.wait_published(number + 1, 10), "publishing did not recover"
                notes.append((site.public / "checkpoint").read_bytes())
            assert ledger.fatal_error is None
        assert faults.hits == [f"{name}: {fault}"]
        assert [acknowledged[index] for index in sorted(acknowledged)] == policy.entries
        assert sorted(acknowledged) == list(range(5)), "an entry was stored twice, or a gap was left"
        assert_chain(store, notes)
        assert fsck_store(store, VKEY) == []
        assert fsck(site.sink(), VKEY) == []
    with site.running() as again:
        assert append_all(again, list(acknowledged.values())) == sorted(range(5), key=list(acknowledged).__getitem__)


def test_a_commit_that_failed_but_was_stored_is_acknowledged_at_once(site: Site) -> None:
    faults = Faults({("commit", 1): FAILED_BUT_STORED})
    with site.store() as store, faulty(site, store, faults, PolicingPolicy()) as one:
        assert one.append(b"entry").result(10) == Appended(0, is_new=True)


def test_a_commit_that_failed_says_that_it_can_be_sent_again(site: Site) -> None:
    with site.store() as store, faulty(site, store, Faults({("commit", 1): FAILED}), PolicingPolicy()) as ledger:
        with pytest.raises(AppendFailed, match="again"):
            ledger.append(b"entry").result(10)
        assert ledger.append(b"entry").result(10) == Appended(0, is_new=True)


def test_the_whole_of_a_submission_fails_when_a_part_of_it_does(site: Site) -> None:
    entries = [b"entry %d" % number for number in range(700)]
    with site.store() as store, faulty(site, store, Faults({("commit", 2): FAILED}), PolicingPolicy()) as ledger:
        with pytest.raises(AppendFailed):
            ledger.append_many(entries).result(10)
        outcomes = ledger.append_many(entries).result(10)
        assert [outcome.index for outcome in outcomes if isinstance(outcome, Appended)] == list(range(700))


def test_a_refusal_that_rested_on_entries_that_were_not_stored_is_not_handed_out(site: Site) -> None:
    faults = Faults({("commit", 1): FAILED})
    with site.store() as store, faulty(site, store, faults, PolicingPolicy()) as ledger:
        future = ledger.append_many([b"entry", b"refuse this"])
        assert isinstance(future.exception(10), AppendFailed)


def test_an_outcome_that_nobody_can_know_stops_the_ledger(site: Site) -> None:
    with site.store() as store:
        with faulty(site, store, Faults({("commit", 1): UNREADABLE}), PolicingPolicy()) as ledger:
            with pytest.raises(AppendFailed):
                ledger.append(b"entry").result(10)
            with pytest.raises(AppendFailed):
                ledger.append(b"another").result(10)
        assert isinstance(ledger.fatal_error, OutcomeUnknown)
        assert [error.exit_code for error in site.fatal] == [85]
    with site.running() as again:
        assert again.append(b"entry").result(10) == Appended(0, is_new=True)


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE ledger_blobs SET data = :data WHERE level = 0", "tile"),
        ("UPDATE ledger_blobs SET data = :data WHERE level = -1", "bundle"),
    ],
)
def test_a_stored_byte_that_does_not_hash_to_what_was_signed_stops_the_ledger(
    site: Site, statement: str, what: str
) -> None:
    with site.database() as database:
        store = SqlLedgerStore(database)
        with running(site.ledger(store)) as ledger:
            append_all(ledger, [b"one", b"two"])
            signed = ledger.head
            blob = store.read_tile(0, 0) if what == "tile" else store.read_bundle(0)
            assert blob is not None
            with database.write() as connection:
                connection.execute(text(statement), {"data": blob.data[:-1] + bytes([blob.data[-1] ^ 1])})
            with pytest.raises(AppendFailed):
                ledger.append(b"three").result(10)
            assert isinstance(ledger.fatal_error, CorruptLedger)
            with pytest.raises(AppendFailed):
                ledger.append(b"four").result(10)
        assert [error.exit_code for error in site.fatal] == [80]
        assert store.read_head() == signed
        with pytest.raises(CorruptLedger):
            site.ledger(store).start()


def test_an_exported_file_with_other_bytes_stops_the_ledger(site: Site) -> None:
    site.fill(3)
    path = site.public / "tile/entries/000.p/4"
    path.write_bytes(b"something else")
    with site.running() as ledger:
        append_all(ledger, [b"four"])
        assert not ledger.wait_published(4, 5)
        assert isinstance(ledger.fatal_error, CorruptLedger)
