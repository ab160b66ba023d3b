# SPDX-License-Identifier: Apache-2.0
"""The index of digests in memory follows the rows on disk, whoever writes them."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, insert

from passport.storage import digest_index
from passport.storage.digest_index import DigestIndex
from passport.storage.schema import ledger_entries

if TYPE_CHECKING:
    from passport.storage.engine import Database
    from tests.support.ledgers import Site

DIGESTS = [sha256(b"%d" % number).digest() for number in range(3000)]


def write(database: Database, start: int, digests: list[bytes]) -> None:
    rows = [{"entry_index": start + at, "digest": digest} for at, digest in enumerate(digests)]
    with database.write() as connection:
        connection.execute(insert(ledger_entries), rows)


def find(database: Database, index: DigestIndex, digests: list[bytes]) -> dict[bytes, int]:
    with database.read() as connection:
        return index.find(connection, digests)


def test_rows_of_another_writer_are_found_after_any_number_of_merges(site: Site) -> None:
    index = DigestIndex()
    with site.database() as database:
        start = 0
        for count in (1, 1, 2, 500, 3, 1000, 7, 256, 256):
            write(database, start, DIGESTS[start : start + count])
            start += count
            expected = {digest: at for at, digest in enumerate(DIGESTS[:start])}
            assert find(database, index, DIGESTS) == expected


def test_more_rows_than_are_read_at_once_are_all_found(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digest_index, "_READ_ROWS", 100)
    monkeypatch.setattr(digest_index, "_SELECT_NEW", digest_index._SELECT_NEW.limit(100))
    with site.database() as database:
        write(database, 0, DIGESTS[:1000])
        assert len(find(database, DigestIndex(), DIGESTS)) == 1000


def test_digests_that_begin_alike_are_told_apart(site: Site) -> None:
    alike = [b"same 8 b" + bytes([number]) * 24 for number in range(20)]
    with site.database() as database:
        index = DigestIndex()
        write(database, 0, alike[:10])
        assert find(database, index, alike) == {digest: at for at, digest in enumerate(alike[:10])}
        write(database, 10, alike[10:15])
        assert find(database, index, alike[8:]) == {digest: at + 8 for at, digest in enumerate(alike[8:15])}


def test_a_row_that_is_gone_is_not_found(site: Site) -> None:
    with site.database() as database:
        index = DigestIndex()
        write(database, 0, DIGESTS[:5])
        assert len(find(database, index, DIGESTS)) == 5
        with database.write() as connection:
            connection.execute(delete(ledger_entries).where(ledger_entries.c.entry_index == 2))
        assert set(find(database, index, DIGESTS).values()) == {0, 1, 3, 4}


def test_what_was_committed_here_need_not_be_read_back_and_is_never_counted_twice(site: Site) -> None:
    with site.database() as database:
        index = DigestIndex()
        write(database, 0, DIGESTS[:5])
        index.note([(at, DIGESTS[at]) for at in range(5)])
        index.note([(at, DIGESTS[at]) for at in range(5)])
        assert find(database, index, DIGESTS) == {digest: at for at, digest in enumerate(DIGESTS[:5])}
        # A gap: somebody else wrote 5 to 7. They are read, and ours is found among them.
        write(database, 5, DIGESTS[5:9])
        index.note([(8, DIGESTS[8])])
        assert find(database, index, DIGESTS) == {digest: at for at, digest in enumerate(DIGESTS[:9])}
