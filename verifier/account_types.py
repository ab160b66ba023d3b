# SPDX-License-Identifier: Apache-2.0
"""What the calls about one's own organisation answer, as frozen values: docs/accounts.md says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from verifier.api_types import Count, Cursor
from verifier.protocol.fields import Text
from verifier.wire import Bound

TokenId: TypeAlias = Annotated[str, Bound("[a-z2-7]{8}")]
MemberId: TypeAlias = Annotated[str, Bound("m[0-9a-f]{16}")]
Hash: TypeAlias = Annotated[str, Bound("[0-9a-f]{64}")]
Kind: TypeAlias = Literal["maker", "platform", "authority", "laboratory"]
Positive: TypeAlias = Annotated[int, Bound(minimum=1)]


@dataclass(frozen=True, slots=True)
class TokenInfo:
    """A token without its secret. `member` is who made it: it may never do more than that member may today.

    `last_used_at` is true to the minute; absent: never used. `revoked_at` is absent while nobody has revoked it.
    """

    id: TokenId
    name: str
    member: MemberId
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class TokenPage:
    """The newest first, ended ones too."""

    tokens: tuple[TokenInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class OrganisationInfo:
    """The organisation that the token speaks for; `token` is that token, `scopes` what it may do at this moment."""

    id: str
    kind: Kind
    name: Text
    created_at: datetime
    token: TokenId
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MemberInfo:
    """A person of the organisation. Login names are not told: programs have no use for them, and thieves do."""

    id: MemberId
    display_name: str
    roles: tuple[str, ...]
    state: Literal["invited", "active", "disabled"]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class MemberPage:
    """The oldest first."""

    members: tuple[MemberInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the trail. `hash` covers the hash of the row before and every other member of this one."""

    seq: Positive
    at: datetime
    actor_kind: Literal["member", "token", "operator"]
    actor: str
    action: str
    object_kind: str
    object_id: str
    outcome: str
    request_id: str
    hash: Hash


@dataclass(frozen=True, slots=True)
class AuditPage:
    """The newest first. `count` and `head` are the number of all rows and the hash of the last one, at this moment."""

    rows: tuple[AuditRow, ...]
    count: Count
    head: Hash
    next: Cursor | None = None
