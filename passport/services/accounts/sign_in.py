# SPDX-License-Identifier: Apache-2.0
"""Signing in to the console: name and password, then a code; sessions; signing out. ADR 0019.

An unknown name, a wrong password, a disabled member and a suspended organisation get one answer after the same work.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from passport.domain.accounts import (
    Member,
    MemberState,
    Organisation,
    OrganisationState,
    Principal,
    Session,
    scopes_of,
)
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import SignInRefused
from passport.domain.accounts_input import fold_login_name, normalise_password
from passport.services.accounts.attempts import PER_ADDRESS, PER_NAME, Counter, address_block, give_back, reserve
from passport.services.accounts.kit import (
    DEVICE_LIFETIME,
    MAX_CODE_TRIES,
    SESSION_ABSOLUTE,
    SESSION_IDLE,
    SIGN_IN_LIFETIME,
    Kit,
    Visitor,
    new_secret,
    note,
)
from passport.services.accounts.ports import Books
from passport.services.accounts.second_factor import find_step, recovery_digest


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The secrets for the two cookies: this session, and this browser as one that the member is known by."""

    session: str = field(repr=False)
    device: str = field(repr=False)
    used_recovery_code: bool = False


class SignIn:
    """From a name to a session, from a session to a principal, and out again."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def begin(self, login_name: str, password: str, visitor: Visitor) -> str:
        """The first step. Returns the secret of a session that waits for the second.

        Raises SignInRefused("sign_in_refused"), TooManyAttempts, TooBusy.
        """
        name, now = fold_login_name(login_name), self._kit.now()
        with self._kit.business.write() as books:
            member = books.members.find_by_login(name)
            # Counted before it is tried, and stored before it is tried: a kill is no free attempt.
            reserve(books, self._first_counters(books, name, member, visitor), now)
            credentials = books.credentials.find(member.id if member else "")
            organisation = books.organisations.find(member.organisation if member else "")
        usable = _may_enter(member, organisation) and credentials is not None
        stored = credentials.password_hash if usable and credentials else None
        typed = normalise_password(password)
        if not self._kit.hasher.verify(stored, typed) or member is None or stored is None:
            raise SignInRefused("sign_in_refused", "The name or the password is wrong.")
        better = self._kit.hasher.hash(typed) if self._kit.hasher.needs_rehash(stored) else stored
        secret = new_secret()
        with self._kit.business.write() as books:
            current = books.credentials.find(member.id)
            if current is None or current.password_hash != stored:  # changed while we were hashing
                raise SignInRefused("sign_in_refused", "The name or the password is wrong.")
            if better != stored:
                books.credentials.put(member.id, replace(current, password_hash=better))
            books.sessions.purge(created_before=now - SESSION_ABSOLUTE, incomplete_before=now - SIGN_IN_LIFETIME)
            books.sessions.purge_devices(created_before=now - DEVICE_LIFETIME)
            books.sessions.add(Session(self._kit.digest("session", secret), member.id, False, 0, now, now))
        return secret

    def is_waiting(self, session: str) -> bool:
        """Whether this session's password was right and its code is awaited."""
        with self._kit.business.read() as books:
            found = books.sessions.find(self._kit.digest("session", session))
        return found is not None and self._waits(found)

    def finish(self, session: str, code: str, visitor: Visitor) -> SignedIn:
        """The second step, with a code of the app or a recovery code. The session gets a new secret.

        Raises SignInRefused("code_refused"); SignInRefused("sign_in_again") when the first step is too long ago, or
        after five wrong codes; TooManyAttempts.
        """
        now, digest = self._kit.now(), self._kit.digest("session", session)
        with self._kit.business.write() as books:
            waiting = books.sessions.find(digest)
            if waiting is None or not self._waits(waiting):
                raise _again()
            member = books.members.find(waiting.member)
            credentials = books.credentials.find(waiting.member)
            organisation = books.organisations.find(member.organisation if member else "")
            if member is None or credentials is None or not _may_enter(member, organisation):
                raise _again()
            reserve(books, [self._second_counter(books, member, visitor)], now)
            step = find_step(credentials.totp_secret, code, now, after=credentials.last_step)
            used_recovery = step is None and books.credentials.use_recovery_code(member.id, recovery_digest(code))
            if step is None and not used_recovery:
                # Stored, not raised here: an error would roll the count back.
                books.sessions.count_try(digest)
                self._note(books, member, Action.SESSION_REFUSED, visitor, now, outcome="code_refused")
                signed_in = None
            else:
                if step is not None:
                    books.credentials.put(member.id, replace(credentials, last_step=step))
                else:
                    self._note(books, member, Action.RECOVERY_CODE_USED, visitor, now)
                books.sessions.end(digest)
                signed_in = self._enter(books, member, visitor, now)
        if signed_in is None:
            raise SignInRefused("code_refused", "The code is wrong, or was used before. Wait for the next one.")
        return replace(signed_in, used_recovery_code=used_recovery)

    def enter_new(self, books: Books, member: Member, visitor: Visitor) -> SignedIn:
        """Starts the session of somebody who has just set password and second factor, in the caller's transaction."""
        return self._enter(books, member, visitor, self._kit.now())

    def find_principal(self, session: str, request_id: str = "") -> Principal | None:
        """Who a session's cookie speaks for; None when it ended, idled 12 hours, or is 7 days old."""
        now, digest = self._kit.now(), self._kit.digest("session", session)
        with self._kit.business.read() as books:
            found = books.sessions.find(digest)
            if found is None or not found.is_complete:
                return None
            if now - found.created_at >= SESSION_ABSOLUTE or now - found.seen_at >= SESSION_IDLE:
                return None
            member = books.members.find(found.member)
            organisation = books.organisations.find(member.organisation if member else "")
        if member is None or organisation is None or not _may_enter(member, organisation):
            return None
        if (now - found.seen_at).total_seconds() >= 60:
            with self._kit.business.write() as books:
                books.sessions.touch(digest, now)
        return Principal(
            organisation=organisation.id,
            kind=organisation.kind,
            member=member.id,
            scopes=scopes_of(member.roles),
            roles=member.roles,
            request_id=request_id,
            session=digest,
        )

    def sign_out(self, principal: Principal) -> None:
        """Ends this session."""
        with self._kit.business.write() as books:
            books.sessions.end(principal.session)
            note(books, principal, Action.SESSION_ENDED, ("member", principal.member), self._kit.now())

    def sign_out_everywhere(self, principal: Principal) -> None:
        """Ends every session of the member, this one too, and forgets the browsers that the member is known by."""
        principal.require_person()
        with self._kit.business.write() as books:
            books.sessions.end_all(principal.member)
            books.sessions.forget_devices(principal.member)
            note(books, principal, Action.SESSIONS_ENDED, ("member", principal.member), self._kit.now())

    def renew(self, books: Books, principal: Principal) -> str:
        """Ends all sessions of the member and starts a new one in their place; returns its secret."""
        now, secret = self._kit.now(), new_secret()
        books.sessions.end_all(principal.member)
        books.sessions.add(Session(self._kit.digest("session", secret), principal.member, True, 0, now, now))
        return secret

    def _waits(self, session: Session) -> bool:
        is_young = self._kit.now() - session.created_at < SIGN_IN_LIFETIME
        return is_young and not session.is_complete and session.tries < MAX_CODE_TRIES

    def _enter(self, books: Books, member: Member, visitor: Visitor, now: datetime) -> SignedIn:
        kit, secret, device = self._kit, new_secret(), visitor.device
        books.sessions.add(Session(kit.digest("session", secret), member.id, True, 0, now, now))
        if not self._is_known(books, member, visitor):
            device = new_secret()
            books.sessions.add_device(kit.digest("device", device), member.id, now)
        for purpose, text in (("device", device), ("name", member.login_name), ("second", member.id)):
            books.attempts.forget(kit.digest(purpose, text))
        give_back(books, kit.digest("address", address_block(visitor.address)), now)
        self._note(books, member, Action.SESSION_STARTED, visitor, now)
        return SignedIn(secret, device)

    def _note(
        self, books: Books, member: Member, action: Action, visitor: Visitor, now: datetime, outcome: str = "done"
    ) -> None:
        act = Act(ActorKind.MEMBER, member.id, str(action), "member", member.id, outcome, request_id=visitor.request_id)
        books.audit.append(member.organisation, now, act)

    def _is_known(self, books: Books, member: Member | None, visitor: Visitor) -> bool:
        """Whether this browser has signed in as this member before. Asked for unknown names too: the same work."""
        owner = books.sessions.find_device(self._kit.digest("device", visitor.device))
        return bool(visitor.device) and member is not None and owner == member.id

    def _first_counters(self, books: Books, name: str, member: Member | None, visitor: Visitor) -> list[Counter]:
        """A browser that the member is known by has a counter of its own, so that strangers cannot keep them out."""
        if self._is_known(books, member, visitor):
            return [Counter(self._kit.digest("device", visitor.device), PER_NAME)]
        counters = [Counter(self._kit.digest("name", name), PER_NAME)]
        if visitor.address:
            counters.append(Counter(self._kit.digest("address", address_block(visitor.address)), PER_ADDRESS))
        return counters

    def _second_counter(self, books: Books, member: Member, visitor: Visitor) -> Counter:
        if self._is_known(books, member, visitor):
            return Counter(self._kit.digest("device", visitor.device), PER_NAME)
        return Counter(self._kit.digest("second", member.id), PER_NAME)


def _may_enter(member: Member | None, organisation: Organisation | None) -> bool:
    is_active = member is not None and member.state is MemberState.ACTIVE
    return is_active and organisation is not None and organisation.state is OrganisationState.ACTIVE


def _again() -> SignInRefused:
    return SignInRefused("sign_in_again", "Please begin again with your name and password.")
