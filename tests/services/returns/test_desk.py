# SPDX-License-Identifier: Apache-2.0
"""What organisations report of a recall: who may, what is refused, what it makes of the figures."""

from __future__ import annotations

from datetime import date

import pytest

from passport.domain.accounts import OrganisationKind, Scope
from passport.domain.accounts_audit import AuditFilter
from passport.domain.accounts_errors import AccountError, NotAllowed
from passport.domain.returns import MAX_COUNT, ReturnConflict, UnknownRecall
from passport.services.registry import Unavailable
from tests.support.accounts import READER
from tests.support.returns import OTHER, RECALL, Depot, goods
from verifier.protocol.errors import Malformed

PEOPLE = ("maker", "shop", "stranger", "authority")


@pytest.mark.parametrize(("who", "may"), list(zip(PEOPLE, (True, True, False, True), strict=True)))
def test_recovered_goods_are_reported_by_the_maker_platforms_and_authorities(depot: Depot, who: str, may: bool) -> None:
    principal, desk = depot.person(who).principal, depot.returns.desk
    if not may:
        with pytest.raises(NotAllowed) as error:
            desk.report_recovered(principal, RECALL, goods(5))
        assert error.value.code == "not_your_recall"
        assert desk.figures(RECALL).recovered == 0
        return
    report = desk.report_recovered(principal, RECALL, goods(5, "L20260318A", "shelf 3"))
    assert desk.figures(RECALL).recovered == 5
    assert desk.recoveries(principal, RECALL, "", 10) == [report]
    trail = depot.site.accounts.audit_trail.page(principal, AuditFilter())
    assert (trail.events[0].act.action, trail.events[0].act.object_id) == ("returns.recovered", RECALL)


@pytest.mark.parametrize(("who", "may"), list(zip(PEOPLE, (True, False, False, True), strict=True)))
def test_another_number_is_declared_by_the_maker_and_authorities(depot: Depot, who: str, may: bool) -> None:
    principal, desk = depot.person(who).principal, depot.returns.desk
    if not may:
        with pytest.raises(NotAllowed) as error:
            desk.declare_affected(principal, RECALL, 1, "To look better.")
        assert error.value.code == "not_your_recall"
        assert desk.figures(RECALL).rate.affected == 1000
        return
    desk.declare_affected(principal, RECALL, 900, "100 never left the factory.")
    assert desk.figures(RECALL).rate.affected == 900
    assert desk.figures(RECALL).facts.codes == 1000
    desk.declare_affected(principal, RECALL, None, "They did.")
    assert desk.figures(RECALL).rate.affected == 1000


def test_a_maker_of_another_recall_is_a_stranger_to_this_one_and_at_home_in_its_own(depot: Depot) -> None:
    stranger, desk = depot.cast.stranger.principal, depot.returns.desk
    assert [found.facts.record.recall_id for found in desk.recalls_of(stranger)] == [OTHER.recall_id]
    desk.report_recovered(stranger, OTHER.recall_id, goods(3))
    for who, number in (("maker", 1), ("shop", 2), ("authority", 2)):
        assert len(desk.recalls_of(depot.person(who).principal)) == number


def test_a_laboratory_reports_nothing(depot: Depot) -> None:
    depot.site.add("lab-f", OrganisationKind.LABORATORY)
    principal = depot.site.join("lab-f", "fred.f").principal
    for attempt in (
        lambda: depot.returns.desk.report_recovered(principal, RECALL, goods(1)),
        lambda: depot.returns.desk.declare_affected(principal, RECALL, 1, "No."),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert depot.returns.desk.recalls_of(principal) == []


def test_a_reader_looks_and_a_token_does_what_its_scopes_say(depot: Depot) -> None:
    reader = depot.site.join("maker-a", "rita.r", READER).principal
    desk, tokens = depot.returns.desk, depot.site.accounts.tokens
    assert desk.recalls_of(reader)
    with pytest.raises(NotAllowed) as error:
        desk.report_recovered(reader, RECALL, goods(1))
    assert error.value.code == "scope_missing"
    text = tokens.create(depot.cast.shop.principal, "stock", frozenset({Scope.RECALLS_REPORT}), 30).text
    program = tokens.get_principal(text)
    desk.report_recovered(program, RECALL, goods(2))
    with pytest.raises(NotAllowed):
        desk.recoveries(program, RECALL, "", 10)


def test_nobody_sees_anothers_reports_and_everybody_the_sum(depot: Depot) -> None:
    desk = depot.returns.desk
    for who, count in (("maker", 5), ("shop", 7), ("authority", 1)):
        desk.report_recovered(depot.person(who).principal, RECALL, goods(count))
    for who, count in (("maker", 5), ("shop", 7), ("authority", 1)):
        assert [one.count for one in desk.recoveries(depot.person(who).principal, RECALL, "", 10)] == [count]
    assert desk.recoveries(depot.cast.stranger.principal, RECALL, "", 10) == []
    assert desk.figures(RECALL).recovered == 13


def test_a_correction_is_another_report_and_takes_back_no_more_than_ones_own(depot: Depot) -> None:
    desk, shop = depot.returns.desk, depot.cast.shop.principal
    desk.report_recovered(depot.cast.maker.principal, RECALL, goods(50))
    desk.report_recovered(shop, RECALL, goods(10))
    desk.report_recovered(shop, RECALL, goods(-4, note="Counted twice."))
    assert desk.figures(RECALL).recovered == 56
    with pytest.raises(ReturnConflict) as error:
        desk.report_recovered(shop, RECALL, goods(-7))
    assert error.value.code == "below_zero"
    assert [one.count for one in desk.recoveries(shop, RECALL, "", 10)] == [-4, 10]
    (newest,) = desk.recoveries(shop, RECALL, "", 1)
    assert [one.count for one in desk.recoveries(shop, RECALL, newest.id, 10)] == [10]


def test_an_authoritys_word_binds_over_the_makers(depot: Depot) -> None:
    desk, maker, authority = depot.returns.desk, depot.cast.maker.principal, depot.authority.principal
    desk.declare_affected(maker, RECALL, 10, "Ten.")
    desk.declare_affected(authority, RECALL, 800, "Inspected.")
    desk.declare_affected(maker, RECALL, 5, "Five.")
    assert desk.figures(RECALL).rate.affected == 800
    desk.declare_affected(authority, RECALL, None, "The maker's books are right.")
    assert desk.figures(RECALL).rate.affected == 5


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (goods(0), "bad_count"),
        (goods(MAX_COUNT + 1), "bad_count"),
        (goods(1, on=date(2026, 11, 22)), "day_to_come"),
        (goods(1, "L 1"), "bad_lot"),
        (goods(1, note="x" * 501), "bad_return_note"),
        (goods(1, note="a\x00b"), "bad_return_note"),
        (goods(1, "L999"), "lot_not_recalled"),
    ],
)
def test_what_cannot_be_is_refused(depot: Depot, typed: object, code: str) -> None:
    with pytest.raises((Malformed, AccountError)) as error:
        depot.returns.desk.report_recovered(depot.cast.maker.principal, RECALL, typed)  # type: ignore[arg-type]
    assert error.value.code == code
    assert depot.returns.desk.figures(RECALL).recovered == 0


def test_the_day_is_that_of_china(depot: Depot) -> None:
    depot.site.clock.turn(hours=9)  # 17:00 UTC is past midnight in Beijing
    depot.returns.desk.report_recovered(depot.cast.maker.principal, RECALL, goods(1, on=date(2026, 11, 22)))


def test_a_recall_that_is_not_there_and_a_ledger_that_is_down(depot: Depot) -> None:
    desk = depot.returns.desk
    assert desk.of_recall("maker-a/none") is None
    with pytest.raises(UnknownRecall):
        desk.figures("maker-a/none")
    depot.ledger.is_down = True
    with pytest.raises(Unavailable):
        desk.of_recall(RECALL)
