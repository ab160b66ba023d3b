# SPDX-License-Identifier: Apache-2.0
"""Dossiers, sanctions and sellers as the values that the API takes and answers (verifier/live_types.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from passport.domain.dossier_values import DossierDecision, DossierFields, TypedDossier, TypedReport, parse_dossier
from passport.domain.sanctions import (
    SanctionAppeal,
    SanctionEvent,
    SanctionFields,
    SellerRecord,
    TypedEvidence,
    TypedSanction,
    parse_sanction,
)
from passport.services.live.dossiers import Shown
from passport.services.live.sanctions import ShownSanction
from verifier import live_types as types
from verifier.dossier_document import ReportInDossier
from verifier.listing_types import AppealNoteInfo, GateReason, Seller
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import format_instant


def read_dossier(sent: types.DossierInput) -> DossierFields:
    """Raises Malformed, for the first field that is wrong."""
    for report in sent.reports:
        if (report.scheme is not None) != (report.kind == "certificate"):
            raise Malformed("bad_report", "A certificate has a scheme, such as CCC, and no other report has one.")
    reports = tuple(
        TypedReport(
            kind=report.kind,
            number=report.number,
            issued_by=report.issued_by,
            valid_from=report.valid_from.isoformat(),
            valid_until=report.valid_until.isoformat(),
            scheme=report.scheme or "",
            digest=report.digest or "",
            url=report.url or "",
        )
        for report in sent.reports
    )
    return parse_dossier(
        TypedDossier(
            room_id=sent.room.id,
            room_name=sent.room.name,
            session_at=format_instant(sent.session_at),
            item_title=sent.item_title,
            gtin=sent.gtin,
            lot=sent.lot,
            seller_id=sent.seller.id,
            seller_name=sent.seller.name,
            reports=reports,
            sample_code=sent.sample_code or "",
        )
    )


def dossier(shown: Shown, decisions: Sequence[DossierDecision] = ()) -> types.DossierInfo:
    found = shown.dossier
    fields, sample = found.fields, found.sample
    return types.DossierInfo(
        id=found.id,
        room=types.Room(fields.room_id, fields.room_name),
        session_at=fields.session_at,
        item_title=fields.item_title,
        gtin=fields.gtin,
        lot=fields.lot,
        seller=Seller(fields.seller_id, fields.seller_name),
        reports=tuple(map(_report, fields.reports)),
        state=shown.state.value,
        revision=found.revision,
        created_at=found.created_at,
        changed_at=found.changed_at,
        sample_code=fields.sample_code or None,
        sample=None
        if sample is None
        else types.SampleInfo(sample.status.value, sample.reason, sample.lot, sample.checked_at),
        digest=found.digest or None,
        ledger_index=shown.ledger_index,
        decision=_decision(decisions[0]) if decisions else None,
    )


def _report(report: ReportInDossier) -> types.ReportInput:
    return types.ReportInput(
        kind=cast(Any, report.kind),
        number=report.number,
        issued_by=report.issued_by,
        valid_from=report.valid_from,
        valid_until=report.valid_until,
        scheme=report.scheme or None,
        digest=report.digest or None,
        url=report.url or None,
    )


def _decision(found: DossierDecision) -> types.DossierDecisionInfo:
    return types.DossierDecisionInfo(
        id=found.id,
        outcome=cast(Any, found.outcome),
        rule_version=found.rule_version,
        decided_at=found.decided_at,
        reasons=tuple(GateReason(one.code, one.about, one.text, one.ledger_index) for one in found.reasons),
        note=found.note,
    )


def read_sanction(sent: types.SanctionInput) -> SanctionFields:
    """Raises Malformed, for the first field that is wrong."""
    evidence = tuple(
        TypedEvidence(one.title, one.url, one.digest or "", "" if one.ledger_index is None else str(one.ledger_index))
        for one in sent.evidence
    )
    return parse_sanction(
        TypedSanction(
            subject_kind=sent.subject.kind,
            subject=sent.subject.id,
            name=sent.subject.name,
            reason_zh=sent.reason.zh,
            reason_en=sent.reason.en,
            evidence=evidence,
            rule_version=sent.rule_version,
            from_on=sent.from_on.isoformat(),
            until_on="" if sent.until_on is None else sent.until_on.isoformat(),
        )
    )


def sanction(
    shown: ShownSanction,
    history: Sequence[SanctionEvent] | None = None,
    appeals: Sequence[SanctionAppeal] | None = None,
) -> types.SanctionInfo:
    found, fields = shown.sanction, shown.sanction.fields
    return types.SanctionInfo(
        id=found.id,
        organisation=found.organisation,
        by_authority=found.by_authority,
        subject=types.SanctionSubject(fields.subject_kind.value, fields.subject, fields.name),
        reason=fields.reason,
        evidence=tuple(
            types.EvidenceInput(one.title, one.url, one.digest or None, one.ledger_index) for one in fields.evidence
        ),
        rule_version=fields.rule_version,
        from_on=fields.from_on,
        state=shown.state.value,
        created_at=found.created_at,
        changed_at=found.changed_at,
        until_on=fields.until_on,
        history=None if history is None else tuple(map(_event, history)),
        appeals=None if appeals is None else tuple(map(appeal, appeals)),
    )


def _event(event: SanctionEvent) -> types.SanctionEventInfo:
    kind: Any = "token" if event.actor_kind == "token" else "member"
    return types.SanctionEventInfo(event.at, kind, cast(Any, event.action), event.text)


def appeal(found: SanctionAppeal) -> types.SanctionAppealInfo:
    notes = tuple(
        AppealNoteInfo(note.at, "token" if note.actor_kind == "token" else "member", note.text) for note in found.notes
    )
    return types.SanctionAppealInfo(
        id=found.id,
        sanction=found.sanction,
        wants_person=found.wants_person,
        state=found.state.value,
        notes=notes,
        outcome=found.outcome.value if found.outcome else None,
        closed_at=found.closed_at,
    )


def seller(found: SellerRecord) -> types.SellerInfo:
    return types.SellerInfo(found.id, found.name, found.uscc, found.changed_at)
