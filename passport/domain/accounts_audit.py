# SPDX-License-Identifier: Apache-2.0
"""The audit trail: one chain of rows for each organisation, so that a row that was changed or removed shows.

A row's hash covers the hash before it and the row's canonical JSON (RFC 8785). Whoever can rewrite the whole database
can rewrite the whole chain: a hash that a reader has noted elsewhere is what catches that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from verifier.audit_chain import EMPTY_CHAIN as EMPTY_CHAIN
from verifier.audit_chain import hash_row
from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import format_instant


class ActorKind(StrEnum):
    """Who did it: a person, a program with a token, or whoever sits at the registry's own machine."""

    MEMBER = "member"
    TOKEN = "token"
    OPERATOR = "operator"


class Action(StrEnum):
    """What was done. A later part adds its own, with words in passport/web/console/words_audit.py."""

    ORGANISATION_ADDED = "organisation.added"
    ORGANISATION_SUSPENDED = "organisation.suspended"
    ORGANISATION_RESUMED = "organisation.resumed"
    MEMBER_INVITED = "member.invited"
    MEMBER_LINK_MADE = "member.link_made"
    MEMBER_JOINED = "member.joined"
    MEMBER_RESET = "member.reset"
    MEMBER_ROLES_CHANGED = "member.roles_changed"
    MEMBER_DISABLED = "member.disabled"
    MEMBER_ENABLED = "member.enabled"
    SESSION_STARTED = "session.started"
    SESSION_REFUSED = "session.refused"
    SESSION_ENDED = "session.ended"
    SESSIONS_ENDED = "session.all_ended"
    PASSWORD_CHANGED = "password.changed"
    SECOND_FACTOR_CHANGED = "second_factor.changed"
    RECOVERY_CODES_MADE = "recovery_codes.made"
    RECOVERY_CODE_USED = "recovery_codes.used"
    TOKEN_CREATED = "token.created"
    TOKEN_REVOKED = "token.revoked"
    LISTING_CREATED = "listing.created"
    LISTING_UPDATED = "listing.updated"
    LISTING_BOUND = "listing.bound"
    LISTING_REFUSED = "listing.refused"
    LISTING_DELISTED = "listing.delisted"
    LISTINGS_EXPORTED = "listings.exported"
    IMPORT_UPLOADED = "import.uploaded"
    IMPORT_STARTED = "import.started"
    IMPORT_ENDED = "import.ended"
    IMPORT_DISCARDED = "import.discarded"
    APPEAL_OPENED = "appeal.opened"
    APPEAL_ANSWERED = "appeal.answered"
    APPEAL_CLOSED = "appeal.closed"
    BADGE_POLICY_CHANGED = "badge_policy.changed"
    BADGE_ALERT_MARKED = "badge_alert.marked"
    RETURNS_RECOVERED = "returns.recovered"
    RETURNS_AFFECTED = "returns.affected"
    DOSSIER_CREATED = "dossier.created"
    DOSSIER_UPDATED = "dossier.updated"
    DOSSIER_SUBMITTED = "dossier.submitted"
    DOSSIER_APPROVED = "dossier.approved"
    DOSSIER_REFUSED = "dossier.refused"
    DOSSIER_REJECTED = "dossier.rejected"
    SANCTION_PROPOSED = "sanction.proposed"
    SANCTION_ACTIVATED = "sanction.activated"
    SANCTION_DECLINED = "sanction.declined"
    SANCTION_LIFTED = "sanction.lifted"
    SELLER_CHANGED = "seller.changed"
    RECALL_PUSHED = "recall_case.pushed"
    RECALL_ACKNOWLEDGED = "recall_case.acknowledged"
    RECALL_NOTICE_SHOWN = "recall_case.notice_shown"
    RECALL_DELISTED = "recall_case.delisted"
    RECALL_MEASURE = "recall_case.measure"
    RECALL_CASE_CLOSED = "recall_case.closed"
    RECALL_EXPORTED = "recall_board.exported"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_UPDATED = "webhook.updated"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_ROTATED = "webhook.rotated"
    WEBHOOK_TESTED = "webhook.tested"
    WEBHOOK_REPLAYED = "webhook.replayed"
    WEBHOOK_DELETED = "webhook.deleted"


@dataclass(frozen=True, slots=True)
class Act:
    """A row before it is in the chain. Ids only: no names of people. `outcome` is "done" or a code."""

    actor_kind: ActorKind
    actor: str
    action: str
    object_kind: str
    object_id: str
    outcome: str = "done"
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of an organisation's chain; `seq` counts from 1."""

    seq: int
    at: datetime
    act: Act
    hash: bytes

    def expected_hash(self, before: bytes) -> bytes:
        return chain_hash(before, self.seq, self.at, self.act)


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows of an organisation's trail: below `before` (0: from the newest), by action and by actor."""

    before: int = 0
    action: str = ""
    actor: str = ""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What a check of a whole chain found. `broken_at` is the first seq that does not follow, or None."""

    count: int
    head: bytes
    broken_at: int | None

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def chain_hash(before: bytes, seq: int, at: datetime, act: Act) -> bytes:
    """SHA-256 over the hash before (32 bytes) and the row."""
    row: dict[str, JsonValue] = {
        "action": str(act.action),
        "actor": act.actor,
        "actor_kind": str(act.actor_kind),
        "at": format_instant(at),
        "object_id": act.object_id,
        "object_kind": act.object_kind,
        "outcome": act.outcome,
        "request_id": act.request_id,
        "seq": seq,
    }
    return hash_row(before, row)
