# SPDX-License-Identifier: Apache-2.0
"""Recalls for tests: real tables, a ledger that says what a test has it say, and the real outbox of webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from passport.domain.accounts import OrganisationKind, Role
from passport.domain.gate import CodeFact, GateFacts, RecallFact
from passport.domain.listings import Listing
from passport.domain.recall_cases import Cover, Coverage, RecallCase, RecallState
from passport.services.listings import make_listings
from passport.services.listings.kit import ListingKit
from passport.services.recalls import Recalls, make_recalls
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.ports import LedgerProof, LedgerRecalls
from passport.services.recalls.watch import RecallWatch
from passport.services.webhooks import Webhooks, make_webhooks
from tests.support.accounts import OWNER, AccountsSite, Person, make_cast
from tests.support.listings import CODE, GOOD, GTIN, Market, ToldLedger, fields
from tests.support.webhooks import ToldSender, make_kit
from verifier.protocol.fields import Text
from verifier.verdict import Status

RECALL = "qingshan/2026-01"
OFFICER = frozenset({Role.OPERATOR, Role.CHIEF_QUALITY_OFFICER})


def lots_of(*lots: str, gtin: str = GTIN) -> Coverage:
    return Coverage({gtin: Cover(frozenset(lots))})


def state_of(number: int = 1, coverage: Coverage | None = None, *, index: int = 40) -> RecallState:
    """A recall as it is published."""
    return RecallState(
        recall_id=f"qingshan/2026-{number:02}",
        publisher="qingshan",
        severity="serious",
        title=Text(zh="电池过热", en="The battery overheats"),
        revision=1,
        is_active=True,
        index=index,
        latest_index=index,
        coverage=coverage or lots_of("L1"),
    )


@dataclass
class ToldRecalls:
    """Implements RecallLedger: what `publish` was told, one entry for each word."""

    states: dict[str, RecallState] = field(default_factory=dict)
    count: int = 40

    def publish(self, state: RecallState) -> None:
        self.states[state.recall_id] = replace(state, latest_index=self.count)
        self.count += 1

    def revise(self, recall_id: str, coverage: Coverage) -> None:
        old = self.states[recall_id]
        self.publish(replace(old, revision=old.revision + 1, coverage=coverage))

    def close(self, recall_id: str) -> None:
        self.publish(replace(self.states[recall_id], is_active=False))

    def size(self) -> int:
        return self.count

    def wait(self, size: int, timeout_seconds: float) -> None:
        return

    def read(self, since: int, known: dict[str, int]) -> LedgerRecalls:
        return LedgerRecalls(self.count, tuple(self.states.values()))

    def prove(self, recall_ids: frozenset[str]) -> LedgerProof:
        return LedgerProof("registry.example/ledger", b"checkpoint\n", b"snapshot\n", ())

    def sign(self, text: str) -> bytes:
        return text.encode()


@dataclass
class Recalling:
    """The market with recalls beside it; the worker is not started: `carry` does what there is to do."""

    market: Market
    recalls: Recalls
    kit: RecallKit
    ledger: ToldRecalls
    webhooks: Webhooks
    sender: ToldSender
    watcher: Person

    @property
    def site(self) -> AccountsSite:
        return self.market.site

    def person(self, name: str) -> Person:
        return self.watcher if name == "authority" else self.market.person(name)

    def carry(self) -> int:
        """Everything that there is to do; how many pieces it was."""
        pieces = 0
        while self.recalls.worker.work():
            pieces += 1
            assert pieces < 10_000
        return pieces

    def publish(self, state: RecallState | None = None) -> None:
        """In the ledger, in the listings and cases; the gate knows too."""
        made = state or state_of()
        self.ledger.publish(made)
        self.refuse(made.recall_id)
        self.carry()

    def refuse(self, recall_id: str = RECALL) -> None:
        told, facts = self.market.ledger, GOOD
        told.facts = GateFacts(
            facts.as_of, facts.maker, facts.passport, (RecallFact(recall_id, 40),), codes=facts.codes
        )

    def allow(self, *lots: str) -> None:
        """The gate finds nothing against listings of these lots."""
        code = CodeFact(CODE, Status.GENUINE, "genuine", lots[0] if lots else "L1", 7)
        self.market.ledger.facts = replace(GOOD, codes=(code,))

    def case(self, organisation: str = "shop-b", recall_id: str = RECALL) -> RecallCase:
        with self.site.business.read() as books:
            found = books.recall_cases.find_of(organisation, recall_id)
        assert found is not None
        return found

    def listing(self, listing: Listing) -> Listing:
        with self.site.business.read() as books:
            found = books.listings.find_in(listing.organisation, listing.id)
        assert found is not None
        return found

    def bind(self, number: int = 1, *, who: str = "shop", lots: Sequence[str] = ("L1",)) -> Listing:
        """A listing that the gate lets in."""
        principal = self.market.person(who).principal
        self.allow(*lots)
        made = self.market.listings.desk.create(principal, fields(number, lots=tuple(lots)))
        return self.market.listings.gatekeeper.bind(principal, made.id).listing


def make_recalling(site: AccountsSite) -> Recalling:
    """The shop, a rival, a maker, a stranger, and an authority that is only an account."""
    cast, told, ledger = make_cast(site), ToldLedger(), ToldRecalls()
    site.add("shop-d", OrganisationKind.PLATFORM)
    site.add("watch-e", OrganisationKind.AUTHORITY)
    rival, watcher = site.join("shop-d", "dora.d", OWNER), site.join("watch-e", "wang.e", OWNER)
    sender = ToldSender()
    webhooks = make_webhooks(make_kit(site, sender))
    kit = RecallKit(site.business, ledger, webhooks.outbox, site.clock, "https://registry.example")
    listings = make_listings(ListingKit(site.business, told, site.clock, RecallWatch(kit)))
    market = Market(cast, rival, listings, told)
    return Recalling(market, make_recalls(kit), kit, ledger, webhooks, sender, watcher)
