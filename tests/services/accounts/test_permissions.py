# SPDX-License-Identifier: Apache-2.0
"""Who may do what: each use case, tried by maker, shop and stranger on the maker's things, and by members and tokens.

A use case without a row here fails a test.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_audit import AuditFilter
from passport.domain.accounts_errors import Conflict, InvalidToken, NotAllowed, SignInRefused, UnknownObject
from passport.services.accounts import Accounts
from tests.support.accounts import OWNER, PASSWORD, READER, AccountsSite, Cast, Person, open_site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[AccountsSite]:
    """SQLite alone: what is decided here is decided above the database, and the table of cases is long."""
    with open_site(tmp_path) as site:
        yield site


@dataclass
class Scene:
    """The maker's colleague and token, which everybody tries their hands on."""

    cast: Cast
    colleague: Person
    token_id: str


@pytest.fixture
def scene(cast: Cast) -> Scene:
    colleague = cast.site.join("maker-a", "dora", READER)
    new = cast.site.accounts.tokens.create(cast.maker.principal, "line 1", frozenset({Scope.VERIFY}), 30)
    return Scene(cast, colleague, new.token.id)


def wrong_code_is_fine(name: str) -> AbstractContextManager[None]:
    """The one use case that is tried with a wrong code: whoever gets as far as that was let in."""
    return suppress(SignInRefused) if name == "profile.finish_second_factor" else nullcontext()


Attempt = Callable[[Accounts, Principal, Scene], object]
VERIFY = frozenset({Scope.VERIFY})

# Use case → (how it is tried on the maker's colleague or token, whether a foreign organisation has "no such thing").
ATTEMPTS: dict[str, tuple[Attempt, bool]] = {
    "members.get": (lambda a, p, s: a.members.get(p, s.colleague.member), True),
    "members.make_link": (lambda a, p, s: a.members.make_link(p, s.colleague.member), True),
    "members.set_roles": (lambda a, p, s: a.members.set_roles(p, s.colleague.member, OWNER), True),
    "members.disable": (lambda a, p, s: a.members.disable(p, s.colleague.member), True),
    "members.enable": (lambda a, p, s: a.members.enable(p, s.colleague.member), True),
    "tokens.revoke": (lambda a, p, s: a.tokens.revoke(p, s.token_id), True),
    "members.list": (lambda a, p, s: a.members.list(p), False),
    "members.me": (lambda a, p, s: a.members.me(p), False),
    "members.invite": (lambda a, p, s: a.members.invite(p, "Eve", READER), False),
    "tokens.list": (lambda a, p, s: a.tokens.list(p), False),
    "tokens.create": (lambda a, p, s: a.tokens.create(p, "line 2", VERIFY, 30), False),
    "audit_trail.page": (lambda a, p, s: a.audit_trail.page(p, AuditFilter()), False),
    "audit_trail.verify": (lambda a, p, s: a.audit_trail.verify(p), False),
    "organisations.get_own": (lambda a, p, s: a.organisations.get_own(p), False),
    "profile.count_recovery_codes": (lambda a, p, s: a.profile.count_recovery_codes(p), False),
    "profile.change_password": (lambda a, p, s: a.profile.change_password(p, PASSWORD, "another long one"), False),
    "profile.begin_second_factor": (lambda a, p, s: a.profile.begin_second_factor(p, PASSWORD), False),
    "profile.find_next_totp_secret": (lambda a, p, s: a.profile.find_next_totp_secret(p), False),
    "profile.finish_second_factor": (lambda a, p, s: a.profile.finish_second_factor(p, "000000"), False),
    "profile.new_recovery_codes": (lambda a, p, s: a.profile.new_recovery_codes(p, PASSWORD), False),
    "sign_in.sign_out": (lambda a, p, s: a.sign_in.sign_out(p), False),
    "sign_in.sign_out_everywhere": (lambda a, p, s: a.sign_in.sign_out_everywhere(p), False),
    "sign_in.renew": (lambda a, p, s: None, False),  # in another use case's transaction
}
MAKES_SOMEBODY = {
    "sign_in.begin",
    "sign_in.finish",
    "sign_in.is_waiting",
    "sign_in.find_principal",
    "sign_in.enter_new",
}
"""Asked by nobody yet: they are how one becomes somebody."""
FOREIGN = sorted(name for name, (_, is_foreign) in ATTEMPTS.items() if is_foreign)
OWN = sorted(set(ATTEMPTS) - set(FOREIGN) - {"sign_in.renew"})
OPERATORS_MACHINE = {"add", "list_all", "set_state", "invite", "reset", "list_members"}
OWNERS = {"members.make_link", "members.set_roles", "members.disable", "members.enable", "members.invite"}


def test_every_use_case_has_its_row(cast: Cast) -> None:
    found = {
        f"{group}.{name}"
        for group in ("members", "tokens", "audit_trail", "profile", "sign_in", "organisations")
        for name, value in inspect.getmembers(getattr(cast.site.accounts, group), inspect.ismethod)
        if not name.startswith("_") and not (group == "organisations" and name in OPERATORS_MACHINE)
    }
    assert found - MAKES_SOMEBODY - {"tokens.get_principal"} == set(ATTEMPTS)


@pytest.mark.parametrize("who", ["shop", "stranger"])
@pytest.mark.parametrize("name", FOREIGN)
def test_what_is_anothers_is_not_there(scene: Scene, name: str, who: str) -> None:
    principal = scene.cast.person(who).principal
    with pytest.raises(UnknownObject) as foreign:
        ATTEMPTS[name][0](scene.cast.site.accounts, principal, scene)
    scene.colleague.member, scene.token_id = "m0000000000000000", "aaaaaaaa"
    with pytest.raises(UnknownObject) as missing:
        ATTEMPTS[name][0](scene.cast.site.accounts, principal, scene)
    assert str(foreign.value) == str(missing.value), "one cannot tell somebody else's from nothing"


@pytest.mark.parametrize("name", [*FOREIGN, *OWN])
def test_an_owner_may_do_everything_at_home(scene: Scene, name: str) -> None:
    with wrong_code_is_fine(name):
        ATTEMPTS[name][0](scene.cast.site.accounts, scene.cast.maker.principal, scene)


@pytest.mark.parametrize("who", ["maker", "shop", "stranger"])
def test_lists_hold_the_own_organisations_things_alone(scene: Scene, who: str) -> None:
    accounts, person = scene.cast.site.accounts, scene.cast.person(who)
    members = {listed.member.organisation for listed in accounts.members.list(person.principal)}
    assert members == {person.organisation}
    assert {token.organisation for token in accounts.tokens.list(person.principal)} <= {person.organisation}
    assert bool(accounts.tokens.list(person.principal)) == (who == "maker")
    ids = {listed.member.id for listed in accounts.members.list(person.principal)} | {"operator"}
    page = accounts.audit_trail.page(person.principal, AuditFilter())
    assert {event.act.actor for event in page.events} <= ids
    foreign = AuditFilter(actor=scene.cast.maker.member)
    assert bool(accounts.audit_trail.page(person.principal, foreign).events) == (who == "maker")


READERS_MAY = {
    *(name for name in OWN if name.startswith(("profile.", "sign_in."))),
    "members.me",
    "organisations.get_own",
}
OPERATORS_MAY = READERS_MAY | {"tokens.list", "tokens.create"}
MAY = {Role.READER: READERS_MAY, Role.OPERATOR: OPERATORS_MAY}


@pytest.mark.parametrize("role", sorted(MAY))
@pytest.mark.parametrize("name", [*FOREIGN, *OWN])
def test_a_role_that_is_not_enough_is_refused(scene: Scene, name: str, role: Role) -> None:
    person = scene.cast.site.join("maker-a", "fred", frozenset({role}))

    def attempt() -> None:
        ATTEMPTS[name][0](scene.cast.site.accounts, person.principal, scene)

    if name in MAY[role]:
        with wrong_code_is_fine(name):
            attempt()
        return
    with pytest.raises(NotAllowed):
        attempt()


TOKENS_MAY = {
    "members.get": Scope.MEMBERS_READ,
    "members.list": Scope.MEMBERS_READ,
    "tokens.list": Scope.TOKENS_READ,
    "audit_trail.page": Scope.AUDIT_READ,
    "audit_trail.verify": Scope.AUDIT_READ,
}
FOR_ANYBODY = {"organisations.get_own", "sign_in.sign_out"}


@pytest.mark.parametrize("name", sorted({*FOREIGN, *OWN} - FOR_ANYBODY))
def test_a_token_does_what_its_scopes_say_and_nothing_that_needs_a_person(scene: Scene, name: str) -> None:
    accounts, owner = scene.cast.site.accounts, scene.cast.maker.principal
    every = accounts.tokens.create(owner, "all", frozenset(Scope), 30)
    needed = TOKENS_MAY.get(name)
    principal = accounts.tokens.get_principal(every.text)
    if needed is None:
        with pytest.raises(NotAllowed):
            ATTEMPTS[name][0](accounts, principal, scene)
        return
    ATTEMPTS[name][0](accounts, principal, scene)
    rest = accounts.tokens.create(owner, "rest", frozenset(Scope) - {needed}, 30)
    with pytest.raises(NotAllowed, match=str(needed)):
        ATTEMPTS[name][0](accounts, accounts.tokens.get_principal(rest.text), scene)


def test_a_token_never_has_more_than_its_makers_roles_allow(scene: Scene) -> None:
    accounts, owner = scene.cast.site.accounts, scene.cast.maker.principal
    operator = scene.cast.site.join("maker-a", "gina", frozenset({Role.OPERATOR}))
    with pytest.raises(NotAllowed, match="audit:read"):
        accounts.tokens.create(operator.principal, "spy", frozenset({Scope.AUDIT_READ}), 30)
    wanted = frozenset({Scope.LISTINGS_WRITE, Scope.LISTINGS_READ})
    text = accounts.tokens.create(operator.principal, "sync", wanted, 30).text
    assert accounts.tokens.get_principal(text).scopes == wanted
    accounts.members.set_roles(owner, operator.member, READER)
    assert accounts.tokens.get_principal(text).scopes == {Scope.LISTINGS_READ}
    accounts.members.disable(owner, operator.member)
    with pytest.raises(InvalidToken):
        accounts.tokens.get_principal(text)


def test_the_last_owner_stays(scene: Scene) -> None:
    accounts, owner = scene.cast.site.accounts, scene.cast.maker
    with pytest.raises(Conflict, match="at least one active owner"):
        accounts.members.set_roles(owner.principal, owner.member, READER)
    with pytest.raises(Conflict, match="at least one active owner"):
        accounts.members.disable(owner.principal, owner.member)
    assert owner.principal.roles == OWNER
