# SPDX-License-Identifier: Apache-2.0
"""Accepting an invitation: name and password, then a first code of the app. Nothing counts until that code is right.

A code of an invitation is `<id>.<secret>`, 72 hours, once. Opening the link uses nothing up: mail programs open links.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from passport.domain.accounts import Credentials, Draft, Invitation, Member, MemberState
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import Conflict, SignInRefused, UnknownObject
from passport.domain.accounts_input import parse_display_name, parse_login_name, parse_new_password
from passport.services.accounts.kit import INVITATION_LIFETIME, Kit, Visitor, is_same, new_secret, secret_digest
from passport.services.accounts.ports import Books
from passport.services.accounts.second_factor import find_step, new_recovery_codes, new_totp_secret, recovery_digest
from passport.services.accounts.sign_in import SignedIn, SignIn


@dataclass(frozen=True, slots=True)
class Welcome:
    """What the person who opened the link sees. `is_reset`: they had an account before, whose login name stays."""

    organisation: str
    login_name: str
    display_name: str
    is_reset: bool
    has_draft: bool


@dataclass(frozen=True, slots=True)
class Joined:
    """The session and the recovery codes, which are shown this once."""

    signed_in: SignedIn
    recovery_codes: list[str] = field(repr=False)


def make_link(books: Books, member: Member, kit: Kit) -> str:
    """Makes the code of a new invitation in the caller's transaction; every earlier one of the member ends."""
    invitation_id, secret = new_secret()[:12], new_secret()
    expires_at = kit.now() + INVITATION_LIFETIME
    books.invitations.put(Invitation(invitation_id, member.id, secret_digest(secret), expires_at, None))
    return f"{invitation_id}.{secret}"


class Accepting:
    """The two steps of whoever holds the link."""

    def __init__(self, kit: Kit, sign_in: SignIn) -> None:
        self._kit, self._sign_in = kit, sign_in

    def welcome(self, code: str) -> Welcome:
        """Raises UnknownObject("unknown_invitation") for one that is unknown, used or too old."""
        with self._kit.business.read() as books:
            invitation, member = self._open(books, code)
            organisation = books.organisations.find(member.organisation)
        name = organisation.name.zh if organisation is not None else member.organisation
        is_reset, draft = bool(member.login_name), invitation.draft
        return Welcome(
            organisation=name,
            login_name=draft.login_name if draft else member.login_name,
            display_name=draft.display_name if draft else member.display_name,
            is_reset=is_reset,
            has_draft=draft is not None,
        )

    def take_name_and_password(self, code: str, login_name: str, display_name: str, password: str) -> None:
        """The first step; it may be repeated. Raises Malformed, Conflict, UnknownObject, TooBusy."""
        with self._kit.business.read() as books:
            _, member = self._open(books, code)
        name = member.login_name or parse_login_name(login_name)
        shown = parse_display_name(display_name)
        password_hash = self._kit.hasher.hash(parse_new_password(password, login_name=name))
        with self._kit.business.write() as books:
            invitation, member = self._open(books, code)
            self._refuse_taken(books, member, name)
            # Crash before the commit: nothing; after it: a draft that nobody can sign in with.
            books.invitations.set_draft(invitation.id, Draft(name, shown, password_hash, new_totp_secret()))

    def get_draft(self, code: str) -> Draft:
        """The draft, for its TOTP secret. Raises UnknownObject; before the first step, SignInRefused."""
        with self._kit.business.read() as books:
            invitation, _ = self._open(books, code)
        return _draft_of(invitation)

    def take_code(self, code: str, typed: str, visitor: Visitor) -> Joined:
        """The second step: all at once the account is there, or nothing of it.

        Raises SignInRefused: code_refused, sign_in_again; UnknownObject, Conflict("login_name_taken").
        """
        now, recovery_codes = self._kit.now(), new_recovery_codes()
        with self._kit.business.write() as books:
            invitation, member = self._open(books, code)
            draft = _draft_of(invitation)
            self._refuse_taken(books, member, draft.login_name)
            step = find_step(draft.totp_secret, typed, now, after=0)
            if step is None:
                raise SignInRefused("code_refused", "The code is wrong. Wait for the next one and type that.")
            is_reset = bool(member.login_name)
            books.members.set_names(member.id, draft.login_name, draft.display_name)
            books.members.set_state(member.id, MemberState.ACTIVE)
            books.credentials.put(member.id, Credentials(draft.password_hash, draft.totp_secret, step))
            books.credentials.replace_recovery_codes(member.id, map(recovery_digest, recovery_codes))
            books.invitations.use(invitation.id, now)
            books.sessions.end_all(member.id)
            books.sessions.forget_devices(member.id)
            action = Action.MEMBER_RESET if is_reset else Action.MEMBER_JOINED
            act = Act(ActorKind.MEMBER, member.id, action, "member", member.id, request_id=visitor.request_id)
            books.audit.append(member.organisation, now, act)
            current = books.members.find(member.id)
            signed_in = self._sign_in.enter_new(books, current or member, visitor)
        return Joined(signed_in, recovery_codes)

    def _open(self, books: Books, code: str) -> tuple[Invitation, Member]:
        invitation_id, _, secret = code.partition(".")
        invitation = books.invitations.find(invitation_id)
        is_right = is_same(secret_digest(secret), invitation.digest if invitation else bytes(32))
        if invitation is not None and is_right and not invitation.used_at and self._kit.now() < invitation.expires_at:
            member = books.members.find(invitation.member)
            if member is not None and member.state is not MemberState.DISABLED:
                return invitation, member
        raise UnknownObject(
            "unknown_invitation",
            "This invitation was used, is too old, or was replaced. Ask an owner of your organisation for a new one.",
        )

    def _refuse_taken(self, books: Books, member: Member, login_name: str) -> None:
        found = books.members.find_by_login(login_name)
        if found is not None and found.id != member.id:
            raise Conflict("login_name_taken", "Somebody has that login name. Choose another.")


def _draft_of(invitation: Invitation) -> Draft:
    if invitation.draft is None:
        raise SignInRefused("sign_in_again", "Set your name and password first.")
    return invitation.draft
