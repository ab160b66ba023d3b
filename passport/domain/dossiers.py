# SPDX-License-Identifier: Apache-2.0
"""Whether a selection dossier may be approved now, and if not, why. Rules "dossier/1".

A pure function over values: nothing here reads a clock, a database or the ledger. docs/live-commerce.md has the table
of reasons. What cannot be established speaks against an approval.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from passport.domain.accounts import Role
from passport.domain.dossier_values import Dossier, DossierFields, certificate_names, local_date
from passport.domain.dossier_words import DOSSIER_REASON_WORDS
from passport.domain.gate import CertificateFact, CodeFact, GateFacts
from passport.domain.gate_records import StoredReason
from verifier.dossier_document import DossierDocument, ReportInDossier
from verifier.protocol.encoding import JsonValue
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import Text
from verifier.protocol.product_code import parse_product_code
from verifier.verdict import Status

RULE_VERSION = "dossier/1"
APPROVED, REFUSED, REJECTED = "approved", "refused", "rejected"


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """What the published ledger says now of product, lot and sample, and what is known of the seller.

    `gate` holds maker, recalls and inspections of the lot, the sample's check and the sanctions in force; its
    certificates are those that the reports name and of which the ledger speaks.
    """

    gate: GateFacts

    def to_json(self) -> JsonValue:
        """As it is kept with the decision."""
        return self.gate.to_json()


@dataclass(frozen=True, slots=True)
class DossierVerdict:
    """What the rules say. Without reasons a chief quality officer may approve."""

    reasons: tuple[StoredReason, ...]
    facts: DossierFacts
    rule_version: str
    decided_at: datetime

    @property
    def may_be_approved(self) -> bool:
        return not self.reasons


def judge(fields: DossierFields, facts: DossierFacts, now: datetime) -> DossierVerdict:
    """Every reason against an approval at `now`, in the order of the rules."""
    today, gate = local_date(now), facts.gate
    reasons = (
        *_about_reports(fields.reports, today),
        *_about_certificates(fields, gate.certificates, today),
        *_about_sample(fields, gate.codes),
        *(_reason("open_recall", fact.recall_id, fact.index) for fact in gate.recalls),
        *(_reason("failed_inspection", fact.inspection_id, fact.index) for fact in gate.inspections),
        *_about_maker(fields, gate),
        *(_reason("operator_sanctioned", fact.id, fact.index) for fact in gate.sanctions),
    )
    return DossierVerdict(reasons, facts, RULE_VERSION, now)


def make_document(dossier: Dossier, verdict: DossierVerdict) -> DossierDocument:
    """The document of an approval, whose digest goes into the ledger: a role in it, and no person."""
    if not verdict.may_be_approved:
        raise ValueError("a dossier with reasons against it has no document")
    fields, as_of = dossier.fields, verdict.facts.gate.as_of
    return DossierDocument(
        dossier_id=dossier.id,
        platform=dossier.organisation,
        room_id=fields.room_id,
        room_name=fields.room_name,
        session_at=fields.session_at,
        item_title=fields.item_title,
        gtin=fields.gtin,
        lot=fields.lot,
        seller_id=fields.seller_id,
        seller_name=fields.seller_name,
        reports=fields.reports,
        sample_code=fields.sample_code,
        approved_at=verdict.decided_at,
        approved_by_role=Role.CHIEF_QUALITY_OFFICER.value,
        rule_version=verdict.rule_version,
        ledger_size=as_of.size,
        root_hash=as_of.root_hash,
    )


def _reason(code: str, about: str = "", index: int | None = None) -> StoredReason:
    words = DOSSIER_REASON_WORDS[code]
    text = Text(zh=words.zh.replace("{about}", about), en=words.en.replace("{about}", about))
    return StoredReason(code, about, text, index)


def _about_reports(reports: tuple[ReportInDossier, ...], today: date) -> Iterator[StoredReason]:
    if not reports:
        yield _reason("no_report")
    for report in reports:
        if today > report.valid_until:
            yield _reason("report_expired", report.number)
        elif today < report.valid_from:
            yield _reason("report_not_yet_valid", report.number)


def _about_certificates(
    fields: DossierFields, facts: tuple[CertificateFact, ...], today: date
) -> Iterator[StoredReason]:
    """Only those of which a laboratory or an authority speaks; the dates on paper are judged with all reports."""
    named = set(certificate_names(fields.reports))
    for fact in facts:
        if fact.index is None or (fact.scheme, fact.number) not in named:
            continue
        about = f"{fact.scheme} {fact.number}"
        if fact.status != "valid":
            code = "certificate_suspended" if fact.status == "suspended" else "certificate_revoked"
            yield _reason(code, about, fact.index)
        elif fact.valid_from is not None and today < fact.valid_from:
            yield _reason("certificate_not_yet_valid", about, fact.index)
        elif fact.valid_until is None or today > fact.valid_until:
            yield _reason("certificate_expired", about, fact.index)
        elif fact.gtins and fields.gtin not in fact.gtins:
            yield _reason("certificate_of_other_products", about, fact.index)


def _about_sample(fields: DossierFields, codes: tuple[CodeFact, ...]) -> Iterator[StoredReason]:
    checked = next((fact for fact in codes if fact.code == fields.sample_code), None)
    if not fields.sample_code:
        yield _reason("sample_missing")
    elif checked is None:  # nobody checked it now: an earlier check says nothing
        yield _reason("sample_cannot_tell")
    elif checked.status is not Status.GENUINE:
        yield _reason(f"sample_{checked.status.value}", "", checked.index)
    else:
        gtin = _gtin_of(fields.sample_code)
        if gtin != fields.gtin:
            yield _reason("sample_of_another_product", gtin, checked.index)
        elif checked.lot != fields.lot:
            yield _reason("sample_of_another_lot", checked.lot, checked.index)


def _gtin_of(code: str) -> str:
    try:
        return parse_product_code(code).gtin
    except Malformed:
        return ""


def _about_maker(fields: DossierFields, facts: GateFacts) -> Iterator[StoredReason]:
    maker = facts.maker
    if maker is None:
        yield _reason("maker_not_admitted", fields.gtin)
    elif not maker.is_manufacturer:
        yield _reason("maker_not_manufacturer", maker.id, maker.admitted_index)
    elif not maker.has_good_key:
        yield _reason("maker_keys_revoked", maker.id, maker.revoked_index)
