# SPDX-License-Identifier: Apache-2.0
"""Append, prove, publish: the ledger as its users see it, on both engines."""

from __future__ import annotations

import threading
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.domain.ledger_values import Appended, AppendFailed
from passport.ledger.fsck import fsck, fsck_store
from passport.ledger.integrate import read_entries, stored_tree
from tests.support.ledgers import VKEY, PolicingPolicy, Site, append_all, assert_chain, naive_root, running
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion


def entries(count: int, start: int = 0) -> list[bytes]:
    return [b"entry %d" % number for number in range(start, start + count)]


def test_a_new_ledger_publishes_the_empty_tree(site: Site) -> None:
    with site.running() as ledger:
        assert ledger.wait_published(0, 10)
        assert (ledger.head.size, ledger.head.root_hash) == (0, EMPTY_ROOT)
    assert (site.public / "checkpoint").read_bytes() == ledger.head.checkpoint


def test_entries_get_indexes_in_order_and_the_root_of_rfc_6962(site: Site) -> None:
    with site.running() as ledger:
        assert append_all(ledger, entries(300)) == list(range(300))
        assert append_all(ledger, entries(7, 300)) == list(range(300, 307))
        assert ledger.head.root_hash == naive_root(entries(307))


def test_the_same_bytes_get_the_same_index(site: Site) -> None:
    with site.running() as ledger:
        assert ledger.append(b"one").result(10) == Appended(0, is_new=True)
        assert ledger.append(b"one").result(10) == Appended(0, is_new=False)
        both = ledger.append_many([b"two", b"three", b"two"]).result(10)
        assert both == (Appended(1, True), Appended(2, True), Appended(1, False))
    with site.running() as ledger:
        assert ledger.append(b"three").result(10) == Appended(2, is_new=False)
        assert ledger.head.size == 3


def test_a_refused_entry_spoils_no_other(site: Site) -> None:
    with site.running() as ledger:
        good, bad, last = ledger.append_many([b"good", b"refuse me", b"last"]).result(10)
        assert (good, last) == (Appended(0, True), Appended(1, True))
        assert isinstance(bad, DoesNotHold)
        with pytest.raises(DoesNotHold):
            ledger.append(b"refuse me too").result(10)
        assert ledger.head.size == 2


def test_an_entry_that_is_too_long_never_enters_the_pool(site: Site) -> None:
    with site.running() as ledger:
        with pytest.raises(Malformed):
            ledger.append(bytes(65536))
        assert ledger.append(bytes(65535)).result(10).index == 0


def test_nothing_to_append_is_done_at_once(site: Site) -> None:
    with site.running() as ledger:
        assert ledger.append_many([]).result(0) == ()


def test_stopping_first_integrates_what_is_waiting(site: Site) -> None:
    with site.store() as store:
        ledger = site.ledger(store, pool_seconds=5.0)
        ledger.start()
        future = ledger.append_many(entries(700))
        ledger.stop()
        assert [outcome.index for outcome in future.result(0) if isinstance(outcome, Appended)] == list(range(700))
        with pytest.raises(AppendFailed):
            ledger.append(b"too late")
        published = store.read_published()
        assert published is not None
        assert published.size == 700


def test_a_caller_that_gives_up_disturbs_nobody(site: Site) -> None:
    with site.running(pool_seconds=0.2) as ledger:
        ledger.append(b"given up").cancel()
        assert ledger.append(b"other").result(10) == Appended(1, True)


def test_a_pool_takes_no_more_than_it_can_hold(site: Site) -> None:
    with site.store() as store:
        ledger = site.ledger(store)  # not started: nothing is taken out
        ledger.append_many(entries(16 * 1024))
        with pytest.raises(AppendFailed) as caught:
            ledger.append(b"one more")
        assert caught.value.code == "ledger_busy"


def test_eight_threads_append_at_once_and_every_entry_has_one_place(site: Site) -> None:
    places: dict[int, bytes] = {}
    with site.running() as ledger:

        def write(number: int) -> None:
            for entry in entries(60, 1000 * number):
                places[ledger.append(entry).result(30).index] = entry

        threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(places) == list(range(480))
        assert ledger.head.root_hash == naive_root([places[index] for index in range(480)])


def test_the_policy_is_told_of_all_entries_again_at_the_next_start(site: Site) -> None:
    site.fill(300)
    with site.store() as store:
        policy = PolicingPolicy()
        with running(site.ledger(store, policy)):
            assert policy.entries == entries(300)


def test_a_policy_that_knows_a_part_is_told_the_rest(site: Site) -> None:
    site.fill(300)
    with site.store() as store:
        policy = PolicingPolicy()
        policy.entries = entries(270)
        with running(site.ledger(store, policy)):
            assert policy.entries == entries(300)


def test_proofs_from_stored_tiles_verify(site: Site) -> None:
    site.fill(300)
    with site.store() as store:
        head = store.read_head()
        assert head is not None
        tree = stored_tree(store, head)
        for index in (0, 255, 256, 299):
            verify_inclusion(
                leaf_hash=leaf_hash(b"entry %d" % index),
                index=index,
                size=300,
                proof=tree.inclusion_proof(index),
                root_hash=head.root_hash,
            )
        verify_consistency(
            old_size=257,
            old_root=naive_root(entries(257)),
            new_size=300,
            new_root=head.root_hash,
            proof=tree.consistency_proof(257),
        )
        assert list(read_entries(store, head, 250)) == list(enumerate(entries(300)))[250:]


def test_the_exported_files_are_a_ledger_of_their_own(site: Site) -> None:
    with site.running() as ledger:
        for start in range(0, 600, 50):
            append_all(ledger, entries(50, start))
            assert ledger.wait_published(start + 50, 10)
    assert fsck(site.sink(), VKEY) == []
    names = {path.relative_to(site.public).as_posix() for path in site.public.rglob("*") if path.is_file()}
    assert names >= {"checkpoint", "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/002.p/88"}
    assert not any(name.startswith(("tile/0/000.p", "tile/entries/001.p")) for name in names)


def test_an_empty_export_directory_is_filled_from_the_start(site: Site) -> None:
    site.fill(300)
    for path in sorted(site.public.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    with site.running() as ledger:
        assert ledger.wait_published(300, 10)
    assert fsck(site.sink(), VKEY) == []


def test_the_witness_sees_each_checkpoint_before_the_public_does(site: Site) -> None:
    seen: list[bytes] = []

    def witness(note: bytes) -> bytes:
        public = site.public / "checkpoint"
        assert not public.exists() or public.read_bytes() != note
        seen.append(note)
        return note

    with site.running(witness=witness) as ledger:
        append_all(ledger, entries(3))
        assert ledger.wait_published(3, 10)
    assert seen[-1] == (site.public / "checkpoint").read_bytes() == ledger.head.checkpoint


def test_without_a_witness_nothing_is_published_but_everything_is_stored(site: Site) -> None:
    def witness(note: bytes) -> bytes:
        raise OSError("no witness answers")

    with site.running(witness=witness) as ledger:
        assert append_all(ledger, entries(3)) == [0, 1, 2]
        assert not ledger.wait_published(0, 0.2)
    assert not (site.public / "checkpoint").exists()
    with site.running() as ledger:
        assert ledger.wait_published(3, 10)


@given(cuts=st.lists(st.integers(1, 300), min_size=1, max_size=6))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_tree_does_not_depend_on_how_entries_were_cut_into_batches(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    site = Site(tmp_path_factory.mktemp("site"))
    with site.store() as store, running(site.ledger(store, pool_seconds=0.0)) as ledger:
        total = 0
        for count in cuts:
            append_all(ledger, entries(count, total))
            total += count
            assert ledger.head.root_hash == naive_root(entries(total))
        assert ledger.wait_published(total, 10)
        assert fsck_store(store, VKEY) == []
        assert_chain(store, [(site.public / "checkpoint").read_bytes()])
        assert store.find_entry(sha256(b"entry 0").digest()) == 0
    assert Path(site.public / "checkpoint").exists()
