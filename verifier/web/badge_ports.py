# SPDX-License-Identifier: Apache-2.0
"""What the badge of a listing needs from whoever serves it. A registry knows listings, a platform's node does not."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from verifier.lots import LotEntries, LotVerdict
from verifier.protocol.badge_token import BadgeClaims
from verifier.trust import Issuer
from verifier.web.badge_secrets import BadgeSecrets
from verifier.web.embedding import Embedding
from verifier.web.ports import Checker

LOG = logging.getLogger(__name__)
_REMEMBERED = 1000
_FORGETS_AFTER = timedelta(hours=1)


class BadgeChecker(Checker, Protocol):
    """A checker that also knows who may sign for a platform. Safe to call from many threads."""

    def check_model(self, gtin: str) -> LotVerdict:
        """The verdict on any lot of a product."""

    def find_issuer(self, issuer_id: str) -> Issuer | None:
        """An admitted organisation. Raises DidNotArrive when that cannot be told: nobody is unknown for want of us."""

    def find_lot_entries(self, gtin: str, lot: str) -> LotEntries:
        """Where the ledger speaks of a lot, or with "" of a product."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What the server's own data say of a listing. `url` is "" where it is not known."""

    state: str
    url: str
    gtin: str
    lots: tuple[str, ...]
    seller_id: str
    seller_name: str
    origins: frozenset[str]
    is_on: bool = True
    is_blocked: bool = False

    def fits(self, claims: BadgeClaims) -> bool:
        """Whether the token says the same. A listing without lots sells any; a token without one speaks of all."""
        is_lot_right = not claims.lot or not self.lots or claims.lot in self.lots
        said, known = (claims.gtin, claims.seller_id, claims.seller_name), (self.gtin, self.seller_id, self.seller_name)
        return is_lot_right and said == known


class BindingSource(Protocol):
    """Safe to call from many threads."""

    def find(self, organisation: str, listing_id: str) -> Binding | None:
        """The binding of a platform's listing; None if it has no such listing. Raises DidNotArrive."""


class AlertSink(Protocol):
    """Takes note of badges in wrong places. It never waits and never raises: under load it forgets."""

    def note(self, claims: BadgeClaims, embedding: Embedding, at: datetime) -> None: ...


@dataclass(frozen=True, slots=True)
class ListingBadges:
    """How this server serves badges of listings. Without `bindings` the platform's signature alone is the binding."""

    origin: str  # the ledger's
    secrets: BadgeSecrets
    alerts: AlertSink
    clock: Callable[[], datetime]
    bindings: BindingSource | None = None


class LoggedAlerts:
    """For a node, which has no table: each place is written to the log once an hour, a thousand of them at most."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], None] = {}
        self._since = datetime.min.replace(tzinfo=UTC)

    def note(self, claims: BadgeClaims, embedding: Embedding, at: datetime) -> None:
        if at - self._since >= _FORGETS_AFTER:  # or who fills it once would have silenced it for good
            self._known.clear()
            self._since = at
        key = (claims.listing, embedding.finding.value, embedding.place)
        if key not in self._known and len(self._known) < _REMEMBERED:
            self._known[key] = None
            LOG.warning("badge of listing %s in the wrong place: %s %s", *key)


class NoAlerts:
    """Where nobody is told."""

    def note(self, claims: BadgeClaims, embedding: Embedding, at: datetime) -> None:
        return None


class NoBindings:
    """Where no listing is known."""

    def find(self, organisation: str, listing_id: str) -> Binding | None:
        return None
