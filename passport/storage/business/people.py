# SPDX-License-Identifier: Apache-2.0
"""Rows of organisations, members, what members sign in with, and invitations. Ports: passport/services/accounts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, func, insert, select, update

from passport.domain.accounts import (
    Credentials,
    Draft,
    Invitation,
    Member,
    MemberState,
    Organisation,
    OrganisationKind,
    OrganisationState,
    Role,
)
from passport.domain.accounts_audit import EMPTY_CHAIN
from passport.storage.business.columns import askable, instant, join_words, optional_instant, seconds
from passport.storage.business.schema import credentials, invitations, members, organisations, recovery_codes
from verifier.protocol.fields import Text

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection


class OrganisationRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, organisation: Organisation) -> None:
        row = {
            "id": organisation.id,
            "kind": str(organisation.kind),
            "name_zh": organisation.name.zh,
            "name_en": organisation.name.en,
            "state": str(organisation.state),
            "created_at": seconds(organisation.created_at),
            "audit_count": 0,
            "audit_hash": EMPTY_CHAIN,
        }
        self._connection.execute(insert(organisations), row)

    def find(self, organisation_id: str) -> Organisation | None:
        row = self._connection.execute(select(organisations).where(organisations.c.id == organisation_id)).first()
        return None if row is None else _organisation(row)

    def list_all(self) -> list[Organisation]:
        return [_organisation(row) for row in self._connection.execute(select(organisations).order_by("id"))]

    def set_state(self, organisation_id: str, state: OrganisationState) -> None:
        self._connection.execute(
            update(organisations).where(organisations.c.id == organisation_id).values(state=str(state))
        )


def _organisation(row: Row[Any]) -> Organisation:
    return Organisation(
        row.id,
        OrganisationKind(row.kind),
        Text(zh=row.name_zh, en=row.name_en),
        OrganisationState(row.state),
        instant(row.created_at),
    )


class MemberRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, member: Member) -> None:
        row = {
            "id": member.id,
            "organisation": member.organisation,
            "login_name": member.login_name or None,
            "display_name": member.display_name,
            "roles": join_words(member.roles),
            "state": str(member.state),
            "created_at": seconds(member.created_at),
        }
        self._connection.execute(insert(members), row)

    def find(self, member_id: str) -> Member | None:
        row = self._connection.execute(select(members).where(members.c.id == member_id)).first()
        return None if row is None else _member(row)

    def find_in(self, organisation_id: str, member_id: str) -> Member | None:
        where = (members.c.organisation == organisation_id) & (members.c.id == askable(member_id))
        row = self._connection.execute(select(members).where(where)).first()
        return None if row is None else _member(row)

    def find_by_login(self, login_name: str) -> Member | None:
        # PostgreSQL takes no NUL in a text, and no name has one.
        name = "" if "\0" in login_name else login_name.encode("utf-8", "replace").decode()
        row = self._connection.execute(select(members).where(members.c.login_name == name)).first()
        return None if row is None else _member(row)

    def list_in(self, organisation_id: str) -> list[Member]:
        query = select(members).where(members.c.organisation == organisation_id)
        return [_member(row) for row in self._connection.execute(query.order_by(members.c.created_at, members.c.id))]

    def set_names(self, member_id: str, login_name: str, display_name: str) -> None:
        self._set(member_id, login_name=login_name, display_name=display_name)

    def set_roles(self, member_id: str, roles: frozenset[Role]) -> None:
        self._set(member_id, roles=join_words(roles))

    def set_state(self, member_id: str, state: MemberState) -> None:
        self._set(member_id, state=str(state))

    def _set(self, member_id: str, **values: str) -> None:
        self._connection.execute(update(members).where(members.c.id == member_id).values(**values))


def _member(row: Row[Any]) -> Member:
    return Member(
        id=row.id,
        organisation=row.organisation,
        login_name=row.login_name or "",
        display_name=row.display_name,
        roles=frozenset(Role(word) for word in row.roles.split()),
        state=MemberState(row.state),
        created_at=instant(row.created_at),
    )


class CredentialTable:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def find(self, member_id: str) -> Credentials | None:
        row = self._connection.execute(select(credentials).where(credentials.c.member == member_id)).first()
        if row is None:
            return None
        return Credentials(row.password_hash, row.totp_secret, row.last_step, row.next_totp_secret)

    def put(self, member_id: str, found: Credentials) -> None:
        values = {
            "password_hash": found.password_hash,
            "totp_secret": found.totp_secret,
            "last_step": found.last_step,
            "next_totp_secret": found.next_totp_secret,
        }
        changed = self._connection.execute(update(credentials).where(credentials.c.member == member_id).values(values))
        if changed.rowcount == 0:
            self._connection.execute(insert(credentials), values | {"member": member_id})

    def replace_recovery_codes(self, member_id: str, digests: Iterable[bytes]) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.member == member_id))
        rows = [{"member": member_id, "digest": digest} for digest in digests]
        self._connection.execute(insert(recovery_codes), rows)

    def use_recovery_code(self, member_id: str, digest: bytes) -> bool:
        where = (recovery_codes.c.member == member_id) & (recovery_codes.c.digest == digest)
        return self._connection.execute(delete(recovery_codes).where(where)).rowcount == 1

    def count_recovery_codes(self, member_id: str) -> int:
        query = select(func.count()).select_from(recovery_codes).where(recovery_codes.c.member == member_id)
        return int(self._connection.execute(query).scalar_one())


class InvitationRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, invitation: Invitation) -> None:
        self._connection.execute(delete(invitations).where(invitations.c.member == invitation.member))
        row = {
            "id": invitation.id,
            "member": invitation.member,
            "digest": invitation.digest,
            "expires_at": seconds(invitation.expires_at),
        }
        self._connection.execute(insert(invitations), row)

    def find(self, invitation_id: str) -> Invitation | None:
        if not invitation_id.isascii() or "\0" in invitation_id:
            return None
        row = self._connection.execute(select(invitations).where(invitations.c.id == invitation_id)).first()
        if row is None:
            return None
        draft = None
        if row.draft_login_name is not None:
            draft = Draft(row.draft_login_name, row.draft_display_name, row.draft_password_hash, row.draft_totp_secret)
        expires_at, used_at = instant(row.expires_at), optional_instant(row.used_at)
        return Invitation(row.id, row.member, bytes(row.digest), expires_at, used_at, draft)

    def set_draft(self, invitation_id: str, draft: Draft) -> None:
        self._set(
            invitation_id,
            draft_login_name=draft.login_name,
            draft_display_name=draft.display_name,
            draft_password_hash=draft.password_hash,
            draft_totp_secret=draft.totp_secret,
        )

    def use(self, invitation_id: str, now: datetime) -> None:
        self._set(
            invitation_id,
            used_at=seconds(now),
            draft_login_name=None,
            draft_display_name=None,
            draft_password_hash=None,
            draft_totp_secret=None,
        )

    def _set(self, invitation_id: str, **values: str | int | None) -> None:
        self._connection.execute(update(invitations).where(invitations.c.id == invitation_id).values(**values))
