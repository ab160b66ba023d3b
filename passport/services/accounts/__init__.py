# SPDX-License-Identifier: Apache-2.0
"""The use cases of accounts. Each takes the Principal first and decides by it; web code never decides permissions."""

from __future__ import annotations

from dataclasses import dataclass, field

from passport.services.accounts.audit_trail import AuditTrail
from passport.services.accounts.invitations import Accepting
from passport.services.accounts.kit import Kit
from passport.services.accounts.members import Members
from passport.services.accounts.organisations import Organisations
from passport.services.accounts.profile import Profile
from passport.services.accounts.sign_in import SignIn
from passport.services.accounts.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Accounts:
    """All of them, over one database. `form_key` is what the console's forms are signed with (32 bytes)."""

    organisations: Organisations
    accepting: Accepting
    sign_in: SignIn
    profile: Profile
    members: Members
    tokens: Tokens
    audit_trail: AuditTrail
    form_key: bytes = field(repr=False)


def make_accounts(kit: Kit) -> Accounts:
    """Puts the use cases together."""
    sign_in = SignIn(kit)
    return Accounts(
        organisations=Organisations(kit),
        accepting=Accepting(kit, sign_in),
        sign_in=sign_in,
        profile=Profile(kit, sign_in),
        members=Members(kit),
        tokens=Tokens(kit),
        audit_trail=AuditTrail(kit),
        form_key=kit.digest("forms", ""),
    )
