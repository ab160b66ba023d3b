# SPDX-License-Identifier: Apache-2.0
"""Decisions of the gate as they are kept: with their facts, and the words of the day that they were made."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from passport.domain.gate import GateDecision
from passport.domain.listings import Listing
from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Text


@dataclass(frozen=True, slots=True)
class DayOfDecisions:
    """How often the gate said yes and no on one day, a day in China."""

    day: date
    bound: int
    refused: int


@dataclass(frozen=True, slots=True)
class StoredReason:
    """A reason as it was given: the words of that day stay with the decision."""

    code: str
    about: str
    text: Text
    ledger_index: int | None


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it stands in the table; `revision` is the listing's that was judged."""

    id: str
    organisation: str
    listing: str
    revision: int
    outcome: str
    rule_version: str
    decided_at: datetime
    reasons: tuple[StoredReason, ...]
    facts: JsonValue
    actor_kind: str
    actor: str


def store_decision(
    decision: GateDecision, decision_id: str, listing: Listing, actor: tuple[str, str]
) -> StoredDecision:
    """A decision with its words. `actor` is kind and id."""
    return StoredDecision(
        id=decision_id,
        organisation=listing.organisation,
        listing=listing.id,
        revision=listing.revision,
        outcome=decision.outcome.value,
        rule_version=decision.rule_version,
        decided_at=decision.decided_at,
        reasons=tuple(
            StoredReason(reason.code, reason.about, reason.text, reason.ledger_index) for reason in decision.reasons
        ),
        facts=decision.facts.to_json(),
        actor_kind=actor[0],
        actor=actor[1],
    )
