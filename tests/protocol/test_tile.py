# SPDX-License-Identifier: Apache-2.0
"""Tiles: paths, bundles, and trees that are read from tiles and grown by tiles."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.ledger_vectors import load_cases, rehex, run_case, unhex, value_or_none
from tests.support.naive_tree import NaiveTree
from verifier.protocol import tile
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.merkle import EMPTY_ROOT, leaf_hash
from verifier.protocol.tile import EntryBundle, Tile, TileTree, new_tiles

BIG = 70_000
TREE = NaiveTree(BIG)


def _parse_path(case: dict[str, Any]) -> dict[str, Any]:
    match tile.parse_tile_path(case["path"]):
        case Tile(level, index, width):
            return {"kind": "tile", "level": str(level), "index": str(index), "width": str(width)}
        case EntryBundle(index, width):
            return {"kind": "entries", "index": str(index), "width": str(width)}


def _read_tree(case: dict[str, Any]) -> dict[str, Any]:
    def read(place: Tile) -> bytes:
        return bytes.fromhex(case["tiles"][place.path])

    tree = TileTree(int(case["size"]), read, root_hash=bytes.fromhex(case["root_hash"]))
    return {
        "inclusion_proof": rehex(tree.inclusion_proof(int(case["index"]))),
        "consistency_proof": rehex(tree.consistency_proof(int(case["old_size"]))),
        "root_hash": tree.root_hash().hex(),
    }


def _append(case: dict[str, Any]) -> dict[str, Any]:
    old, new = int(case["old_size"]), int(case["new_size"])
    leaves = [leaf_hash(i.to_bytes(4, "big")) for i in range(new)]
    before, _ = new_tiles(0, leaves[:old], {}.__getitem__)
    changed, root = new_tiles(old, leaves[old:], before.__getitem__)
    return {"tiles": {t.path: sha256(data).hexdigest() for t, data in changed.items()}, "root_hash": root.hex()}


OPERATIONS = {
    "parse_tile_path": _parse_path,
    "parse_tile": lambda case: {
        "hashes": rehex(tile.parse_tile(bytes.fromhex(case["data"]), width=int(case["width"])))
    },
    "parse_entry_bundle": lambda case: {
        "entries": rehex(tile.parse_entry_bundle(bytes.fromhex(case["data"]), width=int(case["width"])))
    },
    "tiles_for_size": lambda case: {"paths": [t.path for t in tile.tiles_for_size(int(case["size"]))]},
    "read_tree": _read_tree,
    "append": _append,
}


@pytest.mark.parametrize("case", load_cases("tile.json"))
def test_vector(case: dict[str, Any]) -> None:
    run_case(case, OPERATIONS)


@given(st.integers(0, 63), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_every_place_survives_its_path(level: int, index: int, width: int) -> None:
    index >>= min(8 * level, 64)
    for place in (Tile(level, index, width), EntryBundle(index, width)):
        assert tile.parse_tile_path(place.path) == place


@given(st.text(max_size=40) | st.from_regex(r"tile/[0-9x/.p]{0,20}", fullmatch=True))
def test_any_text_is_a_path_in_its_one_spelling_or_malformed(text: str) -> None:
    parsed = value_or_none(lambda: tile.parse_tile_path(text), "malformed_tile_path")
    assert parsed is None or parsed.path == text


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=256))
def test_every_bundle_survives_its_encoding(entries: list[bytes]) -> None:
    assert tile.parse_entry_bundle(tile.encode_entry_bundle(entries), width=len(entries)) == tuple(entries)


@given(st.binary(max_size=2000), st.integers(-1, 300))
def test_any_bytes_are_a_bundle_in_its_one_spelling_or_malformed(data: bytes, width: int) -> None:
    parsed = value_or_none(lambda: tile.parse_entry_bundle(data, width=width), "malformed_entry_bundle")
    assert parsed is None or tile.encode_entry_bundle(parsed) == data


def test_an_entry_of_65535_bytes_fits_and_one_more_does_not() -> None:
    assert tile.parse_entry_bundle(tile.encode_entry_bundle([bytes(65535)]), width=1) == (bytes(65535),)
    with pytest.raises(Malformed):
        tile.encode_entry_bundle([bytes(65536)])


@pytest.mark.parametrize("count", [0, 257])
def test_a_bundle_of_no_entry_or_too_many_is_not_written(count: int) -> None:
    with pytest.raises(Malformed):
        tile.encode_entry_bundle([b""] * count)


class Store:
    """Tiles by place; refuses to hand out one that it never got, and counts what it hands out."""

    def __init__(self) -> None:
        self.tiles: dict[Tile, bytes] = {}
        self.reads: list[Tile] = []

    def read(self, place: Tile) -> bytes:
        self.reads.append(place)
        return self.tiles[place]

    def append(self, old_size: int, leaves: list[bytes]) -> bytes:
        changed, root = new_tiles(old_size, leaves, self.read)
        for place, data in changed.items():
            assert len(data) == place.size
            assert self.tiles.setdefault(place, data) == data, "a tile never changes"
        self.tiles |= changed
        return root


def _grown(size: int) -> Store:
    store = Store()
    store.append(0, TREE.leaves[:size])
    store.reads.clear()
    return store


def test_appending_one_leaf_at_a_time_gives_every_root_and_proof_up_to_600() -> None:
    store = Store()
    for size in range(601):
        root = store.append(size - 1, [TREE.leaves[size - 1]]) if size else store.append(0, [])
        assert root == TREE.root(size)
        tree = TileTree(size, store.read, root_hash=root)
        for index in {0, size // 2, size - 1} if size else ():
            assert tree.inclusion_proof(index) == TREE.path(index, size)
        for old in {0, size // 3, size}:
            assert tree.consistency_proof(old) == TREE.consistency(old, size)
            assert tree.subtree_hash(0, old) == TREE.root(old)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 700) | st.sampled_from([255, 256, 257, 512]), max_size=12), st.randoms())
def test_batches_of_any_sizes_give_the_same_tiles_roots_and_proofs(batches: list[int], sample: Any) -> None:
    store, size = Store(), 0
    for batch in batches:
        assert store.append(size, TREE.leaves[size : size + batch]) == TREE.root(size + batch)
        size += batch
        assert set(tile.tiles_for_size(size)) <= set(store.tiles)
    at_once = _grown(size)
    assert {t: store.tiles[t] for t in tile.tiles_for_size(size)} == at_once.tiles
    tree = TileTree(size, store.read, root_hash=TREE.root(size))
    for _ in range(3 if size else 0):
        index, old = sample.randrange(size), sample.randrange(size + 1)
        assert tree.inclusion_proof(index) == TREE.path(index, size)
        assert tree.consistency_proof(old) == TREE.consistency(old, size)


def test_a_tree_of_three_levels_is_read_from_few_tiles() -> None:
    store = _grown(BIG)
    tree = TileTree(BIG, store.read)
    assert tree.root_hash() == TREE.root(BIG)
    assert [place.path for place in store.reads] == ["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1"]
    for index, old in [(0, 1), (65_535, 65_536), (65_536, 65_537), (69_999, 256), (12_345, 54_321)]:
        assert tree.inclusion_proof(index) == TREE.path(index, BIG)
        assert tree.consistency_proof(old) == TREE.consistency(old, BIG)
        assert tree.leaf_hash(index) == TREE.leaves[index]
    assert len(store.reads) == len(set(store.reads)), "no tile is asked for twice"


def test_appending_reads_the_old_partial_tiles_alone() -> None:
    store = _grown(69_000)
    store.append(69_000, TREE.leaves[69_000:])
    assert set(store.reads) == set(tile.right_edge_tiles(69_000))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_one_flipped_bit_in_any_tile_is_noticed_under_a_signed_root(data: st.DataObject) -> None:
    store = _grown(1500)
    place = data.draw(st.sampled_from(sorted(store.tiles)))
    bit = data.draw(st.integers(0, place.size * 8 - 1))
    store.tiles[place] = (int.from_bytes(store.tiles[place], "big") ^ (1 << bit)).to_bytes(place.size, "big")
    tree = TileTree(1500, store.read, root_hash=TREE.root(1500))
    for _ in range(2):  # a tile that was refused once is not believed the second time
        with pytest.raises(DoesNotHold) as caught:
            [tree.leaf_hash(index) for index in range(0, 1500, 256)]
        assert caught.value.code == "bad_tile"


def test_a_tile_of_the_wrong_length_is_malformed() -> None:
    store = _grown(5)
    for data in (bytes(159), bytes(192), b""):
        store.tiles[Tile(0, 0, 5)] = data
        with pytest.raises(Malformed):
            TileTree(5, store.read).root_hash()
        with pytest.raises(Malformed):
            new_tiles(5, [TREE.leaves[5]], store.read)


@pytest.mark.parametrize(("lo", "hi"), [(0, 8), (-1, 3), (3, 2), (5, 5), (1, 3), (2, 5), (7, 8)])
def test_a_range_that_is_no_node_is_a_mistake_of_the_program(lo: int, hi: int) -> None:
    with pytest.raises(ValueError):
        TileTree(7, _grown(7).read).subtree_hash(lo, hi)


def test_the_empty_tree_has_no_tiles_and_the_empty_root() -> None:
    assert TileTree(0, Store().read, root_hash=EMPTY_ROOT).root_hash() == EMPTY_ROOT
    with pytest.raises(DoesNotHold):
        TileTree(0, Store().read, root_hash=TREE.root(1)).root_hash()


def test_sizes_and_hashes_outside_the_range_are_mistakes_of_the_program() -> None:
    for size in (-1, 2**63):
        with pytest.raises(ValueError):
            TileTree(size, Store().read)
    with pytest.raises(ValueError):
        new_tiles(0, [b"short"], Store().read)


def test_bundles_cover_every_entry_once() -> None:
    for size in (0, 1, 255, 256, 257, 70_000):
        bundles = tile.entry_bundles_for_size(size)
        assert sum(bundle.width for bundle in bundles) == size
        assert [bundle.index for bundle in bundles] == list(range(len(bundles)))


def test_hashes_of_vectors_are_cut_as_they_were_joined() -> None:
    hashes = [bytes([n]) * 32 for n in range(9)]
    assert tile.parse_tile(b"".join(hashes), width=9) == tuple(unhex(rehex(hashes)))
