# SPDX-License-Identifier: Apache-2.0
"""Listings for tests: real tables, and a ledger that says what a test has it say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from passport.domain.accounts import OrganisationKind, Role
from passport.domain.gate import AsOf, CodeFact, GateFacts, MakerFact, PassportFact, RecallFact
from passport.domain.listings import Listing, ListingFields
from passport.services.listings import Listings, make_listings
from passport.services.listings.kit import ListingKit
from passport.services.registry import Unavailable
from tests.support.accounts import OWNER, AccountsSite, Cast, Person, make_cast
from tests.support.makers import make_gtin
from verifier.verdict import Status

GTIN = make_gtin("69012345")
CODE = f"/01/{GTIN}/21/SAMPLE"
AS_OF = AsOf(40, "ab" * 32, datetime.fromisoformat("2026-11-21T08:00:00+00:00"))
GOOD = GateFacts(
    as_of=AS_OF,
    maker=MakerFact("qingshan", True, 1, True),
    passport=PassportFact(5, "qingshan", "cd" * 32),
    codes=(CodeFact(CODE, Status.GENUINE, "genuine", "L1", 7),),
)
OPERATOR = frozenset({Role.OPERATOR})


def fields(number: int = 1, *, gtin: str = GTIN, lots: tuple[str, ...] = ("L1",)) -> ListingFields:
    return ListingFields(f"https://shop.example.cn/item/{number}", "s-1", "某某旗舰店", gtin, lots, (CODE,))


@dataclass
class ToldLedger:
    """Implements LedgerSource: says what it was told, for every product."""

    facts: GateFacts = GOOD
    is_down: bool = False
    asked: list[ListingFields] = field(default_factory=list)

    def gather(self, listing: ListingFields, now: datetime) -> GateFacts:
        self.asked.append(listing)
        if self.is_down:
            raise Unavailable("not_published_yet", "nothing is published yet")
        return self.facts

    def find_entry(self, index: int) -> bytes | None:
        statement = b'{"issued_at":"2026-11-21T08:00:00Z","issuer":"qingshan","type":"recall.published"}'
        return (
            b'{"key_id":"00","signature":"","statement":' + statement + b"}" if index < self.facts.as_of.size else None
        )


@dataclass
class Market:
    """The cast of the accounts with a second platform, and listings over the same database."""

    cast: Cast
    rival: Person
    listings: Listings
    ledger: ToldLedger

    @property
    def site(self) -> AccountsSite:
        return self.cast.site

    def person(self, name: str) -> Person:
        return self.rival if name == "rival" else self.cast.person(name)

    def refuse_by_recall(self) -> None:
        self.ledger.facts = GateFacts(
            AS_OF, GOOD.maker, GOOD.passport, (RecallFact("qingshan/2026-01", 31),), codes=GOOD.codes
        )

    def add(self, count: int) -> Iterator[Listing]:
        for number in range(1, count + 1):
            yield self.listings.desk.create(self.cast.shop.principal, fields(number))


def make_market(site: AccountsSite, cast: Cast | None = None) -> Market:
    """The worker is not started: a test calls `worker.work()`."""
    cast, ledger = cast or make_cast(site), ToldLedger()
    site.add("shop-d", OrganisationKind.PLATFORM)
    rival = site.join("shop-d", "dora.d", OWNER)
    return Market(cast, rival, make_listings(ListingKit(site.business, ledger, site.clock)), ledger)
