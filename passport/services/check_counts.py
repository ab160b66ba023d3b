# SPDX-License-Identifier: Apache-2.0
"""Counts checks of codes, beside the checking and never in its way. Implements verifier.web.ports.CheckCounter.

A check is noted in memory, in microseconds. One thread writes what came in, twice a second, in one transaction. Who
checked is never written: a session is a keyed hash that dies with its salt, at most 24 hours old. docs/counting.md.
"""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address

from passport.domain.check_values import CheckRow, CodeKey, Delta, Deltas, ShippedRange
from passport.domain.ledger_values import LedgerError
from passport.domain.province_table import ProvinceTable, parse_address
from passport.services.check_ports import CheckStore, Rows
from passport.services.ports import Clock
from verifier.provinces import bit_of, find_province, is_impossible_travel
from verifier.suspicion import describe_suspicion
from verifier.verdict import Outcome, Status, Suspicion, Verdict
from verifier.web.ports import CheckCount, Visit

LOG = logging.getLogger(__name__)
BEIJING = timedelta(hours=8)
MAX_SALT_SECONDS = 86_400.0
_COUNTED = frozenset({Status.GENUINE, Status.SUSPECT, Status.RECALLED, Status.VOID})
_THIS_CODE = 8  # the step that shows that the ledger holds this very code
_TOKEN_SIZE = 16
_CHOSE = 1


@dataclass(frozen=True, slots=True)
class RecorderOptions:
    """Bounds and rhythm. `max_sessions`: beyond it the salt is changed early. `max_codes`: waiting to be written.

    `max_codes_a_day`: beyond it what was seen today is forgotten, and a code's day may count again.
    """

    flush_seconds: float = 0.5
    max_sessions: int = 500_000
    max_codes: int = 200_000
    max_codes_a_day: int = 500_000
    salt_seconds: float = MAX_SALT_SECONDS
    reload_seconds: float | None = None  # other processes write too: look for their suspects this often


def find_key(verdict: Verdict) -> CodeKey | None:
    """The code whose check counts: one that the ledger proves. What is forged or cannot be told gets no row."""
    return _proven_key(verdict) if verdict.status in _COUNTED else None


def _proven_key(verdict: Verdict) -> CodeKey | None:
    if verdict.code is None or verdict.batch is None or verdict.steps[_THIS_CODE].outcome is not Outcome.PASSED:
        return None
    return CodeKey(verdict.batch.header.issuer, verdict.batch.batch, verdict.code.seal.seq)


class _Salt:
    """What lives for at most a day, in memory alone: the salt, the sessions under it, where a code was seen last."""

    def __init__(self, now: datetime) -> None:
        self.since = now
        self._key = secrets.token_bytes(32)
        self.sessions: dict[bytes, int] = {}
        self.last_seen: dict[CodeKey, tuple[int, datetime]] = {}

    def token(self, key: CodeKey, visit: Visit) -> bytes:
        """The session: a visitor *of this code*. The same visitor of another code is another, unlinkable token."""
        address = parse_address(visit.address)
        # A telephone changes the lower half of an IPv6 address at will.
        client = f"{int(address) >> 64:x}" if isinstance(address, IPv6Address) else visit.address
        text = f"{key.issuer}\0{key.batch}\0{key.seq}\0{client}\0{visit.user_agent[:400]}"
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")[:_TOKEN_SIZE]


class _Today:
    """Which codes had a session on the present day: told apart in memory, so that no row needs the day of its last."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._day = 0
        self._codes: set[CodeKey] = set()

    def is_first(self, key: CodeKey, day: int) -> bool:
        """Whether this is the code's first session on that day, and from now on no longer."""
        if day != self._day or len(self._codes) >= self._most:
            self._day, self._codes = day, set()
        size = len(self._codes)
        self._codes.add(key)
        return len(self._codes) > size


class Recorder:
    """`start()` before the first request, `stop()` after the last. Everything else is safe from many threads."""

    def __init__(
        self,
        store: CheckStore,
        *,
        clock: Clock,
        table: ProvinceTable | None = None,
        options: RecorderOptions = RecorderOptions(),
    ) -> None:
        self._store = store
        self._clock = clock
        self._table = table
        self._options = options
        self._lock = threading.Lock()  # memory; held for microseconds
        self._turn = threading.Lock()  # the database; held while something is written
        self._salt = _Salt(clock())
        self._today = _Today(options.max_codes_a_day)
        self._pending: Deltas = {}
        self._flushing: Deltas = {}
        self._merged: Rows = {}
        self._generation = 0
        self._suspects: dict[CodeKey, Suspicion] = {}
        self._failure = ""
        self._dropped = 0
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="check-counts", daemon=True)

    def start(self) -> None:
        """Loads who is suspect, then begins to write. Raises StoreFailed."""
        self._judge(self._store.load_suspects())
        self._thread.start()

    def stop(self) -> None:
        """Writes everything that came in. May take some seconds if the database is slow; then gives up and says so."""
        self._stopping.set()
        self._thread.join()
        for pause in (0.0, 0.2, 1.0):
            time.sleep(pause)
            if self.flush():
                return
        LOG.error("%d codes with counts of checks could not be written before the end", len(self._pending))

    # What the pages and the API call ----------------------------------------------------------------------------

    def record(self, verdict: Verdict, visit: Visit) -> None:
        """Counts a person's check, once for each session."""
        key = find_key(verdict)
        if key is not None:
            with self._lock:
                self._record(key, visit, self._clock())

    def record_opening(self, verdict: Verdict, visit: Visit) -> None:
        """A person says: I have just opened it. Later days' sessions of others are counted as after the opening."""
        key = find_key(verdict)
        if key is not None:
            with self._lock:
                now = self._clock()
                self._record(key, visit, now)
                delta = self._delta(key, now)
                if delta is not None:
                    delta.is_opened = True

    def record_place(self, verdict: Verdict, visit: Visit, province: int) -> None:
        """A person says where they are: kept apart, only if nothing better is known, once for each session."""
        key = find_key(verdict)
        if key is not None and self._place(visit) is None:
            with self._lock:
                now = self._clock()
                token = self._record(key, visit, now)
                delta = self._delta(key, now)
                if delta is not None and not self._salt.sessions.get(token, _CHOSE) & _CHOSE:
                    self._salt.sessions[token] |= _CHOSE
                    delta.chosen |= bit_of(province)

    def record_scan(self, verdict: Verdict) -> None:
        """Counts a platform's scan: a channel of its own, without a session and without a place."""
        key = find_key(verdict)
        if key is not None:
            with self._lock:
                delta = self._delta(key, self._clock())
                if delta is not None:
                    delta.platform += 1

    def find_count(self, verdict: Verdict, visit: Visit) -> CheckCount | None:
        """What is known of this code's checks, those that are not written yet included. None: nothing to say."""
        key = find_key(verdict)
        row = None if key is None else self._find_row(key)
        if key is None or row is None:
            return None
        with self._lock:
            state = self._salt.sessions.get(self._salt.token(key, visit))
        is_place_open = state is not None and not state & _CHOSE and self._place(visit) is None
        return CheckCount(row.to_facts(), state is not None, is_place_open, row.opened_day > 0)

    def find_suspicion_of(self, verdict: Verdict) -> Suspicion | None:
        """Whether the code of a verdict is suspect, as of the last write; asks no database."""
        if not self._suspects:
            return None
        key = _proven_key(verdict)  # also while the verdict is "cannot tell": a suspicion is worse than not knowing
        return None if key is None else self._suspects.get(key)

    def accept_shipment(self, shipped: ShippedRange) -> ShippedRange:
        """Writes what came in, then takes the maker's word. Raises StoreFailed."""
        self.flush()
        with self._turn:
            rows, accepted = self._store.accept_shipment(shipped)
        self._judge(rows)
        return accepted

    @property
    def trouble(self) -> str:
        """Why counts are not written at present; empty while they are."""
        return self._failure

    # In memory, under the lock ----------------------------------------------------------------------------------

    def _record(self, key: CodeKey, visit: Visit, now: datetime) -> bytes:
        salt = self._current_salt(now)
        token = salt.token(key, visit)
        if token in salt.sessions:
            return token
        delta = self._delta(key, now)
        if delta is None:
            return token
        salt.sessions[token] = 0
        delta.sessions += 1
        delta.is_new_day |= self._today.is_first(key, _day_of(now))
        place = self._place(visit)
        if place is not None:
            delta.provinces |= bit_of(place)
            before = salt.last_seen.get(key)
            salt.last_seen[key] = (place, now)
            if before is not None and is_impossible_travel(before[0], place, (now - before[1]).total_seconds()):
                delta.travels += 1
        return token

    def _current_salt(self, now: datetime) -> _Salt:
        age = (now - self._salt.since).total_seconds()
        limit = min(self._options.salt_seconds, MAX_SALT_SECONDS)
        if not 0 <= age < limit or len(self._salt.sessions) >= self._options.max_sessions:
            self._salt = _Salt(now)
        return self._salt

    def _delta(self, key: CodeKey, now: datetime) -> Delta | None:
        days = self._pending.get(key)
        if days is None:
            if len(self._pending) >= self._options.max_codes:
                self._dropped += 1
                return None
            days = self._pending[key] = {}
        day = _day_of(now)
        delta = days.get(day)
        if delta is None:
            delta = days[day] = Delta()
        return delta

    def _place(self, visit: Visit) -> int | None:
        place = find_province(visit.place) if visit.place else None
        return self._table.find(visit.address) if place is None and self._table is not None else place

    def _judge(self, rows: Rows) -> None:
        """Takes the suspects among these rows. Nobody is taken away: once suspect, a row stays so."""
        found = {key: describe_suspicion(row.to_facts()) for key, row in rows.items() if row.suspect}
        with self._lock:
            self._suspects |= found

    # To and from the database -----------------------------------------------------------------------------------

    def _find_row(self, key: CodeKey) -> CheckRow | None:
        """The row with what is not written yet. None if the database cannot say."""
        row: CheckRow | None = None
        days: list[tuple[int, Delta]] = []
        for _ in range(5):
            with self._lock:
                generation, row = self._generation, self._merged.get(key)
                waiting = (self._pending,) if row is not None else (self._flushing, self._pending)
                days = [(day, _copy(delta)) for deltas in waiting for day, delta in deltas.get(key, {}).items()]
            if row is not None:
                break
            try:
                row = self._store.find(key) or CheckRow()
            except LedgerError:
                return None
            with self._lock:
                if generation == self._generation:
                    break  # nothing was committed while we looked, so nothing is counted twice
        for day, delta in days:
            row = (row or CheckRow()).plus(delta, day)
        return row

    def flush(self) -> bool:
        """Writes what came in. False: it could not, and is kept for the next time."""
        with self._turn:
            with self._lock:
                if not self._pending:
                    return not self._failure
                self._flushing, self._pending = self._pending, {}
                self._generation += 1
            try:
                rows = self._store.apply(self._flushing, self._show_merged)
            except Exception as error:  # whatever it was, the thread goes on and checking never knows
                self._take_back(error)
                return False
            self._judge(rows)
            self._settle()
        if self._failure:
            LOG.warning("counts of checks are written again; %d were dropped meanwhile", self._dropped)
            self._failure, self._dropped = "", 0
        return True

    def _show_merged(self, rows: Rows) -> None:
        """The rows as they will stand: from now on readers take these, whether the commit has happened or not."""
        with self._lock:
            self._merged = rows
            self._generation += 1

    def _settle(self) -> None:
        with self._lock:
            self._flushing, self._merged = {}, {}
            self._generation += 1

    def _take_back(self, error: Exception) -> None:
        """A commit that failed may have happened all the same: then these are counted twice. It is a statistic."""
        with self._lock:
            for key, days in self._flushing.items():
                if key not in self._pending and len(self._pending) >= self._options.max_codes:
                    self._dropped += 1
                    continue
                kept = self._pending.setdefault(key, {})
                for day, delta in days.items():
                    kept.setdefault(day, Delta()).add(delta)
            self._flushing, self._merged = {}, {}
            self._generation += 1
        if not self._failure:
            LOG.error("counts of checks are not written, checking goes on: %s", error)
        self._failure = getattr(error, "code", type(error).__name__)

    def _run(self) -> None:
        reload_at = time.monotonic() + (self._options.reload_seconds or 0)
        while not self._stopping.wait(self._options.flush_seconds):
            is_written = self.flush()
            if is_written and self._options.reload_seconds is not None and time.monotonic() >= reload_at:
                reload_at = time.monotonic() + self._options.reload_seconds
                self._guarded(lambda: self._judge(self._store.load_suspects()))

    @staticmethod
    def _guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except LedgerError as error:
            LOG.warning("the suspect codes of other processes could not be read: %s", error)


def _day_of(now: datetime) -> int:
    """The day in Beijing as an ordinal."""
    return (now + BEIJING).toordinal()


def _copy(delta: Delta) -> Delta:
    copy = Delta()
    copy.add(delta)
    return copy
