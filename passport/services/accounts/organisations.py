# SPDX-License-Identifier: Apache-2.0
"""The operator's use cases, at the registry's own machine: organisations, their first people, locked-out owners.

Nobody is asked for a password here: whoever may write into the data directory may do this.
"""

from __future__ import annotations

from passport.domain.accounts import (
    Member,
    MemberState,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Principal,
    Role,
)
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import Conflict, UnknownObject
from passport.domain.accounts_input import fold_login_name, parse_display_name
from passport.services.accounts.invitations import make_link
from passport.services.accounts.kit import Kit
from passport.services.accounts.members import new_member_id
from passport.services.accounts.ports import Books
from verifier.protocol.fields import Text, parse_id


class Organisations:
    """Every act stands in the organisation's own trail, as the operator's."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    def add(self, organisation_id: str, kind: OrganisationKind, name_zh: str, name_en: str) -> Organisation:
        """Raises Malformed, Conflict("organisation_exists")."""
        name = Text(zh=parse_display_name(name_zh), en=parse_display_name(name_en))
        now = self._kit.now()
        organisation = Organisation(parse_id(organisation_id), kind, name, OrganisationState.ACTIVE, now)
        with self._kit.business.write() as books:
            if books.organisations.find(organisation.id) is not None:
                raise Conflict("organisation_exists", f"There is an organisation {organisation.id} already.")
            books.organisations.add(organisation)
            self._note(books, organisation.id, Action.ORGANISATION_ADDED, ("organisation", organisation.id))
        return organisation

    def list_all(self) -> list[Organisation]:
        """All of them, by id."""
        with self._kit.business.read() as books:
            return books.organisations.list_all()

    def get_own(self, principal: Principal) -> Organisation:
        """The principal's organisation. Raises UnknownObject if it is gone."""
        with self._kit.business.read() as books:
            return _find(books, principal.organisation)

    def set_state(self, organisation_id: str, state: OrganisationState) -> None:
        """Suspends or resumes. Suspended: sessions end, tokens are refused, data stays. Raises UnknownObject."""
        with self._kit.business.write() as books:
            organisation = _find(books, organisation_id)
            if organisation.state is state:
                return
            books.organisations.set_state(organisation.id, state)
            if state is OrganisationState.SUSPENDED:
                for member in books.members.list_in(organisation.id):
                    books.sessions.end_all(member.id)
            suspended = state is OrganisationState.SUSPENDED
            action = Action.ORGANISATION_SUSPENDED if suspended else Action.ORGANISATION_RESUMED
            self._note(books, organisation.id, action, ("organisation", organisation.id))

    def invite(self, organisation_id: str, display_name: str, roles: frozenset[Role]) -> tuple[Member, str]:
        """A first member, and the code of the one-time link. Raises Malformed, UnknownObject."""
        shown, now = parse_display_name(display_name), self._kit.now()
        with self._kit.business.write() as books:
            organisation = _find(books, organisation_id)
            member = Member(new_member_id(), organisation.id, "", shown, roles, MemberState.INVITED, now)
            books.members.add(member)
            self._note(books, organisation.id, Action.MEMBER_INVITED, ("member", member.id))
            return member, make_link(books, member, self._kit)

    def reset(self, member: str) -> str:
        """A new one-time link for a member, by login name or id: for an owner whom no other owner can help.

        Raises UnknownObject, Conflict("member_not_active").
        """
        with self._kit.business.write() as books:
            found = books.members.find_by_login(fold_login_name(member)) or books.members.find(member)
            if found is None:
                raise UnknownObject("unknown_person", f"Nobody has the login name or the id {member}.")
            if found.state is MemberState.DISABLED:
                raise Conflict("member_not_active", "This member is disabled; an owner can enable the member.")
            self._note(books, found.organisation, Action.MEMBER_LINK_MADE, ("member", found.id))
            return make_link(books, found, self._kit)

    def list_members(self, organisation_id: str) -> list[Member]:
        """Raises UnknownObject."""
        with self._kit.business.read() as books:
            return books.members.list_in(_find(books, organisation_id).id)

    def _note(self, books: Books, organisation_id: str, action: Action, object_: tuple[str, str]) -> None:
        act = Act(ActorKind.OPERATOR, "operator", str(action), *object_)
        books.audit.append(organisation_id, self._kit.now(), act)


def _find(books: Books, organisation_id: str) -> Organisation:
    organisation = books.organisations.find(organisation_id)
    if organisation is None:
        raise UnknownObject("unknown_organisation", f"There is no organisation {organisation_id[:40]!r}.")
    return organisation
