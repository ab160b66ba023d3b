# SPDX-License-Identifier: Apache-2.0
"""What every use case of accounts is given: the database, the hasher, the clock, and this registry's secret."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from passport.domain.accounts import Principal
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.services.accounts.ports import Books, Business, PasswordHasher

SESSION_IDLE = timedelta(hours=12)
SESSION_ABSOLUTE = timedelta(days=7)
SIGN_IN_LIFETIME = timedelta(minutes=10)  # from the password to the code
DEVICE_LIFETIME = timedelta(days=180)
INVITATION_LIFETIME = timedelta(hours=72)
MAX_CODE_TRIES = 5


@dataclass(frozen=True, slots=True)
class Kit:
    """`secret` is 32 bytes beside the data: lost, every session and known browser ends, and nothing else."""

    business: Business
    hasher: PasswordHasher
    clock: Callable[[], datetime]
    secret: bytes = field(repr=False)

    def now(self) -> datetime:
        """The clock to the second, which is what the tables hold."""
        return self.clock().replace(microsecond=0)

    def digest(self, purpose: str, text: str) -> bytes:
        """HMAC-SHA256 under the registry's secret: what is stored in place of a cookie, a name or an address."""
        return hmac.digest(self.secret, f"{purpose}\n{text}".encode("utf-8", "replace"), "sha256")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who knocks: network address, the cookie of a known browser, and the id of the request; "" for none.

    Without an address nothing is counted by address: a proxy that the operator has not declared would be everybody's.
    """

    address: str = ""
    device: str = field(default="", repr=False)
    request_id: str = ""


def new_secret() -> str:
    """256 random bits in 43 characters of base64url."""
    return secrets.token_urlsafe(32)


def secret_digest(secret: str) -> bytes:
    """SHA-256 of a secret that is random itself: nothing slower is needed."""
    return sha256(secret.encode("utf-8", "replace")).digest()


def is_same(left: bytes, right: bytes) -> bool:
    """Compares without telling by its time where they differ."""
    return hmac.compare_digest(left, right)


def note(books: Books, principal: Principal, action: Action, object_: tuple[str, str], now: datetime) -> None:
    """Writes what the principal did into its organisation's trail; `object_` is (kind, id)."""
    actor = (ActorKind.MEMBER, principal.member) if principal.is_person else (ActorKind.TOKEN, principal.token)
    act = Act(*actor, str(action), *object_, request_id=principal.request_id)
    books.audit.append(principal.organisation, now, act)
