# SPDX-License-Identifier: Apache-2.0
"""Returns for tests: real tables, a ledger that says what a test has it say, and an authority beside the cast."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from passport.domain.accounts import OrganisationKind
from passport.domain.returns import RecallFacts
from passport.services.registry import Unavailable
from passport.services.returns import Returns, make_returns
from passport.services.returns.desk import TypedRecovery
from passport.services.returns.kit import ReturnKit
from tests.support.accounts import AccountsSite, Cast, Person, make_cast
from tests.support.fake_registry import OPEN_RECALL
from verifier.recalls import RecallRecord

RECALL = OPEN_RECALL.recall_id
OTHER: RecallRecord = replace(OPEN_RECALL, recall_id="maker-c/7", publisher="maker-c", index=33)
DAY = date(2026, 11, 20)


def goods(count: int, lot: str = "", note: str = "", on: date = DAY) -> TypedRecovery:
    return TypedRecovery(count, on, lot, note)


@dataclass
class ToldRecalls:
    """Implements RecallSource. The recall of `RECALL` is about the maker's products."""

    codes: int = 1000
    is_down: bool = False
    others: list[RecallFacts] = field(
        default_factory=lambda: [RecallFacts(OTHER, 10, frozenset({"X1"}), frozenset({"maker-c"}), 40)]
    )

    def find(self, recall_id: str) -> RecallFacts | None:
        return next((facts for facts in self.list_all() if facts.record.recall_id == recall_id), None)

    def list_all(self) -> list[RecallFacts]:
        if self.is_down:
            raise Unavailable("not_published_yet", "nothing is published yet")
        first = RecallFacts(OPEN_RECALL, self.codes, frozenset({"L20260318A"}), frozenset({"maker-a"}), 40)
        return [*self.others, first]


@dataclass
class Depot:
    """The cast with an authority, and returns over the same database."""

    cast: Cast
    authority: Person
    returns: Returns
    ledger: ToldRecalls

    @property
    def site(self) -> AccountsSite:
        return self.cast.site

    def person(self, name: str) -> Person:
        return self.authority if name == "authority" else self.cast.person(name)


def make_depot(site: AccountsSite, cast: Cast | None = None) -> Depot:
    cast, ledger = cast or make_cast(site), ToldRecalls()
    site.add("authority-e", OrganisationKind.AUTHORITY)
    authority = site.join("authority-e", "emma.e")
    return Depot(cast, authority, make_returns(ReturnKit(site.business, ledger, site.clock)), ledger)
