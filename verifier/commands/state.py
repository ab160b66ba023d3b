# SPDX-License-Identifier: Apache-2.0
"""What is remembered of each ledger between two runs: the newest checkpoint that was accepted, and the status key.

A ledger that shows different histories to different people can only be caught by those who remember.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from verifier.protocol.encoding import encode_canonical_json, parse_canonical_json
from verifier.protocol.errors import Malformed, VerifierError
from verifier.protocol.fields import Fields
from verifier.protocol.note import MAX_NOTE_SIZE, VKey, parse_vkey
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint, verify_checkpoint

_MAX_SIZE = 2 * MAX_NOTE_SIZE


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of one ledger. The status key is that of entry 0, so it never changes."""

    checkpoint: VerifiedCheckpoint
    status_vkey: VKey


class StateDirectory:
    """One small file per ledger, named after the SHA-256 of its origin."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def find(self, origin: str, policy: TlogPolicy) -> Memory | None:
        """What is remembered of this ledger; None at the first meeting.

        The checkpoint is verified again: a file on a disk proves nothing. Raises Malformed("bad_state").
        """
        path = self._path(origin)
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_SIZE + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Malformed("bad_state", f"{path} cannot be read: {error.strerror}") from error
        try:
            fields = Fields(parse_canonical_json(data, max_size=_MAX_SIZE), "state")
            note = fields.string("checkpoint", maximum=MAX_NOTE_SIZE).encode()
            status_vkey = fields.parsed("status_vkey", parse_vkey, maximum=400)
            fields.done()
            checkpoint = verify_checkpoint(note, policy)
            if checkpoint.origin != origin:
                raise Malformed("bad_state", "it is of another ledger.")
        except VerifierError as error:
            raise Malformed(
                "bad_state",
                f"The remembered checkpoint in {path} does not fit the policy: {error} "
                "If the policy was changed on purpose, delete the file; otherwise find out who changed what.",
            ) from error
        return Memory(checkpoint, status_vkey)

    def remember(self, memory: Memory, *, policy: TlogPolicy) -> None:
        """Keep this checkpoint, unless a larger one is kept already. Raises OSError when it cannot be written."""
        origin = memory.checkpoint.origin
        kept = self.find(origin, policy)  # again: another run may have written meanwhile
        if kept is not None and kept.checkpoint.size >= memory.checkpoint.size:
            return
        data = encode_canonical_json(
            {"checkpoint": memory.checkpoint.note.decode(), "status_vkey": memory.status_vkey.to_text()}
        )
        write_file(self._path(origin), data)

    def keep_evidence(self, checkpoint: VerifiedCheckpoint) -> Path:
        """Keep a checkpoint that contradicts the remembered one: the two together convict the ledger."""
        digest = sha256(checkpoint.note).hexdigest()[:16]
        path = self._path(checkpoint.origin).with_suffix(f".conflict-{digest}.note")
        write_file(path, checkpoint.note)
        return path

    def _path(self, origin: str) -> Path:
        return self.path / f"{sha256(origin.encode()).hexdigest()[:32]}.json"


def write_file(path: Path, data: bytes) -> None:
    """Write a file so that a reader, or a crash, sees the old one or the new one and never a part. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # after a crash here: the whole new file, or still the whole old one
    except BaseException:
        os.unlink(temporary)
        raise
