# SPDX-License-Identifier: Apache-2.0
"""A witness: cosigns a log's checkpoint if, and only if, it continues the one that was cosigned before. tlog-witness.

 1 the request and its checkpoint are well formed                                        else 400
 2 the log is one that this witness follows                                              else 404
 3 one of the log's keys has signed, and none of its signatures is bad                   else 403
 4 the old size is at most the checkpoint's                                              else 400
 5 the old size is that of the tree cosigned last, 0 if there is none                    else 409, with that size
 6 the proof leads from that tree to this one                                            else 422
 7 the clock has not gone back since                                                     else 503
 8 the cosigned checkpoint is on the disk                                                else 500
 9 200, with the cosignature

5 to 8 are done by one thread at a time per log: otherwise two requests could each be consistent with the last tree and
not with each other.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.protocol.add_checkpoint import SIZE_MEDIA_TYPE, AddCheckpoint, encode_size, parse_add_checkpoint
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.cosignature import verify_cosignature
from verifier.protocol.errors import DoesNotHold, Malformed, VerifierError
from verifier.protocol.merkle import EMPTY_ROOT, verify_consistency
from verifier.protocol.note import Note, VKey, parse_note, verify_note
from verifier.witness_store import StateError, WitnessStore, origin_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from verifier.witness_key import WitnessKey

LOG = logging.getLogger(__name__)
TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer: status, body, media type."""

    status: int
    body: bytes
    media_type: str = TEXT


@dataclass(frozen=True, slots=True)
class _Cosigned:
    """The tree that was cosigned last, when (POSIX seconds), and the note that says so."""

    size: int
    root_hash: bytes
    timestamp: int
    note: bytes


_NOTHING = _Cosigned(0, EMPTY_ROOT, 0, b"")
_CANNOT_WRITE = Answer(500, b"The witness cannot write; nothing was signed.\n")


class _Log:
    """One log that the witness follows. `lock` guards the rest."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.vkeys: list[VKey] = []
        self.lock = threading.Lock()
        self.last = _NOTHING
        self.is_uncertain = False  # the disk may or may not keep what was written last


class Witness:
    """Answers `add-checkpoint`; safe to use from many threads. The store must be open, and stay so.

    `vkeys` are the logs' keys (algorithm 0x01, the name is the origin). Raises StateError if the store holds something
    that this key has not cosigned.
    """

    def __init__(self, key: WitnessKey, vkeys: Iterable[VKey], store: WitnessStore, clock: Callable[[], float]) -> None:
        self._key = key
        self._store = store
        self._clock = clock
        self._logs: dict[str, _Log] = {}
        for vkey in vkeys:
            self._logs.setdefault(vkey.name, _Log(vkey.name)).vkeys.append(vkey)
        for log in self._logs.values():
            log.last = self._recall(log.origin)
        self._by_hash = {origin_hash(origin): log for origin, log in self._logs.items()}

    @property
    def vkey(self) -> VKey:
        """What others put into their policies."""
        return self._key.vkey

    def add_checkpoint(self, body: bytes) -> Answer:
        """Do the numbered list. Never raises on account of the request."""
        try:
            request = parse_add_checkpoint(body)  # 1
            note = parse_note(request.note)
            checkpoint = parse_checkpoint(note.text, allow_false_empty=True)
        except Malformed as error:
            return _refuse(400, error)
        log = self._logs.get(checkpoint.origin)  # 2
        if log is None:
            return Answer(404, b"This witness does not follow the log.\n")
        try:
            signers = verify_note(note, log.vkeys)  # 3
        except DoesNotHold as error:
            return _refuse(403, error)
        if request.old_size > checkpoint.size:  # 4
            return Answer(400, b"The old size is larger than the checkpoint's.\n")
        known = {(vkey.name, vkey.key_id) for vkey in signers}
        # What strangers have signed beside the log is none of our business, and could be of any length.
        note = Note(note.text, tuple(line for line in note.signatures if (line.name, line.key_id) in known))
        with log.lock:
            return self._check_and_cosign(log, request, note, checkpoint)

    def find_checkpoint(self, digest: str) -> bytes | None:
        """The last cosigned checkpoint of the log whose origin has this SHA-256 in hex; None if there is none."""
        log = self._by_hash.get(digest)
        return None if log is None else log.last.note or None

    def _check_and_cosign(self, log: _Log, request: AddCheckpoint, note: Note, checkpoint: Checkpoint) -> Answer:
        last = log.last
        if log.is_uncertain:
            LOG.error("%s: not cosigned: restart the witness once its disk is well", log.origin)
            return _CANNOT_WRITE
        if checkpoint.size == last.size and checkpoint.root_hash != last.root_hash and last.note:
            self._report_fork(log.origin, last.note, note.to_bytes())
        if request.old_size != last.size:  # 5
            return Answer(409, encode_size(last.size), SIZE_MEDIA_TYPE)
        try:
            verify_consistency(  # 6; sizes 0 and equal sizes are among its cases
                old_size=last.size,
                old_root=last.root_hash,
                new_size=checkpoint.size,
                new_root=checkpoint.root_hash,
                proof=request.proof,
            )
        except DoesNotHold as error:
            LOG.warning("%s: not cosigned at size %d: %s", log.origin, checkpoint.size, error)
            return _refuse(422, error)
        timestamp = int(self._clock())
        if timestamp < max(last.timestamp, 1):  # 7: a larger tree seen at an earlier time would be a false statement
            LOG.error("the clock stands at %d, before the last cosignature at %d", timestamp, last.timestamp)
            return Answer(503, b"The witness's clock has gone back; it does not sign until the clock is right.\n")
        line = self._key.cosign(note.text, timestamp)
        cosigned = Note(note.text, (*note.signatures, line)).to_bytes()
        try:
            self._store.write(log.origin, cosigned)  # 8
        except OSError as error:
            # If the file has its new name all the same, neither tree may be taken for the last one, and the cosignature
            # in it must not leave. A start syncs the directory and reads it again.
            log.is_uncertain = self._is_changed(log)
            LOG.error("%s: not cosigned: the disk does not keep it: %s", log.origin, error)
            return _CANNOT_WRITE
        log.last = _Cosigned(checkpoint.size, checkpoint.root_hash, timestamp, cosigned)
        LOG.info("%s: cosigned at size %d", log.origin, checkpoint.size)
        return Answer(200, line.to_line().encode())  # 9

    def _recall(self, origin: str) -> _Cosigned:
        """What the disk has of a log. It is verified: a file on a disk proves nothing."""
        data = self._store.read(origin)
        if data is None:
            return _NOTHING
        try:
            note = parse_note(data)
            checkpoint = parse_checkpoint(note.text)
            if checkpoint.origin != origin:
                raise DoesNotHold("another_log", "it is of another log.")
            timestamp = verify_cosignature(note, self._key.vkey)
        except VerifierError as error:
            raise StateError(
                "bad_state",
                f"{self._store.path_of(origin)} is not what this witness cosigned last for {origin}: {error} "
                "Without it the witness does not know what it has signed. If it is lost, retire this witness's key.",
            ) from error
        return _Cosigned(checkpoint.size, checkpoint.root_hash, timestamp, data)

    def _is_changed(self, log: _Log) -> bool:
        try:
            return (self._store.read(log.origin) or b"") != log.last.note
        except StateError:
            return True

    def _report_fork(self, origin: str, ours: bytes, theirs: bytes) -> None:
        try:
            files = self._store.keep_evidence(origin, ours, theirs)
        except OSError as error:
            LOG.error("the evidence cannot be kept: %s", error)
            files = ()
        LOG.critical("%s HAS SIGNED TWO TREES OF ONE SIZE. Evidence: %s", origin, ", ".join(map(str, files)))


def _refuse(status: int, error: VerifierError) -> Answer:
    return Answer(status, f"{error}\n".encode())
