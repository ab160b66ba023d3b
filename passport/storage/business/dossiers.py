# SPDX-License-Identifier: Apache-2.0
"""Rows of selection dossiers and of what was decided about them. Port: passport/services/live/ports.py."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import Row, func, insert, or_, select, update

from passport.domain.dossier_values import (
    Dossier,
    DossierDecision,
    DossierFields,
    DossierFilter,
    DossierState,
    SampleCheck,
)
from passport.domain.gate_records import StoredReason
from passport.storage.business.columns import instant, seconds
from passport.storage.business.schema_live import dossier_decisions, dossiers
from verifier.dossier_document import ReportInDossier
from verifier.protocol.fields import Text, parse_date
from verifier.verdict import Status

if TYPE_CHECKING:
    from typing import Any

    from sqlalchemy import Connection

_FIXED = ("id", "organisation", "created_at")


class DossierRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, dossier: Dossier) -> None:
        self._connection.execute(insert(dossiers), _row(dossier))

    def put(self, dossier: Dossier) -> None:
        row = {name: value for name, value in _row(dossier).items() if name not in _FIXED}
        self._connection.execute(update(dossiers).where(dossiers.c.id == dossier.id).values(**row))

    def find_in(self, organisation_id: str, dossier_id: str) -> Dossier | None:
        where = (dossiers.c.organisation == organisation_id) & (dossiers.c.id == dossier_id)
        row = self._connection.execute(select(dossiers).where(where)).first()
        return None if row is None else _dossier(row)

    def page(self, organisation_id: str, which: DossierFilter, before: str, limit: int) -> list[Dossier]:
        query = select(dossiers).where(dossiers.c.organisation == organisation_id)
        if before:
            query = query.where(dossiers.c.id < before)
        if which.state:
            query = query.where(dossiers.c.state == which.state)
        if which.search:
            text = which.search.lower()
            names = ("item_title", "room_name", "room_id", "seller_name", "seller_id")
            found = [func.lower(dossiers.c[name]).contains(text, autoescape=True) for name in names]
            query = query.where(or_(*found, dossiers.c.gtin == which.search.rjust(14, "0")))
        return [_dossier(row) for row in self._connection.execute(query.order_by(dossiers.c.id.desc()).limit(limit))]

    def count_by_state(self, organisation_id: str) -> dict[str, int]:
        query = select(dossiers.c.state, func.count().label("number")).where(dossiers.c.organisation == organisation_id)
        return {row.state: row.number for row in self._connection.execute(query.group_by(dossiers.c.state))}

    def add_decision(self, decision: DossierDecision) -> None:
        reasons = [
            {"about": one.about, "code": one.code, "index": one.ledger_index, "text": one.text.to_json()}
            for one in decision.reasons
        ]
        row = {
            "id": decision.id,
            "organisation": decision.organisation,
            "dossier": decision.dossier,
            "revision": decision.revision,
            "outcome": decision.outcome,
            "rule_version": decision.rule_version,
            "decided_at": seconds(decision.decided_at),
            "reasons": json.dumps(reasons, ensure_ascii=False),
            "facts": json.dumps(decision.facts, ensure_ascii=False),
            "note": decision.note,
            "actor_kind": decision.actor_kind,
            "actor": decision.actor,
        }
        self._connection.execute(insert(dossier_decisions), row)

    def decisions(self, organisation_id: str, dossier_id: str) -> list[DossierDecision]:
        table = dossier_decisions
        where = (table.c.organisation == organisation_id) & (table.c.dossier == dossier_id)
        query = select(table).where(where).order_by(table.c.id.desc()).limit(100)
        return [_decision(row) for row in self._connection.execute(query)]


def _row(dossier: Dossier) -> dict[str, Any]:
    fields = dossier.fields
    return {
        "id": dossier.id,
        "organisation": dossier.organisation,
        "room_id": fields.room_id,
        "room_name": fields.room_name,
        "session_at": seconds(fields.session_at),
        "item_title": fields.item_title,
        "gtin": fields.gtin,
        "lot": fields.lot,
        "seller_id": fields.seller_id,
        "seller_name": fields.seller_name,
        "reports": json.dumps([report.to_json() for report in fields.reports], ensure_ascii=False),
        "sample_code": fields.sample_code,
        "sample": _sample_text(dossier.sample),
        "state": dossier.state.value,
        "revision": dossier.revision,
        "created_at": seconds(dossier.created_at),
        "changed_at": seconds(dossier.changed_at),
        "decision": dossier.decision,
        "document": dossier.document.decode(),
        "digest": dossier.digest,
    }


def _sample_text(sample: SampleCheck | None) -> str:
    if sample is None:
        return ""
    value = {"at": seconds(sample.checked_at), "lot": sample.lot, "reason": sample.reason}
    return json.dumps(value | {"status": sample.status.value}, ensure_ascii=False)


def _sample(text: str) -> SampleCheck | None:
    if not text:
        return None
    value = json.loads(text)
    return SampleCheck(Status(value["status"]), value["reason"], value["lot"], instant(value["at"]))


def _report(value: dict[str, str]) -> ReportInDossier:
    dates = {name: parse_date(value[name]) for name in ("valid_from", "valid_until")}
    return ReportInDossier(**(value | dates))  # type: ignore[arg-type]


def _dossier(row: Row[Any]) -> Dossier:
    fields = DossierFields(
        room_id=row.room_id,
        room_name=row.room_name,
        session_at=instant(row.session_at),
        item_title=row.item_title,
        gtin=row.gtin,
        lot=row.lot,
        seller_id=row.seller_id,
        seller_name=row.seller_name,
        reports=tuple(_report(value) for value in json.loads(row.reports)),
        sample_code=row.sample_code,
    )
    return Dossier(
        id=row.id,
        organisation=row.organisation,
        fields=fields,
        sample=_sample(row.sample),
        state=DossierState(row.state),
        revision=row.revision,
        created_at=instant(row.created_at),
        changed_at=instant(row.changed_at),
        decision=row.decision,
        document=row.document.encode(),
        digest=row.digest,
    )


def _decision(row: Row[Any]) -> DossierDecision:
    reasons = tuple(
        StoredReason(one["code"], one["about"], Text(zh=one["text"]["zh"], en=one["text"]["en"]), one["index"])
        for one in json.loads(row.reasons)
    )
    return DossierDecision(
        id=row.id,
        organisation=row.organisation,
        dossier=row.dossier,
        revision=row.revision,
        outcome=row.outcome,
        rule_version=row.rule_version,
        decided_at=instant(row.decided_at),
        reasons=reasons,
        facts=json.loads(row.facts),
        note=row.note,
        actor_kind=row.actor_kind,
        actor=row.actor,
    )
