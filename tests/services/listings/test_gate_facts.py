# SPDX-License-Identifier: Apache-2.0
"""The gate over a real registry: a product's way from unknown to bound, and what stops it, each with its entry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import pytest

from passport.domain.gate import GateDecision, decide
from passport.domain.listings import ListingFields
from passport.services.gate_facts import LedgerGateFacts
from passport.services.registry import Unavailable
from tests.support.assessments import NUMBER, make_certificate, make_inspection
from tests.support.makers import CONTACT, IssuedBatch, Maker, SigningKey, both, make_uscc
from tests.support.registries import Workshop, make_template, running_registry
from verifier.passport_document import encode_part, make_header
from verifier.protocol.statements import REGISTRY, parse_entry
from verifier.protocol.statements.products import SeqRange
from verifier.protocol.statements.recall import OneLot, RecallClosed, RecallPublished, ScopeEntry, SeqRangeOf
from verifier.protocol.statements.registry import IssuerAdmitted

PREFIX = "69012340"


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    template = make_template(tmp_path_factory.mktemp("gate-template"))
    with running_registry(template, tmp_path_factory.mktemp("gate")) as running:
        yield running


@pytest.fixture(scope="module")
def facts(workshop: Workshop) -> LedgerGateFacts:
    registry = workshop.registry
    return LedgerGateFacts(registry.views, registry.store.documents, registry.checker, registry.ledger)


def judge(facts: LedgerGateFacts, listing: ListingFields) -> GateDecision:
    now = datetime.now(UTC)
    return decide(listing, facts.gather(listing, now), now)


def put_passport(workshop: Workshop, maker: Maker, gtin: str, **characteristics: Any) -> int:
    payload: dict[str, Any] = {
        "credentialSubject": {
            "id": f"https://id.example.cn/01/{gtin}",
            "name": "x",
            "characteristics": characteristics,
        },
        "issuer": {"name": "acme Co."},
    }
    header = make_header(f"https://maker.example.cn/did#{maker.key.key_id}")
    signed = f"{encode_part(header)}.{encode_part(json.dumps(payload).encode())}"
    data = f"{signed}.{encode_part(maker.key.sign(signed.encode()))}".encode()
    workshop.registry.service.put_document(sha256(data).hexdigest(), data)
    return workshop.say(workshop.passport(maker, gtin, sha256(data).hexdigest()), maker.key)


def admit_laboratory(workshop: Workshop) -> SigningKey:
    key = SigningKey(f"{workshop.origin} lab 1")
    workshop.say(
        IssuerAdmitted(
            header=workshop.header(REGISTRY),
            subject="lab",
            name=both("lab"),
            uscc=make_uscc(4711),
            roles=("laboratory",),
            prefixes=(),
            contact=CONTACT,
            key=key.prove(origin=workshop.origin, issuer="lab"),
        ),
        workshop.operator,
    )
    return key


def reasons(decision: GateDecision) -> list[tuple[str, int | None]]:
    return [(reason.code, reason.ledger_index) for reason in decision.reasons]


def test_a_products_way_through_the_gate(workshop: Workshop, facts: LedgerGateFacts) -> None:
    gtin = Maker("acme", (PREFIX,), SigningKey("x")).gtin()
    nobody = ListingFields("https://shop.example.cn/1", "s", "n", gtin, ("L1",))
    assert reasons(judge(facts, nobody)) == [
        ("maker_not_admitted", None),
        ("passport_not_published", None),
        ("lot_not_logged", None),
        ("sample_codes_missing", None),
    ]
    acme = workshop.admit("acme", PREFIX)
    batch = workshop.issue(acme, 0, 6, lot="L1")
    other = workshop.issue(acme, 1, 4, lot="L2")
    listing = ListingFields("https://shop.example.cn/1", "s", "n", gtin, ("L1",), (batch.url(1), batch.url(2)))
    assert reasons(judge(facts, listing)) == [("passport_not_published", None)]

    put_passport(workshop, acme, gtin, cccCertificateNumber=" 2026 0109 1400 0001 ")
    assert reasons(judge(facts, listing)) == [("certificate_unknown", None)]
    lab = admit_laboratory(workshop)
    index = workshop.say(make_certificate(workshop.header("lab"), valid_from=date(2020, 1, 1)), lab)
    decision = judge(facts, listing)
    assert reasons(decision) == [] and decision.facts.certificates[0].index == index
    assert decision.facts.as_of.size > index and len(decision.facts.as_of.root_hash) == 64

    index = workshop.say(make_certificate(workshop.header("lab"), "suspended", revision=1), lab)
    assert reasons(judge(facts, listing)) == [("certificate_suspended", index)]
    workshop.say(make_certificate(workshop.header("lab"), revision=2, valid_from=date(2020, 1, 1)), lab)
    assert NUMBER in facts.gather(listing, datetime.now(UTC)).certificates[0].number

    foreign = ListingFields("https://shop.example.cn/2", "s", "n", gtin, ("L1",), (other.url(0),))
    assert reasons(judge(facts, foreign)) == [("sample_of_another_lot", other.index)]
    _inspect_and_recall(workshop, facts, acme, lab, listing, batch)


def _inspect_and_recall(
    workshop: Workshop, facts: LedgerGateFacts, acme: Maker, lab: SigningKey, listing: ListingFields, batch: IssuedBatch
) -> None:
    say: Callable[..., int] = workshop.say
    index = say(make_inspection(workshop.header("lab"), listing.gtin, lots=("L1",)), lab)
    assert reasons(judge(facts, listing)) == [("failed_inspection", index)]
    assert facts.find_entry(index) is not None
    assert parse_entry(facts.find_entry(index) or b"").statement.type == "inspection.published"
    say(make_inspection(workshop.header("lab"), listing.gtin, result="passed", revision=1, lots=("L1",)), lab)
    assert reasons(judge(facts, listing)) == []

    of_another_lot = workshop.notice(acme, scope=(ScopeEntry(listing.gtin, OneLot("L2")),))
    say(RecallPublished(workshop.header(acme.id), "acme/1", of_another_lot), acme.key)
    assert reasons(judge(facts, listing)) == [], "another lot's recall"
    any_lot = ListingFields(listing.url, "s", "n", listing.gtin, (), listing.codes)
    assert [code for code, _ in reasons(judge(facts, any_lot))] == ["open_recall"], "it may sell that lot"

    few = workshop.notice(acme, scope=(ScopeEntry(listing.gtin, SeqRangeOf(0, SeqRange(5, 5))),))
    index = say(RecallPublished(workshop.header(acme.id), "acme/2", few), acme.key)
    assert reasons(judge(facts, listing)) == [("open_recall", index)], "one code of the lot is enough"
    recalled = ListingFields(listing.url, "s", "n", listing.gtin, ("L1",), (batch.url(5),))
    assert reasons(judge(facts, recalled)) == [("open_recall", index), ("sample_recalled", index)]
    say(RecallClosed(workshop.header(acme.id), "acme/2", both("remedied")), acme.key)
    assert reasons(judge(facts, listing)) == []


def test_a_logged_passport_that_is_not_here_is_unreadable(workshop: Workshop, facts: LedgerGateFacts) -> None:
    maker = workshop.admit("bolt", "69055550")
    gtin = maker.gtin()
    batch = workshop.issue(maker, 0, 4)
    index = workshop.say(workshop.passport(maker, gtin, "ef" * 32), maker.key)
    listing = ListingFields("https://shop.example.cn/3", "s", "n", gtin, (), (batch.url(0),))
    assert reasons(judge(facts, listing)) == [("passport_unreadable", index)]


@pytest.mark.parametrize(
    ("value", "numbers"),
    [
        (["A 1", "b2"], ["A1", "B2"]),
        (7, [""]),
        ({"number": "x"}, [""]),
        ([None], [""]),
        ("2026, 2027；2028", ["2026", "2027", "2028"]),
        ("２０２６–1", ["2026-1"]),
        ({"zh": "甲1", "en": "A1"}, ["甲1", "A1"]),
        ([str(number) for number in range(30)], [str(number) for number in range(30)]),
        (None, []),
    ],
)
def test_certificates_that_are_written_oddly_are_still_asked_for(
    workshop: Workshop, facts: LedgerGateFacts, value: object, numbers: list[str]
) -> None:
    try:
        maker = workshop.admit("cord", "69077770")
        workshop.issue(maker, 0, 4)
    except AssertionError:
        maker = Maker("cord", ("69077770",), SigningKey(f"{workshop.origin} cord 1"))
    put_passport(workshop, maker, maker.gtin(), cccCertificateNumber=value)
    listing = ListingFields("https://shop.example.cn/4", "s", "n", maker.gtin())
    named = [(fact.scheme, fact.number) for fact in facts.gather(listing, datetime.now(UTC)).certificates]
    assert named == [("CCC", number) for number in numbers]


def test_certificates_of_any_scheme_are_asked_for(workshop: Workshop, facts: LedgerGateFacts) -> None:
    """The gate once read `cccCertificateNumber` alone, and the first 20 of a list: a suspended CQC licence passed."""
    maker = workshop.admit("dyad", "69088880")
    batch = workshop.issue(maker, 0, 4)
    put_passport(workshop, maker, maker.gtin(), cqcCertificateNumber="1", certificateNumber="SRRC 2")
    listing = ListingFields("https://shop.example.cn/6", "s", "n", maker.gtin(), (), (batch.url(0),))
    assert [reason.about for reason in judge(facts, listing).reasons] == ["CQC 1", "SRRC 2"]


def test_a_passport_of_more_certificates_than_are_asked_for_is_refused(
    workshop: Workshop, facts: LedgerGateFacts
) -> None:
    maker = workshop.admit("ezra", "69099990")
    batch = workshop.issue(maker, 0, 4)
    listing = ListingFields("https://shop.example.cn/7", "s", "n", maker.gtin(), (), (batch.url(0),))
    put_passport(workshop, maker, maker.gtin(), cccCertificateNumber=[str(number) for number in range(50)])
    assert len(facts.gather(listing, datetime.now(UTC)).certificates) == 50
    index = put_passport(workshop, maker, maker.gtin(), cccCertificateNumber=[str(number) for number in range(51)])
    (reason,) = judge(facts, listing).reasons
    assert (reason.code, reason.about, reason.ledger_index) == ("passport_unreadable", "too_many_certificates", index)


def test_the_gate_keeps_which_revision_of_the_passport_it_read(workshop: Workshop, facts: LedgerGateFacts) -> None:
    maker = workshop.admit("fern", "69066660")
    listing = ListingFields("https://shop.example.cn/8", "s", "n", maker.gtin())
    for revision in (0, 1):
        put_passport(workshop, maker, maker.gtin(), grade=str(revision))
        found = facts.gather(listing, datetime.now(UTC)).passport
        assert found is not None and found.revision == revision


def test_a_registry_that_published_nothing_decides_nothing(workshop: Workshop) -> None:
    class Nothing:
        current = None

    registry = workshop.registry
    facts = LedgerGateFacts(Nothing(), registry.store.documents, registry.checker, registry.ledger)  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        facts.gather(ListingFields("https://shop.example.cn/5", "s", "n", "06901234567892"), datetime.now(UTC))
