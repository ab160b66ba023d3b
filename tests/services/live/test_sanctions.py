# SPDX-License-Identifier: Apache-2.0
"""The sanction list: who may list and lift, whom it reaches, what the gate makes of it, and appeals against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from passport.domain.accounts import Principal, Role
from passport.domain.accounts_errors import NotAllowed
from passport.domain.appeals import AppealOutcome, AppealState
from passport.domain.listings import ListingState
from passport.domain.sanctions import (
    SanctionConflict,
    SanctionFilter,
    SanctionState,
    TypedEvidence,
    TypedSanction,
    UnknownSanction,
    parse_sanction,
)
from passport.services.listings import make_listings
from passport.services.listings.kit import ListingKit
from tests.support.listings import ToldLedger, fields
from tests.support.live_commerce import COMPANY, CQO, OTHER_COMPANY, Studio, sanction_fields
from verifier.protocol.errors import Malformed

UPHELD = AppealOutcome.UPHELD


def program(person: Principal) -> Principal:
    return replace(person, token="t-1", roles=frozenset())


def refusal(attempt: Callable[..., object], *arguments: object, **more: object) -> str:
    with pytest.raises((NotAllowed, UnknownSanction, SanctionConflict, Malformed)) as caught:
        attempt(*arguments, **more)
    return caught.value.code


def active(studio: Studio, organisation: str, seller: str = "s-1") -> list[str]:
    return [fact.id for fact in studio.live.source.find_active(organisation, seller, studio.site.clock.now)]


def test_the_officer_lists_and_lifts_and_everybody_else_proposes(studio: Studio) -> None:
    desk, officer = studio.live.sanctions, studio.officer.principal
    for proposer in (studio.worker.principal, studio.cast.shop.principal, program(officer)):
        proposed = desk.create(proposer, sanction_fields())
        assert proposed.state is SanctionState.PROPOSED and active(studio, "shop-b") == []
        for attempt in (desk.activate, desk.decline, desk.lift):
            assert refusal(attempt, proposer, proposed.sanction.id, "so") in ("role_missing", "person_needed")
        desk.decline(officer, proposed.sanction.id, "证据不足")
    proposed = desk.create(studio.worker.principal, sanction_fields())
    assert desk.activate(officer, proposed.sanction.id).state is SanctionState.ACTIVE
    assert active(studio, "shop-b") == [proposed.sanction.id] and active(studio, "shop-d") == []
    assert active(studio, "shop-b", "s-10") == []
    assert refusal(desk.activate, officer, proposed.sanction.id) == "sanction_not_proposed"
    desk.lift(officer, proposed.sanction.id, "已整改")
    assert active(studio, "shop-b") == []
    assert refusal(desk.lift, officer, proposed.sanction.id, "again") == "sanction_not_active"
    history = desk.history(officer, proposed.sanction.id)
    assert [(one.action, one.text) for one in history] == [("proposed", ""), ("activated", ""), ("lifted", "已整改")]
    assert desk.create(officer, sanction_fields()).state is SanctionState.ACTIVE, "the officer's own needs no second"


def test_dates_are_local_and_both_count(studio: Studio) -> None:
    desk, officer = studio.live.sanctions, studio.officer.principal
    made = desk.create(officer, sanction_fields(from_on=date(2026, 11, 22), until_on=date(2026, 11, 23)))
    states = []
    for _ in range(4):
        found = desk.get(officer, made.sanction.id).state
        states.append((found.value, len(active(studio, "shop-b"))))
        listed = desk.page(officer, SanctionFilter(found.value, ""), "", 9)
        assert [one.sanction.id for one in listed] == [made.sanction.id]
        studio.site.clock.turn(hours=24)
        studio.officer.sign_in()
        officer = studio.officer.principal
    assert states == [("scheduled", 0), ("active", 1), ("active", 1), ("expired", 0)]


def test_an_authoritys_list_reaches_every_platform_that_knows_the_company(studio: Studio) -> None:
    live, office, worker = studio.live, studio.office.principal, studio.worker.principal
    live.sellers.put(worker, "s-1", "某某旗舰店", COMPANY)
    live.sellers.put(studio.rival.principal, "shop-nine", "某某", COMPANY)
    made = live.sanctions.create(office, sanction_fields(COMPANY)).sanction
    assert active(studio, "shop-b") == active(studio, "shop-d", "shop-nine") == [made.id]
    assert active(studio, "shop-b", "s-2") == [] and active(studio, "shop-d", "s-1") == []
    fact = live.source.find_active("shop-b", "s-1", studio.site.clock.now)[0]
    assert COMPANY not in repr(fact), "a credit code does not go into decisions"
    for platform in (worker, studio.rival.principal):
        assert live.sanctions.get(platform, made.id).sanction == made
        assert refusal(live.sanctions.lift, platform, made.id, "so") == "role_missing"
    assert refusal(live.sanctions.lift, studio.officer.principal, made.id, "so") == "unknown_sanction"
    assert refusal(live.sellers.put, worker, "s-1", "某某旗舰店", OTHER_COMPANY) == "role_missing"
    assert active(studio, "shop-b") == [made.id], "typing another code lifts nothing"
    live.sanctions.lift(office, made.id, "已整改")
    assert live.sellers.put(worker, "s-1", "某某旗舰店", OTHER_COMPANY).uscc == OTHER_COMPANY
    assert [one.id for one in live.sellers.page(worker, "", 9)] == ["s-1"]


def test_a_listed_seller_does_not_come_back_under_another_id_of_the_same_company(studio: Studio) -> None:
    live, officer, worker = studio.live, studio.officer.principal, studio.worker.principal
    made = live.sanctions.create(officer, sanction_fields()).sanction
    live.sellers.put(worker, "s-1", "某某旗舰店", COMPANY)
    live.sellers.put(worker, "s-2", "某某专营店", COMPANY)
    live.sellers.put(worker, "s-3", "别家", OTHER_COMPANY)
    live.sellers.put(studio.rival.principal, "s-1", "某某", COMPANY)
    assert active(studio, "shop-b", "s-2") == [made.id] and active(studio, "shop-b", "s-3") == []
    assert active(studio, "shop-d") == [], "a platform's own list binds no other platform"
    for seller in ("s-1", "s-2"):
        assert refusal(live.sellers.put, worker, seller, "某某", OTHER_COMPANY) == "role_missing"
    assert live.sellers.put(officer, "s-2", "某某专营店", OTHER_COMPANY).uscc == OTHER_COMPANY
    assert active(studio, "shop-b", "s-2") == []


def test_nobody_sees_another_list_and_each_lists_its_own_kind(studio: Studio) -> None:
    desk = studio.live.sanctions
    own = desk.create(studio.officer.principal, sanction_fields()).sanction
    proposed = desk.create(program(studio.office.principal), sanction_fields(COMPANY)).sanction
    for other in (studio.rival.principal, studio.office.principal):
        assert refusal(desk.get, other, own.id) == "unknown_sanction"
        assert refusal(desk.history, other, own.id) == "unknown_sanction"
        assert own.id not in [one.sanction.id for one in desk.page(other, SanctionFilter(), "", 9)]
    assert refusal(desk.get, studio.worker.principal, proposed.id) == "unknown_sanction", "a proposal"
    assert refusal(desk.create, studio.officer.principal, sanction_fields(COMPANY)) == "wrong_subject_kind"
    assert refusal(desk.create, studio.office.principal, sanction_fields("s-1")) == "wrong_subject_kind"
    reader = replace(studio.office.principal, roles=frozenset({Role.READER}))
    assert refusal(desk.activate, reader, proposed.id) == "role_missing"
    for name in ("maker", "stranger"):
        who = studio.person(name).principal
        assert refusal(desk.page, who, SanctionFilter(), "", 9) == "not_a_lister"
        assert refusal(desk.create, who, sanction_fields()) == "not_a_lister"
        assert refusal(studio.live.sellers.put, who, "s-1", "n", COMPANY) == "not_a_platform"
    assert refusal(studio.live.sellers.page, studio.office.principal, "", 9) == "not_a_platform"


def test_an_appeal_that_asks_for_a_person_is_not_closed_by_a_token(studio: Studio) -> None:
    live, officer = studio.live, studio.officer.principal
    made = live.sanctions.create(officer, sanction_fields()).sanction
    worker, token = studio.worker.principal, program(studio.worker.principal)
    appeal = live.appeals.open(worker, made.id, "已整改", wants_person=True)
    assert refusal(live.appeals.open, worker, made.id, "又一个", wants_person=False) == "appeal_open"
    assert refusal(live.appeals.answer, token, appeal.id, "yes") == "person_needed"
    assert refusal(live.appeals.close, token, appeal.id, UPHELD, "no") == "person_needed"
    live.appeals.answer(officer, appeal.id, "请补充材料")
    closed = live.appeals.close(officer, appeal.id, AppealOutcome.FACTS_CHANGED, "属实")
    assert (closed.state, [note.text for note in closed.notes]) == (
        AppealState.CLOSED,
        ["已整改", "请补充材料", "属实"],
    )
    assert active(studio, "shop-b") == [made.id], "an appeal lifts nothing by itself"
    assert refusal(live.appeals.answer, officer, appeal.id, "and") == "appeal_closed"
    simple = live.appeals.open(token, made.id, "by program", wants_person=False)
    assert live.appeals.close(token, simple.id, UPHELD, "no").state is AppealState.CLOSED
    assert refusal(live.appeals.get, studio.rival.principal, simple.id) == "unknown_sanction_appeal"
    live.sanctions.lift(officer, made.id, "已整改")
    assert refusal(live.appeals.open, worker, made.id, "late", wants_person=False) == "nothing_to_appeal"


def test_a_platforms_appeal_against_an_authority_is_between_these_two(studio: Studio) -> None:
    live = studio.live
    made = live.sanctions.create(studio.office.principal, sanction_fields(COMPANY)).sanction
    appeal = live.appeals.open(studio.worker.principal, made.id, "不是同一家企业", wants_person=False)
    assert refusal(live.appeals.close, studio.worker.principal, appeal.id, UPHELD, "x") == "not_yours_to_close"
    assert live.appeals.of_sanction(studio.rival.principal, made.id) == []
    assert refusal(live.appeals.answer, studio.rival.principal, appeal.id, "me") == "unknown_sanction_appeal"
    live.appeals.answer(studio.office.principal, appeal.id, "核实中")
    live.appeals.close(studio.office.principal, appeal.id, UPHELD, "同一家")
    assert live.appeals.get(studio.worker.principal, appeal.id).outcome is UPHELD


def test_a_listed_seller_is_refused_by_the_gate_and_a_bound_listing_stays_in_the_data(studio: Studio) -> None:
    listings = make_listings(ListingKit(studio.site.business, ToldLedger(), studio.site.clock))
    worker, officer = studio.worker.principal, studio.officer.principal
    bound = listings.desk.create(worker, fields(1))
    assert listings.gatekeeper.bind(worker, bound.id).listing.state is ListingState.BOUND
    made = studio.live.sanctions.create(officer, sanction_fields("s-1")).sanction
    assert listings.desk.get(worker, bound.id).state is ListingState.BOUND and active(studio, "shop-b") == [made.id]
    other = listings.desk.create(worker, fields(2))
    preview = listings.gatekeeper.preview(worker, [other.id])[0].decision
    refused = listings.gatekeeper.bind(worker, other.id)
    assert [reason.code for reason in preview.reasons] == ["operator_sanctioned"]
    assert (refused.listing.state, refused.decision.rule_version) == (ListingState.REFUSED, "gate/2")
    (reason,) = refused.decision.reasons
    assert (reason.code, reason.about) == ("operator_sanctioned", made.id)
    kept = refused.decision.facts
    assert isinstance(kept, dict) and made.id in repr(kept["sanctions"])
    elsewhere = listings.desk.create(worker, replace(fields(3), seller_id="s-2"))
    assert listings.gatekeeper.bind(worker, elsewhere.id).listing.state is ListingState.BOUND
    studio.live.sanctions.lift(officer, made.id, "已整改")
    assert listings.gatekeeper.bind(worker, other.id).listing.state is ListingState.BOUND


def test_a_sanction_that_begins_while_the_gate_reads_the_ledger_counts(one_studio: Studio) -> None:
    officer = one_studio.officer.principal

    class SlowLedger(ToldLedger):
        def gather(self, listing, now):  # type: ignore[no-untyped-def]
            one_studio.live.sanctions.create(officer, sanction_fields("s-1"))
            return super().gather(listing, now)

    listings = make_listings(ListingKit(one_studio.site.business, SlowLedger(), one_studio.site.clock))
    made = listings.desk.create(one_studio.worker.principal, fields(1))
    assert listings.gatekeeper.bind(one_studio.worker.principal, made.id).decision.outcome == "refused"


def test_what_is_typed_about_an_operator_is_looked_at() -> None:
    good = TypedSanction(
        subject_kind="company",
        subject=COMPANY.lower(),
        name="某公司",
        reason_zh="售假",
        reason_en="Sold fakes",
        evidence=(TypedEvidence("公告", "https://shop.example.cn/1", "AB" * 32, "12"),),
        rule_version="规则/3",
        from_on="2026-11-01",
    )
    assert parse_sanction(good).subject == COMPANY and parse_sanction(good).evidence[0].ledger_index == 12
    wrong = {
        "bad_subject_kind": {"subject_kind": "person"},
        "bad_uscc": {"subject": COMPANY[:-1] + ("0" if COMPANY[-1] != "0" else "1")},
        "bad_seller_name": {"name": ""},
        "bad_reason": {"reason_en": " "},
        "bad_evidence": {"evidence": ()},
        "bad_rule_version": {"rule_version": "two words"},
        "bad_term": {"until_on": "2026-10-31"},
    }
    for code, change in wrong.items():
        assert refusal(parse_sanction, replace(good, **change)) == code
    for bad in (
        TypedEvidence("x", "http://shop.example.cn"),
        TypedEvidence("", "https://a.cn"),
        TypedEvidence("x", "https://a.cn", "ab"),
        TypedEvidence("x", "https://a.cn", "", "-1"),
        TypedEvidence("x", "https://a.cn", "", "9" * 17),
    ):
        assert refusal(parse_sanction, replace(good, evidence=(bad,))) == "bad_evidence"
    assert frozenset({Role.CHIEF_QUALITY_OFFICER}) == CQO
