# SPDX-License-Identifier: Apache-2.0
"""The ledger's side of its witnesses: asks them all at once for cosignatures, and believes none. C2SP tlog-witness.

Implements passport.ledger.ports.Witness. A witness may be dead, slow or a liar; the worst that it can do is to be
missing. What it sends counts only if it is this witness's signature, over this very checkpoint, and made just now: a
cosignature from the future, or an old one sent again, would make verifiers doubt a checkpoint that is good.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from passport.domain.ledger_values import LedgerError
from verifier.fetch import Fetcher, Reply, printable
from verifier.protocol.add_checkpoint import PATH, SIZE_MEDIA_TYPE, AddCheckpoint, parse_size
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.cosignature import find_cosignature, parse_cosignature, verify_cosignature
from verifier.protocol.errors import DidNotArrive, DoesNotHold, VerifierError
from verifier.protocol.note import MAX_NOTE_SIZE, Note, NoteSignature, find_signatures, parse_note
from verifier.protocol.policy import Name, PolicyWitness, TlogPolicy
from verifier.protocol.tile import ReadTile, TileTree
from verifier.verify import CLOCK_SKEW

LOG = logging.getLogger(__name__)
_MAX_ANSWER = 32 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one round waits for a quorum; and how much longer for the others, once it is reached."""

    quorum_seconds: float = 5.0
    others_seconds: float = 0.5


@dataclass(slots=True)
class _Peer:
    """One witness, and what we remember of it. `size` is None when it has to be asked first."""

    witness: PolicyWitness
    url: str
    size: int | None = None
    newest: int = 0  # the latest of its times that we accepted
    failure: str = ""  # code of its last failure; empty while it answers well
    is_busy: bool = False  # a request of this or an earlier round is still under way


@dataclass(slots=True)
class _Round:
    """One checkpoint on its way to all witnesses. `lock` guards `tree`, `changed` the rest."""

    note: Note
    own: bytes  # the note with the ledger's own signatures alone
    checkpoint: Checkpoint
    tree: TileTree
    lock: threading.Lock = field(default_factory=threading.Lock)
    changed: threading.Condition = field(default_factory=threading.Condition)
    pending: dict[Name, _Peer] = field(default_factory=dict)
    lines: dict[Name, NoteSignature] = field(default_factory=dict)
    failures: dict[Name, Exception] = field(default_factory=dict)

    def prove_from(self, old_size: int) -> tuple[bytes, ...]:
        with self.lock:
            return self.tree.consistency_proof(old_size)


def can_reach_quorum(policy: TlogPolicy) -> bool:
    """Whether the witnesses that the policy gives URLs for are enough for its quorum."""
    return policy.is_quorum(frozenset(witness.name for witness in policy.witnesses if witness.url))


class WitnessClient:
    """Call it with a checkpoint note; it returns the note with cosignatures, as many as the policy's quorum wants.

    `read_tile` reads the ledger's own tiles, `clock` gives POSIX seconds. For one caller at a time.
    """

    def __init__(
        self,
        policy: TlogPolicy,
        read_tile: ReadTile,
        *,
        clock: Callable[[], float] = time.time,
        patience: Patience = Patience(),
    ) -> None:
        self._policy = policy
        self._read_tile = read_tile
        self._clock = clock
        self._patience = patience
        # Plain http is as good as https here: nothing is secret, and everything that comes back is verified.
        self._fetcher = Fetcher(timeout_seconds=patience.quorum_seconds, allow_http=True)
        self._peers = [
            _Peer(witness, witness.url.decode("ascii", "replace").rstrip("/") + PATH)
            for witness in policy.witnesses
            if witness.url
        ]
        self._last_text = ""

    def __call__(self, note_bytes: bytes) -> bytes:
        """One round. Raises DidNotArrive("quorum_missing"): ask again later. LedgerError: our own tiles are bad."""
        current = self._start(note_bytes)
        self._wait(current, is_renewal=current.note.text == self._last_text)
        with current.changed:
            lines, failures = dict(current.lines), dict(current.failures)
        for error in failures.values():
            if isinstance(error, LedgerError):
                raise error
        if not self._policy.is_quorum(frozenset(lines)):
            raise DidNotArrive(
                "quorum_missing",
                f"{len(lines)} of {len(self._policy.witnesses)} witnesses cosigned the checkpoint of "
                f"{current.checkpoint.size} entries: too few for the policy's quorum.",
            )
        self._last_text = current.note.text
        return self._merge(current.note, lines)

    def _start(self, note_bytes: bytes) -> _Round:
        note = parse_note(note_bytes)
        checkpoint = parse_checkpoint(note.text)
        witnesses = {(w.vkey.name, w.vkey.key_id) for w in self._policy.witnesses}
        own = tuple(line for line in note.signatures if (line.name, line.key_id) not in witnesses)
        tree = TileTree(checkpoint.size, self._read_tile, root_hash=checkpoint.root_hash)
        current = _Round(note, Note(note.text, own).to_bytes(), checkpoint, tree)
        for peer in self._peers:
            if not peer.is_busy:
                peer.is_busy = True
                current.pending[peer.witness.name] = peer
        for peer in list(current.pending.values()):
            # Not a pool: a witness that hangs must not keep the process from ending, nor the others from being asked.
            threading.Thread(target=self._ask, args=(peer, current), name="witness", daemon=True).start()
        return current

    def _wait(self, current: _Round, *, is_renewal: bool) -> None:
        """Until everybody answered, or the quorum is reached and the others had their time, or it is too late.

        Nobody waits for a renewal, so there all have the whole time. Otherwise those that failed last time are not
        waited for: a dead witness must not slow down every recall.
        """
        now = time.monotonic()
        end = now + self._patience.quorum_seconds
        with current.changed:
            while now < end:
                has_quorum = self._policy.is_quorum(frozenset(current.lines))
                if has_quorum and not is_renewal:
                    end = min(end, now + self._patience.others_seconds)
                    is_waiting = any(not peer.failure for peer in current.pending.values())
                else:
                    is_waiting = bool(current.pending)
                if not is_waiting:
                    return
                current.changed.wait(end - now)
                now = time.monotonic()

    def _ask(self, peer: _Peer, current: _Round) -> None:
        """One witness, in a thread of its own."""
        name = peer.witness.name
        line: NoteSignature | None = None
        failure: Exception | None = None
        try:
            line = self._cosignature(peer, current)
            peer.size = current.checkpoint.size
        except Exception as error:
            failure, peer.size = error, None
        self._log_change(peer, failure)
        with current.changed:
            peer.failure = "" if failure is None else getattr(failure, "code", type(failure).__name__)
            peer.is_busy = False
            current.pending.pop(name, None)
            if line is not None:
                current.lines[name] = line
            if failure is not None:
                current.failures[name] = failure
            current.changed.notify_all()

    def _cosignature(self, peer: _Peer, current: _Round) -> NoteSignature:
        size = current.checkpoint.size
        known = peer.size if peer.size is not None and peer.size <= size else 0
        reply = self._post(peer, current, known)
        if reply.status == 409 and reply.media_type == SIZE_MEDIA_TYPE:
            # It knows another tree than we thought, or we have forgotten, or its answer to us was lost.
            known = parse_size(reply.body)
            if known > size:
                raise DoesNotHold(
                    "witness_ahead", f"it has cosigned {known} entries of this ledger; the checkpoint has {size}."
                )
            reply = self._post(peer, current, known)
        if reply.status != 200:
            words = printable(reply.body.decode("utf-8", "replace"))
            if reply.status == 422:
                raise DoesNotHold("witness_refuses", f"it has seen another history of this ledger: {words}")
            raise DidNotArrive("bad_status", f"it answered {reply.status}: {words}")
        return self._accept(peer, current, reply.body)

    def _post(self, peer: _Peer, current: _Round, old_size: int) -> Reply:
        request = AddCheckpoint(old_size, current.prove_from(old_size), current.own)
        return self._fetcher.post(peer.url, request.to_bytes(), max_size=_MAX_ANSWER)

    def _accept(self, peer: _Peer, current: _Round, lines: bytes) -> NoteSignature:
        """The witness's own line, if it is what it should be. Lines by other keys are not read (tlog-witness)."""
        vkey = peer.witness.vkey
        note = parse_note(current.note.text.encode() + b"\n" + lines)
        timestamp = verify_cosignature(note, vkey)
        now, skew = self._clock(), CLOCK_SKEW.total_seconds()
        if not now - skew <= timestamp <= now + skew or timestamp < peer.newest:
            raise DoesNotHold(
                "bad_timestamp",
                f"its cosignature is of {timestamp}, and it is {int(now)}: sent again, or a wrong clock.",
            )
        raw = next(s for s in find_signatures(note, vkey) if parse_cosignature(s).timestamp == timestamp)
        peer.newest = timestamp
        return NoteSignature(vkey.name, vkey.key_id, raw)

    def _merge(self, note: Note, fresh: dict[Name, NoteSignature]) -> bytes:
        """The note with the fresh cosignatures, and the older ones of witnesses that said nothing new about it."""
        keys = {(w.vkey.name, w.vkey.key_id) for w in self._policy.witnesses}
        lines = [line for line in note.signatures if (line.name, line.key_id) not in keys]
        for witness in self._policy.witnesses:
            line = fresh.get(witness.name)
            lines += [line] if line is not None else _older_line(note, witness)
        merged = Note(note.text, tuple(lines)).to_bytes()
        if len(merged) > MAX_NOTE_SIZE:
            raise DoesNotHold("note_too_long", "the checkpoint with all its cosignatures is too long to be read.")
        return merged

    def _log_change(self, peer: _Peer, failure: Exception | None) -> None:
        """Tell when a witness begins or ceases to fail, or fails in another way; not each second in between."""
        name, code = peer.witness.vkey.name, getattr(failure, "code", type(failure).__name__)
        if failure is None:
            if peer.failure:
                LOG.info("the witness %s cosigns again", name)
        elif code != peer.failure:
            level = logging.ERROR if isinstance(failure, DoesNotHold) else logging.WARNING
            known = isinstance(failure, (VerifierError, LedgerError))
            LOG.log(level, "the witness %s does not cosign: %s", name, failure, exc_info=None if known else failure)


def _older_line(note: Note, witness: PolicyWitness) -> list[NoteSignature]:
    try:
        timestamp = find_cosignature(note, witness.vkey)
    except DoesNotHold:
        return []
    found = find_signatures(note, witness.vkey)
    raw = [value for value in found if parse_cosignature(value).timestamp == timestamp][:1]
    return [NoteSignature(witness.vkey.name, witness.vkey.key_id, value) for value in raw]
