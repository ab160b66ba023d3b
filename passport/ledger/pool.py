# SPDX-License-Identifier: Apache-2.0
"""The pool: callers put entries in and hold futures; the sequencer takes out up to one batch at a time."""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from passport.domain.ledger_values import AppendFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passport.domain.ledger_values import LedgerError
    from passport.ledger.integrator import Outcome

MAX_WAITING_ENTRIES: Final = 16 * 1024


class Submission:
    """Some entries of one caller and the future of all their outcomes, in order."""

    __slots__ = ("_outcomes", "entries", "future", "taken")

    def __init__(self, entries: Sequence[bytes]) -> None:
        self.entries = entries
        self.taken = 0
        self.future: Future[tuple[Outcome, ...]] = Future()
        self._outcomes: list[Outcome] = []

    def deliver(self, outcomes: Sequence[Outcome]) -> None:
        """Add outcomes; the future is done with the last one."""
        self._outcomes += outcomes
        if len(self._outcomes) == len(self.entries):
            with suppress(InvalidStateError):  # a caller may have cancelled: the entries stand all the same
                self.future.set_result(tuple(self._outcomes))

    def fail(self, error: Exception) -> None:
        """Fail all of it, also what was stored before: sending it again finds that."""
        with suppress(InvalidStateError):
            self.future.set_exception(error)


Part = tuple[Submission, int]
"""A submission and how many of its entries, from its front, are in this batch."""


class Pool:
    """First in, first out; bounded. A batch is ready when it is full, or old enough, or nothing more will come."""

    def __init__(self, batch_entries: int, wait_seconds: float) -> None:
        self._batch_entries = batch_entries
        self._wait_seconds = wait_seconds
        self._queue: deque[Submission] = deque()
        self._waiting = 0
        self._oldest_at = 0.0
        self._closed_by: LedgerError | None = None
        self._changed = threading.Condition()

    def put(self, submission: Submission) -> None:
        """Add a submission. Raises AppendFailed if the pool is full or closed."""
        with self._changed:
            if self._closed_by is not None:
                raise AppendFailed("ledger_stopped", f"The ledger takes no entries: {self._closed_by}")
            if self._waiting + len(submission.entries) > MAX_WAITING_ENTRIES:
                raise AppendFailed("ledger_busy", "Too many entries are waiting. Send them again a little later.")
            if not self._queue:
                self._oldest_at = time.monotonic()
            self._queue.append(submission)
            before, self._waiting = self._waiting, self._waiting + len(submission.entries)
            # Waking the sequencer for each of 256 entries costs more than hashing them.
            if before == 0 or self._waiting >= self._batch_entries:
                self._changed.notify()

    def take(self) -> list[Part]:
        """Wait for a batch and take it; empty when the pool is closed and drained."""
        with self._changed:
            while not self._queue:
                if self._closed_by is not None:
                    return []
                self._changed.wait()
            while self._waiting < self._batch_entries and self._closed_by is None:
                left = self._oldest_at + self._wait_seconds - time.monotonic()
                if left <= 0:
                    break
                self._changed.wait(left)
            return self._take_now()

    def _take_now(self) -> list[Part]:
        parts: list[Part] = []
        room = self._batch_entries
        while self._queue and room:
            first = self._queue[0]
            count = min(room, len(first.entries) - first.taken)
            parts.append((first, count))
            first.taken += count
            room -= count
            self._waiting -= count
            if first.taken == len(first.entries):
                self._queue.popleft()
        self._oldest_at = time.monotonic()
        return parts

    def close(self, reason: LedgerError) -> None:
        """Take nothing more; what is waiting can still be taken."""
        with self._changed:
            self._closed_by = self._closed_by or reason
            self._changed.notify_all()

    def drop_all(self) -> list[Submission]:
        """Empty the pool and return what was waiting, for its futures to be failed."""
        with self._changed:
            dropped = list(self._queue)
            self._queue.clear()
            self._waiting = 0
            return dropped

    def drop(self, submissions: Sequence[Submission]) -> None:
        """Forget the rest of submissions whose first part failed: half of one is no use to its caller."""
        with self._changed:
            failed = {id(submission) for submission in submissions}
            for waiting in [s for s in self._queue if id(s) in failed]:
                self._queue.remove(waiting)
                self._waiting -= len(waiting.entries) - waiting.taken
