# SPDX-License-Identifier: Apache-2.0
"""Vectors of the tree and its tiles."""
# ruff: noqa: E501  (one case, one line)

from __future__ import annotations

from hashlib import sha256
from typing import Any

from ledger_kit import Case, bad, consistency, entry, flipped, good, hexes, leaf, mth, path

TOO_LARGE = 2**63


def merkle_cases() -> list[Case]:
    return [*_hash_cases(), *_inclusion_cases(), *_consistency_cases()]


def _hash_cases() -> list[Case]:
    entries = [entry(i).hex() for i in range(7)]
    return [
        good("empty-leaf", "hashes a leaf without bytes", "leaf_hash", {"data": ""}, {"hash": sha256(b"\0").hexdigest()}),
        good("leaf-hash", "hashes a leaf of four bytes", "leaf_hash", {"data": "00000005"}, {"hash": leaf(5).hex()}),
        good("root-of-nothing", "a tree of size 0 has the SHA-256 of nothing as its root", "root", {"entries": []}, {"root_hash": mth(0, 0).hex()}),
        good("root-of-one", "a tree of size 1 has its leaf hash as its root", "root", {"entries": entries[:1]}, {"root_hash": leaf(0).hex()}),
        good("root-of-seven", "an incomplete tree", "root", {"entries": entries}, {"root_hash": mth(0, 7).hex()}),
        good("path-in-seven", "builds the proof of the last, carried leaf", "inclusion_proof", {"entries": entries, "index": "6"}, {"proof": hexes(path(6, 0, 7))}),
        good("consistency-three-seven", "builds the RFC's own example, 3 of 7", "consistency_proof", {"entries": entries, "old_size": "3"}, {"proof": hexes(consistency(3, 7))}),
    ]  # fmt: skip


def _included(index: int, size: int, /, **changes: Any) -> dict[str, Any]:
    given = {
        "leaf_hash": leaf(index).hex(),
        "index": str(index),
        "size": str(size),
        "proof": hexes(path(index, 0, size)),
        "root_hash": mth(0, size).hex(),
    }
    return given | changes


def _inclusion_cases() -> list[Case]:
    op, error = "verify_inclusion", "bad_inclusion_proof"
    right = path(5, 0, 7)
    deep = [bytes([n]) * 32 for n in range(64)]
    root_of_two = mth(0, 2)
    return [
        good("single-leaf", "the only leaf needs no proof", op, _included(0, 1), {}),
        good("first-of-seven", "leaf 0 of 7", op, _included(0, 7), {}),
        good("carried-last-leaf", "the last leaf of an odd level has fewer siblings", op, _included(6, 7), {}),
        good("across-tiles", "leaf 255 of 300", op, _included(255, 300), {}),
        bad("one-hash-too-many", "appends a hash to a good proof", op, _included(5, 7, proof=hexes([*right, right[0]])), error),
        bad("one-hash-too-few", "leaves out the last hash", op, _included(5, 7, proof=hexes(right[:-1])), error),
        bad("no-hash-at-all", "offers an empty proof in a tree of seven", op, _included(5, 7, proof=[]), error),
        bad("hash-for-single-leaf", "offers a hash where there is no sibling", op, _included(0, 1, proof=[leaf(1).hex()]), error),
        bad("wrong-order", "gives the siblings from the root down", op, _included(5, 7, proof=hexes(right[::-1])), error),
        bad("sibling-index", "uses a good proof at the neighbour's index", op, _included(5, 7, index="4"), error),
        bad("flipped-proof-bit", "flips one bit of the first sibling", op, _included(5, 7, proof=hexes([flipped(right[0]), *right[1:]])), error),
        bad("flipped-leaf-bit", "flips one bit of the leaf hash", op, _included(5, 7, leaf_hash=flipped(leaf(5)).hex()), error),
        bad("other-root", "compares with the root of another size", op, _included(5, 7, root_hash=mth(0, 8).hex()), error),
        bad("other-size", "claims another size for the same root", op, _included(5, 7, size="9"), error),
        good("same-shape-other-size", "claims a size in which the leaf's path has the same shape: an inclusion proof does not bind the size, the signed checkpoint does", op, _included(5, 7, size="8"), {}),
        bad("index-is-size", "asks for the leaf just after the last", op, _included(6, 7, index="7"), error),
        bad("index-beyond-size", "asks for a leaf far outside", op, _included(6, 7, index="700"), error),
        bad("negative-index", "counts from the end", op, _included(6, 7, index="-1"), error),
        bad("tree-of-size-0", "proves a leaf in an empty tree", op, {"leaf_hash": mth(0, 0).hex(), "index": "0", "size": "0", "proof": [], "root_hash": mth(0, 0).hex()}, error),
        bad("size-two-to-63", "claims a size outside of the range", op, _included(0, 1, size=str(TOO_LARGE), proof=hexes(deep[:63])), error),
        bad("node-as-leaf", "passes an inner node off as a leaf of a smaller tree's shape", op, _included(0, 2, leaf_hash=root_of_two.hex(), proof=[], root_hash=root_of_two.hex()), error),
        bad("short-hash", "moves a byte from the sibling to the leaf, so that the glued input is the same", op, _included(0, 2, leaf_hash=(leaf(0) + leaf(1)[:1]).hex(), proof=[leaf(1)[1:].hex()]), error),
        bad("empty-root", "offers a root hash without bytes", op, _included(5, 7, root_hash=""), error),
    ]  # fmt: skip


def _consistent(old: int, new: int, /, **changes: Any) -> dict[str, Any]:
    given = {
        "old_size": str(old),
        "old_root": mth(0, old).hex(),
        "new_size": str(new),
        "new_root": mth(0, new).hex(),
        "proof": hexes(consistency(old, new)),
    }
    return given | changes


def _consistency_cases() -> list[Case]:
    op, error = "verify_consistency", "bad_consistency_proof"
    proof = consistency(6, 13)
    return [
        good("grown-tree", "13 leaves extend 6", op, _consistent(6, 13), {}),
        good("power-of-two", "an old tree that is a whole subtree is left out of the proof", op, _consistent(8, 13), {}),
        good("same-size", "equal sizes and roots take no proof", op, _consistent(7, 7), {}),
        good("from-nothing", "every tree extends the empty one", op, _consistent(0, 7), {}),
        good("nothing-from-nothing", "the empty tree extends itself", op, _consistent(0, 0), {}),
        bad("old-above-new", "a tree that shrinks", op, _consistent(7, 6, proof=hexes(consistency(6, 7))), error),
        bad("proof-for-same-size", "offers a hash where none is needed", op, _consistent(7, 7, proof=[leaf(0).hex()]), error),
        bad("same-size-other-root", "two trees of one size: a split view", op, _consistent(7, 7, new_root=mth(1, 8).hex()), error),
        bad("proof-from-nothing", "offers a hash for an old tree of size 0", op, _consistent(0, 7, proof=[leaf(0).hex()]), error),
        bad("false-empty-root", "an old tree of size 0 with a root of its own", op, _consistent(0, 7, old_root=leaf(0).hex()), error),
        bad("consistency-hash-too-many", "appends a hash", op, _consistent(6, 13, proof=hexes([*proof, proof[-1]])), error),
        bad("consistency-hash-too-few", "leaves out the last hash", op, _consistent(6, 13, proof=hexes(proof[:-1])), error),
        bad("consistency-no-hash", "offers an empty proof", op, _consistent(6, 13, proof=[]), error),
        bad("consistency-wrong-order", "gives the proof from the end", op, _consistent(6, 13, proof=hexes(proof[::-1])), error),
        bad("consistency-flipped-bit", "flips one bit of the last hash", op, _consistent(6, 13, proof=hexes([*proof[:-1], flipped(proof[-1])])), error),
        bad("rewritten-history", "an old root that is not in the new tree", op, _consistent(6, 13, old_root=mth(1, 7).hex()), error),
        bad("power-of-two-included", "puts the old root into the proof where the RFC leaves it out", op, _consistent(8, 13, proof=hexes([mth(0, 8), *consistency(8, 13)])), error),
        bad("consistency-short-hash", "moves a byte from the proof to the old root, so that the glued input is the same", op, _consistent(1, 2, old_root=(leaf(0) + leaf(1)[:1]).hex(), proof=[leaf(1)[1:].hex()]), error),
        bad("negative-old-size", "an old tree of size -1", op, _consistent(0, 7, old_size="-1"), error),
        bad("new-size-two-to-63", "a new tree outside of the range", op, _consistent(0, 7, new_size=str(TOO_LARGE)), error),
    ]  # fmt: skip


def tile_cases() -> list[Case]:
    return [*_path_cases(), *_tile_data_cases(), *_bundle_cases()]


def _path_cases() -> list[Case]:
    op, error = "parse_tile_path", "malformed_tile_path"

    def tile(level: str, index: str, width: str) -> dict[str, str]:
        return {"kind": "tile", "level": level, "index": index, "width": width}

    hostile = [
        ("width-zero", "tile/0/001.p/0", "an empty tile"),
        ("width-256", "tile/0/001.p/256", "a full tile spelled as a partial one"),
        ("width-plus-one", "tile/0/001.p/+1", "a sign before the width"),
        ("width-leading-zero", "tile/0/001.p/05", "a width with a leading zero"),
        ("width-missing", "tile/0/001.p/", "a partial tile without its width"),
        ("index-without-x", "tile/0/001/067", "a first group without its x"),
        ("index-last-with-x", "tile/0/x001/x067", "a last group with an x"),
        ("index-capital-x", "tile/0/X001/067", "a capital X"),
        ("index-leading-group", "tile/0/x000/067", "a second spelling of index 67"),
        ("index-two-digits", "tile/0/67", "an index that is not padded"),
        ("index-arabic-digits", "tile/0/٠٦٧", "Arabic digits"),
        ("index-beyond-range", "tile/0/x036/x028/x797/x018/x963/968", "index 2^55, beyond 2^63 leaves"),
        ("level-64", "tile/64/000", "a level above 63"),
        ("level-leading-zero", "tile/00/000", "a level with a leading zero"),
        ("level-plus", "tile/+0/000", "a sign before the level"),
        ("level-minus", "tile/-1/000", "a negative level"),
        ("level-word", "tile/data/000", "another dialect's name for the entries"),
        ("path-leading-slash", "/tile/0/000", "an absolute path"),
        ("path-trailing-slash", "tile/0/000/", "a slash at the end"),
        ("path-trailing-newline", "tile/0/000\n", "a newline at the end"),
        ("path-climbing", "tile/0/../0/000", "a parent directory"),
        ("entries-width-zero", "tile/entries/000.p/0", "an empty bundle"),
        ("path-empty", "", "no path at all"),
    ]
    return [
        good("full-tile", "a full tile has no suffix", op, {"path": "tile/0/067"}, tile("0", "67", "256")),
        good("nested-index", "index 1067 in two groups", op, {"path": "tile/1/x001/067"}, tile("1", "1067", "256")),
        good("three-groups", "the example of C2SP", op, {"path": "tile/0/x001/x234/067.p/255"}, tile("0", "1234067", "255")),
        good("level-63", "the highest level", op, {"path": "tile/63/000.p/1"}, tile("63", "0", "1")),
        good("last-tile", "index 2^55 - 1, the last below 2^63 leaves", op, {"path": "tile/0/x036/x028/x797/x018/x963/967"}, tile("0", str(2**55 - 1), "256")),
        good("bundle-path", "a partial entry bundle", op, {"path": "tile/entries/x001/000.p/7"}, {"kind": "entries", "index": "1000", "width": "7"}),
        *(bad(name, does, op, {"path": text}, error) for name, text, does in hostile),
    ]  # fmt: skip


def _tiles_of(size: int) -> dict[str, bytes]:
    tiles: dict[str, bytes] = {}
    level = 0
    while (count := size >> (8 * level)) > 0:
        step = 256**level
        hashes = [mth(i * step, (i + 1) * step) for i in range(count)]
        for first in range(0, count, 256):
            part = hashes[first : first + 256]
            suffix = "" if len(part) == 256 else f".p/{len(part)}"
            tiles[f"tile/{level}/{first // 256:03d}{suffix}"] = b"".join(part)
        level += 1
    return tiles


def _tile_data_cases() -> list[Case]:
    small = {name: data.hex() for name, data in _tiles_of(5).items()}
    grown = {name: sha256(data).hexdigest() for name, data in _tiles_of(600).items()}
    changed = {name: digest for name, digest in grown.items() if name != "tile/0/000"}
    listed = [
        *(f"tile/0/{n:03d}" for n in range(273)),
        "tile/0/273.p/112",
        "tile/1/000",
        "tile/1/001.p/17",
        "tile/2/000.p/1",
    ]
    return [
        good("tile-of-three", "cuts a partial tile into its hashes", "parse_tile", {"data": _tiles_of(3)["tile/0/000.p/3"].hex(), "width": "3"}, {"hashes": hexes([leaf(0), leaf(1), leaf(2)])}),
        bad("tile-one-byte-short", "a tile that lost a byte", "parse_tile", {"data": _tiles_of(3)["tile/0/000.p/3"][:-1].hex(), "width": "3"}, "malformed_tile"),
        bad("tile-one-hash-long", "a wider tile under a narrow name", "parse_tile", {"data": _tiles_of(3)["tile/0/000.p/3"].hex(), "width": "2"}, "malformed_tile"),
        bad("tile-empty", "a tile without hashes", "parse_tile", {"data": "", "width": "0"}, "malformed_tile"),
        good("tiles-of-70000", "lists the tiles of a tree of 70,000 leaves, as C2SP counts them", "tiles_for_size", {"size": "70000"}, {"paths": listed}),
        good("tiles-of-256", "256 leaves make one full tile and one hash above it", "tiles_for_size", {"size": "256"}, {"paths": ["tile/0/000", "tile/1/000.p/1"]}),
        good("tiles-of-nothing", "an empty tree has no tiles", "tiles_for_size", {"size": "0"}, {"paths": []}),
        good("root-from-tiles", "computes root and proof from tiles alone", "read_tree", {"size": "5", "tiles": small, "index": "4", "old_size": "3", "root_hash": mth(0, 5).hex()}, {"root_hash": mth(0, 5).hex(), "inclusion_proof": hexes(path(4, 0, 5)), "consistency_proof": hexes(consistency(3, 5))}),
        bad("tile-flipped-bit", "a tile with one flipped bit, under a signed root", "read_tree", {"size": "5", "tiles": {"tile/0/000.p/5": flipped(_tiles_of(5)["tile/0/000.p/5"], 40).hex()}, "index": "4", "old_size": "3", "root_hash": mth(0, 5).hex()}, "bad_tile"),
        good("append-across-tile", "appends leaves 200 to 599 (each the four bytes of its index) to 200: changed tiles by the SHA-256 of their bytes", "append", {"old_size": "200", "new_size": "600"}, {"tiles": {"tile/0/000": grown["tile/0/000"], **changed}, "root_hash": mth(0, 600).hex()}),
        good("append-within-tile", "appends leaf 5 to 5: one partial tile changes", "append", {"old_size": "5", "new_size": "6"}, {"tiles": {name: sha256(data).hexdigest() for name, data in _tiles_of(6).items()}, "root_hash": mth(0, 6).hex()}),
    ]  # fmt: skip


def _bundle_cases() -> list[Case]:
    op, error = "parse_entry_bundle", "malformed_entry_bundle"
    entries = [b"first", b"", b"third entry"]
    data = b"".join(len(e).to_bytes(2, "big") + e for e in entries)

    def given(data: bytes, width: int) -> dict[str, str]:
        return {"data": data.hex(), "width": str(width)}

    return [
        good("bundle-of-three", "three entries, one of them empty", op, given(data, 3), {"entries": hexes(entries)}),
        bad("bundle-cut-entry", "ends inside an entry", op, given(data[:-1], 3), error),
        bad("bundle-cut-length", "ends inside a length", op, given(data + b"\x00", 4), error),
        bad("bundle-trailing-byte", "a byte after the last entry", op, given(data + b"\x00", 3), error),
        bad("bundle-wider-name", "three entries under a name that says four", op, given(data, 4), error),
        bad("bundle-narrower-name", "three entries under a name that says two", op, given(data, 2), error),
        bad("bundle-empty", "no bytes at all", op, given(b"", 1), error),
        bad("bundle-width-zero", "a width of zero", op, given(b"", 0), error),
        bad("bundle-width-257", "more entries than a bundle holds", op, given(bytes(2 * 257), 257), error),
    ]  # fmt: skip
