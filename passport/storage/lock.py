# SPDX-License-Identifier: Apache-2.0
"""One writing process per data directory, held by a lock file. DESIGN §3.

SQLite 3.7.0 to 3.51.2 can lose acknowledged rows when two processes write and checkpoint one write-ahead log. So
whoever opens the database file at all holds this lock from before the first open until after the last close.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from passport.domain.files import make_directory
from passport.domain.ledger_values import DirectoryLocked

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the directory: process id, and the URL of its server ("" for a command)."""

    pid: int
    url: str


class DirectoryLock:
    """The lock of one data directory: `lock` is what the kernel locks, `lock.holder` says to people who has it.

    The kernel lets go when the process dies, however it dies; a stale `lock.holder` alone locks nobody out. The text
    has a file of its own because some versions of the locking library empty the lock file when they fail to get it.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._holder_path = directory / "lock.holder"
        # Not per thread: a server takes the lock in one thread and gives it back in another.
        self._lock = FileLock(directory / "lock", timeout=0, thread_local=False)
        self._pid = 0

    @property
    def directory(self) -> Path:
        """The directory that the lock protects."""
        return self._directory

    @property
    def is_held(self) -> bool:
        """Tell whether this very process holds the lock; a forked child does not."""
        return self._lock.is_locked and self._pid == os.getpid()

    def acquire(self, url: str = "") -> None:
        """Take the lock at once or raise DirectoryLocked, which names the holder."""
        make_directory(self._directory)
        try:
            self._lock.acquire()
        except Timeout:
            raise self._refusal() from None
        self._pid = os.getpid()
        self.set_url(url)

    def set_url(self, url: str) -> None:
        """Write down who we are, for the message that others get. A crash here costs them the message only."""
        self._holder_path.write_text(f"{self._pid}\n{url}\n")

    def release(self) -> None:
        """Give the directory back. In a forked child this does nothing: the lock is the parent's."""
        if self.is_held:
            self._holder_path.unlink(missing_ok=True)
            self._lock.release()

    def read_holder(self) -> Holder | None:
        """Read who has the directory, as far as it is written down."""
        try:
            pid, url = self._holder_path.read_text().split("\n")[:2]
        except (OSError, ValueError):
            return None
        return Holder(int(pid), url) if pid.isascii() and pid.isdigit() else None

    def _refusal(self) -> DirectoryLocked:
        holder = self.read_holder()
        process = f"process {holder.pid}" if holder else "another process"
        where = f" (the server at {holder.url})" if holder and holder.url else ""
        remedy = (
            f"Ask the server instead (ledger fsck: --server {holder.url}), or stop that process first."
            if holder and holder.url
            else "Wait until it ends, or stop it; do not delete the lock file, it is not what holds the lock."
        )
        return DirectoryLocked("directory_locked", f"{self._directory} is in use by {process}{where}.", remedy)

    def __enter__(self) -> DirectoryLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
