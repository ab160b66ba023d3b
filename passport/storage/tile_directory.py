# SPDX-License-Identifier: Apache-2.0
"""Tiles as files that any static web server can serve under the ledger's prefix. C2SP tlog-tiles.

Tiles and bundles are created once and never written again; the checkpoint alone is replaced.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from filelock import FileLock

from passport.domain.files import create_file, make_directory, replace_file
from passport.domain.ledger_values import CorruptLedger
from verifier.protocol.checkpoint import parse_checkpoint
from verifier.protocol.errors import Malformed
from verifier.protocol.note import parse_note
from verifier.protocol.tile import EntryBundle, Tile, parse_tile_path

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class TileDirectory:
    """The public files below one directory: `checkpoint` and `tile/…`. Raises OSError when the disk does."""

    def __init__(self, root: Path) -> None:
        self._root = root
        make_directory(root)

    def write_blob(self, path: str, data: bytes) -> None:
        """Create a tile or bundle. One that is there must be the same bytes; raises CorruptLedger if it is not.

        Crash before the file has its name: a spare file that nothing refers to. After it: whole and synced.
        """
        target = self._root / parse_tile_path(path).path
        found = _read(target)
        if found is None:
            make_directory(target.parent)
            try:
                create_file(target, data)
                return
            except FileExistsError:
                found = _read(target)
        if found != data:
            raise CorruptLedger("public_blob_differs", f"{path} was exported before with other bytes.")

    def remove_partials(self, path: str) -> None:
        """Drop the partial forms of a full tile (tlog-tiles lets a server do so once the full one is there)."""
        full = self._root / parse_tile_path(path).path
        if full.exists():
            shutil.rmtree(full.with_name(full.name + ".p"), ignore_errors=True)

    def read_checkpoint(self) -> bytes | None:
        """Read the public checkpoint."""
        return _read(self._root / "checkpoint")

    def write_checkpoint(self, note: bytes) -> None:
        """Replace the checkpoint, unless a later one is there: two publishers may share a directory.

        Crash before the rename: the old checkpoint with all its tiles. After it: the new one with all of its own.
        """
        with FileLock(self._root / ".checkpoint.lock"):
            if _size(note) >= _size(self.read_checkpoint()):
                replace_file(self._root / "checkpoint", note)

    def read_tile(self, tile: Tile) -> bytes | None:
        """Read a tile; a partial one also from the full one, if it was dropped."""
        data = _read(self._root / tile.path)
        if data is None:
            full = _read(self._root / Tile(tile.level, tile.index).path)
            data = None if full is None else full[: tile.size]
        return data

    def read_bundle(self, bundle: EntryBundle) -> bytes | None:
        """Read an entry bundle of exactly that width."""
        return _read(self._root / bundle.path)

    def list_partials(self) -> Iterator[Tile | EntryBundle]:
        """List every partial tile and bundle that is there, whatever checkpoint it was made for."""
        for path in sorted((self._root / "tile").glob("**/*.p/*")):
            try:
                yield parse_tile_path(path.relative_to(self._root).as_posix())
            except Malformed:
                continue  # left over by a crash while it was being written


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _size(note: bytes | None) -> int:
    """Size of the tree of a checkpoint; -1 for none, or for one that we would have to replace anyway."""
    if note is None:
        return -1
    try:
        return parse_checkpoint(parse_note(note).text).size
    except Malformed:
        return -1
