# SPDX-License-Identifier: Apache-2.0
"""How fast passwords and codes may be tried. Kept in the database: a restart forgives nobody. ADR 0019.

An attempt is counted *before* it is made and taken back when it succeeds, so that many at once cannot all slip through.
Names stand here as HMACs, whether they exist or not. An attempt that is refused for being too early is not counted:
it cannot prolong the wait.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from passport.domain.accounts import AttemptRow
from passport.domain.accounts_errors import TooManyAttempts
from passport.services.accounts.ports import Books

FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """`free` failures cost nothing; then the wait doubles from `first_seconds` up to `cap_seconds`."""

    free: int
    first_seconds: int
    cap_seconds: int

    def wait_seconds(self, failures: int) -> int:
        if failures < self.free:
            return 0
        return min(self.cap_seconds, self.first_seconds << min(failures - self.free, 20))


PER_NAME = Rule(free=5, first_seconds=4, cap_seconds=900)
PER_ADDRESS = Rule(free=30, first_seconds=60, cap_seconds=900)


@dataclass(frozen=True, slots=True)
class Counter:
    """One key and the rule that it is counted by."""

    key: bytes
    rule: Rule


def reserve(books: Books, counters: list[Counter], now: datetime) -> None:
    """Counts an attempt under each key. Raises TooManyAttempts, and counts nothing, when any of them has to wait."""
    rows = [books.attempts.find(counter.key) for counter in counters]
    waits = [(row.blocked_until - now).total_seconds() for row in rows if row is not None and _is_fresh(row, now)]
    longest = max(waits, default=0.0)
    if longest > 0:
        raise TooManyAttempts(math.ceil(longest))
    books.attempts.purge(updated_before=now - FORGET_AFTER)
    for counter, row in zip(counters, rows, strict=True):
        failures = (row.failures if row is not None and _is_fresh(row, now) else 0) + 1
        blocked_until = now + timedelta(seconds=counter.rule.wait_seconds(failures))
        books.attempts.put(counter.key, AttemptRow(failures, blocked_until, now))


def give_back(books: Books, key: bytes, now: datetime) -> None:
    """Takes one count back: the attempt was a good one."""
    row = books.attempts.find(key)
    if row is not None:
        books.attempts.put(key, replace(row, failures=max(0, row.failures - 1), blocked_until=now))


def _is_fresh(row: AttemptRow, now: datetime) -> bool:
    return now - row.updated_at < FORGET_AFTER


def address_block(address: str) -> str:
    """What shares one counter: an IPv4 address, or the /64 network that one IPv6 customer has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
