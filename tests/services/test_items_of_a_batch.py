# SPDX-License-Identifier: Apache-2.0
"""A whole batch's item hashes from a real registry: complete or not at all, and a tile at a time. DESIGN §3."""

from __future__ import annotations

import tracemalloc

import pytest

from passport.services.registry import NotComplete, NotFound
from tests.support.makers import Maker
from tests.support.registries import Workshop, tiles_of
from verifier.protocol.merkle import root_from_leaf_hashes


@pytest.fixture(scope="module")
def maker(workshop: Workshop) -> Maker:
    return workshop.admit("acme", "69012340")


def test_a_batch_is_given_out_once_its_last_tile_is_here(workshop: Workshop, maker: Maker) -> None:
    service = workshop.registry.service
    batch = workshop.issue(maker, 1, 600, upload=False)
    first, second, third = tiles_of(batch)
    for tile in (first, third):
        service.put_item_tile(maker.id, 1, tile.index, tile.to_bytes())
        with pytest.raises(NotComplete) as caught:
            service.read_items(maker.id, 1)
        assert caught.value.code == "items_incomplete"
    service.put_item_tile(maker.id, 1, 1, second.to_bytes())
    found = service.read_items(maker.id, 1)
    data = b"".join(found.tiles)
    assert (found.count, len(data)) == (600, 600 * 32)
    hashes = [data[at : at + 32] for at in range(0, len(data), 32)]
    assert root_from_leaf_hashes(hashes) == found.item_root == batch.statement.item_root


@pytest.mark.parametrize("place", [("acme", 999), ("nobody", 1)])
def test_a_batch_that_is_not_logged_has_no_items(workshop: Workshop, maker: Maker, place: tuple[str, int]) -> None:
    with pytest.raises(NotFound) as caught:
        workshop.registry.service.read_items(*place)
    assert caught.value.code == "unknown_batch"


def test_no_more_than_a_tile_is_held_at_a_time(workshop: Workshop, maker: Maker) -> None:
    workshop.issue(maker, 2, 10_000)
    tiles = workshop.registry.service.read_items(maker.id, 2).tiles
    next(tiles)
    tracemalloc.start()
    try:
        total = sum(len(tile) for tile in tiles)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert total == (10_000 - 256) * 32
    assert peak < total / 2
