# SPDX-License-Identifier: Apache-2.0
"""Who may do what with a shop's listings: maker, shop, stranger, another platform; roles; tokens. Each use case."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_errors import NotAllowed, UnknownObject
from passport.domain.appeals import AppealOutcome
from passport.domain.listings import ListingFilter
from passport.services.listings import Listings
from tests.support.listings import Market, fields

CSV = b"url,seller_id,seller_name,gtin,lots\nhttps://shop.example.cn/csv,s,n,06901234567892,L1\n"


@dataclass
class Scene:
    """The shop's things, which everybody tries their hands on."""

    market: Market
    listing: str
    decision: str
    other_decision: str
    appeal: str
    import_id: str


@pytest.fixture
def scene(one_market: Market) -> Scene:
    market, shop = one_market, one_market.cast.shop.principal
    market.refuse_by_recall()
    listing = market.listings.desk.create(shop, fields(1))
    first = market.listings.gatekeeper.bind(shop, listing.id).decision
    second = market.listings.gatekeeper.bind(shop, listing.id).decision
    appeal = market.listings.appeals.open(shop, first.id, "wrong", wants_person=False)
    job = market.listings.imports.upload(shop, "a.csv", [CSV])
    market.listings.worker.work()
    return Scene(market, listing.id, first.id, second.id, appeal.id, job.id)


Attempt = Callable[[Listings, Principal, Scene], object]
UPHELD = AppealOutcome.UPHELD
# Use case → (how it is tried, scope, whether it names a thing of the shop's).
ATTEMPTS: dict[str, tuple[Attempt, Scope, bool]] = {
    "desk.create": (lambda u, p, s: u.desk.create(p, fields(9)), Scope.LISTINGS_WRITE, False),
    "desk.update": (lambda u, p, s: u.desk.update(p, s.listing, fields(8)), Scope.LISTINGS_WRITE, True),
    "desk.delist": (lambda u, p, s: u.desk.delist(p, s.listing), Scope.LISTINGS_WRITE, True),
    "desk.get": (lambda u, p, s: u.desk.get(p, s.listing), Scope.LISTINGS_READ, True),
    "desk.page": (lambda u, p, s: u.desk.page(p, ListingFilter(), "", 9), Scope.LISTINGS_READ, False),
    "desk.count_by_state": (lambda u, p, s: u.desk.count_by_state(p), Scope.LISTINGS_READ, False),
    "desk.export": (lambda u, p, s: list(u.desk.export(p, ListingFilter())), Scope.LISTINGS_READ, False),
    "desk.find_entry": (lambda u, p, s: u.desk.find_entry(p, 1), Scope.LISTINGS_READ, False),
    "gatekeeper.preview": (lambda u, p, s: u.gatekeeper.preview(p, [s.listing]), Scope.LISTINGS_READ, True),
    "gatekeeper.bind": (lambda u, p, s: u.gatekeeper.bind(p, s.listing), Scope.LISTINGS_WRITE, True),
    "gatekeeper.get_decision": (lambda u, p, s: u.gatekeeper.get_decision(p, s.decision), Scope.LISTINGS_READ, True),
    "gatekeeper.history": (lambda u, p, s: u.gatekeeper.history(p, 3), Scope.LISTINGS_READ, False),
    "gatekeeper.page": (lambda u, p, s: u.gatekeeper.page(p, s.listing, "", 9), Scope.LISTINGS_READ, True),
    "appeals.open": (
        lambda u, p, s: u.appeals.open(p, s.other_decision, "no", wants_person=False),
        Scope.LISTINGS_WRITE,
        True,
    ),
    "appeals.answer": (lambda u, p, s: u.appeals.answer(p, s.appeal, "yes"), Scope.LISTINGS_WRITE, True),
    "appeals.close": (lambda u, p, s: u.appeals.close(p, s.appeal, UPHELD, "so"), Scope.LISTINGS_WRITE, True),
    "appeals.get": (lambda u, p, s: u.appeals.get(p, s.appeal), Scope.LISTINGS_READ, True),
    "appeals.of_decision": (lambda u, p, s: u.appeals.of_decision(p, s.decision), Scope.LISTINGS_READ, True),
    "appeals.page": (lambda u, p, s: u.appeals.page(p, "open", "", 9), Scope.LISTINGS_READ, False),
    "imports.upload": (lambda u, p, s: u.imports.upload(p, "b.csv", [CSV + b"\n"]), Scope.LISTINGS_WRITE, False),
    "imports.get": (lambda u, p, s: u.imports.get(p, s.import_id), Scope.LISTINGS_READ, True),
    "imports.page": (lambda u, p, s: u.imports.page(p, "", 9), Scope.LISTINGS_READ, False),
    "imports.run": (lambda u, p, s: u.imports.run(p, s.import_id), Scope.LISTINGS_WRITE, True),
    "imports.discard": (lambda u, p, s: u.imports.discard(p, s.import_id), Scope.LISTINGS_WRITE, True),
}


def test_every_use_case_has_its_row(one_market: Market) -> None:
    found = {
        f"{group}.{name}"
        for group in ("desk", "gatekeeper", "appeals", "imports")
        for name, _ in inspect.getmembers(getattr(one_market.listings, group), inspect.ismethod)
        if not name.startswith("_")
    }
    assert found == set(ATTEMPTS)


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_the_shops_owner_may_do_everything_and_others_nothing_to_it(scene: Scene, name: str) -> None:
    attempt, _, is_about_a_thing = ATTEMPTS[name]
    market = scene.market
    for who in ("maker", "stranger"):
        with pytest.raises(NotAllowed) as refused:
            attempt(market.listings, market.person(who).principal, scene)
        assert refused.value.code == "not_a_platform"
    rival = market.rival.principal
    if is_about_a_thing:
        with pytest.raises(UnknownObject) as foreign:
            attempt(market.listings, rival, scene)
        gone = Scene(market, *["0" * 36] * 5)
        with pytest.raises(UnknownObject) as missing:
            attempt(market.listings, rival, gone)
        assert str(foreign.value) == str(missing.value), "one cannot tell somebody else's from nothing"
    else:
        assert scene.listing not in repr(attempt(market.listings, rival, scene))
    attempt(market.listings, market.cast.shop.principal, scene)


@pytest.mark.parametrize("role", [Role.READER, Role.OPERATOR])
@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_readers_read_and_operators_write(scene: Scene, name: str, role: Role) -> None:
    attempt, scope, _ = ATTEMPTS[name]
    principal = scene.market.site.join("shop-b", "fred", frozenset({role})).principal
    if scope is Scope.LISTINGS_READ or role is Role.OPERATOR:
        attempt(scene.market.listings, principal, scene)
        return
    with pytest.raises(NotAllowed) as refused:
        attempt(scene.market.listings, principal, scene)
    assert refused.value.code == "scope_missing"


@pytest.mark.parametrize("name", sorted(ATTEMPTS))
def test_a_token_does_what_its_scope_says(scene: Scene, name: str) -> None:
    attempt, scope, _ = ATTEMPTS[name]
    accounts, owner = scene.market.site.accounts, scene.market.cast.shop.principal
    rest = accounts.tokens.create(owner, "rest", frozenset(Scope) - {scope}, 30)
    with pytest.raises(NotAllowed, match=str(scope)):
        attempt(scene.market.listings, accounts.tokens.get_principal(rest.text), scene)
    exact = accounts.tokens.create(owner, "exact", frozenset({scope}), 30)
    attempt(scene.market.listings, accounts.tokens.get_principal(exact.text), scene)


def test_an_appeal_for_a_person_is_neither_answered_nor_closed_by_a_token(scene: Scene) -> None:
    accounts, shop, appeals = (
        scene.market.site.accounts,
        scene.market.cast.shop.principal,
        scene.market.listings.appeals,
    )
    token = accounts.tokens.create(shop, "all", frozenset(Scope), 30)
    program = accounts.tokens.get_principal(token.text)
    appeal = appeals.open(program, scene.other_decision, "Please have somebody look.", wants_person=True)
    for attempt in (
        lambda: appeals.close(program, appeal.id, UPHELD, "closed by a program"),
        lambda: appeals.answer(program, appeal.id, "answered by a program"),
    ):
        with pytest.raises(NotAllowed) as refused:
            attempt()
        assert refused.value.code == "person_needed"
    assert appeals.get(shop, appeal.id).notes == appeal.notes
    closed = appeals.close(shop, appeal.id, UPHELD, "I looked.")
    assert (closed.outcome, closed.notes[-1].actor_kind) == (UPHELD, "member")
