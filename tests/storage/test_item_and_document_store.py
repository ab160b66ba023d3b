# SPDX-License-Identifier: Apache-2.0
"""Item hashes and documents, on both engines."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from passport.storage.document_store import DocumentStore
from passport.storage.item_store import CompleteBatch, ItemStore
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import root_from_leaf_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from passport.storage.engine import Database
    from tests.support.ledgers import Site

HASHES = [sha256(b"item %d" % number).digest() for number in range(600)]
TILES = {index: b"".join(HASHES[index * 256 : index * 256 + 256]) for index in range(3)}
ROOT = root_from_leaf_hashes(HASHES)


@pytest.fixture
def database(site: Site) -> Iterator[Database]:
    with site.database() as database:
        yield database


@pytest.fixture
def items(database: Database) -> ItemStore:
    return ItemStore(database)


def test_a_tile_of_item_hashes_is_read_back(items: ItemStore) -> None:
    items.write_tile("maker", 7, 0, TILES[0])
    assert items.read_tile("maker", 7, 0) == TILES[0]
    assert items.read_tile("maker", 7, 1) is None
    assert items.read_tile("maker", 8, 0) is None
    assert items.read_tile("other", 7, 0) is None


def test_the_same_tile_again_changes_nothing(items: ItemStore) -> None:
    items.write_tiles("maker", 7, TILES)
    items.write_tiles("maker", 7, TILES)
    assert items.count("maker", 7) == 600


def test_other_hashes_in_the_place_of_a_tile_are_refused_and_nothing_is_stored(items: ItemStore) -> None:
    items.write_tile("maker", 7, 1, TILES[1])
    with pytest.raises(DoesNotHold) as caught:
        items.write_tiles("maker", 7, {0: TILES[0], 1: TILES[0]})
    assert caught.value.code == "item_tile_differs"
    assert items.read_tile("maker", 7, 0) is None
    assert items.read_tile("maker", 7, 1) == TILES[1]


@pytest.mark.parametrize("data", [b"", b"x" * 31, b"x" * 33, b"x" * 32 * 257], ids=len)
def test_a_tile_is_1_to_256_hashes(items: ItemStore, data: bytes) -> None:
    with pytest.raises(Malformed):
        items.write_tile("maker", 7, 0, data)


def test_a_batch_is_complete_once_marked(items: ItemStore) -> None:
    items.write_tiles("maker", 7, TILES)
    assert not items.is_complete("maker", 7)
    items.mark_complete("maker", 7, count=600, item_root=ROOT)
    items.mark_complete("maker", 7, count=600, item_root=ROOT)
    assert items.find_complete("maker", 7) == CompleteBatch(600, ROOT)


@pytest.mark.parametrize("count", [599, 601, 512, 0])
def test_a_batch_with_another_count_is_not_complete(items: ItemStore, count: int) -> None:
    items.write_tiles("maker", 7, TILES)
    with pytest.raises(DoesNotHold) as caught:
        items.mark_complete("maker", 7, count=count, item_root=ROOT)
    assert caught.value.code == "item_count_differs"
    assert not items.is_complete("maker", 7)


def test_a_batch_with_a_gap_is_not_complete(items: ItemStore) -> None:
    items.write_tiles("maker", 7, {0: TILES[0], 2: TILES[2]})
    with pytest.raises(DoesNotHold):
        items.mark_complete("maker", 7, count=600, item_root=ROOT)


def test_a_batch_under_another_root_is_not_complete(items: ItemStore) -> None:
    items.write_tiles("maker", 7, TILES)
    with pytest.raises(DoesNotHold) as caught:
        items.mark_complete("maker", 7, count=600, item_root=bytes(32))
    assert caught.value.code == "item_root_differs"


@pytest.mark.parametrize("count", [1, 2, 255, 256, 257, 511, 512, 513, 600])
def test_the_roots_of_tiles_give_the_root_of_the_items_at_any_count(items: ItemStore, count: int) -> None:
    hashes = HASHES[:count]
    tiles = {at // 256: b"".join(hashes[at : at + 256]) for at in range(0, count, 256)}
    items.write_tiles("maker", 1, tiles)
    items.mark_complete("maker", 1, count=count, item_root=root_from_leaf_hashes(hashes))
    assert root_from_leaf_hashes(items.read_subtree_roots("maker", 1)) == root_from_leaf_hashes(hashes)


def test_a_flipped_bit_in_an_item_blob_is_named(items: ItemStore, database: Database) -> None:
    items.write_tiles("maker", 7, TILES)
    assert items.check_batch("maker", 7, count=600, item_root=ROOT) == []
    flipped = bytes([TILES[1][0] ^ 1]) + TILES[1][1:]
    with database.write() as connection:
        connection.execute(text("UPDATE item_tiles SET data = :data WHERE tile_index = 1"), {"data": flipped})
    (problem,) = items.check_batch("maker", 7, count=600, item_root=ROOT)
    assert problem.startswith("items/maker/7/1:")


def test_a_missing_item_blob_is_named(items: ItemStore) -> None:
    items.write_tiles("maker", 7, {0: TILES[0], 2: TILES[2]})
    (problem,) = items.check_batch("maker", 7, count=600, item_root=ROOT)
    assert problem.startswith("items/maker/7/1:")


def test_item_blobs_of_another_batch_are_noticed(items: ItemStore) -> None:
    items.write_tiles("maker", 7, TILES)
    (problem,) = items.check_batch("maker", 7, count=600, item_root=bytes(32))
    assert problem.startswith("items/maker/7:")


def test_a_document_is_stored_by_the_digest_of_its_exact_bytes(database: Database) -> None:
    documents = DocumentStore(database)
    data = b"eyJ0eXAi\x00\xff"
    digest = sha256(data).digest()
    documents.put(digest, "06901234567892", "application/vc+jwt", data)
    documents.put(digest, "06901234567892", "application/vc+jwt", data)
    assert documents.get(digest) == ("application/vc+jwt", data)
    assert documents.get(bytes(32)) is None


def test_a_document_under_a_wrong_digest_is_refused(database: Database) -> None:
    with pytest.raises(DoesNotHold) as caught:
        DocumentStore(database).put(bytes(32), "06901234567892", "text/plain", b"x")
    assert caught.value.code == "digest_differs"


def test_a_damaged_document_is_not_served(database: Database) -> None:
    documents = DocumentStore(database)
    digest = sha256(b"right").digest()
    documents.put(digest, "06901234567892", "text/plain", b"right")
    with database.write() as connection:
        connection.execute(text("UPDATE documents SET data = :data"), {"data": b"wrong"})
    with pytest.raises(DoesNotHold) as caught:
        documents.get(digest)
    assert caught.value.code == "document_damaged"
