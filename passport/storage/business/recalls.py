# SPDX-License-Identifier: Apache-2.0
"""Rows of the ledger's recalls and of platforms' cases. Port: passport/services/recalls/ports.py."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, func, insert, or_, select, update

from passport.domain.recall_cases import (
    Cover,
    Coverage,
    Measure,
    MeasureKind,
    RecallCase,
    RecallMark,
    RecallState,
    RelistAttempt,
    Stage,
)
from passport.storage.business.columns import instant, optional_instant, optional_seconds, seconds
from passport.storage.business.schema_recalls import (
    recall_cases,
    recall_marks,
    recall_measures,
    recall_progress,
    relist_attempts,
)
from verifier.protocol.fields import Text

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Connection

ASKED_AT_ONCE = 500  # values in one IN (…)


class RecallMarkRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def handled_size(self) -> int:
        found = self._connection.execute(select(recall_progress.c.size)).scalar()
        return 0 if found is None else int(found)

    def put_handled(self, size: int, now: datetime) -> None:
        self._connection.execute(delete(recall_progress))
        self._connection.execute(insert(recall_progress), {"id": 1, "size": size, "at": seconds(now)})

    def all_marks(self) -> dict[str, RecallMark]:
        return {row.recall_id: _mark(row) for row in self._connection.execute(select(recall_marks))}

    def find_mark(self, recall_id: str) -> RecallMark | None:
        row = self._connection.execute(select(recall_marks).where(recall_marks.c.recall_id == recall_id)).first()
        return None if row is None else _mark(row)

    def put_mark(self, mark: RecallMark) -> None:
        state = mark.state
        row = {
            "recall_id": state.recall_id,
            "publisher": state.publisher,
            "severity": state.severity,
            "title_zh": state.title.zh,
            "title_en": state.title.en,
            "revision": state.revision,
            "is_active": state.is_active,
            "ledger_index": state.index,
            "latest_index": state.latest_index,
            "coverage": json.dumps(state.coverage.to_json(), sort_keys=True),
            "stage": mark.stage.value,
            "cursor": mark.cursor,
            "seen_at": seconds(mark.seen_at),
            "changed_at": seconds(mark.changed_at),
        }
        where = recall_marks.c.recall_id == state.recall_id
        if self._connection.execute(update(recall_marks).where(where).values(**row)).rowcount == 0:
            self._connection.execute(insert(recall_marks), row)

    def next_unsettled(self, without: Collection[str] = ()) -> RecallMark | None:
        open_: ColumnElement[bool] = recall_marks.c.stage.in_(
            [stage.value for stage in Stage if stage is not Stage.SETTLED]
        )
        if without:
            open_ &= recall_marks.c.recall_id.not_in(sorted(without)[:ASKED_AT_ONCE])
        query = select(recall_marks).where(open_).order_by(recall_marks.c.ledger_index).limit(1)
        row = self._connection.execute(query).first()
        return None if row is None else _mark(row)

    def newest_marks(self, organisation_id: str | None, limit: int) -> list[RecallMark]:
        query = select(recall_marks).order_by(recall_marks.c.ledger_index.desc()).limit(limit)
        if organisation_id is not None:
            query = query.where(
                recall_marks.c.recall_id.in_(select(recall_cases.c.recall_id).where(_mine(organisation_id)))
            )
        return [_mark(row) for row in self._connection.execute(query)]


def _says(text: str) -> ColumnElement[bool]:
    """Cases whose recall or platform has the text, in lower case, in its id or title."""
    titles = (recall_marks.c.recall_id, recall_marks.c.title_zh, recall_marks.c.title_en)
    found = [func.lower(column).contains(text, autoescape=True) for column in titles]
    marks = select(recall_marks.c.recall_id).where(or_(*found))
    return recall_cases.c.recall_id.in_(marks) | recall_cases.c.organisation.contains(text, autoescape=True)


def _mark(row: Row[Any]) -> RecallMark:
    covers = {gtin: Cover(frozenset(value["lots"]), value["whole"]) for gtin, value in json.loads(row.coverage).items()}
    state = RecallState(
        recall_id=row.recall_id,
        publisher=row.publisher,
        severity=row.severity,
        title=Text(zh=row.title_zh, en=row.title_en),
        revision=row.revision,
        is_active=bool(row.is_active),
        index=row.ledger_index,
        latest_index=row.latest_index,
        coverage=Coverage(covers),
    )
    return RecallMark(state, Stage(row.stage), row.cursor, instant(row.seen_at), instant(row.changed_at))


class RecallCaseRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, case: RecallCase) -> None:
        self._connection.execute(insert(recall_cases), _case_row(case))

    def put(self, case: RecallCase) -> None:
        row = _case_row(case)
        for fixed in ("id", "organisation", "recall_id", "opened_at"):
            del row[fixed]
        self._connection.execute(update(recall_cases).where(recall_cases.c.id == case.id).values(**row))

    def find(self, organisation_id: str | None, case_id: str) -> RecallCase | None:
        found = self._select(_mine(organisation_id) & (recall_cases.c.id == case_id), 1)
        return found[0] if found else None

    def find_of(self, organisation_id: str, recall_id: str) -> RecallCase | None:
        found = self._select(_mine(organisation_id) & (recall_cases.c.recall_id == recall_id), 1)
        return found[0] if found else None

    def of_recall(self, recall_id: str, after: str, limit: int) -> list[RecallCase]:
        where = (recall_cases.c.recall_id == recall_id) & (recall_cases.c.id > after)
        query = select(recall_cases).where(where).order_by(recall_cases.c.id).limit(limit)
        return [_case(row) for row in self._connection.execute(query)]

    def of_recalls(self, organisation_id: str | None, recall_ids: Sequence[str]) -> list[RecallCase]:
        found: list[RecallCase] = []
        for at in range(0, len(recall_ids), ASKED_AT_ONCE):
            asked = recall_cases.c.recall_id.in_(recall_ids[at : at + ASKED_AT_ONCE])
            query = select(recall_cases).where(_mine(organisation_id) & asked).order_by(recall_cases.c.id)
            found.extend(_case(row) for row in self._connection.execute(query))
        return found

    def page(
        self, organisation_id: str | None, before: str, limit: int, state: str, search: str = ""
    ) -> list[RecallCase]:
        where = _mine(organisation_id)
        if before:
            where &= recall_cases.c.id < before
        if state == "open":
            where &= recall_cases.c.closed_at.is_(None)
        elif state == "closed":
            where &= recall_cases.c.closed_at.is_not(None)
        if search:
            where &= _says(search.lower())
        return self._select(where, limit)

    def waiting(self, after: str, limit: int) -> list[RecallCase]:
        where = recall_cases.c.received_at.is_(None) & recall_cases.c.pushed_at.is_not(None)
        query = select(recall_cases).where(where & (recall_cases.c.id > after)).order_by(recall_cases.c.id).limit(limit)
        return [_case(row) for row in self._connection.execute(query)]

    def add_attempt(self, attempt: RelistAttempt) -> None:
        row = {
            "id": attempt.id,
            "case_id": attempt.case,
            "seller_id": attempt.seller_id,
            "seller_name": attempt.seller_name,
            "listing": attempt.listing,
            "url": attempt.url,
            "at": seconds(attempt.at),
            "was_blocked": attempt.was_blocked,
            "had_listing": attempt.had_listing,
        }
        self._connection.execute(insert(relist_attempts), row)

    def add_measure(self, measure: Measure) -> None:
        row = {
            "id": measure.id,
            "case_id": measure.case,
            "seller_id": measure.seller_id,
            "kind": measure.kind.value,
            "text": measure.text,
            "at": seconds(measure.at),
            "actor_kind": measure.actor_kind,
            "actor": measure.actor,
        }
        self._connection.execute(insert(recall_measures), row)

    def attempts_of(self, case_ids: Sequence[str]) -> list[RelistAttempt]:
        found = []
        for at in range(0, len(case_ids), ASKED_AT_ONCE):
            asked = relist_attempts.c.case_id.in_(case_ids[at : at + ASKED_AT_ONCE])
            for row in self._connection.execute(select(relist_attempts).where(asked).order_by(relist_attempts.c.id)):
                found.append(
                    RelistAttempt(
                        row.id,
                        row.case_id,
                        row.seller_id,
                        row.seller_name,
                        row.listing,
                        row.url,
                        instant(row.at),
                        bool(row.was_blocked),
                        bool(row.had_listing),
                    )
                )
        return found

    def measures_of(self, case_ids: Sequence[str]) -> list[Measure]:
        found = []
        for at in range(0, len(case_ids), ASKED_AT_ONCE):
            asked = recall_measures.c.case_id.in_(case_ids[at : at + ASKED_AT_ONCE])
            for row in self._connection.execute(select(recall_measures).where(asked).order_by(recall_measures.c.id)):
                kind, at_ = MeasureKind(row.kind), instant(row.at)
                found.append(
                    Measure(row.id, row.case_id, row.seller_id, kind, row.text, at_, row.actor_kind, row.actor)
                )
        return found

    def _select(self, where: ColumnElement[bool], limit: int) -> list[RecallCase]:
        query = select(recall_cases).where(where).order_by(recall_cases.c.id.desc()).limit(limit)
        return [_case(row) for row in self._connection.execute(query)]


def _mine(organisation_id: str | None) -> ColumnElement[bool]:
    if organisation_id is None:
        return recall_cases.c.id.is_not(None)
    return recall_cases.c.organisation == organisation_id


def _case_row(case: RecallCase) -> dict[str, Any]:
    return {
        "id": case.id,
        "organisation": case.organisation,
        "recall_id": case.recall_id,
        "opened_at": seconds(case.opened_at),
        "revision": case.revision,
        "is_changed": case.is_changed,
        "pushed_at": optional_seconds(case.pushed_at),
        "event": case.event,
        "received_at": optional_seconds(case.received_at),
        "received_by": case.received_by,
        "closed_at": optional_seconds(case.closed_at),
        "closed_by": case.closed_by,
    }


def _case(row: Row[Any]) -> RecallCase:
    case = RecallCase(row.id, row.organisation, row.recall_id, instant(row.opened_at), row.revision)
    return replace(
        case,
        is_changed=bool(row.is_changed),
        pushed_at=optional_instant(row.pushed_at),
        event=row.event,
        received_at=optional_instant(row.received_at),
        received_by=row.received_by,
        closed_at=optional_instant(row.closed_at),
        closed_by=row.closed_by,
    )
