# SPDX-License-Identifier: Apache-2.0
"""Writes alerts about badges in wrong places, off the request's path: added up in memory, stored once a second.

A page that anybody can load must not be able to hold up others or fill the disk. So memory, places of a listing and
writes are bounded, and what does not fit is forgotten. A crash loses what waits: without a flood, the last second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from passport.domain.badges import MAX_PLACES, AlertKey, BadgeAlert
from passport.domain.ledger_values import LedgerError
from passport.domain.webhooks import Event, EventType
from passport.services.badges.ports import Books, Business, Outbox
from passport.services.listings.kit import Ids
from verifier.protocol.badge_token import BadgeClaims
from verifier.protocol.fields import format_instant
from verifier.web.embedding import Embedding

LOG = logging.getLogger(__name__)
MAX_WAITING = 1000
FLUSH_SECONDS = 1.0
AT_ONCE = 50  # places in one transaction: others that write wait for a tenth of a second, and not for two
A_SECOND = 200  # places; under load the rest waits
_MAX_COUNT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class _Tally:
    first_at: datetime
    last_at: datetime
    count: int


class AlertRecorder:
    """Implements verifier.web.badge_ports.AlertSink. `start` it; `stop` writes what is waiting."""

    def __init__(self, business: Business, clock: Callable[[], datetime], outbox: Outbox | None = None) -> None:
        self._business, self._outbox = business, outbox
        self._ids = Ids(clock)
        self._waiting: dict[AlertKey, _Tally] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="badge-alerts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        self._flush_or_log(MAX_WAITING)

    def note(self, claims: BadgeClaims, embedding: Embedding, at: datetime) -> None:
        """Adds one up; forgets it when too many places wait."""
        at = at.replace(microsecond=0)
        key = AlertKey(claims.platform, claims.listing, embedding.finding.value, embedding.place)
        with self._lock:
            known = self._waiting.get(key)
            if known is not None:
                self._waiting[key] = replace(known, last_at=at, count=known.count + 1)
            elif len(self._waiting) < MAX_WAITING:
                self._waiting[key] = _Tally(at, at, 1)

    def flush(self) -> None:
        """Stores all that is waiting. Raises LedgerError; then some of it is forgotten."""
        self._flush(MAX_WAITING)

    def _flush(self, maximum: int) -> None:
        """Up to so many, the longest waiting first, a few in each transaction."""
        for _ in range(0, maximum, AT_ONCE):
            with self._lock:
                taken = {key: self._waiting.pop(key) for key in list(islice(self._waiting, AT_ONCE))}
            if not taken:
                return
            with self._business.write() as books:
                for key, tally in taken.items():
                    self._store(books, key, tally)

    def _store(self, books: Books, key: AlertKey, tally: _Tally) -> None:
        known = books.badge_alerts.find(key)
        if known is not None:
            count = min(known.count + tally.count, _MAX_COUNT)
            books.badge_alerts.put_count(replace(known, last_seen_at=tally.last_at, count=count))
            return
        if books.badge_alerts.count_places(key.listing) >= MAX_PLACES:
            return
        alert = BadgeAlert(self._ids(), key, tally.first_at, tally.last_at, tally.count)
        books.badge_alerts.add(alert)
        if self._outbox is not None:  # the first time at each place, so no stranger can make more than those
            data = {
                "alert": alert.id,
                "first_seen_at": format_instant(alert.first_seen_at),
                "listing": key.listing,
                "place": key.place,
                "reason": key.reason,
            }
            self._outbox.put(books, key.organisation, Event(EventType.BADGE_MISPLACED, alert.first_seen_at, {**data}))

    def _run(self) -> None:
        while not self._ended.wait(FLUSH_SECONDS):
            self._flush_or_log(A_SECOND)

    def _flush_or_log(self, maximum: int) -> None:
        try:
            self._flush(maximum)
        except LedgerError as error:
            LOG.warning("badge alerts were not stored: %s", error)
        except Exception:  # the thread must live on
            LOG.exception("badge alerts were not stored")
