# SPDX-License-Identifier: Apache-2.0
"""A monitor at work: from one verified tree of a ledger to the next, round by round. DESIGN §1, C2SP tlog-tiles.

 1 tell what an earlier round, or a crash, has left untold     2 the newest checkpoint, under the policy
 3 the same history as the checkpoint that was kept            4 every new entry, against its leaf; its events
 5 the snapshots, signed and current                           6 has the ledger grown?
 7 the webhook

Each event is in the state file before anybody hears of it, and leaves the file after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

from verifier.fetch import NotFound
from verifier.ledger_client import LedgerClient, LedgerView
from verifier.monitor import Detail, EntryReader, Event, Watch, condition_event, merge_told
from verifier.monitor_state import MAX_PENDING, MonitorState, MonitorStore, StateError
from verifier.monitor_webhook import MAX_BACK_OFF_SECONDS, back_off_seconds
from verifier.protocol.encoding import JsonValue, encode_base64
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.fields import format_instant
from verifier.protocol.policy import VerifiedCheckpoint
from verifier.snapshot import parse_snapshot

_CHUNK = 256  # entries between two writes of the state
_POSTS = 16  # deliveries between two writes: so many may come twice after a crash
_MAX_NOTES_IN_EVENT = 8000  # characters: longer notes are in the files alone
_FORKED = "The ledger signed two histories; both notes are kept as evidence. Nothing that it says can be relied on."


class Forked(DoesNotHold):
    """The ledger is convicted, and the monitor ends: there is no history left to follow. Code: ledger_forked."""

    def __init__(self) -> None:
        super().__init__("ledger_forked", _FORKED)


@dataclass(frozen=True, slots=True)
class Outlets:
    """`tell` gives events to standard output and returns when they are out. `post` delivers one event's JSON or raises
    DidNotArrive; None without a webhook. `is_ended`: somebody asked the process to stop."""

    tell: Callable[[tuple[Event, ...]], None]
    post: Callable[[bytes], None] | None = None
    is_ended: Callable[[], bool] = lambda: False


class Monitor:
    """Follows one ledger. `store` is open. Raises StateError for a state that is not of this watch.

    The fold lives in memory: the first round reads all entries again, verified, and says nothing of those before
    `entries_read`.
    """

    def __init__(
        self,
        client: LedgerClient,
        store: MonitorStore,
        watch: Watch,
        outlets: Outlets,
        *,
        quiet_after_seconds: int | None = None,
    ) -> None:
        self._client = client
        self._store = store
        self._watch = watch
        self._outlets = outlets
        self._quiet_after = quiet_after_seconds
        self._reader: EntryReader | None = None
        self._whole_good_until: datetime | None = None
        self.state = store.read(client.policy)
        if self.state is not None and self.state.prefixes != watch.prefixes:
            kept = ", ".join(self.state.prefixes) or "everything"
            words = f"{store.path} is of a monitor that watches {kept}. Give each watch its own --state DIR."
            raise StateError("watch_changed", words)

    def step(self, now: datetime) -> list[VerifierError]:
        """One round; what went wrong in it: DidNotArrive for the network's part and what is out of date, DoesNotHold
        and Malformed for the ledger's. Raises Forked, StateError, and on the first meeting whatever is wrong."""
        faults: list[VerifierError] = []
        self._tell_unprinted()  # 1
        if self.state is not None and self.state.conflict:
            self._store.keep_evidence(*self.state.conflict)
            self.deliver(now)
            raise Forked
        faults += self._follow(now)  # 2–4
        if not self._outlets.is_ended():
            faults += self._check_snapshots(now)  # 5
        self._check_growth(now)  # 6
        self.deliver(now)  # 7
        if self._outlets.post is not None and self.state is not None and self.state.pending:
            words = f"{len(self.state.pending)} events wait for the webhook."
            faults.append(DidNotArrive("webhook_waiting", words))
        return faults

    def deliver(self, now: datetime) -> None:
        """Post what waits for the webhook, in order, unless it is to be left alone for a while."""
        state, post = self.state, self._outlets.post
        if state is None or post is None or not state.pending:
            return
        clock = int(now.timestamp())
        if clock < state.not_before <= clock + MAX_BACK_OFF_SECONDS:  # further off: the clock was set back
            return
        done = 0
        failed = False
        for event in state.pending:
            if self._outlets.is_ended():
                break
            try:
                post(event.to_bytes())
            except DidNotArrive:
                failed = True
                break
            done += 1
            # Crash between a delivery and the next write: at most _POSTS events are posted again, with the same ids.
            if done % _POSTS == 0:
                self._write(replace(state, pending=state.pending[done:], attempts=0, not_before=0))
        attempts = state.attempts + 1 if failed and not done else int(failed)
        not_before = clock + back_off_seconds(attempts) if failed else 0
        self._write(replace(state, pending=state.pending[done:], attempts=attempts, not_before=not_before))

    def retry_seconds(self, now: datetime) -> float | None:
        """How long `deliver` has still to wait; None when nothing waits for the webhook."""
        state = self.state
        if state is None or self._outlets.post is None or not state.pending:
            return None
        return max(min(state.not_before - now.timestamp(), MAX_BACK_OFF_SECONDS), 0.0)

    # Following

    def _follow(self, now: datetime) -> list[VerifierError]:
        shown: VerifiedCheckpoint | None = None
        try:
            shown = self._client.fetch_checkpoint()  # 2
            view = self._client.view(shown)
            if self.state is None:
                # Crash after this write: the same as a first round that found nothing to read.
                self._write(MonitorState(shown, self._watch.prefixes, now))
            elif not self._check_history(view, self.state, now):  # 3
                words = f"The ledger had {self.state.checkpoint.size} entries and shows {shown.size}."
                return [DidNotArrive("ledger_went_back", words)]
            self._read_entries(view, now)  # 4
        except (Forked, StateError):
            raise
        except VerifierError as error:
            if self.state is None:
                raise  # no history yet to blame anybody with: more likely the wrong address or policy
            if isinstance(error, NotFound) and shown is not None:  # it signed for what it does not have
                error = DoesNotHold("missing", f"The ledger signed for a file that it does not have: {error}")
            if not isinstance(error, DidNotArrive):
                self._tell_failure(error, shown, now)
            return [error]
        self._condition("ledger", None)
        return []

    def _check_history(self, view: LedgerView, state: MonitorState, now: datetime) -> bool:
        """False when the ledger shows an older part of the one history. Raises Forked."""
        shown = view.checkpoint
        try:
            view.check_history(state.checkpoint)
        except DoesNotHold as error:
            if error.code == "ledger_forked":
                self._convict(state, shown, now)
            raise
        if shown.size < state.checkpoint.size:
            sizes: Detail = {"shown_size": shown.size, "size": state.checkpoint.size}
            about = f"{state.checkpoint.size} {shown.size}"
            event = condition_event("ledger_went_back", shown.origin, about, now, sizes)
            self._condition("went_back", event)
            return False
        self._condition("went_back", None)
        if shown.size > state.checkpoint.size:
            # Crash after this write: the next round demands that the ledger continues this larger tree, and reads on.
            self._write(replace(self._get_state(), checkpoint=shown, grown_at=now))
        return True

    def _read_entries(self, view: LedgerView, now: datetime) -> None:
        if self._reader is None:
            self._reader = EntryReader(view.checkpoint.origin, self._watch)
        reader = self._reader
        fresh: list[Event] = []
        size = view.checkpoint.size
        end = size if self._has_room(now) else min(self._get_state().entries_read, size)
        try:
            for entry in view.fetch_entries(min(reader.size, end), end):
                is_known = reader.size < self._get_state().entries_read
                events = reader.read(entry, seen_at=now)
                if is_known:  # told by an earlier process
                    continue
                fresh += events
                if reader.size % _CHUNK == 0:
                    self._commit_read(fresh)
                    fresh = []
                    if not self._has_room(now) or self._outlets.is_ended():
                        break
        except StateError:
            raise
        except VerifierError:
            # The fold has taken these entries already and will not read them again.
            self._commit_read(fresh)
            raise
        self._commit_read(fresh)

    def _commit_read(self, fresh: Iterable[Event]) -> None:
        assert self._reader is not None
        state = self._get_state()
        if self._reader.size > state.entries_read:
            self._commit(replace(state, entries_read=self._reader.size), tuple(fresh))

    def _has_room(self, now: datetime) -> bool:
        """Whether more events may be taken: what waits for the webhook is bounded, and none of it is ever dropped."""
        if self._outlets.post is None or len(self._get_state().pending) < MAX_PENDING:
            return True
        self.deliver(now)
        return len(self._get_state().pending) < MAX_PENDING

    def _convict(self, state: MonitorState, shown: VerifiedCheckpoint, now: datetime) -> NoReturn:
        pair = (state.checkpoint, shown)
        names: list[JsonValue] = [self._store.evidence_name(each.note) for each in pair]
        detail: Detail = {
            "evidence": names,
            "root_hashes": [encode_base64(each.root_hash) for each in pair],
            "sizes": [each.size for each in pair],
        }
        notes = [each.note.decode() for each in pair]
        if sum(map(len, notes)) <= _MAX_NOTES_IN_EVENT:
            detail["notes"] = list(notes)
        about = " ".join(f"{each.size} {each.root_hash.hex()}" for each in pair)
        event = condition_event("ledger_forked", shown.origin, about, now, detail)
        # The state first: it holds both notes. Crash after it: the next start writes the files, and follows no more.
        self._commit(replace(state, conflict=(state.checkpoint.note, shown.note)), (event,))
        self._store.keep_evidence(state.checkpoint.note, shown.note)
        self.deliver(now)
        raise Forked

    # What no entry says

    def _tell_failure(self, error: VerifierError, shown: VerifiedCheckpoint | None, now: datetime) -> None:
        """Once for each checkpoint and code: a checkpoint whose tree is withheld is what a liar shows, and a fault of
        a disk as well. Both notes are kept, in case that more becomes of it."""
        state = self._get_state()
        detail: Detail = {"code": error.code, "message": str(error)[:500], "size": state.checkpoint.size}
        about = f"{error.code} {state.checkpoint.size}"
        if shown is not None:
            detail["shown_size"] = shown.size
            about += f" {shown.size} {shown.root_hash.hex()}"
            kept = self._store.keep_evidence(state.checkpoint.note, shown.note)
            detail["evidence"] = [f"evidence/{path.name}" for path in kept]
        self._condition("ledger", condition_event("ledger_failed", state.checkpoint.origin, about, now, detail))

    def _check_snapshots(self, now: datetime) -> list[VerifierError]:
        """Step 5, once the fold knows the status key. The whole snapshot is large: not before the last one ran out."""
        reader, faults = self._reader, list[VerifierError]()
        if reader is None or reader.state.registry is None:
            return faults
        shards: list[str | None] = [*reader.watched_issuers()] if self._watch.prefixes else [None]
        for shard in shards:
            if shard is None and self._whole_good_until is not None and now <= self._whole_good_until:
                continue
            condition = f"snapshot {shard or '(whole)'}"
            event = None
            try:
                snapshot = parse_snapshot(self._client.fetch_snapshot(shard=shard), reader.state.registry.status_vkey)
            except DidNotArrive as error:
                faults.append(error)
                continue
            except (DoesNotHold, Malformed) as error:
                faults.append(error)
                words = f"The {condition}: {error}"[:500]
                detail: Detail = {"code": error.code, "message": words, "size": reader.size}
                about = f"{condition} {error.code} {reader.size}"
                event = condition_event("ledger_failed", reader.state.origin, about, now, detail)
            else:
                if shard is None:
                    self._whole_good_until = snapshot.next_update_at
                if snapshot.next_update_at < now:
                    due = format_instant(snapshot.next_update_at)
                    faults.append(DidNotArrive("snapshot_stale", f"The {condition} should be newer than of {due}."))
                    detail = {"next_update_at": due, "shard": shard or "", "size": snapshot.size}
                    event = condition_event("snapshot_stale", snapshot.origin, f"{condition} {due}", now, detail)
            self._condition(condition, event)
        return faults

    def _check_growth(self, now: datetime) -> None:
        state = self.state
        if state is None or self._quiet_after is None:
            return
        event = None
        if (now - state.grown_at).total_seconds() >= self._quiet_after:
            size = state.checkpoint.size
            detail: Detail = {"grown_at": format_instant(state.grown_at), "size": size}
            event = condition_event("no_growth", state.checkpoint.origin, str(size), now, detail)
        self._condition("no_growth", event)

    def _condition(self, name: str, event: Event | None) -> None:
        state = self._get_state()
        told, is_news = merge_told(state.told, name, event)
        if is_news and event is not None:
            self._commit(replace(state, told=told), (event,))
        elif told != state.told:
            # Crash after this write: the condition is told again if it comes back, with its old id if it is the same.
            self._write(replace(state, told=told))

    # The state

    def _commit(self, state: MonitorState, fresh: tuple[Event, ...]) -> None:
        waiting = fresh if self._outlets.post is not None else ()
        # Crash before this write: nobody heard of these events, and their entries are read again. Crash after it: the
        # next start tells them.
        self._write(replace(state, unprinted=state.unprinted + fresh, pending=state.pending + waiting))
        self._tell_unprinted()

    def _tell_unprinted(self) -> None:
        if self.state is None or not self.state.unprinted:
            return
        self._outlets.tell(self.state.unprinted)
        # Crash before this write: these events are printed again, with the same ids. This is the only way to a double.
        self._write(replace(self.state, unprinted=()))

    def _write(self, state: MonitorState) -> None:
        self._store.write(state)
        self.state = state

    def _get_state(self) -> MonitorState:
        assert self.state is not None  # the first checkpoint made it
        return self.state
