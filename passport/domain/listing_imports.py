# SPDX-License-Identifier: Apache-2.0
"""An import of listings as a value: where it stands, what was found in the file, and which lines are in. ADR 0022."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from passport.domain.listing_file import MAX_SHOWN_ERRORS, RowError


class ImportState(StrEnum):
    """`checking` and `running` are the worker's; `ready` waits for a person or a program."""

    CHECKING = "checking"
    READY = "ready"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


BUSY = (ImportState.CHECKING, ImportState.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one pass over the file is, to the end of a transaction. All lines up to `line` are dealt with.

    `position` is the byte where the next line begins. `good` rows are listings that could be added, or were.
    """

    position: int = 0
    line: int = 0
    rows: int = 0
    good: int = 0
    bad: int = 0
    columns: tuple[str, ...] = ()
    errors: tuple[RowError, ...] = ()
    codes: dict[str, int] = field(default_factory=dict)

    def plus(self, rows: int, good: int, errors: list[RowError]) -> Progress:
        """The same with more rows; the first 50 errors are kept, and all are counted by code."""
        errors = sorted(errors, key=lambda error: error.line)
        shown = (*self.errors, *errors[: max(0, MAX_SHOWN_ERRORS - len(self.errors))])
        counts = Counter(self.codes)
        counts.update(error.code for error in errors)
        return replace(
            self,
            rows=self.rows + rows,
            good=self.good + good,
            bad=self.bad + len(errors),
            errors=shown,
            codes=dict(sorted(counts.items())),
        )


@dataclass(frozen=True, slots=True)
class ListingImport:
    """A file of listings. `checked` is the preview, `run` what has happened since. `failure` is a code, "" for none."""

    id: str
    organisation: str
    file_name: str
    digest: bytes
    size: int
    encoding: str
    state: ImportState
    created_at: datetime
    changed_at: datetime
    actor_kind: str
    actor: str
    checked: Progress = Progress()
    run: Progress = Progress()
    failure: str = ""

    @property
    def progress(self) -> Progress:
        """Of the pass that is going on, or was the last."""
        has_begun = self.state in (ImportState.RUNNING, ImportState.DONE) or self.run.line
        return self.run if has_begun else self.checked
