# SPDX-License-Identifier: Apache-2.0
"""The state machine behind the sequencer: one head, one pool at a time, and every way in which a commit can end.

commit returns                → raise the high-water mark → acknowledge
commit raises, head is ours   → stored after all: the same as above
commit raises, head is old    → roll the policy back, fail the pool: it may be sent again
commit raises, head is other  → another sequencer was faster: reload, try the pool again
commit raises, head unreadable→ OutcomeUnknown: stop
"""

from __future__ import annotations

import time
from hashlib import sha256
from typing import TYPE_CHECKING

from passport.domain.ledger_values import (
    Appended,
    AppendFailed,
    BelowHighWater,
    CorruptLedger,
    Head,
    HeadMoved,
    LedgerError,
    OutcomeUnknown,
    StoreFailed,
)
from passport.ledger.high_water import HighWater, Mark
from passport.ledger.integrate import check_extends, check_head, empty_batch, integrate, read_edge, read_entries
from verifier.protocol.errors import VerifierError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from passport.domain.ledger_values import IntegratedBatch
    from passport.ledger.ports import CheckpointSigner, LedgerStore, RegistrationPolicy

_MAX_RELOADS = 50
_REREAD_PAUSES_SECONDS = (0.0, 0.1, 0.4, 1.0)

Outcome = Appended | Exception
"""What became of one entry: where it stands, or the policy's refusal."""


class Integrator:
    """Appends pools of entries, one after the other, from one thread. `open()` first."""

    def __init__(
        self, store: LedgerStore, policy: RegistrationPolicy, signer: CheckpointSigner, high_water: HighWater
    ) -> None:
        self._store = store
        self._policy = policy
        self._signer = signer
        self._high_water = high_water
        self._mark: Mark | None = None
        self._head: Head | None = None

    @property
    def head(self) -> Head:
        """The tree that was signed and stored last."""
        if self._head is None:
            raise RuntimeError("the ledger is not open")
        return self._head

    def open(self) -> None:
        """Check the stored ledger against the mark and fold its entries into the policy.

        Raises BelowHighWater, CorruptLedger, StoreFailed.
        """
        self._mark = self._high_water.read()
        head = self._store.read_head()
        if head is None:
            head = self._create()
        elif self._mark is None and head.size:
            raise BelowHighWater(
                "high_water_missing",
                f"The ledger has {head.size} entries, but there is no high-water mark.",
                "Put its file back from backup. If there is none, or this is a further host, compare the checkpoint "
                "with what a mirror or a witness saw last, then run 'passport ledger adopt-high-water'.",
            )
        check_head(head, self._signer.vkey)
        self._check_mark(head)
        read_edge(self._store, head)
        self._policy.rollback(min(self._policy.size, head.size))
        self._replay(head)
        self._head = head
        # The mark may be behind: we crashed between commit and mark. What is stored extends it, so it moves up.
        self._raise_mark()

    def integrate(self, entries: Sequence[bytes]) -> tuple[Outcome, ...]:
        """Make entries durable, in order, and return what became of each.

        Raises AppendFailed (nothing is acknowledged, all may be sent again); any other LedgerError is for good.
        """
        for attempt in range(_MAX_RELOADS):
            try:
                return self._integrate_once(entries)
            except HeadMoved:
                # Two processes take turns unfairly; a growing pause lets the other one finish.
                time.sleep(0.001 * attempt)
                self._reload()
        raise AppendFailed("contended", "Other sequencers were faster every time. Send the entries again.")

    def _create(self) -> Head:
        if self._mark is not None and self._mark.size:
            raise self._below(0, self._mark)
        batch = empty_batch(self._signer)
        try:
            self._store.commit(batch)
        except HeadMoved:
            existing = self._store.read_head()
            if existing is None:
                raise
            return existing
        # Crash here: an empty signed tree without a mark. The next start takes it as it is.
        return batch.new

    def _check_mark(self, head: Head) -> None:
        """Refuse to go on below the mark: a signature there would be a second history."""
        mark = self._mark
        if mark is None:
            return
        if head.size < mark.size:
            raise self._below(head.size, mark)
        if not check_extends(self._store, head, mark.size, mark.root_hash):
            raise BelowHighWater(
                "other_history",
                f"The database does not begin with the tree of {mark.size} entries that this ledger has signed.",
                "It is another ledger's, or a fork: restore the right database, or rebuild from the public tiles.",
            )

    def _below(self, size: int, mark: Mark) -> BelowHighWater:
        return BelowHighWater(
            "below_high_water",
            f"The database has {size} entries, but a tree of {mark.size} was signed: it is an old copy.",
            "Restore a newer backup, or rebuild from the public tiles (passport ledger rebuild --from URL). Signing "
            "here would make a second history that every witness reports.",
        )

    def _replay(self, head: Head) -> None:
        for index, entry in read_entries(self._store, head, self._policy.size):
            self._policy.replay(index, entry)

    def _reload(self) -> None:
        """Take over what another sequencer has appended. Raises CorruptLedger if it is no continuation of ours."""
        ours = self.head
        try:
            head = self._store.read_head()
            if head is None or head.size < ours.size:
                raise self._below(head.size if head else 0, Mark(ours.size, ours.root_hash))
            check_head(head, self._signer.vkey)
            if not check_extends(self._store, head, ours.size, ours.root_hash):
                raise CorruptLedger("fork", f"The stored tree does not begin with the {ours.size} entries signed here.")
            self._replay(head)
        except StoreFailed as error:
            self._policy.rollback(ours.size)
            raise AppendFailed(error.code, f"{error} Send the entries again.") from error
        self._head = head

    def _integrate_once(self, entries: Sequence[bytes]) -> tuple[Outcome, ...]:
        start = self.head
        try:
            # Left over if the mark could not be written last time. No signature goes out above a mark that is behind.
            self._raise_mark()
            outcomes, fresh = self._plan(entries)
            if not fresh:
                return outcomes
            edge = read_edge(self._store, start)
            batch = integrate(start, edge, fresh, self._signer)
            self._commit(batch)
            self._head = batch.new
            # Durable write 2, the mark. Crash before it: the entries are stored, nobody was told, the next start moves
            # the mark up. Crash after it: as if we had crashed just before acknowledging.
            self._raise_mark()
            return outcomes
        except StoreFailed as error:
            raise AppendFailed(error.code, f"{error} Send the entries again.") from error
        finally:
            # After success this forgets nothing. After anything else the policy knows what the store knows.
            self._policy.rollback(self.head.size)

    def _plan(self, entries: Sequence[bytes]) -> tuple[tuple[Outcome, ...], dict[bytes, bytes]]:
        """Decide on each entry: known, refused, or new at the next index (returned by digest, in order)."""
        digests = [sha256(entry).digest() for entry in entries]
        known = self._store.find_entries(digests)
        outcomes: list[Outcome] = []
        fresh: dict[bytes, bytes] = {}
        size = self.head.size
        for entry, digest in zip(entries, digests, strict=True):
            index = known.get(digest)
            if index is not None:
                outcomes.append(Appended(index, is_new=False))
                continue
            index = size + len(fresh)
            try:
                self._policy.admit(index, entry)
            except VerifierError as refusal:
                outcomes.append(refusal)
                continue
            known[digest] = index
            fresh[digest] = entry
            outcomes.append(Appended(index, is_new=True))
        return tuple(outcomes), fresh

    def _commit(self, batch: IntegratedBatch) -> None:
        """Durable write 1. Returns when the batch is stored; raises HeadMoved, AppendFailed, or something fatal."""
        try:
            # Crash before the commit inside: nothing happened. Crash after it: stored and signed, not acknowledged; the
            # next start reads this head, moves the mark up and publishes.
            self._store.commit(batch)
        except (HeadMoved, CorruptLedger):
            raise
        except Exception as failure:
            stored = self._reread_head(failure)
            if stored is not None and stored.is_same_tree(batch.new):
                return
            if stored is None or batch.expected is None or not stored.is_same_tree(batch.expected):
                raise HeadMoved("head_moved", "The commit failed and another head is stored.") from failure
            raise AppendFailed("store_failed", f"Nothing was stored: {failure} Send the entries again.") from failure

    def _reread_head(self, failure: Exception) -> Head | None:
        last: LedgerError | None = None
        for pause in _REREAD_PAUSES_SECONDS:
            time.sleep(pause)
            try:
                return self._store.read_head()
            except StoreFailed as error:
                last = error
        raise OutcomeUnknown(
            "outcome_unknown",
            f"A commit failed ({failure}) and the store cannot be read ({last}). Repair the database and start again; "
            "the start finds out whether it was stored.",
        ) from failure

    def _raise_mark(self) -> None:
        mark = Mark(self.head.size, self.head.root_hash)
        if mark == self._mark:
            return
        try:
            self._high_water.raise_to(mark)
        except OSError as error:
            raise AppendFailed(
                "high_water_failed",
                f"The entries may be stored, but the high-water mark cannot be written: {error}. Send them again.",
            ) from error
        self._mark = mark
