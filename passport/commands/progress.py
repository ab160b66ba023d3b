# SPDX-License-Identifier: Apache-2.0
"""How far a long command is: a bar with rate and remaining time for a person, plain lines for a log, or nothing."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Protocol, Self

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

STAGES = {
    "sign": "Signing codes",
    "upload": "Uploading item hashes",
    "write": "Writing code files",
    "labels": "Making labels",
}
_LINE_SECONDS = 5.0


class Reporter(Protocol):
    """What the commands report to; also a context manager."""

    def start(self, stage: str, total: int) -> None: ...

    def advance(self, steps: int) -> None: ...

    def say(self, text: str) -> None: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


class _Rate(ProgressColumn):
    def render(self, task: Task) -> Text:
        """Steps a second so far."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


class BarReporter:
    """A bar for each stage, on the terminal."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console if console is not None else Console(stderr=True)
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def start(self, stage: str, total: int) -> None:
        self._stop()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=self._console)
        self._task = self._progress.add_task(STAGES.get(stage, stage), total=total)
        self._progress.start()

    def advance(self, steps: int) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task, steps)

    def say(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False)

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()


class LineReporter:
    """A line when a stage begins, every five seconds, and when it ends."""

    def __init__(self, *, is_quiet: bool = False) -> None:
        self._is_quiet = is_quiet
        self._stage, self._total, self._done = "", 0, 0
        self._began_at = self._said_at = time.monotonic()

    def start(self, stage: str, total: int) -> None:
        self._finish()
        self._stage, self._total, self._done = STAGES.get(stage, stage), total, 0
        self._began_at = self._said_at = time.monotonic()

    def advance(self, steps: int) -> None:
        self._done += steps
        if time.monotonic() - self._said_at >= _LINE_SECONDS:
            self._said_at = time.monotonic()
            self._line()

    def _line(self) -> None:
        elapsed = max(time.monotonic() - self._began_at, 1e-6)
        rate = self._done / elapsed
        left = (self._total - self._done) / rate if rate else 0.0
        rest = f", {left:.0f} s left" if left >= 1 else ""
        self.say(f"{self._stage}: {self._done:,} of {self._total:,} ({rate:,.0f}/s{rest})")

    def _finish(self) -> None:
        if self._stage:
            self._line()
            self._stage = ""

    def say(self, text: str) -> None:
        if not self._is_quiet:
            click.echo(text, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._finish()


def make_reporter(*, quiet: bool) -> Reporter:
    """A bar if a person looks on, else lines, or silence."""
    if quiet:
        return LineReporter(is_quiet=True)
    return BarReporter() if sys.stderr.isatty() else LineReporter()
