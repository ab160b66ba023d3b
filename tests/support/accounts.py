# SPDX-License-Identifier: Apache-2.0
"""Accounts for tests: a real database, a clock that tests turn, and three people: maker, shop, stranger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp

from passport.domain.accounts import OrganisationKind, Principal, Role
from passport.passwords import PasswordHasher
from passport.services.accounts import Accounts, make_accounts
from passport.services.accounts.kit import Kit, Visitor
from passport.storage.business import SqlBusiness, open_business
from passport.storage.business.unit import FILE_NAME
from passport.storage.lock import DirectoryLock

SECRET = bytes(range(32))
PASSWORD = "four unrelated words here"
OWNER = frozenset({Role.OWNER})
READER = frozenset({Role.READER})
ANYWHERE = Visitor(address="192.0.2.7", request_id="request-0001")


def quick_hasher() -> PasswordHasher:
    """Real Argon2id with the smallest parameters: the same code, a hundredth of the time."""
    return PasswordHasher(time_cost=1, memory_kib=64, lanes=1)


@dataclass
class Clock:
    """A clock that stands still until a test turns it."""

    now: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 8, 0, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def turn(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class Person:
    """Somebody who has accepted an invitation, with all that they need to sign in."""

    site: AccountsSite
    organisation: str
    member: str
    login_name: str
    totp_secret: str
    session: str
    device: str
    recovery_codes: list[str]

    @property
    def principal(self) -> Principal:
        found = self.site.accounts.sign_in.find_principal(self.session, "request-0002")
        assert found is not None, "the session has ended"
        return found

    def code(self) -> str:
        """The code of the app now."""
        return pyotp.TOTP(self.totp_secret).at(self.site.clock.now)

    def sign_in(self, visitor: Visitor = ANYWHERE, password: str = PASSWORD) -> str:
        """A new session. The clock moves on first: a code works once."""
        self.site.clock.turn(seconds=60)
        waiting = self.site.accounts.sign_in.begin(self.login_name, password, visitor)
        done = self.site.accounts.sign_in.finish(waiting, self.code(), visitor)
        self.session, self.device = done.session, done.device
        return self.session


@dataclass
class AccountsSite:
    """Accounts over one database."""

    accounts: Accounts
    business: SqlBusiness
    clock: Clock
    kit: Kit

    def add(self, organisation: str, kind: OrganisationKind = OrganisationKind.MAKER) -> None:
        self.accounts.organisations.add(organisation, kind, "某组织", f"{organisation} Ltd.")

    def join(self, organisation: str, login_name: str, roles: frozenset[Role] = OWNER) -> Person:
        """Invites and accepts, to the end."""
        member, code = self.accounts.organisations.invite(organisation, login_name, roles)
        return self.accept(organisation, member.id, code, login_name)

    def accept(self, organisation: str, member: str, code: str, login_name: str) -> Person:
        accepting = self.accounts.accepting
        accepting.take_name_and_password(code, login_name, login_name, PASSWORD)
        secret = accepting.get_draft(code).totp_secret
        joined = accepting.take_code(code, pyotp.TOTP(secret).at(self.clock.now), ANYWHERE)
        signed_in = joined.signed_in
        return Person(
            self, organisation, member, login_name, secret, signed_in.session, signed_in.device, joined.recovery_codes
        )


@dataclass
class Cast:
    """The three people of every permission test. The stranger is an owner too, of another maker."""

    site: AccountsSite
    maker: Person
    shop: Person
    stranger: Person

    def person(self, name: str) -> Person:
        found = getattr(self, name)
        assert isinstance(found, Person)
        return found


def make_cast(site: AccountsSite) -> Cast:
    """One owner each of a maker, a platform, and another maker."""
    site.add("maker-a", OrganisationKind.MAKER)
    site.add("shop-b", OrganisationKind.PLATFORM)
    site.add("maker-c", OrganisationKind.MAKER)
    maker, shop = site.join("maker-a", "anna"), site.join("shop-b", "bert")
    return Cast(site, maker, shop, site.join("maker-c", "carl"))


@contextmanager
def open_site(directory: Path, url: str | None = None, clock: Clock | None = None) -> Iterator[AccountsSite]:
    """Accounts in `directory`, or in the PostgreSQL database of `url`."""
    lock = None
    if url is None:
        lock = DirectoryLock(directory)
        lock.acquire()
    business = open_business(url or f"sqlite:///{directory / FILE_NAME}", lock)
    clock = clock or Clock()
    kit = Kit(business, quick_hasher(), clock, SECRET)
    try:
        yield AccountsSite(make_accounts(kit), business, clock, kit)
    finally:
        business.close()
        if lock is not None:
            lock.release()
