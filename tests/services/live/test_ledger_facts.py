# SPDX-License-Identifier: Apache-2.0
"""What the rules look at, over a real registry's ledger; and what the signing command makes of a document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from hashlib import sha256

import pytest

from passport.domain.dossier_values import DossierFields
from passport.domain.dossiers import judge
from passport.domain.maker_errors import BadInput
from passport.services.dossier_facts import LedgerDossierFacts
from passport.services.dossier_signing import read_dossier
from passport.services.gate_facts import LedgerGateFacts
from tests.support.assessments import make_certificate, make_inspection
from tests.support.live_commerce import certificate, dossier_fields, report
from tests.support.makers import CONTACT, SigningKey, both, make_uscc
from tests.support.registries import Workshop, make_template, running_registry
from verifier.dossier_document import DossierDocument
from verifier.protocol.statements import REGISTRY
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.recall import OneLot, RecallClosed, RecallPublished, ScopeEntry
from verifier.protocol.statements.registry import IssuerAdmitted

DOSSIER = "019abc00-0000-7000-8000-000000000000"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    template = make_template(tmp_path_factory.mktemp("dossier-template"))
    with running_registry(template, tmp_path_factory.mktemp("dossier")) as running:
        yield running


def facts_of(workshop: Workshop) -> LedgerDossierFacts:
    registry = workshop.registry
    gate = LedgerGateFacts(registry.views, registry.store.documents, registry.checker, registry.ledger)
    return LedgerDossierFacts(gate)


def admit(workshop: Workshop, name: str, role: str, number: int) -> SigningKey:
    key = SigningKey(f"{workshop.origin} {name} 1")
    statement = IssuerAdmitted(
        header=workshop.header(REGISTRY),
        subject=name,
        name=both(name),
        uscc=make_uscc(number),
        roles=(role,),
        prefixes=(),
        contact=CONTACT,
        key=key.prove(origin=workshop.origin, issuer=name),
    )
    workshop.say(statement, workshop.operator)
    return key


def reasons(workshop: Workshop, fields: DossierFields) -> list[tuple[str, int | None]]:
    now = datetime.now(UTC)
    found = judge(fields, facts_of(workshop).gather(fields, now), now)
    return [(reason.code, reason.ledger_index) for reason in found.reasons]


def test_a_dossiers_way_over_a_real_ledger(workshop: Workshop) -> None:
    say, acme = workshop.say, workshop.admit("acme", "69012340")
    batch, other = workshop.issue(acme, 0, 4, lot="L1"), workshop.issue(acme, 1, 4, lot="L2")
    lab, shop = admit(workshop, "lab", "laboratory", 4711), admit(workshop, "shop-b", "platform", 4712)
    papers = (certificate("2026 0109 1400 0001", valid_from=date(2020, 1, 1), valid_until=date(2090, 1, 1)),)
    fields = dossier_fields(gtin=acme.gtin(), reports=papers, sample_code=batch.url(1))
    assert facts_of(workshop).check_sample(fields.sample_code).lot == "L1"
    assert reasons(workshop, fields) == []
    assert reasons(workshop, replace(fields, sample_code=other.url(0))) == [("sample_of_another_lot", other.index)]
    assert reasons(workshop, replace(fields, sample_code="hello")) == [("sample_malformed", None)]

    index = say(make_certificate(workshop.header("lab"), "suspended", valid_from=date(2020, 1, 1)), lab)
    assert reasons(workshop, fields) == [("certificate_suspended", index)]
    say(make_certificate(workshop.header("lab"), revision=1, valid_from=date(2020, 1, 1)), lab)
    index = say(make_inspection(workshop.header("lab"), fields.gtin, lots=("L1",)), lab)
    assert reasons(workshop, fields) == [("failed_inspection", index)]
    say(make_inspection(workshop.header("lab"), fields.gtin, result="passed", revision=1, lots=("L1",)), lab)
    notice = workshop.notice(acme, scope=(ScopeEntry(fields.gtin, OneLot("L1")),))
    index = say(RecallPublished(workshop.header(acme.id), "acme/1", notice), acme.key)
    assert reasons(workshop, fields) == [("sample_recalled", index), ("open_recall", index)]
    say(RecallClosed(workshop.header(acme.id), "acme/1", both("remedied")), acme.key)

    digest = sha256(b"the document").hexdigest()
    source = facts_of(workshop)
    assert source.find_logged("shop-b", DOSSIER, digest) is None
    said = DossierApproved(workshop.header("shop-b"), DOSSIER, fields.gtin, "L1", digest, date(2026, 11, 21), 0)
    index = say(said, shop)
    assert workshop.registry.views.wait_for_size(index + 1, 10)
    assert source.find_logged("shop-b", DOSSIER, digest) == index
    assert source.find_logged("shop-d", DOSSIER, digest) is None, "another platform's word"
    assert source.find_logged("shop-b", DOSSIER, "0" * 64) is None, "another document"


def test_the_command_reads_a_document_as_a_stranger_would() -> None:
    fields, at = dossier_fields(), datetime(2026, 11, 21, 8, 0, tzinfo=UTC)
    document = DossierDocument(
        dossier_id=DOSSIER,
        platform="shop-b",
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
        approved_at=at,
        approved_by_role="chief_quality_officer",
        rule_version="dossier/1",
        ledger_size=40,
        root_hash="ab" * 32,
    )
    read = read_dossier(document.to_bytes(), dossier_id=DOSSIER, issuer="shop-b")
    assert read.digest == sha256(document.to_bytes()).hexdigest()
    expired = replace(document, reports=(report(valid_until=date(2026, 11, 20)),))
    for data, code in (
        (replace(document, platform="shop-d").to_bytes(), "wrong_dossier"),
        (replace(document, dossier_id=DOSSIER[:-1] + "1").to_bytes(), "wrong_dossier"),
        (expired.to_bytes(), "report_expired"),
        (b"{}", "bad_dossier"),
        (document.to_bytes() + b" ", "bad_dossier"),
    ):
        with pytest.raises(BadInput) as caught:
            read_dossier(data, dossier_id=DOSSIER, issuer="shop-b")
        assert caught.value.code == code
