# SPDX-License-Identifier: Apache-2.0
"""A mirror at work: from one verified tree of a ledger to the next, kept on disk, folded in memory. DESIGN §1, §4.

 1 the newest checkpoint, under the policy                2 the same history as the one that was accepted
 3 every new entry, against its leaf; its tiles made anew, which must give the signed root
 4 the whole snapshot: signed, current, and byte for byte what the entries say
 5 the fold of them all, with the dates of that snapshot: what the node vouches for from now on

What the network did wrong leaves the last good view standing until its snapshot runs out. What the operator signed and
must not have signed (a fork, a shorter ledger, a snapshot that hides something) ends it at once: "cannot tell".
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime

from verifier.fetch import NotFound
from verifier.fold import LedgerState
from verifier.ledger_client import LedgerClient, LedgerView
from verifier.mirror_store import Halt, MirrorStore, StoreError
from verifier.mirror_view import ItemShelf, MirrorView
from verifier.protocol.errors import DidNotArrive, DoesNotHold, VerifierError
from verifier.protocol.merkle import leaf_hash
from verifier.protocol.note import VKey
from verifier.protocol.policy import VerifiedCheckpoint, verify_checkpoint
from verifier.protocol.tile import TILE_WIDTH, EntryBundle, TileTree, new_tiles
from verifier.snapshot import Snapshot, make_snapshot, parse_snapshot
from verifier.snapshot_check import check_equal
from verifier.verify import CLOCK_SKEW, Trust

CHUNK = 16 * TILE_WIDTH  # entries between two writes while much is new
SNAPSHOT_SECONDS = 30.0  # how often a snapshot is asked for while nothing grows
_LOOKS = 3  # in one round: the ledger may publish while we read


class Halted(DoesNotHold):
    """The operator signed what must not be: nothing that the mirror holds counts until that has ended, or ever."""


@dataclass(frozen=True, slots=True, eq=False)
class Signed:
    """A snapshot that was recomputed: the note, and its value."""

    note: bytes
    snapshot: Snapshot


class Mirror:
    """Follows one ledger. `store` is open. One thread calls `restore` and `step`; any may read `view` and wait."""

    def __init__(self, client: LedgerClient, store: MirrorStore) -> None:
        self._client = client
        self._store = store
        self._shelf = ItemShelf(store)
        self._accepted: VerifiedCheckpoint | None = None
        self._state: LedgerState | None = None
        self._signed: Signed | None = None
        self._asked_at = -SNAPSHOT_SECONDS
        self._view: MirrorView | None = None
        self._published: tuple[VerifiedCheckpoint | None, Signed | None] | None = None
        self._changes = 0
        self._changed = threading.Condition()
        self.halt: Halt | None = None

    @property
    def view(self) -> MirrorView | None:
        """What is vouched for; None before the first round, and while the mirror is halted."""
        return self._view

    @property
    def accepted(self) -> VerifiedCheckpoint | None:
        """The newest checkpoint that was verified, also while nothing is vouched for."""
        return self._accepted

    @property
    def status_vkey(self) -> VKey | None:
        """The key that signs snapshots; None before entry 0 was read."""
        registry = None if self._state is None else self._state.registry
        return None if registry is None else registry.status_vkey

    def change_count(self) -> int:
        return self._changes

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        with self._changed:
            self._changed.wait_for(lambda: self._changes > since, timeout_seconds)
            return self._changes

    def restore(self) -> None:
        """Take up what an earlier process kept, verified again to the last byte. Raises StoreError("bad_state")."""
        note = self._store.read_checkpoint()
        if note is None:
            return
        try:
            self._accepted = verify_checkpoint(note, self._client.policy)
            self.halt = self._store.read_halt()
            ledger = LedgerView(self._store, self._accepted)
            ledger.tree.root_hash()
            self._state = LedgerState(self._accepted.origin)
            self._restore_snapshot(ledger)
            self._fold(self._accepted.size)
        except StoreError:
            raise
        except VerifierError as error:
            words = (
                f"{self._store.path} does not hold, or does not fit the policy: {error} If the policy was changed on "
                "purpose, begin again with another --state DIR; otherwise find out who changed what."
            )
            raise StoreError("bad_state", words) from error
        if self.halt is None:
            self._publish()

    def _restore_snapshot(self, ledger: LedgerView) -> None:
        note = self._store.read_snapshot()
        if note is None or self._accepted is None:
            return
        self._fold(1)
        snapshot = parse_snapshot(note, self._get_status_vkey())
        self._compare(note, snapshot)

    def step(self, now: datetime) -> None:
        """One round. Raises Halted, and DidNotArrive, DoesNotHold or Malformed for what could not be taken."""
        if self.halt is not None and self.halt.is_final:
            raise Halted(self.halt.code, self.halt.message)
        try:
            self._follow(now)
        except Halted:
            self._publish(vouches=False)
            raise
        except NotFound as error:  # it signed for what it does not have
            if self._accepted is None:
                raise
            raise DoesNotHold("missing", f"The ledger signed for a file that it does not have: {error}") from error
        if self.halt is not None:
            self._store.write_halt(None)
            self.halt = None
            self._publish()

    # One round

    def _follow(self, now: datetime) -> None:
        shown = self._take_tree()
        snapshot: tuple[bytes, Snapshot] | None = None
        try:
            for _ in range(_LOOKS):
                if not self._wants_snapshot(shown.size):
                    break
                snapshot = self._fetch_snapshot(now)
                if snapshot is None or snapshot[1].size <= shown.size:
                    break
                shown = self._take_tree()  # it was published after the checkpoint that we have
            if snapshot is not None:
                self._compare(*snapshot)
                self._store.write_snapshot(snapshot[0])
        finally:
            # Also when the snapshot did not come: a recall counts from the moment that its entry is here.
            self._fold(shown.size)
            if self.halt is None:
                self._publish()

    def _take_tree(self) -> VerifiedCheckpoint:
        """Steps 1 to 3. The newest checkpoint, accepted, with all its entries in the store."""
        shown = self._client.fetch_checkpoint()
        ledger = self._client.view(shown)
        if self._accepted is not None:
            if shown.note == self._accepted.note:
                return shown
            self._check_history(ledger, self._accepted)
        self._take_entries(ledger)
        self._store.accept(shown.note, shown.size)
        if self._state is None:
            self._state = LedgerState(shown.origin)
        self._accepted = shown
        return shown

    def _check_history(self, ledger: LedgerView, before: VerifiedCheckpoint) -> None:
        shown = ledger.checkpoint
        try:
            if shown.size > before.size:
                ledger.check_history(before)
            else:  # our own tiles decide, whatever is served
                LedgerView(self._store, before).check_history(shown)
        except DoesNotHold as error:
            if error.code == "ledger_forked":
                self._stop(Halt(error.code, str(error)), before.note, shown.note)
            raise
        if shown.size < before.size:
            words = f"The ledger had {before.size} entries and shows {shown.size}: the rest is being kept from us."
            self._stop(Halt("ledger_went_back", words), before.note, shown.note)

    def _take_entries(self, ledger: LedgerView) -> None:
        """Step 3, in chunks: each is on disk before the next is fetched."""
        size = self._store.read_size()
        floor = 0 if self._accepted is None else self._accepted.size
        if size > floor and not self._is_of(ledger, size):
            self._store.forget_above(floor)
            size = floor
        end, root = ledger.checkpoint.size, None
        while size < end:
            # To a multiple of the chunk, so that bundles are fetched whole; the store's widest tiles go on growing.
            upto = min(end, size - size % CHUNK + CHUNK)
            entries = list(ledger.fetch_entries(size, upto))
            tiles, root = new_tiles(size, [leaf_hash(entry) for entry in entries], self._store.read_tile)
            bundles: dict[int, tuple[bytes, ...]] = {}
            for number in range(size // TILE_WIDTH, -(-upto // TILE_WIDTH)):
                first = number * TILE_WIDTH
                old = self._store.read_entries(EntryBundle(number, size - first)) if first < size else ()
                bundles[number] = (*old, *entries[max(first - size, 0) : first + TILE_WIDTH - size])
            self._store.append(upto, tiles, bundles)
            size = upto
        if root is not None and root != ledger.checkpoint.root_hash:
            raise DoesNotHold("bad_tile", "The entries do not give the signed root hash.")

    def _is_of(self, ledger: LedgerView, size: int) -> bool:
        """Whether what a cut-off round has left is the beginning of this tree."""
        if size > ledger.checkpoint.size:
            return False
        return TileTree(size, self._store.read_tile).root_hash() == ledger.tree.subtree_hash(0, size)

    def _wants_snapshot(self, size: int) -> bool:
        if self._signed is None or self._signed.snapshot.size < size or self.halt is not None:
            return True
        return time.monotonic() - self._asked_at >= SNAPSHOT_SECONDS

    def _fetch_snapshot(self, now: datetime) -> tuple[bytes, Snapshot] | None:
        """Step 4, first half: a signed one that may be taken. None when it is the one that we have."""
        note = self._client.fetch_snapshot()
        self._asked_at = time.monotonic()
        known = self._signed
        if known is not None and note == known.note and self.halt is None:
            return None
        self._fold(1)
        snapshot = parse_snapshot(note, self._get_status_vkey())
        if snapshot.as_of_at > now + CLOCK_SKEW:
            raise DoesNotHold("snapshot_from_the_future", f"The snapshot is dated {snapshot.as_of_at:%F %T} UTC.")
        if known is not None and (snapshot.size, snapshot.as_of_at) < (known.snapshot.size, known.snapshot.as_of_at):
            raise DoesNotHold("snapshot_went_back", "The snapshot is older than the one that was served before.")
        return note, snapshot

    def _compare(self, note: bytes, snapshot: Snapshot) -> None:
        """Step 4, second half: the fold at exactly its size says the same."""
        assert self._accepted is not None and self._state is not None  # step 1 made them
        if snapshot.size > self._accepted.size:
            raise DoesNotHold("snapshot_ahead", "The snapshot is of a size that the ledger has not published.")
        if snapshot.size < self._state.size:
            raise DidNotArrive("snapshot_behind", "The snapshot is older than the entries that were read already.")
        self._fold(snapshot.size)
        root_hash = LedgerView(self._store, self._accepted).tree.subtree_hash(0, snapshot.size)
        # The instants are the only part that no fold can give.
        expected = make_snapshot(
            self._state, root_hash=root_hash, as_of_at=snapshot.as_of_at, next_update_at=snapshot.next_update_at
        )
        try:
            check_equal(snapshot, None, expected)
        except DoesNotHold as error:
            words = f"The registry signed a snapshot of {snapshot.size} entries that is not what they say: {error}"
            self._stop(Halt(error.code, words), note, self._accepted.note)
        self._signed = Signed(note, snapshot)

    def _fold(self, size: int) -> None:
        """Step 5: the entries up to `size`, from the store, each against its leaf in the accepted tree."""
        state, accepted = self._state, self._accepted
        if state is None or accepted is None or state.size >= size:
            return
        for entry in LedgerView(self._store, accepted).fetch_entries(state.size, size):
            state.read(state.size, entry)

    def _get_status_vkey(self) -> VKey:
        vkey = self.status_vkey
        if vkey is None:
            raise DoesNotHold("no_registry", "Entry 0 does not name the registry's keys.")
        return vkey

    def _stop(self, halt: Halt, *notes: bytes) -> None:
        self.halt = halt
        self._store.write_halt(halt, *notes)
        where = ", ".join(self._store.evidence_of(*notes))
        raise Halted(halt.code, f"{halt.message} Kept in {self._store.directory}: {where}")

    def _publish(self, *, vouches: bool = True) -> None:
        """Let everybody see what is known now; who waits for a change wakes if there is one."""
        now = (self._accepted, self._signed) if vouches else None
        if now == self._published:
            return
        view = self._make_view() if vouches else None
        with self._changed:
            self._view, self._published = view, now
            self._changes += 1
            self._changed.notify_all()

    def _make_view(self) -> MirrorView | None:
        state, accepted, signed = self._state, self._accepted, self._signed
        if state is None or accepted is None or signed is None:
            return None
        dates = signed.snapshot
        snapshot = make_snapshot(
            state,
            root_hash=accepted.root_hash,
            as_of_at=dates.as_of_at,
            next_update_at=dates.next_update_at,
        )
        return MirrorView(
            ledger=LedgerView(self._store, accepted),
            trust=Trust(self._client.policy, snapshot),
            snapshot=dates,
            snapshot_note=signed.note,
            batches=state.batches,
            batches_of_gtin=state.batches_of_gtin,
            products=state.products,
            shelf=self._shelf,
        )
