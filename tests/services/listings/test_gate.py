# SPDX-License-Identifier: Apache-2.0
"""The gate's rules, one by one, over values; and that every reason has words, a row in the docs, and a test."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from passport.domain.gate import (
    RULE_VERSION,
    CertificateFact,
    CodeFact,
    GateFacts,
    InspectionFact,
    Outcome,
    PassportFact,
    RecallFact,
    decide,
)
from passport.domain.gate_words import REASON_WORDS
from passport.domain.sanctions import SanctionFact
from tests.support.listings import CODE, GOOD, GTIN, fields
from verifier.verdict import Status

NOW = datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
MAKER, PASSPORT = GOOD.maker, GOOD.passport
assert MAKER is not None and PASSPORT is not None
FORCE = CertificateFact("CCC", "2026010914000001", 12, "valid", (), date(2026, 3, 1), date(2027, 3, 1))


def with_certificate(**changes: Any) -> GateFacts:
    return replace(GOOD, certificates=(replace(FORCE, **changes),))


def with_sample(status: Status, index: int | None = 7) -> GateFacts:
    return replace(GOOD, codes=(CodeFact(CODE, status, "r", "L1", index),))


CASES: list[tuple[str, GateFacts, int | None]] = [
    ("maker_not_admitted", replace(GOOD, maker=None), None),
    ("maker_not_manufacturer", replace(GOOD, maker=replace(MAKER, is_manufacturer=False)), 1),
    ("maker_keys_revoked", replace(GOOD, maker=replace(MAKER, has_good_key=False, revoked_index=19)), 19),
    ("passport_not_published", replace(GOOD, passport=None), None),
    ("passport_unreadable", replace(GOOD, passport=replace(PASSPORT, trouble="digest_differs")), 5),
    ("passport_of_another_maker", replace(GOOD, passport=PassportFact(6, "other", "cd" * 32)), 6),
    ("open_recall", replace(GOOD, recalls=(RecallFact("m/1", 31),)), 31),
    (
        "operator_sanctioned",
        replace(GOOD, sanctions=(SanctionFact("s-1", "shop-b", "sanction/1", date(2026, 11, 1), index=33),)),
        33,
    ),
    ("failed_inspection", replace(GOOD, inspections=(InspectionFact("lab", "lab/7", 32),)), 32),
    ("certificate_unknown", with_certificate(index=None, status=""), None),
    ("certificate_suspended", with_certificate(status="suspended"), 12),
    ("certificate_revoked", with_certificate(status="revoked"), 12),
    ("certificate_not_yet_valid", with_certificate(valid_from=date(2026, 11, 22)), 12),
    ("certificate_expired", with_certificate(valid_until=date(2026, 11, 20)), 12),
    ("certificate_of_other_products", with_certificate(gtins=("06901234567892",)), 12),
    ("lot_not_logged", replace(GOOD, missing_lots=("L9",)), None),
    ("sample_codes_missing", replace(GOOD, codes=()), None),
    ("sample_of_another_lot", replace(GOOD, codes=(CodeFact(CODE, Status.GENUINE, "genuine", "L2", 8),)), 8),
    *((f"sample_{status.value}", with_sample(status), 7) for status in Status if status is not Status.GENUINE),
]


def test_a_product_without_fault_is_bound() -> None:
    for facts in (GOOD, with_certificate(), with_certificate(gtins=(GTIN,))):
        decision = decide(fields(), facts, NOW)
        assert (decision.outcome, decision.reasons, decision.rule_version) == (Outcome.BOUND, (), RULE_VERSION)


@pytest.mark.parametrize(("code", "facts", "index"), CASES, ids=[case[0] for case in CASES])
def test_each_fault_alone_refuses_with_its_reason_and_its_proof(code: str, facts: GateFacts, index: int | None) -> None:
    decision = decide(fields(), facts, NOW)
    assert decision.outcome is Outcome.REFUSED
    assert [(reason.code, reason.ledger_index) for reason in decision.reasons] == [(code, index)]
    (reason,) = decision.reasons
    assert reason.about in reason.text.zh and reason.about in reason.text.en and "{" not in reason.text.zh
    assert decision.facts is facts and decision.decided_at == NOW


def test_all_faults_are_told_at_once_in_the_order_of_the_rules() -> None:
    facts = replace(
        GOOD, maker=None, passport=None, recalls=(RecallFact("m/1", 31), RecallFact("m/2", 33)), missing_lots=("L1",)
    )
    codes = [reason.code for reason in decide(fields(), facts, NOW).reasons]
    assert codes == ["maker_not_admitted", "passport_not_published", "open_recall", "open_recall", "lot_not_logged"]


def test_the_dates_of_certificates_are_chinas() -> None:
    late = datetime(2026, 11, 21, 16, 30, tzinfo=UTC)  # the 22nd in China
    facts = with_certificate(valid_until=date(2026, 11, 21))
    assert decide(fields(), facts, NOW).outcome is Outcome.BOUND
    assert decide(fields(), facts, late).outcome is Outcome.REFUSED


def test_a_listing_without_lots_takes_samples_of_any_lot() -> None:
    facts = replace(GOOD, codes=(CodeFact(CODE, Status.GENUINE, "genuine", "L2", 8),))
    assert decide(fields(lots=()), facts, NOW).outcome is Outcome.BOUND


def test_every_reason_has_words_a_row_in_the_docs_and_a_case() -> None:
    text = (Path(__file__).resolve().parents[3] / "docs" / "listings.md").read_text()
    assert {case[0] for case in CASES} == set(REASON_WORDS)
    assert {code for code in REASON_WORDS if f"`{code}`" not in text} == set()


def test_facts_as_json_leave_out_what_is_not_known() -> None:
    value = with_certificate(index=None, valid_from=None).to_json()
    assert value["certificates"] == [
        {"gtins": [], "number": "2026010914000001", "scheme": "CCC", "status": "valid", "valid_until": "2027-03-01"}
    ]
    assert value["as_of"] == {"at": "2026-11-21T08:00:00Z", "root_hash": "ab" * 32, "size": 40}
