# SPDX-License-Identifier: Apache-2.0
"""What the use cases of recalls share, and who may look and report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from passport.domain.accounts import OrganisationKind, Principal, Scope
from passport.domain.accounts_errors import NotAllowed
from passport.domain.recall_cases import RecallCase, UnknownCase
from passport.domain.returns import ReturnRate
from passport.services.listings.kit import Ids, clean_id
from passport.services.recalls.ports import Books, Business, Outbox, RecallLedger, ReturnSource
from passport.services.registry import Unavailable


@dataclass(frozen=True, slots=True)
class RecallKit:
    """`clock` in UTC; `base_url` is the registry's own, for links to the signed notice."""

    business: Business
    ledger: RecallLedger
    outbox: Outbox
    clock: Callable[[], datetime]
    base_url: str = ""
    returns: ReturnSource | None = None
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids(self.clock))

    def now(self) -> datetime:
        """The clock to the second, which is what the tables hold."""
        return self.clock().replace(microsecond=0)

    def find_returns(self, recall_id: str) -> ReturnRate | None:
        """None where nobody can say. It reads for itself: call it outside of a transaction."""
        try:
            return None if self.returns is None else self.returns.of_recall(recall_id)
        except Unavailable:
            return None


def require_reader(principal: Principal) -> str | None:
    """Whose cases the principal sees: its own platform's, or None for all, which is an authority's right.

    Makers and laboratories see none: a listing is the platform's business. Raises NotAllowed: no_recall_board,
    scope_missing.
    """
    if principal.kind not in (OrganisationKind.PLATFORM, OrganisationKind.AUTHORITY):
        raise NotAllowed("no_recall_board", "Cases of recalls are for platforms and authorities.")
    principal.require_scope(Scope.RECALLS_READ)
    return None if principal.kind is OrganisationKind.AUTHORITY else principal.organisation


def require_reporter(principal: Principal) -> None:
    """A platform reports for itself; nobody does it for a platform. Raises NotAllowed: reports_are_platforms, …"""
    if principal.kind is not OrganisationKind.PLATFORM:
        raise NotAllowed("reports_are_platforms", "Only the platform itself reports on its case.")
    principal.require_scope(Scope.RECALLS_REPORT)


def get_case(books: Books, organisation: str | None, case_id: str) -> RecallCase:
    """One that the asker may see. Raises UnknownCase("unknown_case"), the same for another platform's."""
    found = books.recall_cases.find(organisation, clean_id(case_id))
    if found is None:
        raise UnknownCase("unknown_case", "There is no such case of a recall in your organisation.")
    return found
