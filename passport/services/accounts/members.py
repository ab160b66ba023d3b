# SPDX-License-Identifier: Apache-2.0
"""Members of one's own organisation: invite, roles, disable, a new link for who lost password or phone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from passport.domain.accounts import Member, MemberState, Principal, Role, Scope
from passport.domain.accounts_audit import Action
from passport.domain.accounts_errors import Conflict, UnknownObject
from passport.domain.accounts_input import parse_display_name
from passport.services.accounts.invitations import make_link
from passport.services.accounts.kit import Kit, note
from passport.services.accounts.ports import Books

MAX_MEMBERS = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """A member with what an owner wants to know: how often somebody has failed to sign in under that name lately."""

    member: Member
    failed_attempts: int


def new_member_id() -> str:
    """An id that says nothing about the person: m and 16 hex digits."""
    return f"m{secrets.token_hex(8)}"


class Members:
    """Everything here is about the principal's own organisation; another's member is not there at all."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def list(self, principal: Principal) -> list[Listed]:
        """All members, the newest last. Raises NotAllowed."""
        principal.require_scope(Scope.MEMBERS_READ)
        with self._kit.business.read() as books:
            members = books.members.list_in(principal.organisation)
            return [Listed(member, self._failures(books, member)) for member in members]

    def get(self, principal: Principal, member_id: str) -> Member:
        """Raises NotAllowed, UnknownObject("unknown_person")."""
        principal.require_scope(Scope.MEMBERS_READ)
        with self._kit.business.read() as books:
            return _find(books, principal, member_id)

    def me(self, principal: Principal) -> Member:
        """The person who asks. Raises NotAllowed for a token."""
        principal.require_person()
        with self._kit.business.read() as books:
            return _find(books, principal, principal.member)

    def invite(self, principal: Principal, display_name: str, roles: frozenset[Role]) -> tuple[Member, str]:
        """A member without a password, and the code of the link. Raises NotAllowed, Malformed, Conflict."""
        principal.require_role(Role.OWNER)
        now, shown = self._kit.now(), parse_display_name(display_name)
        with self._kit.business.write() as books:
            if len(books.members.list_in(principal.organisation)) >= MAX_MEMBERS:
                raise Conflict("too_many_members", f"An organisation has at most {MAX_MEMBERS} members.")
            member = Member(new_member_id(), principal.organisation, "", shown, roles, MemberState.INVITED, now)
            books.members.add(member)
            note(books, principal, Action.MEMBER_INVITED, ("member", member.id), now)
            return member, make_link(books, member, self._kit)

    def make_link(self, principal: Principal, member_id: str) -> str:
        """A new link, which ends earlier ones: for an invitation that expired, or to set everything anew.

        Until the link is used the old password goes on working. Raises NotAllowed, UnknownObject,
        Conflict("member_not_active") for a disabled member.
        """
        principal.require_role(Role.OWNER)
        with self._kit.business.write() as books:
            member = _find(books, principal, member_id)
            if member.state is MemberState.DISABLED:
                raise Conflict("member_not_active", "This member is disabled. Enable the member first.")
            note(books, principal, Action.MEMBER_LINK_MADE, ("member", member.id), self._kit.now())
            return make_link(books, member, self._kit)

    def set_roles(self, principal: Principal, member_id: str, roles: frozenset[Role]) -> None:
        """Roles count from the next request on, and the member's sessions end: a new role, a new session.

        Raises NotAllowed, UnknownObject, Conflict("last_owner").
        """
        principal.require_role(Role.OWNER)
        with self._kit.business.write() as books:
            self._recheck(books, principal)
            member = _find(books, principal, member_id)
            if member.roles == roles:
                return
            books.members.set_roles(member.id, roles)
            self._keep_an_owner(books, principal)
            books.sessions.end_all(member.id)
            note(books, principal, Action.MEMBER_ROLES_CHANGED, ("member", member.id), self._kit.now())

    def disable(self, principal: Principal, member_id: str) -> None:
        """Ends sessions, links and tokens of the member at once. Raises NotAllowed, UnknownObject, Conflict."""
        principal.require_role(Role.OWNER)
        now = self._kit.now()
        with self._kit.business.write() as books:
            self._recheck(books, principal)
            member = _find(books, principal, member_id)
            if member.state is MemberState.DISABLED:
                return
            books.members.set_state(member.id, MemberState.DISABLED)
            self._keep_an_owner(books, principal)
            books.sessions.end_all(member.id)
            books.sessions.forget_devices(member.id)
            note(books, principal, Action.MEMBER_DISABLED, ("member", member.id), now)

    def enable(self, principal: Principal, member_id: str) -> None:
        """Lets a disabled member in again, who signs in as before. Raises NotAllowed, UnknownObject."""
        principal.require_role(Role.OWNER)
        with self._kit.business.write() as books:
            member = _find(books, principal, member_id)
            if member.state is not MemberState.DISABLED:
                return
            state = MemberState.ACTIVE if member.login_name else MemberState.INVITED
            books.members.set_state(member.id, state)
            note(books, principal, Action.MEMBER_ENABLED, ("member", member.id), self._kit.now())

    def _recheck(self, books: Books, principal: Principal) -> None:
        """The principal was made before this transaction: another owner may have been faster. Raises NotAllowed."""
        me = books.members.find_in(principal.organisation, principal.member)
        if me is None or not me.is_active_owner:
            raise Conflict("not_owner_any_more", "You are not an owner any more. Nothing was changed.")

    def _keep_an_owner(self, books: Books, principal: Principal) -> None:
        # Writing transactions take turns, so nobody else is removing the other owner at this moment.
        if not any(member.is_active_owner for member in books.members.list_in(principal.organisation)):
            raise Conflict("last_owner", "An organisation keeps at least one active owner. Make another one first.")

    def _failures(self, books: Books, member: Member) -> int:
        row = books.attempts.find(self._kit.digest("name", member.login_name)) if member.login_name else None
        return row.failures if row is not None else 0


def _find(books: Books, principal: Principal, member_id: str) -> Member:
    member = books.members.find_in(principal.organisation, member_id)
    if member is None:
        raise UnknownObject("unknown_person", "There is no such member in your organisation.")
    return member
