# SPDX-License-Identifier: Apache-2.0
"""Tiles as public files."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from passport.domain.ledger_values import CorruptLedger
from passport.storage.tile_directory import TileDirectory
from tests.support.ledgers import ORIGIN, SIGNER
from verifier.protocol.checkpoint import Checkpoint
from verifier.protocol.errors import Malformed
from verifier.protocol.tile import EntryBundle, Tile

if TYPE_CHECKING:
    from pathlib import Path


def note(size: int) -> bytes:
    return SIGNER.sign_checkpoint(Checkpoint(ORIGIN, size, bytes(32)))


def test_files_stand_at_the_paths_of_the_specification(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_blob(Tile(0, 1067, 5).path, b"t" * 160)
    directory.write_blob(EntryBundle(1067).path, b"e")
    directory.write_checkpoint(note(1))
    assert (tmp_path / "tile/0/x001/067.p/5").read_bytes() == b"t" * 160
    assert (tmp_path / "tile/entries/x001/067").read_bytes() == b"e"
    assert (tmp_path / "checkpoint").read_bytes() == note(1)


def test_a_web_server_of_another_user_may_read_them(tmp_path: Path) -> None:
    TileDirectory(tmp_path).write_blob("tile/0/000", bytes(8192))
    assert stat.S_IMODE((tmp_path / "tile/0/000").stat().st_mode) & 0o444 == 0o444


def test_the_same_file_again_is_compared_and_left(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_blob("tile/0/000", bytes(8192))
    before = (tmp_path / "tile/0/000").stat()
    directory.write_blob("tile/0/000", bytes(8192))
    assert (tmp_path / "tile/0/000").stat().st_ino == before.st_ino


def test_other_bytes_for_an_existing_file_are_corruption(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_blob("tile/0/000", bytes(8192))
    with pytest.raises(CorruptLedger, match=r"tile/0/000"):
        directory.write_blob("tile/0/000", bytes(8191) + b"x")
    assert (tmp_path / "tile/0/000").read_bytes() == bytes(8192)


@pytest.mark.parametrize("path", ["../checkpoint", "tile/0/../../x", "checkpoint", "/etc/passwd", "tile/0/0"])
def test_a_path_that_is_no_tile_path_is_refused(tmp_path: Path, path: str) -> None:
    with pytest.raises(Malformed):
        TileDirectory(tmp_path / "public").write_blob(path, b"x")
    assert [p.name for p in tmp_path.rglob("*")] == ["public"]


def test_a_checkpoint_of_a_smaller_tree_never_replaces_a_larger_one(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_checkpoint(note(9))
    directory.write_checkpoint(note(8))
    assert directory.read_checkpoint() == note(9)
    directory.write_checkpoint(note(10))
    assert directory.read_checkpoint() == note(10)


def test_partial_forms_go_only_when_the_full_one_is_there(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_blob("tile/0/000.p/5", bytes(160))
    directory.remove_partials("tile/0/000")
    assert directory.read_tile(Tile(0, 0, 5)) == bytes(160)
    directory.write_blob("tile/0/000", bytes(8192))
    directory.remove_partials("tile/0/000")
    assert not (tmp_path / "tile/0/000.p").exists()
    assert directory.read_tile(Tile(0, 0, 5)) == bytes(160)


def test_partials_are_listed_and_strange_files_are_not(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_blob("tile/0/000.p/5", bytes(160))
    directory.write_blob("tile/entries/000.p/5", b"x")
    (tmp_path / "tile/0/000.p/.5.abcd").write_bytes(b"half")
    assert sorted(place.path for place in directory.list_partials()) == ["tile/0/000.p/5", "tile/entries/000.p/5"]


def test_no_temporary_file_is_left(tmp_path: Path) -> None:
    directory = TileDirectory(tmp_path)
    directory.write_blob("tile/0/000.p/5", bytes(160))
    directory.write_checkpoint(note(1))
    names = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert names == {"5", "checkpoint", ".checkpoint.lock"}
