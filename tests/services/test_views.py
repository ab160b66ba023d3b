# SPDX-License-Identifier: Apache-2.0
"""The views: one per published tree, dated by the clock, folded from what is stored, never half of anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from passport.domain.ledger_values import CorruptLedger
from passport.services.views import SnapshotPlan, Views, read_entries
from passport.signing import make_memory_signer
from tests.support.makers import IssuedBatch, Maker
from tests.support.registries import Workshop
from verifier.protocol.policy import parse_policy
from verifier.protocol.statements.recall import RecallPublished
from verifier.snapshot import parse_snapshot
from verifier.verdict import Status
from verifier.verify import verify


class Clock:
    """Stands still until it is told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 8, 0, 0, 123_456, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="module")
def acme(workshop: Workshop) -> Maker:
    return workshop.admit("acme", "69012340")


@pytest.fixture(scope="module")
def batch(workshop: Workshop, acme: Maker) -> IssuedBatch:
    return workshop.issue(acme, 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def views(workshop: Workshop, batch: IssuedBatch, clock: Clock) -> Views:
    """Views of our own over the same store; nobody refreshes them but the test."""
    registry = workshop.registry
    made = Views(
        registry.store.ledger,
        registry.store.items,
        policy=parse_policy(registry.settings.policy.read_bytes()),
        origin=workshop.origin,
        clock=clock,
        plan=SnapshotPlan(make_memory_signer(bytes(32)), timedelta(hours=1), timedelta(seconds=1)),
    )
    assert made.current is None and made.snapshot_note(None) is None
    made.refresh()
    return made


def test_a_snapshot_is_dated_by_the_clock_to_the_second(views: Views, clock: Clock) -> None:
    current = views.current
    assert current is not None
    assert current.snapshot.as_of_at == clock.now.replace(microsecond=0)
    assert current.snapshot.next_update_at == current.snapshot.as_of_at + timedelta(hours=1)


def test_a_refresh_without_news_only_moves_the_instants(views: Views, clock: Clock) -> None:
    first = views.current
    count = views.change_count()
    clock.now += timedelta(minutes=1)
    views.refresh()
    second = views.current
    assert first is not None and second is not None and first is not second
    assert (second.head.size, second.snapshot.issuers) == (first.head.size, first.snapshot.issuers)
    assert second.snapshot.as_of_at - first.snapshot.as_of_at == timedelta(minutes=1)
    assert views.change_count() == count + 1


def test_an_old_view_stays_as_it_was_while_the_ledger_grows(
    views: Views, clock: Clock, workshop: Workshop, acme: Maker, batch: IssuedBatch
) -> None:
    old = views.current
    assert old is not None
    later = workshop.issue(acme, 1, lot="L-later")
    views.refresh()
    new = views.current
    assert new is not None and new.head.size > old.head.size
    assert old.find_batch("acme", 1) is None and new.find_batch("acme", 1) is not None
    told = [verify(later.url(0), trust=view.trust, ledger=view, now=clock.now).status for view in (old, new)]
    assert told == [Status.NOT_LOGGED, Status.GENUINE]
    assert verify(batch.url(0), trust=old.trust, ledger=old, now=clock.now).status is Status.GENUINE


def test_a_new_snapshot_brings_new_shards(views: Views, workshop: Workshop, acme: Maker) -> None:
    vkey = workshop.registry.views.current.status_vkey
    assert vkey is not None
    before = views.snapshot_note("acme")
    assert before is not None and views.snapshot_note("acme") is before
    assert views.snapshot_note("nobody") is None
    notice = workshop.notice(acme, lot="L1")
    workshop.say(RecallPublished(workshop.header("acme"), "acme/shard", notice), acme.key)
    views.refresh()
    after = views.snapshot_note("acme")
    assert after is not None and after != before and b"acme/shard" in after and b"acme/shard" not in before


def test_the_registrys_shards_are_signed_by_the_status_key_that_entry_0_names(workshop: Workshop, acme: Maker) -> None:
    current = workshop.registry.views.current
    assert current is not None and current.status_vkey is not None
    note = workshop.registry.views.snapshot_note("acme")
    assert parse_snapshot(note or b"", current.status_vkey).shard == "acme"
    assert current.status_vkey.name == f"{workshop.origin}/status"


def test_waiting_for_a_size_says_whether_it_came(views: Views) -> None:
    current = views.current
    assert current is not None
    assert views.wait_for_size(current.head.size, 0.0)
    assert not views.wait_for_size(current.head.size + 1, 0.01)
    assert views.wait_for_change(views.change_count(), 0.01) == views.change_count()


def test_entries_are_read_from_any_start_to_any_end(workshop: Workshop, batch: IssuedBatch) -> None:
    store = workshop.registry.store.ledger
    head = store.read_published()
    assert head is not None
    entries = list(read_entries(store, 0, head.size))
    assert len(entries) == head.size
    for start in range(head.size):
        assert list(read_entries(store, start, head.size - 1)) == entries[start:-1]
    with pytest.raises(CorruptLedger):
        list(read_entries(store, 0, head.size + 1))


def test_a_refresh_that_fails_leaves_the_view_that_was_there(views: Views, workshop: Workshop, acme: Maker) -> None:
    old = views.current
    workshop.issue(acme, 2, lot="L-fail")
    database = workshop.registry.store.database
    with database.write() as connection:
        connection.execute(text("UPDATE ledger_blobs SET blob_index = blob_index + 1000 WHERE level = -1"))
    try:
        with pytest.raises(CorruptLedger):
            views.refresh()
        assert views.current is old
    finally:
        with database.write() as connection:
            connection.execute(text("UPDATE ledger_blobs SET blob_index = blob_index - 1000 WHERE level = -1"))
    views.refresh()
    assert views.current is not None and views.current.find_batch("acme", 2) is not None
