# SPDX-License-Identifier: Apache-2.0
"""Large files that appear under their name only when they are whole and on disk (POSIX rename)."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

from passport.domain.files import sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_BUFFER = 1 << 20


def partial_path(path: Path) -> Path:
    """Where a file grows: one fixed name, so that a second try takes the place of what a killed one left."""
    return path.with_name(f".{path.name}.part")


@contextmanager
def open_whole(path: Path, *, mode: int = 0o644) -> Iterator[BinaryIO]:
    """A file to write to; it takes the name `path` when the block ends, and not at all when the block raises."""
    partial = partial_path(path)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb", buffering=_BUFFER) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        # A crash here leaves the old file, or none, and a part that the next try overwrites.
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)
