# SPDX-License-Identifier: Apache-2.0
"""Rows of the gate's decisions and of appeals: decisions and notes are only ever added. Port: services/listings."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Row, func, insert, select, update

from passport.domain.appeals import Appeal, AppealNote, AppealOutcome, AppealState
from passport.domain.gate_records import StoredDecision, StoredReason
from passport.storage.business.columns import instant, optional_instant, optional_seconds, seconds
from passport.storage.business.schema_listings import appeal_notes, appeals, gate_decisions
from verifier.protocol.fields import Text

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Connection


_EPOCH = date(1970, 1, 1)
_CHINA_SECONDS = 8 * 3600  # a day is a day in China


class DecisionRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, decision: StoredDecision) -> None:
        reasons = [
            {"about": one.about, "code": one.code, "index": one.ledger_index, "text": one.text.to_json()}
            for one in decision.reasons
        ]
        row = {
            "id": decision.id,
            "organisation": decision.organisation,
            "listing": decision.listing,
            "revision": decision.revision,
            "outcome": decision.outcome,
            "rule_version": decision.rule_version,
            "decided_at": seconds(decision.decided_at),
            "reasons": json.dumps(reasons, ensure_ascii=False),
            "facts": json.dumps(decision.facts, ensure_ascii=False),
            "actor_kind": decision.actor_kind,
            "actor": decision.actor,
        }
        self._connection.execute(insert(gate_decisions), row)

    def find_in(self, organisation_id: str, decision_id: str) -> StoredDecision | None:
        table = gate_decisions
        where = (table.c.organisation == organisation_id) & (table.c.id == decision_id)
        row = self._connection.execute(select(table).where(where)).first()
        return None if row is None else _decision(row)

    def page(self, organisation_id: str, listing_id: str, before: str, limit: int) -> list[StoredDecision]:
        table = gate_decisions
        query = select(table).where((table.c.organisation == organisation_id) & (table.c.listing == listing_id))
        if before:
            query = query.where(table.c.id < before)
        return [_decision(row) for row in self._connection.execute(query.order_by(table.c.id.desc()).limit(limit))]

    def count_by_day(self, organisation_id: str, since: datetime) -> dict[tuple[date, str], int]:
        table = gate_decisions
        day = (table.c.decided_at + _CHINA_SECONDS) // 86_400
        query = (
            select(day.label("day"), table.c.outcome, func.count().label("total"))
            .where((table.c.organisation == organisation_id) & (table.c.decided_at >= seconds(since)))
            .group_by("day", table.c.outcome)
        )
        return {(_EPOCH + timedelta(days=row.day), row.outcome): row.total for row in self._connection.execute(query)}


def _decision(row: Row[Any]) -> StoredDecision:
    reasons = tuple(
        StoredReason(one["code"], one["about"], Text(zh=one["text"]["zh"], en=one["text"]["en"]), one["index"])
        for one in json.loads(row.reasons)
    )
    return StoredDecision(
        id=row.id,
        organisation=row.organisation,
        listing=row.listing,
        revision=row.revision,
        outcome=row.outcome,
        rule_version=row.rule_version,
        decided_at=instant(row.decided_at),
        reasons=reasons,
        facts=json.loads(row.facts),
        actor_kind=row.actor_kind,
        actor=row.actor,
    )


class AppealRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, appeal: Appeal) -> None:
        row = {
            "id": appeal.id,
            "organisation": appeal.organisation,
            "decision": appeal.decision,
            "listing": appeal.listing,
            "wants_person": appeal.wants_person,
            "state": appeal.state.value,
            "outcome": "",
            "closed_at": None,
        }
        self._connection.execute(insert(appeals), row)
        for seq, note in enumerate(appeal.notes, start=1):
            self.add_note(appeal.id, seq, note)

    def add_note(self, appeal_id: str, seq: int, note: AppealNote) -> None:
        row = {"appeal": appeal_id, "seq": seq, "at": seconds(note.at), "actor_kind": note.actor_kind}
        self._connection.execute(insert(appeal_notes), row | {"actor": note.actor, "text": note.text})

    def close(self, appeal: Appeal) -> None:
        values = {
            "state": appeal.state.value,
            "outcome": appeal.outcome.value if appeal.outcome else "",
            "closed_at": optional_seconds(appeal.closed_at),
        }
        self._connection.execute(update(appeals).where(appeals.c.id == appeal.id).values(**values))

    def find_in(self, organisation_id: str, appeal_id: str) -> Appeal | None:
        found = self._select((appeals.c.organisation == organisation_id) & (appeals.c.id == appeal_id), 1)
        return found[0] if found else None

    def of_decision(self, organisation_id: str, decision_id: str) -> list[Appeal]:
        return self._select((appeals.c.organisation == organisation_id) & (appeals.c.decision == decision_id), 50)

    def page(self, organisation_id: str, state: str, before: str, limit: int) -> list[Appeal]:
        where = appeals.c.organisation == organisation_id
        if state:
            where &= appeals.c.state == state
        if before:
            where &= appeals.c.id < before
        return self._select(where, limit)

    def _select(self, where: ColumnElement[bool], limit: int) -> list[Appeal]:
        rows = self._connection.execute(select(appeals).where(where).order_by(appeals.c.id.desc()).limit(limit)).all()
        notes: dict[str, list[AppealNote]] = defaultdict(list)
        wanted = appeal_notes.c.appeal.in_([row.id for row in rows])
        for row in self._connection.execute(select(appeal_notes).where(wanted).order_by(appeal_notes.c.seq)):
            notes[row.appeal].append(AppealNote(instant(row.at), row.actor_kind, row.actor, row.text))
        return [_appeal(row, tuple(notes[row.id])) for row in rows]


def _appeal(row: Row[Any], notes: tuple[AppealNote, ...]) -> Appeal:
    return Appeal(
        id=row.id,
        organisation=row.organisation,
        decision=row.decision,
        listing=row.listing,
        wants_person=bool(row.wants_person),
        state=AppealState(row.state),
        notes=notes,
        outcome=AppealOutcome(row.outcome) if row.outcome else None,
        closed_at=optional_instant(row.closed_at),
    )
