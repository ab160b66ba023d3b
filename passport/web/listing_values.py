# SPDX-License-Identifier: Apache-2.0
"""Listings, decisions, appeals and imports as the values that the API answers (verifier/listing_types.py)."""

from __future__ import annotations

import json
from typing import Any, cast

from flask import Response

from passport.domain.appeals import Appeal
from passport.domain.gate_records import StoredDecision
from passport.domain.listing_imports import ImportState, ListingImport, Progress
from passport.domain.listings import Listing
from passport.web.api.pagination import PageRequest
from verifier import listing_types as types
from verifier.wire import write_wire


def answer(value: object, status: int = 200) -> Response:
    """A value as JSON."""
    body = json.dumps(write_wire(value), ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, mimetype="application/json")


def before(asked: PageRequest) -> str:
    """The id that the page goes on below."""
    return "" if asked.after is None else str(asked.after[0])


def listing(found: Listing) -> types.ListingInfo:
    fields = found.fields
    return types.ListingInfo(
        id=found.id,
        url=fields.url,
        seller=types.Seller(fields.seller_id, fields.seller_name),
        gtin=fields.gtin,
        lots=fields.lots,
        codes=fields.codes,
        state=found.state.value,
        revision=found.revision,
        created_at=found.created_at,
        changed_at=found.changed_at,
        decision=found.decision or None,
    )


def decision(found: StoredDecision) -> types.DecisionInfo:
    is_refused = found.outcome == "refused"
    return types.DecisionInfo(
        id=found.id,
        listing=found.listing,
        outcome="refused" if is_refused else "bound",
        rule_version=found.rule_version,
        decided_at=found.decided_at,
        reasons=tuple(
            types.GateReason(reason.code, reason.about, reason.text, reason.ledger_index) for reason in found.reasons
        ),
        facts=cast(dict[str, Any], found.facts),
        appeal=f"/api/v1/decisions/{found.id}/appeals" if is_refused else None,
    )


def appeal(found: Appeal) -> types.AppealInfo:
    notes = tuple(
        types.AppealNoteInfo(note.at, "token" if note.actor_kind == "token" else "member", note.text)
        for note in found.notes
    )
    return types.AppealInfo(
        id=found.id,
        decision=found.decision,
        listing=found.listing,
        wants_person=found.wants_person,
        state=found.state.value,
        notes=notes,
        outcome=found.outcome.value if found.outcome else None,
        closed_at=found.closed_at,
    )


def listing_import(found: ListingImport) -> types.ImportInfo:
    errors = tuple(
        types.ImportRowError(error.line, error.code, error.message, error.other_line or None)
        for error in found.progress.errors
    )
    return types.ImportInfo(
        id=found.id,
        file_name=found.file_name,
        size=found.size,
        encoding="utf-8" if found.encoding == "utf-8" else "gb18030",
        state=ImportState(found.state).value,
        created_at=found.created_at,
        checked=_progress(found.checked),
        run=_progress(found.run),
        errors=errors,
        failure=found.failure or None,
    )


def _progress(found: Progress) -> types.ImportProgress:
    return types.ImportProgress(found.line, found.rows, found.good, found.bad)
