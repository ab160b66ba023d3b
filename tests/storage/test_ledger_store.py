# SPDX-License-Identifier: Apache-2.0
"""The contract of LedgerStore, on both engines."""

from __future__ import annotations

import threading
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from passport.domain.ledger_values import CorruptLedger, Head, HeadMoved, IntegratedBatch, NotEmpty, StoredBlob
from passport.ledger.integrate import empty_batch
from tests.support.ledgers import SIGNER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passport.storage.ledger_store import SqlLedgerStore
    from tests.support.ledgers import Site


@pytest.fixture
def store(site: Site) -> Iterator[SqlLedgerStore]:
    with site.store() as store:
        yield store


def head(size: int, seed: int = 0) -> Head:
    return Head(size, sha256(b"%d %d" % (size, seed)).digest(), b"checkpoint %d" % size)


def batch(expected: Head | None, new: Head, data: bytes = b"") -> IntegratedBatch:
    start = expected.size if expected else 0
    entries = [(index, sha256(b"entry %d" % index).digest()) for index in range(start, new.size)]
    blob = {(0, 0): StoredBlob(new.size, data)} if new.size else {}
    bundles = {0: StoredBlob(1, data + b"b")} if new.size == 1 else {}
    return IntegratedBatch(expected, new, blob, bundles, entries)


def test_an_empty_store_has_no_head_and_no_blobs(store: SqlLedgerStore) -> None:
    assert store.read_head() is None
    assert store.read_published() is None
    assert store.read_tile(0, 0) is None
    assert store.read_bundle(0) is None
    assert store.find_entries([bytes(32)]) == {}
    assert store.count_entries() == 0


def test_a_commit_stores_head_blobs_and_index_rows(store: SqlLedgerStore) -> None:
    store.commit(batch(None, head(1), b"one"))
    assert store.read_head() == head(1)
    assert store.read_tile(0, 0) == StoredBlob(1, b"one")
    assert store.read_bundle(0) == StoredBlob(1, b"oneb")
    assert store.find_entry(sha256(b"entry 0").digest()) == 0
    assert store.count_entries() == 1


def test_only_the_widest_blob_is_kept(store: SqlLedgerStore) -> None:
    store.commit(batch(None, head(1), b"one"))
    store.commit(batch(head(1), head(2), b"onetwo"))
    assert store.read_tile(0, 0) == StoredBlob(2, b"onetwo")


def test_a_blob_that_does_not_extend_the_old_bytes_is_refused_and_nothing_is_stored(store: SqlLedgerStore) -> None:
    store.commit(batch(None, head(1), b"one"))
    with pytest.raises(CorruptLedger, match=r"tile/0/000"):
        store.commit(batch(head(1), head(2), b"One and two"))
    assert store.read_head() == head(1)
    assert store.read_tile(0, 0) == StoredBlob(1, b"one")
    assert store.count_entries() == 1


@pytest.mark.parametrize("expected", [None, head(2), head(1, seed=9)], ids=["none", "other size", "other root"])
def test_a_commit_on_another_head_than_the_stored_one_changes_nothing(
    store: SqlLedgerStore, expected: Head | None
) -> None:
    store.commit(batch(None, head(1), b"one"))
    with pytest.raises(HeadMoved):
        store.commit(batch(expected, head(3), b"one and more"))
    assert store.read_head() == head(1)
    assert store.read_tile(0, 0) == StoredBlob(1, b"one")


def test_of_two_commits_at_once_on_one_head_exactly_one_wins(store: SqlLedgerStore) -> None:
    store.commit(batch(None, head(0)))
    for size in range(8):
        results: list[str] = []
        barrier = threading.Barrier(2)

        def race(size: int = size, barrier: threading.Barrier = barrier, results: list[str] = results) -> None:
            barrier.wait()
            try:
                store.commit(batch(head(size), head(size + 1), b"x" * (size + 1)))
                results.append("won")
            except HeadMoved:
                results.append("lost")

        threads = [threading.Thread(target=race) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == ["lost", "won"]
        assert store.count_entries() == size + 1


def test_a_stored_ledger_is_there_after_closing_and_opening(site: Site) -> None:
    with site.store() as store:
        store.commit(batch(None, head(1), b"one"))
    with site.store() as store:
        assert store.read_head() == head(1)
        assert store.find_entry(sha256(b"entry 0").digest()) == 0


def test_many_entries_are_found_at_once(store: SqlLedgerStore) -> None:
    store.commit(batch(None, head(1200), b"x"))
    digests = [sha256(b"entry %d" % index).digest() for index in range(1300)]
    assert store.find_entries(digests) == {digest: index for index, digest in enumerate(digests[:1200])}


def test_the_published_head_never_goes_back(store: SqlLedgerStore) -> None:
    store.write_published(head(5))
    store.write_published(head(3))
    assert store.read_published() == head(5)
    store.write_published(head(6))
    assert store.read_published() == head(6)


def test_a_published_head_may_gain_cosignatures(store: SqlLedgerStore) -> None:
    store.write_published(head(5))
    cosigned = Head(5, head(5).root_hash, b"checkpoint 5 and more")
    store.write_published(cosigned)
    assert store.read_published() == cosigned


def test_two_trees_of_one_size_are_never_both_published(store: SqlLedgerStore) -> None:
    store.write_published(head(5))
    with pytest.raises(CorruptLedger):
        store.write_published(head(5, seed=1))
    assert store.read_published() == head(5)


def test_staged_blobs_are_no_ledger_until_there_is_a_head(store: SqlLedgerStore) -> None:
    store.stage(batch(None, head(1), b"one"))
    assert store.read_head() is None
    with pytest.raises(NotEmpty):
        store.commit(empty_batch(SIGNER))
    store.discard_staged()
    store.commit(empty_batch(SIGNER))
    assert store.count_entries() == 0


def test_nothing_is_staged_or_discarded_beside_a_ledger(store: SqlLedgerStore) -> None:
    store.commit(batch(None, head(1), b"one"))
    with pytest.raises(HeadMoved):
        store.stage(batch(None, head(2), b"onetwo"))
    with pytest.raises(HeadMoved):
        store.discard_staged()
    assert store.count_entries() == 1
