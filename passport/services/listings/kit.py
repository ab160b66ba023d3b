# SPDX-License-Identifier: Apache-2.0
"""What the use cases of listings share: the database, the ledger, the clock, ids, and who may do what."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from passport.domain.accounts import OrganisationKind, Principal, Scope
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import NotAllowed
from passport.domain.listings import Listing, UnknownListing
from passport.services.listings.ports import Books, Business, LedgerSource, RecallWatch

CHINA_OFFSET = timedelta(hours=8)
_RANDOM_BITS = 74
_VERSION, _VARIANT = 7, 2


class Ids:
    """UUIDs, version 7 (RFC 9562): those of one process sort as they were made, so an id is a cursor as well."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> str:
        at = int(self._clock().timestamp() * 1000) << _RANDOM_BITS
        with self._lock:
            # In the same millisecond, and when the clock goes back, one above the last one: RFC 9562 §6.2, method 2.
            self._last = max(at + secrets.randbits(_RANDOM_BITS - 1), self._last + 1)
            value = self._last
        high, low = value >> _RANDOM_BITS, value & ((1 << _RANDOM_BITS) - 1)
        bits = (high << 80) | (_VERSION << 76) | ((low >> 62) << 64) | (_VARIANT << 62) | (low & ((1 << 62) - 1))
        text = f"{bits:032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@dataclass(frozen=True, slots=True)
class ListingKit:
    """`clock` in UTC."""

    business: Business
    ledger: LedgerSource
    clock: Callable[[], datetime]
    watch: RecallWatch | None = None
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids(self.clock))

    def now(self) -> datetime:
        """The clock to the second, which is what the tables hold."""
        return self.clock().replace(microsecond=0)


def require(principal: Principal, scope: Scope) -> None:
    """Listings are platforms' alone. Raises NotAllowed: not_a_platform, scope_missing."""
    if principal.kind is not OrganisationKind.PLATFORM:
        raise NotAllowed("not_a_platform", "Listings are for platforms. Your organisation is none.")
    principal.require_scope(scope)


def actor_of(principal: Principal) -> tuple[str, str]:
    """Kind and id of who acts, for what is kept."""
    if principal.is_person:
        return ActorKind.MEMBER.value, principal.member
    return ActorKind.TOKEN.value, principal.token


def note(
    books: Books, principal: Principal, action: Action, object_: tuple[str, str], now: datetime, outcome: str = "done"
) -> None:
    """Writes what the principal did into its organisation's trail; `object_` is (kind, id)."""
    kind, actor = actor_of(principal)
    act = Act(ActorKind(kind), actor, str(action), *object_, outcome=outcome, request_id=principal.request_id)
    books.audit.append(principal.organisation, now, act)


def get_listing(books: Books, principal: Principal, listing_id: str) -> Listing:
    """One of the principal's own. Raises UnknownListing("unknown_listing"), the same for another's."""
    found = books.listings.find_in(principal.organisation, clean_id(listing_id))
    if found is None:
        raise UnknownListing("unknown_listing", "There is no such listing in your organisation.")
    return found


def clean_id(text: str) -> str:
    """An id that a database can be asked for: PostgreSQL takes no NUL and no half of a surrogate pair."""
    return text if len(text) <= 36 and text.isascii() and "\0" not in text else ""
