# SPDX-License-Identifier: Apache-2.0
"""A mirror's own copy of a ledger: one SQLite file (WAL, synchronous=FULL), one writing process. C2SP tlog-tiles.

What is in it was verified when it was written, and is held against the signed checkpoint again when it is read: a file
on a disk proves nothing. Item hashes lie in tiles of 256, and count only once their batch is listed as complete.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verifier.files import keep_notes, lock_file, make_directory, note_name
from verifier.protocol.encoding import encode_canonical_json, parse_canonical_json
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Fields
from verifier.protocol.merkle import HASH_SIZE
from verifier.protocol.tile import EntryBundle, Tile, encode_entry_bundle, parse_entry_bundle

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

SCHEMA = 1
MAX_EVIDENCE = 64  # notes: a ledger that keeps failing must not fill the disk
_TABLES = """
CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE tiles (level INTEGER, place INTEGER, data BLOB NOT NULL, PRIMARY KEY (level, place));
CREATE TABLE bundles (place INTEGER PRIMARY KEY, width INTEGER NOT NULL, data BLOB NOT NULL);
CREATE TABLE items (issuer TEXT, batch INTEGER, tile INTEGER, data BLOB NOT NULL, PRIMARY KEY (issuer, batch, tile));
CREATE TABLE batches (issuer TEXT, batch INTEGER, roots BLOB NOT NULL, PRIMARY KEY (issuer, batch));
CREATE TABLE documents (digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE shards (issuer TEXT PRIMARY KEY, note BLOB NOT NULL);
"""


class StoreError(Malformed):
    """The directory cannot be used. Codes: mirror_running, bad_state, file_error."""


@dataclass(frozen=True, slots=True)
class Halt:
    """Why the mirror vouches for nothing. `ledger_forked` is for ever; the rest is taken back when it has ended."""

    code: str
    message: str

    @property
    def is_final(self) -> bool:
        return self.code == "ledger_forked"


class MirrorStore:
    """The directory of one mirror. Use as a context manager: it is one process's while it is open.

    Safe to call from many threads; writes come one after another, reads do not wait for them.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock: int | None = None
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None
        self._writing = threading.Lock()
        self._reading = threading.Lock()

    @property
    def path(self) -> Path:
        """The database."""
        return self.directory / "mirror.sqlite3"

    def __enter__(self) -> Self:
        """Take the directory, and make it if need be. Raises StoreError."""
        try:
            make_directory(self.directory)
            self._lock = lock_file(self.directory / "lock")
            self._open()
        except BlockingIOError:
            words = f"Another node works in {self.directory}. Give each its own --state DIR."
            raise StoreError("mirror_running", words) from None
        except OSError as error:
            self.__exit__(None, None, None)
            raise StoreError("file_error", f"{self.directory} cannot be used: {error.strerror}.") from error
        except (sqlite3.Error, StoreError) as error:
            self.__exit__(None, None, None)
            words = f"{self.path} is not a mirror of this version ({error}). Begin again with another --state DIR."
            raise StoreError("bad_state", words) from error
        return self

    def _open(self) -> None:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        writer = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        self._writer = writer
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA synchronous=FULL")
        (version,) = writer.execute("PRAGMA user_version").fetchone()
        if version == 0:
            # Crash inside: nothing of it is there, and the next start makes the tables.
            writer.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version={SCHEMA}; COMMIT;")
        elif version != SCHEMA:
            raise StoreError("bad_state", f"its schema is {version}, not {SCHEMA}")
        # A second connection, read-only: it neither writes nor checkpoints, so there is one writer, whatever happens.
        self._reader = sqlite3.connect(f"{self.path.absolute().as_uri()}?mode=ro", uri=True, check_same_thread=False)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for connection in (self._reader, self._writer):  # the writer last: it empties the log of writes
            if connection is not None:
                connection.close()
        self._reader = self._writer = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # The tree

    def read_size(self) -> int:
        """How many entries are here: those of the accepted checkpoint, and more while a larger one is being read."""
        value = self._read_fact("size")
        return 0 if value is None else int.from_bytes(value, "big")

    def read_checkpoint(self) -> bytes | None:
        """The note that was accepted last, to be verified again."""
        return self._read_fact("checkpoint")

    def read_tile(self, tile: Tile) -> bytes:
        """TreeSource: the bytes of a tile, cut from the widest that is here. Raises Malformed("missing")."""
        row = self._read("SELECT data FROM tiles WHERE level = ? AND place = ?", (tile.level, tile.index))
        if row is None or len(row[0]) < tile.size:
            raise Malformed("missing", f"{tile.path} is not in the mirror.")
        return bytes(row[0][: tile.size])

    def read_entries(self, bundle: EntryBundle) -> tuple[bytes, ...]:
        """TreeSource: the entries of a bundle. Raises Malformed("missing")."""
        row = self._read("SELECT width, data FROM bundles WHERE place = ?", (bundle.index,))
        if row is None or row[0] < bundle.width:
            raise Malformed("missing", f"{bundle.path} is not in the mirror.")
        return parse_entry_bundle(row[1], width=row[0])[: bundle.width]

    def append(self, size: int, tiles: Mapping[Tile, bytes], bundles: Mapping[int, tuple[bytes, ...]]) -> None:
        """Keep verified entries up to `size`, not yet accepted.

        Crash before: the entries are fetched again. Crash after: the next start trusts those of the accepted checkpoint
        alone, and the next round goes on from here if the ledger's own tiles lead to the same hashes.
        """
        with self._writing, self._transaction() as connection:
            self._put_tree(connection, tiles, bundles)
            self._put_fact(connection, "size", size.to_bytes(8, "big"))

    def accept(self, checkpoint: bytes, size: int) -> None:
        """Take a checkpoint of `size` entries, all of which are here.

        Crash before: the old checkpoint stands, and is asked to be continued. Crash after: the new one.
        """
        with self._writing, self._transaction() as connection:
            self._put_fact(connection, "checkpoint", checkpoint)
            self._put_fact(connection, "size", size.to_bytes(8, "big"))

    def forget_above(self, size: int) -> None:
        """Go on from `size`: what was appended beyond it is not of the ledger's tree. It is overwritten in time."""
        with self._writing, self._transaction() as connection:
            self._put_fact(connection, "size", size.to_bytes(8, "big"))

    @staticmethod
    def _put_tree(
        connection: sqlite3.Connection, tiles: Mapping[Tile, bytes], bundles: Mapping[int, tuple[bytes, ...]]
    ) -> None:
        connection.executemany(
            "INSERT OR REPLACE INTO tiles VALUES (?, ?, ?)",
            [(tile.level, tile.index, data) for tile, data in tiles.items()],
        )
        connection.executemany(
            "INSERT OR REPLACE INTO bundles VALUES (?, ?, ?)",
            [(index, len(entries), encode_entry_bundle(entries)) for index, entries in bundles.items()],
        )

    # The snapshot, and why nothing counts

    def read_snapshot(self) -> bytes | None:
        """The newest whole snapshot that was recomputed from the entries."""
        return self._read_fact("snapshot")

    def write_snapshot(self, note: bytes) -> None:
        """Crash before: the older one, with its earlier end. Crash after: this one. Both were verified."""
        with self._writing, self._transaction() as connection:
            self._put_fact(connection, "snapshot", note)

    def read_halt(self) -> Halt | None:
        """Why nothing counts, or None. Raises Malformed for a damaged value."""
        value = self._read_fact("halt")
        if value is None:
            return None
        fields = Fields(parse_canonical_json(value, max_size=1 << 16), "halt")
        halt = Halt(fields.string("code"), fields.string("message", maximum=8000))
        fields.done()
        return halt

    def write_halt(self, halt: Halt | None, *notes: bytes) -> None:
        """Remember why nothing counts, with the notes that show it, or that the reason has ended.

        The files come first. Crash between: they are there, and the next round finds the same fault again. Crash after:
        the next start vouches for nothing.
        """
        try:
            keep_notes(self.directory / "evidence", *notes, maximum=MAX_EVIDENCE)
        except OSError as error:
            raise StoreError("file_error", f"{self.directory} cannot be written: {error.strerror}.") from error
        with self._writing, self._transaction() as connection:
            if halt is None:
                connection.execute("DELETE FROM facts WHERE name = 'halt'")
            else:
                value = encode_canonical_json({"code": halt.code, "message": halt.message[:8000]})
                self._put_fact(connection, "halt", value)

    def evidence_of(self, *notes: bytes) -> list[str]:
        """Where such notes are kept, below the directory."""
        return [f"evidence/{note_name(note)}" for note in notes]

    # Items

    def write_items(self, issuer: str, batch: int, tiles: Iterable[tuple[int, bytes]]) -> None:
        """Keep tiles of a batch that is being fetched.

        Crash after: they are there and not believed; the batch is fetched again from its start and overwrites them.
        """
        with self._writing, self._transaction() as connection:
            rows = [(issuer, batch, index, data) for index, data in tiles]
            connection.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?, ?)", rows)

    def finish_batch(self, issuer: str, batch: int, roots: bytes) -> None:
        """All tiles are here and their roots (32 bytes each) give the logged item root.

        Crash before: the batch is fetched again. Crash after: it never is.
        """
        with self._writing, self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO batches VALUES (?, ?, ?)", (issuer, batch, roots))

    def list_batches(self) -> set[tuple[str, int]]:
        """The complete ones."""
        return {(issuer, batch) for issuer, batch in self._read_all("SELECT issuer, batch FROM batches")}

    def read_roots(self, issuer: str, batch: int) -> tuple[bytes, ...] | None:
        """The root of each item tile; None while the batch is not complete."""
        row = self._read("SELECT roots FROM batches WHERE issuer = ? AND batch = ?", (issuer, batch))
        if row is None:
            return None
        return tuple(row[0][at : at + HASH_SIZE] for at in range(0, len(row[0]), HASH_SIZE))

    def read_items(self, issuer: str, batch: int, tile: int) -> bytes | None:
        """The item hashes of one tile, 32 bytes each."""
        row = self._read("SELECT data FROM items WHERE issuer = ? AND batch = ? AND tile = ?", (issuer, batch, tile))
        return None if row is None else bytes(row[0])

    # Documents and shards: each proves itself, so a crash leaves them there or not, and no more than that

    def write_document(self, digest: str, data: bytes) -> None:
        with self._writing, self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO documents VALUES (?, ?)", (digest, data))

    def read_document(self, digest: str) -> bytes | None:
        row = self._read("SELECT data FROM documents WHERE digest = ?", (digest,))
        return None if row is None else bytes(row[0])

    def list_documents(self) -> set[str]:
        return {digest for (digest,) in self._read_all("SELECT digest FROM documents")}

    def write_shard(self, issuer: str, note: bytes) -> None:
        with self._writing, self._transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO shards VALUES (?, ?)", (issuer, note))

    def list_shards(self) -> dict[str, bytes]:
        return {issuer: bytes(note) for issuer, note in self._read_all("SELECT issuer, note FROM shards")}

    # SQL

    def _transaction(self) -> _Transaction:
        if self._writer is None:
            raise RuntimeError("the directory is not open")
        return _Transaction(self._writer)

    @staticmethod
    def _put_fact(connection: sqlite3.Connection, name: str, value: bytes) -> None:
        connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def _read_fact(self, name: str) -> bytes | None:
        row = self._read("SELECT value FROM facts WHERE name = ?", (name,))
        return None if row is None else bytes(row[0])

    def _read(self, query: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        rows = self._read_all(query, values)
        return rows[0] if rows else None

    def _read_all(self, query: str, values: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        with self._reading:
            if self._reader is None:
                raise RuntimeError("the directory is not open")
            try:
                with closing(self._reader.execute(query, values)) as cursor:
                    return cursor.fetchall()
            except sqlite3.Error as error:
                raise StoreError("file_error", f"{self.path} cannot be read: {error}") from error


class _Transaction:
    """One durable write: all of it or nothing. Raises StoreError when that cannot be promised."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> sqlite3.Connection:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as failure:
            raise StoreError("file_error", f"the mirror cannot be written: {failure}") from failure
        return self._connection

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._connection.execute("ROLLBACK" if kind is not None else "COMMIT")
        except sqlite3.Error as failure:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise StoreError("file_error", f"the mirror cannot be written: {failure}") from failure
        if isinstance(error, sqlite3.Error):
            raise StoreError("file_error", f"the mirror cannot be written: {error}") from error
