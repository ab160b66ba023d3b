# SPDX-License-Identifier: Apache-2.0
"""A platform's badge policy, and alerts about badges in wrong places, as values. docs/badge.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passport.domain.accounts_errors import UnknownObject
from verifier.protocol.badge_token import is_loopback_origin, parse_origin
from verifier.protocol.errors import Malformed

MAX_ORIGINS = 20
MAX_PLACES = 100
"""Places of one listing that nobody has marked as seen; more are not kept. Who makes them up is marked away."""


@dataclass(frozen=True, slots=True)
class BadgePolicy:
    """`origins` may show badges beside each listing's own. Without a row: badges are on, and there are no others."""

    is_on: bool = True
    origins: tuple[str, ...] = ()
    changed_at: datetime | None = None
    changed_by: str = ""  # the member


@dataclass(frozen=True, slots=True)
class AlertKey:
    """What alerts are counted by. `place` is an address without what a visitor may have in it."""

    organisation: str
    listing: str
    reason: str
    place: str


@dataclass(frozen=True, slots=True)
class BadgeAlert:
    """A badge where it does not belong. `marked_at`: when somebody of the platform marked it as seen."""

    id: str
    key: AlertKey
    first_seen_at: datetime
    last_seen_at: datetime
    count: int
    marked_at: datetime | None = None


class UnknownAlert(UnknownObject):
    """Code: unknown_alert."""


def parse_origins(texts: Iterable[str]) -> tuple[str, ...]:
    """Up to 20 https origins, sorted, each once. Raises Malformed: bad_origin, too_many_origins."""
    origins = sorted({parse_origin(text) for text in texts})
    if any(is_loopback_origin(origin) for origin in origins):
        raise Malformed("bad_origin", "A policy names https origins alone.")
    if len(origins) > MAX_ORIGINS:
        raise Malformed("too_many_origins", f"A policy has at most {MAX_ORIGINS} origins.")
    return tuple(origins)
