# SPDX-License-Identifier: Apache-2.0
"""What a witness must never forget: the last checkpoint that it cosigned, one small file per log. C2SP tlog-witness.

A file holds the checkpoint as it was cosigned, and is replaced as a whole before the cosignature leaves the process.
"""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.files import create_file, make_directory, replace_file, sync_directory
from verifier.protocol.errors import Malformed
from verifier.protocol.note import MAX_NOTE_SIZE

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

KEY_FILE = "witness.key"
_MAX_EVIDENCE = 16  # notes per log: two would do, and a log that floods us must not fill the disk


class StateError(Malformed):
    """The directory cannot be relied on. Codes: not_a_witness, witness_running, bad_state."""


def origin_hash(origin: str) -> str:
    """SHA-256 of a log's origin in lower-case hex (tlog-witness, Monitor Retrieval Mechanism)."""
    return sha256(origin.encode()).hexdigest()


def make_witness_directory(path: Path) -> None:
    """Make the directories of a new witness. The key comes last, so that a half-made witness is none."""
    make_directory(path)
    os.chmod(path, 0o700)
    make_directory(path / "logs")
    make_directory(path / "evidence")


class WitnessStore:
    """The directory of one witness. Use as a context manager: it is one process's while it is open.

    Two processes on one directory would each find the same last size and could cosign two different next trees; the
    lock is the kernel's and ends with the process.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock: int | None = None

    def __enter__(self) -> Self:
        """Take the directory. Raises StateError."""
        import fcntl  # not on every system that can check codes

        logs = self._directory / "logs"
        if not logs.is_dir() or not (self._directory / KEY_FILE).exists():
            raise StateError(
                "not_a_witness",
                f"{self._directory} has no key or no logs/. Make a witness with 'verifier witness init'. If logs/ was "
                "lost, this witness has forgotten what it signed: make a new one, with a new key.",
            )
        descriptor = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise StateError("witness_running", f"Another process serves the witness in {self._directory}.") from None
        self._lock = descriptor
        for leftover in logs.glob(".*"):  # of a write that a crash has cut off: nothing was signed upon it
            leftover.unlink()
        sync_directory(logs)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self, origin: str) -> bytes | None:
        """The note that was cosigned last for this log; None if there is none. Raises StateError."""
        path = self._path(origin)
        try:
            with path.open("rb") as file:
                return file.read(MAX_NOTE_SIZE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError("bad_state", f"{path} cannot be read: {error.strerror}.") from error

    def write(self, origin: str, note: bytes) -> None:
        """Remember this note. It lasts when the call returns; raises OSError when that cannot be promised.

        Crash before the rename: the old note stands, and nobody has the new cosignature. Crash after it: the new note
        stands, and nobody has its cosignature either; the log asks again and is told the new size.
        """
        if self._lock is None:
            raise RuntimeError("the directory is not open")
        replace_file(self._path(origin), note)

    def keep_evidence(self, origin: str, *notes: bytes) -> tuple[Path, ...]:
        """Keep notes that convict a log, at most 16 per log. Returns the files. Raises OSError."""
        folder = self._directory / "evidence"
        stem = origin_hash(origin)[:32]
        kept = []
        for note in notes:
            path = folder / f"{stem}-{sha256(note).hexdigest()[:16]}.note"
            if not path.exists():
                if len(list(folder.glob(f"{stem}-*.note"))) >= _MAX_EVIDENCE:
                    break
                create_file(path, note)
            kept.append(path)
        return tuple(kept)

    def path_of(self, origin: str) -> Path:
        """Where the note of a log is, for messages."""
        return self._path(origin)

    def _path(self, origin: str) -> Path:
        return self._directory / "logs" / origin_hash(origin)
