# SPDX-License-Identifier: Apache-2.0
"""A lock that the kernel lets go of when its last holder dies, however it dies (flock)."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passport.domain.files import make_directory
from passport.domain.maker_errors import StateConflict

_POLL_SECONDS = 0.05


@contextmanager
def hold_lock(path: Path, *, wait_seconds: float, busy: str) -> Iterator[None]:
    """Hold the lock while the block runs. Raises StateConflict("busy", busy) if others keep it for so long.

    Forked children hold it too until they end; so a lock that is free says that nobody of an earlier run writes any
    more.
    """
    make_directory(path.parent)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + wait_seconds
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise StateConflict("busy", busy) from None
                time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)
