# SPDX-License-Identifier: Apache-2.0
"""Files that are whole after a power cut: written aside, synced, only then given their name. POSIX rename and link."""

from __future__ import annotations

import os
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def create_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Create `path` with exactly these bytes. Raises FileExistsError, and then changes nothing."""
    temporary = _write_aside(path, data, mode)
    try:
        # A link, unlike a rename, never replaces a file that another process made in the meantime.
        os.link(temporary, path)
    finally:
        os.unlink(temporary)
    sync_directory(path.parent)


def replace_file(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Give `path` these bytes. A reader, or a crash, sees the old file or the new one, never a part."""
    temporary = _write_aside(path, data, mode)
    try:
        os.rename(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
    sync_directory(path.parent)


def make_directory(path: Path) -> None:
    """Make a directory and its parents, and make their names last."""
    if path.is_dir():
        return
    make_directory(path.parent)
    path.mkdir(exist_ok=True)
    sync_directory(path.parent)


def lock_file(path: Path) -> int:
    """Make this file one process's, and give its descriptor; closing it lets go. Raises BlockingIOError, OSError.

    The lock is the kernel's and ends with the process, kill -9 included.
    """
    import fcntl  # not on every system that can check codes

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def note_name(note: bytes) -> str:
    """The name of the file that keeps a signed note as evidence."""
    return f"{sha256(note).hexdigest()[:32]}.note"


def keep_notes(folder: Path, *notes: bytes, maximum: int) -> tuple[Path, ...]:
    """Keep signed notes as files, at most `maximum` in the folder; the files. Raises OSError.

    Crash in between: some of the files are there, whole.
    """
    make_directory(folder)
    kept = []
    for note in notes:
        path = folder / note_name(note)
        if not path.exists():
            if len(list(folder.glob("*.note"))) >= maximum:
                break
            create_file(path, note)
        kept.append(path)
    return tuple(kept)


def sync_directory(path: Path) -> None:
    """Make the names in a directory last."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_aside(path: Path, data: bytes, mode: int) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except BaseException:
        os.unlink(temporary)
        raise
    return temporary
