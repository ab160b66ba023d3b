# SPDX-License-Identifier: Apache-2.0
"""Accounts as values: organisations, their members, what these may do, and who is asking. ADR 0019."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from passport.domain.accounts_errors import NotAllowed
from verifier.protocol.fields import Text


class OrganisationKind(StrEnum):
    """What an organisation is to the registry. One that is also an issuer of the ledger bears the same id there."""

    MAKER = "maker"
    PLATFORM = "platform"
    AUTHORITY = "authority"
    LABORATORY = "laboratory"


class OrganisationState(StrEnum):
    """A suspended organisation keeps its data; nobody signs in for it and its tokens are refused."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class MemberState(StrEnum):
    """Only an active member signs in."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


class Role(StrEnum):
    """What a member is for. A member has one or more."""

    OWNER = "owner"
    OPERATOR = "operator"
    READER = "reader"
    CHIEF_QUALITY_OFFICER = "chief_quality_officer"


class Scope(StrEnum):
    """What a principal may do. Members have the scopes of their roles; a token has those that it was made with."""

    VERIFY = "verify"
    LISTINGS_READ = "listings:read"
    LISTINGS_WRITE = "listings:write"
    BADGES_READ = "badges:read"
    RECALLS_READ = "recalls:read"
    RECALLS_REPORT = "recalls:report"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    DOSSIERS_READ = "dossiers:read"
    DOSSIERS_WRITE = "dossiers:write"
    SANCTIONS_READ = "sanctions:read"
    SANCTIONS_WRITE = "sanctions:write"
    TOKENS_READ = "tokens:read"
    MEMBERS_READ = "members:read"
    AUDIT_READ = "audit:read"


TOKEN_SCOPES = tuple(Scope)
"""What a token is offered: what the API has calls for. Verifying is open to all; a token is counted by itself there."""

_READ = frozenset(
    {
        Scope.VERIFY,
        Scope.LISTINGS_READ,
        Scope.BADGES_READ,
        Scope.RECALLS_READ,
        Scope.DOSSIERS_READ,
        Scope.SANCTIONS_READ,
    }
)
_WORK = _READ | {
    Scope.LISTINGS_WRITE,
    Scope.RECALLS_REPORT,
    Scope.WEBHOOKS_READ,
    Scope.WEBHOOKS_WRITE,
    Scope.DOSSIERS_WRITE,
    Scope.SANCTIONS_WRITE,
}

ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.OWNER: frozenset(Scope),
    Role.OPERATOR: _WORK | {Scope.TOKENS_READ},
    Role.READER: _READ,
    Role.CHIEF_QUALITY_OFFICER: _WORK,
}
"""The one table of who may do what. A new scope gets its rows here and words in passport/web/console/words.py."""


def scopes_of(roles: frozenset[Role]) -> frozenset[Scope]:
    """All that the roles allow together."""
    return frozenset().union(*(ROLE_SCOPES[role] for role in roles))


@dataclass(frozen=True, slots=True)
class Organisation:
    """`id` is a slug: for an issuer of the ledger, its id there."""

    id: str
    kind: OrganisationKind
    name: Text
    state: OrganisationState
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one organisation. `login_name` is empty until the person has accepted the invitation."""

    id: str
    organisation: str
    login_name: str
    display_name: str
    roles: frozenset[Role]
    state: MemberState
    created_at: datetime

    @property
    def is_active_owner(self) -> bool:
        return self.state is MemberState.ACTIVE and Role.OWNER in self.roles


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, made once per request. Services take it first, decide by it, and read only its organisation's rows.

    A person has `member` and `roles`; a token has `token`, the `member` who made it, and no roles. `request_id` goes
    into the audit trail. `session` is the digest of the session of this request, for "all but this one".
    """

    organisation: str
    kind: OrganisationKind
    member: str
    scopes: frozenset[Scope]
    roles: frozenset[Role] = frozenset()
    token: str = ""
    request_id: str = ""
    session: bytes = field(default=b"", repr=False)

    @property
    def is_person(self) -> bool:
        return not self.token

    def require_scope(self, scope: Scope) -> None:
        """Raises NotAllowed("scope_missing")."""
        if scope not in self.scopes:
            raise NotAllowed("scope_missing", f"This needs the scope {scope}, which you do not have.")

    def require_person(self) -> None:
        """Raises NotAllowed("person_needed") for a token: some things only people do."""
        if not self.is_person:
            raise NotAllowed("person_needed", "A token cannot do this. A person has to sign in to the console.")

    def require_role(self, role: Role) -> None:
        """Raises NotAllowed: person_needed, role_missing."""
        self.require_person()
        if role not in self.roles:
            raise NotAllowed("role_missing", f"This needs the role {role}. Ask an owner of your organisation.")


@dataclass(frozen=True, slots=True)
class ApiToken:
    """What is shown of a token; its secret is stored as a digest alone. `last_used_at` is true to the minute."""

    id: str
    organisation: str
    member: str
    name: str
    scopes: frozenset[Scope]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser, or one whose password was right and whose second factor is awaited. `digest` is its key."""

    digest: bytes
    member: str
    is_complete: bool
    tries: int
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """A one-time link for a member who has no password yet, or who lost it. The draft is what the first step took."""

    id: str
    member: str
    digest: bytes
    expires_at: datetime
    used_at: datetime | None
    draft: Draft | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """Name, password and TOTP secret that count for nothing until a first code shows that the app has the secret."""

    login_name: str
    display_name: str
    password_hash: str = field(repr=False)
    totp_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a member signs in with. `last_step` is the TOTP time step that was used last, so that no code works twice.

    `next_totp_secret` waits for its first code.
    """

    password_hash: str = field(repr=False)
    totp_secret: str = field(repr=False)
    last_step: int = 0
    next_totp_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """Failed attempts under one key, and until when the next is refused."""

    failures: int
    blocked_until: datetime
    updated_at: datetime
