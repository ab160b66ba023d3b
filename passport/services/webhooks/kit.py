# SPDX-License-Identifier: Apache-2.0
"""What the use cases of webhooks share: the database, the clock, secrets, and who may do what."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from passport.domain.accounts import OrganisationKind, Principal, Scope
from passport.domain.accounts_audit import Act, Action, ActorKind
from passport.domain.accounts_errors import NotAllowed
from passport.domain.public_addresses import AddressRule
from passport.domain.webhooks import Endpoint, SealedSecrets, UnknownWebhook
from passport.services.listings.kit import Ids, actor_of, clean_id
from passport.services.webhooks.ports import Books, Business, Sealer, Sender
from verifier.webhook_signature import format_secret

SECRET_SIZE = 32


@dataclass(frozen=True, slots=True)
class WebhookKit:
    """`clock` in UTC; `luck` in [0, 1) spreads retries."""

    business: Business
    clock: Callable[[], datetime]
    sealer: Sealer
    sender: Sender
    rule: AddressRule = field(default_factory=AddressRule)
    luck: Callable[[], float] = random.random
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids(self.clock))

    def now(self) -> datetime:
        """The clock to the second, which is what the tables hold."""
        return self.clock().replace(microsecond=0)

    def make_secret(self, endpoint_id: str) -> tuple[str, bytes]:
        """A new secret: as its owner is shown it, and sealed."""
        raw = secrets.token_bytes(SECRET_SIZE)
        return format_secret(raw), self.sealer.seal(raw, endpoint_id)

    def open_secrets(self, endpoint_id: str, sealed: SealedSecrets, now: datetime) -> list[bytes]:
        """The secrets that a message is signed with now, the newest first. Raises PassportError."""
        found = [self.sealer.open(sealed.new, endpoint_id)]
        if sealed.old and sealed.old_until is not None and now < sealed.old_until:
            found.append(self.sealer.open(sealed.old, endpoint_id))
        return found


def require(principal: Principal, scope: Scope) -> None:
    """What is told is about a platform's listings. Raises NotAllowed: not_a_platform, scope_missing."""
    if principal.kind is not OrganisationKind.PLATFORM:
        raise NotAllowed("not_a_platform", "Webhooks are for platforms. Your organisation is none.")
    principal.require_scope(scope)


def note(books: Books, principal: Principal, action: Action, object_: tuple[str, str], now: datetime) -> None:
    """Writes what the principal did into its organisation's trail; `object_` is (kind, id)."""
    kind, actor = actor_of(principal)
    act = Act(ActorKind(kind), actor, str(action), *object_, request_id=principal.request_id)
    books.audit.append(principal.organisation, now, act)


def get_endpoint(books: Books, principal: Principal, endpoint_id: str) -> Endpoint:
    """One of the principal's own. Raises UnknownWebhook("unknown_webhook"), the same for another's."""
    found = books.webhook_endpoints.find_in(principal.organisation, clean_id(endpoint_id))
    if found is None:
        raise UnknownWebhook("unknown_webhook", "There is no such webhook in your organisation.")
    return found
