# SPDX-License-Identifier: Apache-2.0
"""What the use cases of live commerce share: the database, the ledger, the clock, ids, and who may do what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from passport.domain.accounts import OrganisationKind, Principal, Role, Scope
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import NotAllowed
from passport.domain.dossier_values import local_date
from passport.services.listings.kit import Ids, actor_of
from passport.services.live.ports import Books, Business, DossierLedger

_LISTERS = (OrganisationKind.PLATFORM, OrganisationKind.AUTHORITY)


@dataclass(frozen=True, slots=True)
class LiveKit:
    """`clock` in UTC."""

    business: Business
    ledger: DossierLedger
    clock: Callable[[], datetime]
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids(self.clock))

    def now(self) -> datetime:
        """The clock to the second, which is what the tables hold."""
        return self.clock().replace(microsecond=0)

    def today(self) -> date:
        """The calendar date in China."""
        return local_date(self.now())


def require_platform(principal: Principal, scope: Scope) -> None:
    """Dossiers and sellers are platforms' alone. Raises NotAllowed: not_a_platform, scope_missing."""
    if principal.kind is not OrganisationKind.PLATFORM:
        raise NotAllowed("not_a_platform", "Dossiers are for platforms. Your organisation is none.")
    principal.require_scope(scope)


def require_lister(principal: Principal, scope: Scope) -> None:
    """Sanctions are platforms' and authorities'. Raises NotAllowed: not_a_lister, scope_missing."""
    if principal.kind not in _LISTERS:
        raise NotAllowed("not_a_lister", "Sanctions are for platforms and authorities. Your organisation is neither.")
    principal.require_scope(scope)


def require_decider(principal: Principal) -> None:
    """Who puts on the list and takes off it: a platform's chief quality officer, an authority's owner or operator.

    Raises NotAllowed: person_needed, role_missing.
    """
    if principal.kind is OrganisationKind.PLATFORM:
        principal.require_role(Role.CHIEF_QUALITY_OFFICER)
        return
    principal.require_person()
    if principal.roles.isdisjoint({Role.OWNER, Role.OPERATOR}):
        raise NotAllowed("role_missing", "This needs the role owner or operator. Ask an owner of your organisation.")


def may_decide(principal: Principal) -> bool:
    """The same as a question."""
    try:
        require_decider(principal)
    except NotAllowed:
        return False
    return True


def note(
    books: Books, principal: Principal, action: Action, object_: tuple[str, str], now: datetime, outcome: str = "done"
) -> None:
    """Writes what the principal did into its organisation's trail; `object_` is (kind, id)."""
    kind, actor = actor_of(principal)
    act = Act(ActorKind(kind), actor, str(action), *object_, outcome=outcome, request_id=principal.request_id)
    books.audit.append(principal.organisation, now, act)
