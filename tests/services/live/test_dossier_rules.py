# SPDX-License-Identifier: Apache-2.0
"""The rules dossier/1 as a pure function: each reason, and what the document of an approval holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from passport.domain import dossier_words
from passport.domain.dossier_values import (
    Dossier,
    DossierState,
    TypedReport,
    certificate_names,
    parse_report,
    parse_session_at,
)
from passport.domain.dossiers import DossierFacts, judge, make_document
from passport.domain.gate import CertificateFact, CodeFact, InspectionFact, MakerFact, RecallFact
from passport.domain.sanctions import SanctionFact
from tests.support.listings import GTIN
from tests.support.live_commerce import FACTS, SAMPLE, certificate, dossier_fields, make_sample, report
from tests.support.makers import make_gtin
from verifier.dossier_document import dossier_digest, parse_dossier_document
from verifier.protocol.errors import Malformed
from verifier.verdict import Status

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
OTHER = make_sample(make_gtin("69099999"))
SANCTION = SanctionFact("0000", "office-e", "rules/1", date(2026, 1, 1), None, 5)
CCC = ("CCC", "2026010914000001")


def checked(status: Status = Status.GENUINE, lot: str = "L1", code: str = SAMPLE) -> CodeFact:
    return CodeFact(code, status, status.value, lot, 7)


def facts(**changes: object) -> DossierFacts:
    return DossierFacts(replace(FACTS, **({"codes": (checked(),)} | changes)))  # type: ignore[arg-type]


def certified(status: str = "valid", **changes: object) -> DossierFacts:
    term = {"valid_from": date(2026, 1, 1), "valid_until": date(2027, 1, 1)} | changes
    return facts(certificates=(CertificateFact(*CCC, 9, status, **term),))  # type: ignore[arg-type]


def codes_of(fields: object, found: DossierFacts, now: datetime = NOW) -> list[str]:
    return [reason.code for reason in judge(fields, found, now).reasons]  # type: ignore[arg-type]


def test_a_dossier_with_a_good_report_and_a_genuine_sample_may_be_approved() -> None:
    verdict = judge(dossier_fields(), facts(), NOW)
    assert verdict.may_be_approved and verdict.rule_version == "dossier/1"


CASES = {
    "no_report": (dossier_fields(reports=()), facts()),
    "report_expired": (dossier_fields(reports=(report(), report("T-2", valid_until=date(2026, 11, 20)))), facts()),
    "report_not_yet_valid": (dossier_fields(reports=(report(valid_from=date(2026, 11, 22)),)), facts()),
    "sample_missing": (dossier_fields(sample_code=""), facts(codes=())),
    "sample_cannot_tell": (dossier_fields(), facts(codes=())),
    "sample_of_another_product": (dossier_fields(sample_code=OTHER), facts(codes=(checked(code=OTHER),))),
    "sample_of_another_lot": (dossier_fields(), facts(codes=(checked(lot="L2"),))),
    "open_recall": (dossier_fields(), facts(recalls=(RecallFact("acme/1", 31),))),
    "failed_inspection": (dossier_fields(), facts(inspections=(InspectionFact("lab", "lab/1", 12),))),
    "maker_not_admitted": (dossier_fields(), facts(maker=None)),
    "maker_not_manufacturer": (dossier_fields(), facts(maker=MakerFact("shop", False, 1, True))),
    "maker_keys_revoked": (dossier_fields(), facts(maker=MakerFact("acme", True, 1, False, 8))),
    "operator_sanctioned": (dossier_fields(), facts(sanctions=(SANCTION,))),
    "certificate_suspended": (dossier_fields(reports=(certificate(),)), certified("suspended")),
    "certificate_revoked": (dossier_fields(reports=(certificate(),)), certified("revoked")),
    "certificate_expired": (dossier_fields(reports=(certificate(),)), certified(valid_until=date(2026, 11, 20))),
    "certificate_not_yet_valid": (dossier_fields(reports=(certificate(),)), certified(valid_from=date(2026, 12, 1))),
    "certificate_of_other_products": (dossier_fields(reports=(certificate(),)), certified(gtins=("00000000000000",))),
}


@pytest.mark.parametrize("code", CASES)
def test_each_reason_alone_stands_against_an_approval(code: str) -> None:
    fields, found = CASES[code]
    assert codes_of(fields, found) == [code]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.GENUINE])
def test_any_verdict_but_genuine_speaks_against_it(status: Status) -> None:
    assert codes_of(dossier_fields(), facts(codes=(checked(status),))) == [f"sample_{status.value}"]


def test_every_reason_is_tried_here_and_has_words_in_both_languages() -> None:
    tried = set(CASES) | {f"sample_{status.value}" for status in Status if status is not Status.GENUINE}
    assert tried == set(dossier_words.DOSSIER_REASON_WORDS)
    for text in dossier_words.DOSSIER_REASON_WORDS.values():
        assert text.zh and text.en


def test_a_report_is_good_to_the_end_of_its_last_day_in_china() -> None:
    fields = dossier_fields(reports=(report(valid_until=date(2026, 11, 21)),))
    assert codes_of(fields, facts(), datetime(2026, 11, 21, 15, 59, 59, tzinfo=UTC)) == []
    assert codes_of(fields, facts(), datetime(2026, 11, 21, 16, 0, 0, tzinfo=UTC)) == ["report_expired"]


def test_a_certificate_is_compared_in_the_ledgers_spelling_and_only_if_a_report_names_it() -> None:
    assert certificate_names((certificate(" 2026 0109 1400 0001 ", scheme="ccc"),)) == (CCC,)
    assert codes_of(dossier_fields(reports=(certificate("2026 0109 1400 0001"),)), certified("revoked")) == [
        "certificate_revoked"
    ]
    assert codes_of(dossier_fields(), certified("revoked")) == []
    assert codes_of(dossier_fields(reports=(certificate(),)), facts()) == [], "nobody speaks of it: its dates count"


def test_the_document_of_an_approval_names_a_role_and_no_person_and_has_one_spelling() -> None:
    dossier = Dossier(
        "019305f0-0000-7000-8000-000000000000", "shop-b", dossier_fields(), None, DossierState.SUBMITTED, 2, NOW, NOW
    )
    document = make_document(dossier, judge(dossier.fields, facts(), NOW))
    data = document.to_bytes()
    assert parse_dossier_document(data) == document and len(dossier_digest(data)) == 64
    assert b'"approved_by_role":"chief_quality_officer"' in data and b"member" not in data
    for other in (data + b"\n", data.replace(b'"genuine"', b'"suspect"'), data.replace(b",", b", ", 1), b"{}"):
        with pytest.raises(Malformed):
            parse_dossier_document(other)
    with pytest.raises(ValueError, match="reasons"):
        make_document(dossier, judge(dossier.fields, facts(recalls=(RecallFact("a/1", 1),)), NOW))


def test_typed_reports_and_times_have_one_spelling() -> None:
    typed = TypedReport("test_report", " T 1 ", "某中心", "2026-01-01", "2026-12-31", "", "AB" * 32)
    assert parse_report(typed).digest == "ab" * 32 and parse_report(typed).number == "T 1"
    assert parse_session_at("2026-12-01T20:00") == parse_session_at("2026-12-01T12:00:00Z")
    for wrong in (
        replace(typed, kind="paper"),
        replace(typed, valid_until="2025-12-31"),
        replace(typed, valid_from="x"),
        replace(typed, url="http://lab.example.cn"),
        replace(typed, kind="certificate"),
        replace(typed, digest="ab"),
        replace(typed, number=""),
    ):
        with pytest.raises(Malformed, match=r".") as caught:
            parse_report(wrong)
        assert caught.value.code == "bad_report"
    for text in ("", "2026-12-01", "0001-01-01T00:00", "2026-13-01T00:00", "2026-12-01T20:00:00+08:00"):
        with pytest.raises(Malformed):
            parse_session_at(text)


def test_the_gtin_of_the_scene_is_the_samples() -> None:
    assert GTIN in SAMPLE
