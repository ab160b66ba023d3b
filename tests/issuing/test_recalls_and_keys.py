# SPDX-License-Identifier: Apache-2.0
"""Recalls, void codes and keys as the maker's services log them, held against the auditor's fold. DESIGN §3 and §4."""

from __future__ import annotations

from typing import Any

import pytest

from passport.domain.input_files import load_input
from passport.domain.maker_errors import RegistryRefused
from passport.domain.organisation import AdmissionRequest, parse_admission_request, parse_organisation
from passport.domain.recall_file import merge_options, parse_recall_draft, parse_seqs
from passport.services.issuing import issue
from passport.services.keys import Author, add_key, admit, prove_key, revoke_key
from passport.services.recalling import (
    close_recall,
    fold_ledger,
    get_recall,
    preview,
    publish_recall,
    revise_recall,
    void_codes,
)
from tests.issuing.kit import GTIN, MAKER, Workshop, check_batch
from tests.support.makers import SigningKey, both
from tests.support.memory_registry import NOW, ORIGIN
from tests.support.registry_process import ROOT
from verifier.protocol.encoding import parse_canonical_json
from verifier.protocol.errors import DoesNotHold, Malformed
from verifier.protocol.statements import REGISTRY
from verifier.protocol.statements.products import SeqRange

AUTHOR = Author(MAKER.id, MAKER.key, NOW)
POWER_BANK = "06901234567892"


def draft(**changes: Any) -> Any:
    value = load_input(ROOT / "examples" / "recall-power-bank.toml")
    assert isinstance(value, dict)
    return parse_recall_draft(value | changes)


def test_the_preview_counts_what_is_covered_batch_by_batch(workshop: Workshop) -> None:
    workshop.issue("one", gtin=POWER_BANK, lot="L20260301", count=300)
    workshop.issue("two", gtin=POWER_BANK, lot="OTHER", count=20)
    workshop.issue("three", gtin=POWER_BANK, lot="L20260301", count=40)
    found = preview(fold_ledger(workshop.registry), draft().notice)
    assert [(item.batch.batch, item.count, item.ranges) for item in found] == [
        (0, 200, (SeqRange(100, 299),)),
        (2, 40, (SeqRange(0, 39),)),
    ]


def test_a_recall_is_published_revised_and_closed(workshop: Workshop) -> None:
    registry = workshop.registry
    publish_recall(draft(), registry, AUTHOR)
    found = get_recall(fold_ledger(registry), "maker/2026-001")
    assert (found.revision, found.notice, found.is_active) == (1, draft().notice, True)
    revise_recall("maker/2026-001", draft(severity="serious").notice, registry, AUTHOR, revision=2)
    assert get_recall(fold_ledger(registry), "maker/2026-001").notice.severity == "serious"
    close_recall("maker/2026-001", both("over"), registry, AUTHOR)
    assert not get_recall(fold_ledger(registry), "maker/2026-001").is_active
    with pytest.raises(RegistryRefused) as caught:
        close_recall("maker/2026-001", both("over again"), registry, AUTHOR)
    assert caught.value.code == "recall_closed"


def test_a_recall_of_a_foreign_product_is_for_the_authority_alone(workshop: Workshop) -> None:
    other, city = SigningKey("other"), SigningKey("city")
    workshop.registry.admit("other", other, prefixes=("6972345",), roles=("manufacturer",))
    workshop.registry.admit("city", city, prefixes=(), roles=("authority",))
    with pytest.raises(RegistryRefused) as caught:
        publish_recall(draft(), workshop.registry, Author("other", other, NOW))
    assert caught.value.code == "prefix_not_yours"
    publish_recall(draft(), workshop.registry, Author("city", city, NOW))
    assert "city/2026-001" in workshop.registry.state.recalls


def test_options_win_over_the_file_language_by_language() -> None:
    value = load_input(ROOT / "examples" / "recall-power-bank.toml")
    merged = merge_options(value, {"severity": "low", "title": {"en": "Other"}, "scope": [{"gtin": "6901234567892"}]})
    notice = parse_recall_draft(merged).notice
    assert (notice.severity, notice.title.en, notice.title.zh) == ("low", "Other", "示例移动电源召回公告")
    assert [entry.to_json() for entry in notice.scope] == [{"gtin": "06901234567892"}]


@pytest.mark.parametrize(("text", "value"), [("0-99", [0, 99]), ("7", [7, 7]), ("0-0", [0, 0])])
def test_positions_are_read(text: str, value: list[int]) -> None:
    assert parse_seqs(text) == value


@pytest.mark.parametrize("text", ["", "-", "1-", "-1", "2-1", "01-2", "1-2-3", "+1", "１-2", "0x1"])
def test_hostile_positions_are_refused(text: str) -> None:
    with pytest.raises(Malformed):
        parse_seqs(text)


def test_void_codes_may_be_given_in_any_order(workshop: Workshop) -> None:
    issued = workshop.issue(count=50)
    ranges = [SeqRange(30, 33), SeqRange(3, 5), SeqRange(6, 6)]
    void_codes(issued.batch, ranges, both("misprint"), workshop.registry, AUTHOR)
    assert workshop.registry.state.voids["maker", 0] == (SeqRange(3, 6), SeqRange(30, 33))


def _organisation(**changes: Any) -> Any:
    value = load_input(ROOT / "examples" / "makers" / "down-jacket.toml")
    assert isinstance(value, dict)
    return parse_organisation(value | changes)


def _request(key: SigningKey, issuer: str = "down") -> AdmissionRequest:
    proven = prove_key(key, origin=ORIGIN, issuer=issuer)
    data = AdmissionRequest(ORIGIN, issuer, proven, _organisation()).to_bytes()
    return parse_admission_request(parse_canonical_json(data[:-1]))


def _operator(workshop: Workshop) -> Author:
    return Author(REGISTRY, workshop.registry.operator, NOW)


def test_an_organisation_is_admitted_on_its_request_and_can_issue(workshop: Workshop) -> None:
    key = SigningKey("down")
    request = _request(key)
    admit(workshop.registry, _operator(workshop), request, _organisation())
    request_ = workshop.request(issuer="down", gtin="06972345000127")
    check_batch(issue(request_, workshop.tools(signer=key)), workshop.registry, key)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"prefixes": ["69012345"]}, "prefix_overlap"), ({"prefixes": ["6901"]}, "prefix_overlap")],
)
def test_an_overlapping_prefix_is_refused_by_name_of_the_rule(
    workshop: Workshop, changes: dict[str, Any], rule: str
) -> None:
    with pytest.raises(RegistryRefused) as caught:
        admit(workshop.registry, _operator(workshop), _request(SigningKey("down")), _organisation(**changes))
    assert caught.value.code == rule


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"uscc": "91330100MA2EXAM27M"}, "bad_uscc"),
        ({"uscc": "91330100MA2EXAM2TL"}, "bad_uscc"),
        ({"prefixes": []}, "roles_and_prefixes"),
        ({"roles": ["authority"]}, "roles_and_prefixes"),
        ({"roles": ["king"]}, "unknown_role"),
        ({"prefixes": ["69"]}, "bad_company_prefix"),
        ({"contact": {"phone": "", "url": ""}}, "bad_contact"),
    ],
)
def test_a_bad_organisation_is_refused(changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Malformed) as caught:
        _organisation(**changes)
    assert caught.value.code == code


def test_a_request_with_another_keys_proof_is_refused() -> None:
    good, other = SigningKey("down"), SigningKey("other")
    value: Any = parse_canonical_json(_request(good).to_bytes()[:-1])
    value["key"]["public_key"] = other.public_key.raw.hex()
    with pytest.raises(DoesNotHold) as caught:
        parse_admission_request(value)
    assert caught.value.code == "bad_signature"


def test_a_proof_for_another_issuer_is_refused() -> None:
    value: Any = parse_canonical_json(_request(SigningKey("down")).to_bytes()[:-1])
    value["issuer"] = "somebody-else"
    with pytest.raises(DoesNotHold):
        parse_admission_request(value)


def test_a_request_for_another_ledger_is_refused(workshop: Workshop) -> None:
    proven = prove_key(SigningKey("down"), origin="elsewhere.example/ledger", issuer="down")
    request = AdmissionRequest("elsewhere.example/ledger", "down", proven, None)
    with pytest.raises(RegistryRefused) as caught:
        admit(workshop.registry, _operator(workshop), request, _organisation())
    assert caught.value.code == "wrong_ledger"


def test_after_rotation_the_new_key_issues_and_the_revoked_one_does_not(workshop: Workshop) -> None:
    registry, new = workshop.registry, SigningKey("new")
    old_batch = workshop.issue("old")
    add_key(registry, AUTHOR, subject=MAKER.id, new=new)
    new_author = Author(MAKER.id, new, NOW)
    start, logged = revoke_key(
        registry, new_author, subject=MAKER.id, key_id=MAKER.key.key_id, from_index=None, reason="rotated"
    )
    assert start == logged.index
    with pytest.raises(RegistryRefused) as caught:
        workshop.issue("refused")
    assert caught.value.code == "key_revoked"
    issued = issue(workshop.request("fresh"), workshop.tools(signer=new))
    assert issued.batch == old_batch.batch + 1
    check_batch(issued, registry, new)
    assert registry.state.batches[MAKER.id, old_batch.batch].statement.gtin == GTIN
