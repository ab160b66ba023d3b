# SPDX-License-Identifier: Apache-2.0
"""Rows of sanctions, their histories and appeals, and of sellers. Port: passport/services/live/ports.py."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Row, and_, func, insert, or_, select, update

from passport.domain.appeals import AppealNote, AppealOutcome, AppealState
from passport.domain.sanctions import (
    Evidence,
    Sanction,
    SanctionAppeal,
    SanctionEvent,
    SanctionFact,
    SanctionFields,
    SanctionFilter,
    SanctionState,
    SellerRecord,
    SubjectKind,
    find_first_index,
)
from passport.storage.business.columns import instant, optional_instant, optional_seconds, seconds
from passport.storage.business.schema_live import (
    sanction_appeal_notes,
    sanction_appeals,
    sanction_events,
    sanctions,
    sellers,
)
from verifier.protocol.fields import Text

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

_NEVER_SEEN = (SanctionState.PROPOSED.value, SanctionState.DECLINED.value)  # an authority's, by platforms


class SanctionRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, sanction: Sanction) -> None:
        self._connection.execute(insert(sanctions), _row(sanction))

    def put_state(self, sanction: Sanction) -> None:
        """What is said of an operator never changes; only the state does."""
        values = {"state": sanction.state.value, "changed_at": seconds(sanction.changed_at)}
        self._connection.execute(update(sanctions).where(sanctions.c.id == sanction.id).values(**values))

    def find_seen(self, organisation_id: str, sanction_id: str, *, sees_authorities: bool) -> Sanction | None:
        where = _seen_by(organisation_id, sees_authorities) & (sanctions.c.id == sanction_id)
        row = self._connection.execute(select(sanctions).where(where)).first()
        return None if row is None else _sanction(row)

    def page_seen(
        self,
        organisation_id: str,
        which: SanctionFilter,
        today: date,
        place: tuple[str, int],
        *,
        sees_authorities: bool,
    ) -> list[Sanction]:
        before, limit = place
        query = select(sanctions).where(_seen_by(organisation_id, sees_authorities))
        if before:
            query = query.where(sanctions.c.id < before)
        if which.state:
            query = query.where(_in_state(SanctionState(which.state), today.isoformat()))
        if which.search:
            text = which.search.lower()
            columns = (sanctions.c.name, sanctions.c.subject)
            query = query.where(or_(*(func.lower(column).contains(text, autoescape=True) for column in columns)))
        return [_sanction(row) for row in self._connection.execute(query.order_by(sanctions.c.id.desc()).limit(limit))]

    def find_active(self, organisation_id: str, seller_id: str, today: date) -> tuple[SanctionFact, ...]:
        table = sanctions
        mine = sellers.c.organisation == organisation_id
        known = select(sellers.c.uscc).where(mine & (sellers.c.seller_id == seller_id))
        # Another id of the same company is the same operator.
        same_company = select(sellers.c.seller_id).where(mine & sellers.c.uscc.in_(known))
        of_seller = and_(
            table.c.organisation == organisation_id,
            table.c.subject_kind == SubjectKind.SELLER.value,
            or_(table.c.subject == seller_id, table.c.subject.in_(same_company)),
        )
        of_company = and_(
            table.c.by_authority.is_(True),
            table.c.subject_kind == SubjectKind.COMPANY.value,
            table.c.subject.in_(known),
        )
        where = _in_state(SanctionState.ACTIVE, today.isoformat()) & or_(of_seller, of_company)
        rows = self._connection.execute(select(table).where(where).order_by(table.c.id))
        return tuple(_fact(_sanction(row)) for row in rows)

    def add_event(self, sanction_id: str, event: SanctionEvent) -> None:
        count = select(func.count()).select_from(sanction_events).where(sanction_events.c.sanction == sanction_id)
        row = {
            "sanction": sanction_id,
            "seq": self._connection.execute(count).scalar_one() + 1,
            "at": seconds(event.at),
            "actor_kind": event.actor_kind,
            "actor": event.actor,
            "action": event.action,
            "text": event.text,
        }
        self._connection.execute(insert(sanction_events), row)

    def history(self, sanction_id: str) -> list[SanctionEvent]:
        table = sanction_events
        rows = self._connection.execute(select(table).where(table.c.sanction == sanction_id).order_by(table.c.seq))
        return [SanctionEvent(instant(row.at), row.actor_kind, row.actor, row.action, row.text) for row in rows]


def _seen_by(organisation_id: str, sees_authorities: bool) -> ColumnElement[bool]:
    own = sanctions.c.organisation == organisation_id
    if not sees_authorities:
        return own
    return or_(own, and_(sanctions.c.by_authority.is_(True), sanctions.c.state.not_in(_NEVER_SEEN)))


def _in_state(state: SanctionState, today: str) -> ColumnElement[bool]:
    """A state of the calendar as a condition; dates compare as texts, and "" has no end."""
    table, active = sanctions, sanctions.c.state == SanctionState.ACTIVE.value
    match state:
        case SanctionState.SCHEDULED:
            return and_(active, table.c.from_on > today)
        case SanctionState.EXPIRED:
            return and_(active, table.c.until_on != "", table.c.until_on < today)
        case SanctionState.ACTIVE:
            return and_(active, table.c.from_on <= today, or_(table.c.until_on == "", table.c.until_on >= today))
    return table.c.state == state.value


def _fact(sanction: Sanction) -> SanctionFact:
    fields = sanction.fields
    index = find_first_index(fields.evidence)
    return SanctionFact(sanction.id, sanction.organisation, fields.rule_version, fields.from_on, fields.until_on, index)


def _row(sanction: Sanction) -> dict[str, Any]:
    fields = sanction.fields
    evidence = [
        {"digest": one.digest, "index": one.ledger_index, "title": one.title, "url": one.url} for one in fields.evidence
    ]
    return {
        "id": sanction.id,
        "organisation": sanction.organisation,
        "by_authority": sanction.by_authority,
        "subject_kind": fields.subject_kind.value,
        "subject": fields.subject,
        "name": fields.name,
        "reason_zh": fields.reason.zh,
        "reason_en": fields.reason.en,
        "evidence": json.dumps(evidence, ensure_ascii=False),
        "rule_version": fields.rule_version,
        "from_on": fields.from_on.isoformat(),
        "until_on": "" if fields.until_on is None else fields.until_on.isoformat(),
        "state": sanction.state.value,
        "created_at": seconds(sanction.created_at),
        "changed_at": seconds(sanction.changed_at),
    }


def _sanction(row: Row[Any]) -> Sanction:
    fields = SanctionFields(
        subject_kind=SubjectKind(row.subject_kind),
        subject=row.subject,
        name=row.name,
        reason=Text(zh=row.reason_zh, en=row.reason_en),
        evidence=tuple(
            Evidence(one["title"], one["url"], one["digest"], one["index"]) for one in json.loads(row.evidence)
        ),
        rule_version=row.rule_version,
        from_on=date.fromisoformat(row.from_on),
        until_on=date.fromisoformat(row.until_on) if row.until_on else None,
    )
    return Sanction(
        id=row.id,
        organisation=row.organisation,
        by_authority=bool(row.by_authority),
        fields=fields,
        state=SanctionState(row.state),
        created_at=instant(row.created_at),
        changed_at=instant(row.changed_at),
    )


_appellant = sanction_appeals.c.organisation


class SanctionAppealRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, appeal: SanctionAppeal) -> None:
        row = {
            "id": appeal.id,
            "sanction": appeal.sanction,
            "organisation": appeal.organisation,
            "wants_person": appeal.wants_person,
            "state": appeal.state.value,
            "outcome": "",
            "closed_at": None,
        }
        self._connection.execute(insert(sanction_appeals), row)
        for seq, note in enumerate(appeal.notes, start=1):
            self.add_note(appeal.id, seq, note)

    def add_note(self, appeal_id: str, seq: int, note: AppealNote) -> None:
        row = {"appeal": appeal_id, "seq": seq, "at": seconds(note.at), "actor_kind": note.actor_kind}
        self._connection.execute(insert(sanction_appeal_notes), row | {"actor": note.actor, "text": note.text})

    def close(self, appeal: SanctionAppeal) -> None:
        values = {
            "state": appeal.state.value,
            "outcome": appeal.outcome.value if appeal.outcome else "",
            "closed_at": optional_seconds(appeal.closed_at),
        }
        table = sanction_appeals
        self._connection.execute(update(table).where(table.c.id == appeal.id).values(**values))

    def find(self, appeal_id: str) -> SanctionAppeal | None:
        found = self._select(sanction_appeals.c.id == appeal_id)
        return found[0] if found else None

    def of_sanction(self, sanction_id: str, organisation_id: str | None = None) -> list[SanctionAppeal]:
        where = sanction_appeals.c.sanction == sanction_id
        return self._select(where if organisation_id is None else where & (_appellant == organisation_id))

    def _select(self, where: ColumnElement[bool]) -> list[SanctionAppeal]:
        table = sanction_appeals
        rows = self._connection.execute(select(table).where(where).order_by(table.c.id.desc()).limit(100)).all()
        notes: dict[str, list[AppealNote]] = defaultdict(list)
        said = sanction_appeal_notes
        wanted = said.c.appeal.in_([row.id for row in rows])
        for row in self._connection.execute(select(said).where(wanted).order_by(said.c.seq)):
            notes[row.appeal].append(AppealNote(instant(row.at), row.actor_kind, row.actor, row.text))
        return [_appeal(row, tuple(notes[row.id])) for row in rows]


def _appeal(row: Row[Any], notes: tuple[AppealNote, ...]) -> SanctionAppeal:
    return SanctionAppeal(
        id=row.id,
        sanction=row.sanction,
        organisation=row.organisation,
        wants_person=bool(row.wants_person),
        state=AppealState(row.state),
        notes=notes,
        outcome=AppealOutcome(row.outcome) if row.outcome else None,
        closed_at=optional_instant(row.closed_at),
    )


class SellerRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, seller: SellerRecord) -> None:
        values = {"name": seller.name, "uscc": seller.uscc, "changed_at": seconds(seller.changed_at)}
        where = (sellers.c.organisation == seller.organisation) & (sellers.c.seller_id == seller.id)
        if self._connection.execute(update(sellers).where(where).values(**values)).rowcount == 0:
            row = {"organisation": seller.organisation, "seller_id": seller.id}
            self._connection.execute(insert(sellers), row | values)

    def find_in(self, organisation_id: str, seller_id: str) -> SellerRecord | None:
        where = (sellers.c.organisation == organisation_id) & (sellers.c.seller_id == seller_id)
        row = self._connection.execute(select(sellers).where(where)).first()
        return None if row is None else _seller(row)

    def page(self, organisation_id: str, after: str, limit: int) -> list[SellerRecord]:
        where = (sellers.c.organisation == organisation_id) & (sellers.c.seller_id > after)
        query = select(sellers).where(where).order_by(sellers.c.seller_id).limit(limit)
        return [_seller(row) for row in self._connection.execute(query)]


def _seller(row: Row[Any]) -> SellerRecord:
    return SellerRecord(row.organisation, row.seller_id, row.name, row.uscc, instant(row.changed_at))
