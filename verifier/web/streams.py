# SPDX-License-Identifier: Apache-2.0
"""Server-sent events for badges: a bounded number of bounded streams. HTML Living Standard, Server-sent events."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.web.ports import Checker
    from verifier.web.settings import WebSettings

_SLICE_SECONDS = 1.0  # how long a stopping server waits for its streams
RETRY_MILLISECONDS = 3000


class StreamGate:
    """Counts open streams. Each holds a server thread, so beyond the maximum nobody gets one."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._open = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    @property
    def open_count(self) -> int:
        return self._open

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def enter(self) -> bool:
        with self._lock:
            if self._open >= self._maximum or self.is_stopping:
                return False
            self._open += 1
            return True

    def leave(self) -> None:
        with self._lock:
            self._open -= 1

    def stop(self) -> None:
        """Ends every stream within a second, so that the server can stop cleanly."""
        self._stopping.set()


class EventStream:
    """The body of one stream: the state at once, then at every change, and as a heartbeat in between.

    An object and not a generator: a generator that was never started does not run its `finally` when it is closed, and
    its place at the gate would be lost for good.
    """

    def __init__(
        self,
        gate: StreamGate,
        checker: Checker,
        settings: WebSettings,
        make_event: Callable[[], str],
        seconds_to_next: Callable[[], float] | None = None,
    ) -> None:
        """`seconds_to_next`: until an event that is due by the clock; at the latest the heartbeat comes."""
        self._gate, self._checker, self._settings, self._make_event = gate, checker, settings, make_event
        self._seconds_to_next = seconds_to_next
        self._is_closed = False
        self._events = self._run()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._events)

    def close(self) -> None:
        """Gives the place back; called by the server at the end and when the reader has gone."""
        if not self._is_closed:
            self._is_closed = True
            self._gate.leave()

    def _run(self) -> Iterator[bytes]:
        ends_at = time.monotonic() + self._settings.stream_seconds
        count = self._checker.change_count()  # before the first look: a change in between is seen by the next wait
        yield f"retry: {RETRY_MILLISECONDS}\ndata: {self._make_event()}\n\n".encode()
        while not self._gate.is_stopping and time.monotonic() < ends_at:
            count = self._wait(count, ends_at)
            yield f"data: {self._make_event()}\n\n".encode()

    def _wait(self, count: int, ends_at: float) -> int:
        """Until a change, the next heartbeat, the stream's end or the server's stop."""
        wait = self._settings.beat_seconds
        if self._seconds_to_next is not None:
            wait = min(wait, max(0.05, self._seconds_to_next()))
        until = min(ends_at, time.monotonic() + wait)
        while not self._gate.is_stopping and (left := until - time.monotonic()) > 0:
            now = self._checker.wait_for_change(count, min(left, _SLICE_SECONDS))
            if now > count:
                return now
        return count
