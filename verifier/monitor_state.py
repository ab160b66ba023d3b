# SPDX-License-Identifier: Apache-2.0
"""What a monitor must not forget: how far it has read, what it still has to tell, and two notes if the ledger lied.

One file, `state.json`, replaced as a whole. It says what is to be told *before* it is told, so an event is lost by no
crash; a crash between telling and writing that down tells it again, with the same id.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from verifier.files import keep_notes, lock_file, make_directory, note_name, replace_file, sync_directory
from verifier.monitor import Event, read_event
from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
)
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.fields import Fields, format_instant, parse_instant
from verifier.protocol.gs1 import parse_company_prefix
from verifier.protocol.note import MAX_NOTE_SIZE
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint, verify_checkpoint

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

TYPE = "product-passport/monitor-state/v1"
MAX_PENDING = 1000  # deliveries that wait for the webhook; then no more entries are read until it takes some
MAX_STATE_SIZE = 64 * 1024 * 1024
_MAX_EVENTS = 10 * MAX_PENDING  # in a file: what one commit adds to a list that was nearly full stays far below
_MAX_EVIDENCE = 64  # notes: a ledger that keeps failing must not fill the disk


class StateError(Malformed):
    """The directory cannot be used. Codes: monitor_running, bad_state, watch_changed, file_error."""


@dataclass(frozen=True, slots=True)
class MonitorState:
    """All of the file.

    `checkpoint` is the largest that was accepted: verified, and of one history with those before it. `entries_read` ≤
    its size counts the entries whose events are in this file or were told. `grown_at` is when it was first seen.
    `unprinted` and `pending` wait for standard output and for the webhook, in order; `attempts` and `not_before`
    (POSIX seconds) are the webhook's back-off. `told`: the id that was told last of each lasting condition.
    `conflict`: two notes that convict the ledger, or none.
    """

    checkpoint: VerifiedCheckpoint
    prefixes: tuple[str, ...]
    grown_at: datetime
    entries_read: int = 0
    unprinted: tuple[Event, ...] = ()
    pending: tuple[Event, ...] = ()
    attempts: int = 0
    not_before: int = 0
    told: Mapping[str, str] = field(default_factory=dict)
    conflict: tuple[bytes, ...] = ()

    def to_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785)."""
        conflict: list[JsonValue] = [note.decode() for note in self.conflict]
        return encode_canonical_json(
            {
                "attempts": self.attempts,
                "checkpoint": self.checkpoint.note.decode(),
                "conflict": conflict,
                "entries_read": self.entries_read,
                "grown_at": format_instant(self.grown_at),
                "not_before": self.not_before,
                "pending": [event.to_json() for event in self.pending],
                "prefixes": list(self.prefixes),
                "root_hash": encode_base64(self.checkpoint.root_hash),
                "size": self.checkpoint.size,
                "told": dict(self.told),
                "type": TYPE,
                "unprinted": [event.to_json() for event in self.unprinted],
            }
        )


def parse_state(data: bytes, policy: TlogPolicy) -> MonitorState:
    """The state in a file. The checkpoint is verified again: a file on a disk proves nothing. Raises VerifierError."""
    fields = Fields(parse_canonical_json(data, max_size=MAX_STATE_SIZE), "state")
    if fields.string("type") != TYPE:
        raise Malformed("bad_state", f"it is not of type {TYPE}")
    checkpoint = verify_checkpoint(fields.string("checkpoint", maximum=MAX_NOTE_SIZE).encode(), policy)
    state = MonitorState(
        checkpoint=checkpoint,
        prefixes=fields.sorted_strings("prefixes", parse_company_prefix),
        grown_at=fields.parsed("grown_at", parse_instant),
        entries_read=fields.integer("entries_read", maximum=checkpoint.size),
        unprinted=tuple(read_event(item) for item in fields.items("unprinted", maximum=_MAX_EVENTS)),
        pending=tuple(read_event(item) for item in fields.items("pending", maximum=_MAX_EVENTS)),
        attempts=fields.integer("attempts"),
        not_before=fields.integer("not_before"),
        told=_read_told(fields.take("told")),
        conflict=tuple(_read_note(item) for item in fields.items("conflict", maximum=2)),
    )
    root_hash = fields.parsed("root_hash", decode_base64)
    if (fields.integer("size"), root_hash) != (checkpoint.size, checkpoint.root_hash):
        raise Malformed("bad_state", "its size and root hash are not those of its checkpoint")
    fields.done()
    return state


def _read_told(value: JsonValue) -> dict[str, str]:
    if not isinstance(value, dict):
        raise Malformed("bad_state", "the told conditions are an object")
    told: dict[str, str] = {}
    for name, event_id in value.items():
        if not isinstance(event_id, str):
            raise Malformed("bad_state", "a told condition is a string")
        told[name] = event_id
    return told


def _read_note(value: JsonValue) -> bytes:
    if not isinstance(value, str):
        raise Malformed("bad_state", "a note is a string")
    return value.encode()


class MonitorStore:
    """The state directory of one monitor. Use as a context manager: it is one process's while it is open.

    Two monitors on one directory would each overwrite what the other still has to tell. The lock is the kernel's and
    ends with the process, kill -9 included.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._lock: int | None = None

    @property
    def path(self) -> Path:
        """The state file."""
        return self.directory / "state.json"

    def __enter__(self) -> Self:
        """Take the directory, and make it if need be. Raises StateError."""
        descriptor = None
        try:
            make_directory(self.directory)
            descriptor = lock_file(self.directory / "lock")
            for leftover in self.directory.glob(".state.json.*"):  # a write that a crash cut off: it never counted
                leftover.unlink()
            sync_directory(self.directory)
        except OSError as error:
            if descriptor is not None:
                os.close(descriptor)
            if isinstance(error, BlockingIOError):
                words = f"Another monitor works in {self.directory}. Give each its own --state DIR."
                raise StateError("monitor_running", words) from None
            raise StateError("file_error", f"{self.directory} cannot be used: {error.strerror}.") from error
        self._lock = descriptor
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def read(self, policy: TlogPolicy) -> MonitorState | None:
        """The state as it was written last; None for a new monitor. A damaged file is never replaced: StateError."""
        try:
            with self.path.open("rb") as file:
                data = file.read(MAX_STATE_SIZE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StateError("bad_state", f"{self.path} cannot be read: {error.strerror}.") from error
        try:
            return parse_state(data, policy)
        except VerifierError as error:
            words = (
                f"{self.path} does not hold, or does not fit the policy: {error} If the policy was changed on "
                "purpose, begin again with another --state DIR; otherwise find out who changed what."
            )
            raise StateError("bad_state", words) from error

    def write(self, state: MonitorState) -> None:
        """Make this the state. It lasts when the call returns. Raises StateError when that cannot be promised.

        Crash before the rename: the old state stands, and nothing of the new one was told to anybody. Crash after it:
        the new state stands, and whoever starts next tells what it lists.
        """
        if self._lock is None:
            raise RuntimeError("the directory is not open")
        try:
            replace_file(self.path, state.to_bytes(), mode=0o600)
        except OSError as error:
            raise StateError("file_error", f"{self.path} cannot be written: {error.strerror}.") from error

    @staticmethod
    def evidence_name(note: bytes) -> str:
        """The name of a note's file below the state directory."""
        return f"evidence/{note_name(note)}"

    def keep_evidence(self, *checkpoints: bytes) -> tuple[Path, ...]:
        """Keep signed notes as files, at most 64 of them; the files. Raises StateError.

        Crash in between: some of the files are there, whole. Of two that convict the ledger the state has a copy, so
        the next start completes them.
        """
        folder = self.directory / "evidence"
        try:
            return keep_notes(folder, *checkpoints, maximum=_MAX_EVIDENCE)
        except OSError as error:
            raise StateError("file_error", f"{folder} cannot be written: {error.strerror}.") from error
