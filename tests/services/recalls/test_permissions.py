# SPDX-License-Identifier: Apache-2.0
"""Who may do what with the shop's case: maker, shop, stranger, another platform, an authority; roles; tokens."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_errors import NotAllowed, UnknownObject
from passport.domain.listings import ListingState
from passport.domain.recall_cases import CaseConflict, Chosen, MeasureKind
from passport.services.recalls import Recalls
from tests.support.listings import fields
from tests.support.recalls import OFFICER, RECALL, Recalling, lots_of

ALL = Chosen(are_all=True)
URL = "https://shop.example.cn/notice"


@dataclass
class Scene:
    """The shop's open case of one listing."""

    recalling: Recalling
    case: str
    listing: str


@pytest.fixture
def scene(one_recalling: Recalling) -> Scene:
    listing = one_recalling.bind(1)
    one_recalling.publish()
    return Scene(one_recalling, one_recalling.case().id, listing.id)


Attempt = Callable[[Recalls, Principal, Scene], object]
# Use case → (how it is tried, scope, whether it reports and not only reads, whether it names a thing of the shop's).
ATTEMPTS: dict[str, tuple[Attempt, Scope, bool, bool]] = {
    "desk.page": (lambda u, p, s: u.desk.page(p, "", 9), Scope.RECALLS_READ, False, False),
    "desk.get": (lambda u, p, s: u.desk.get(p, s.case), Scope.RECALLS_READ, False, True),
    "desk.listings": (lambda u, p, s: u.desk.listings(p, s.case, "", 9), Scope.RECALLS_READ, False, True),
    "desk.attempts": (lambda u, p, s: u.desk.attempts(p, s.case), Scope.RECALLS_READ, False, True),
    "desk.acknowledge": (lambda u, p, s: u.desk.acknowledge(p, s.case), Scope.RECALLS_REPORT, True, True),
    "desk.preview": (lambda u, p, s: u.desk.preview(p, s.case, ALL), Scope.RECALLS_REPORT, True, True),
    "desk.report_notice": (
        lambda u, p, s: u.desk.report_notice(p, s.case, ALL, URL),
        Scope.RECALLS_REPORT,
        True,
        True,
    ),
    "desk.report_delisted": (lambda u, p, s: u.desk.report_delisted(p, s.case, ALL), Scope.RECALLS_REPORT, True, True),
    "desk.add_measure": (
        lambda u, p, s: u.desk.add_measure(p, s.case, "s-1", MeasureKind.WARNED, ""),
        Scope.RECALLS_REPORT,
        True,
        True,
    ),
    "desk.close": (lambda u, p, s: u.desk.close(p, s.case), Scope.RECALLS_REPORT, True, True),
    "board.show": (lambda u, p, s: u.board.show(p), Scope.RECALLS_READ, False, False),
    "board.export_csv": (lambda u, p, s: list(u.board.export_csv(p)), Scope.RECALLS_READ, False, False),
    "board.export_bundle": (lambda u, p, s: u.board.export_bundle(p), Scope.RECALLS_READ, False, False),
}


def test_every_use_case_is_tried_here(one_recalling: Recalling) -> None:
    recalls = one_recalling.recalls
    found = {
        f"{part}.{name}"
        for part in ("desk", "board")
        for name, _ in inspect.getmembers(getattr(recalls, part), inspect.ismethod)
        if not name.startswith("_")
    }
    assert found == set(ATTEMPTS)


@pytest.mark.parametrize("name", ATTEMPTS)
@pytest.mark.parametrize("who", ["maker", "stranger"])
def test_makers_see_and_do_nothing_with_cases(scene: Scene, name: str, who: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        ATTEMPTS[name][0](scene.recalling.recalls, scene.recalling.person(who).principal, scene)
    assert refused.value.code in ("no_recall_board", "reports_are_platforms")


@pytest.mark.parametrize("name", [name for name in ATTEMPTS if ATTEMPTS[name][3] and name != "desk.close"])
def test_another_platform_is_told_that_there_is_no_such_case(scene: Scene, name: str) -> None:
    with pytest.raises(UnknownObject) as refused:
        ATTEMPTS[name][0](scene.recalling.recalls, scene.recalling.person("rival").principal, scene)
    assert refused.value.code == "unknown_case"


def test_another_platform_sees_an_empty_board_and_no_cases(scene: Scene) -> None:
    rival, recalls = scene.recalling.person("rival").principal, scene.recalling.recalls
    board = recalls.board.show(rival)
    assert (board.rows, board.indicators.cases, board.indicators.stopped_in_time.permille) == ((), 0, None)
    assert recalls.desk.page(rival, "", 9) == []
    assert len(list(recalls.board.export_csv(rival))) == 1, "the heading alone"
    with pytest.raises(UnknownObject):
        recalls.board.show(rival, RECALL)


@pytest.mark.parametrize("name", ATTEMPTS)
def test_an_authority_that_is_only_an_account_sees_all_cases_and_reports_for_nobody(scene: Scene, name: str) -> None:
    attempt, _, reports, _ = ATTEMPTS[name]
    watcher = scene.recalling.watcher.principal
    if not reports:
        attempt(scene.recalling.recalls, watcher, scene)
        return
    with pytest.raises(NotAllowed) as refused:
        attempt(scene.recalling.recalls, watcher, scene)
    assert refused.value.code == "reports_are_platforms"


@pytest.mark.parametrize("name", ATTEMPTS)
def test_each_use_case_needs_its_scope(scene: Scene, name: str) -> None:
    attempt, scope, _, _ = ATTEMPTS[name]
    shop = scene.recalling.person("shop").principal
    token = Principal(shop.organisation, shop.kind, shop.member, frozenset(Scope) - {scope}, token="t")
    with pytest.raises(NotAllowed) as refused:
        attempt(scene.recalling.recalls, token, scene)
    assert refused.value.code == "scope_missing"


def test_only_the_chief_quality_officer_in_person_closes_a_case_and_only_when_all_is_reported(scene: Scene) -> None:
    recalling, desk = scene.recalling, scene.recalling.recalls.desk
    owner = recalling.person("shop").principal
    officer = recalling.site.join("shop-b", "qian.b", OFFICER).principal
    with pytest.raises(NotAllowed, match="role"):
        desk.close(owner, scene.case)
    token = Principal(owner.organisation, owner.kind, officer.member, frozenset(Scope), OFFICER, token="t")
    with pytest.raises(NotAllowed, match="person"):
        desk.close(token, scene.case)
    foreign = recalling.site.join("shop-d", "quan.d", frozenset({Role.CHIEF_QUALITY_OFFICER})).principal
    with pytest.raises(UnknownObject):
        desk.close(foreign, scene.case)
    with pytest.raises(CaseConflict, match="not reported"):
        desk.close(officer, scene.case)
    desk.report_delisted(owner, scene.case, ALL)
    assert desk.close(officer, scene.case).case.closed_by == "platform"
    recalling.bind(2, lots=("L2",))
    recalling.ledger.revise(RECALL, lots_of("L1", "L2"))
    recalling.carry()
    assert recalling.case().closed_at is None, "there is something to do again"


def test_a_platform_that_reports_delisted_and_binds_again_is_refused_and_counted(scene: Scene) -> None:
    recalling, shop = scene.recalling, scene.recalling.person("shop").principal
    recalling.recalls.desk.report_delisted(shop, scene.case, ALL)
    for _ in range(2):
        bound = recalling.market.listings.gatekeeper.bind(shop, scene.listing)
        assert bound.listing.state is ListingState.DELISTED
    new = recalling.market.listings.desk.create(shop, fields(7))
    recalling.market.listings.gatekeeper.bind(shop, new.id)
    attempts, _ = recalling.recalls.desk.attempts(shop, scene.case)
    assert [(one.listing, one.was_blocked, one.had_listing) for one in attempts] == [
        (scene.listing, True, True),
        (scene.listing, True, True),
        (new.id, True, True),
    ]
    figures = recalling.recalls.desk.get(shop, scene.case).figures
    assert (figures.attempts, figures.sellers_trying) == (3, 1)
    assert recalling.recalls.board.show(shop).indicators.sellers_acted_on.permille == 0
    recalling.recalls.desk.add_measure(shop, scene.case, "s-1", MeasureKind.SHOP_CLOSED, "")
    assert recalling.recalls.board.show(shop).indicators.sellers_acted_on.permille == 1000


def test_a_seller_who_was_not_in_any_case_is_counted_too_and_nothing_is_pushed_for_it(scene: Scene) -> None:
    recalling, rival = scene.recalling, scene.recalling.person("rival").principal
    new = recalling.market.listings.desk.create(rival, fields(7))
    recalling.market.listings.gatekeeper.bind(rival, new.id)
    recalling.carry()
    case = recalling.case("shop-d")
    assert case.pushed_at is None
    (attempt,) = recalling.recalls.desk.attempts(rival, case.id)[0]
    assert (attempt.had_listing, attempt.seller_id) == (False, "s-1")
    indicators = recalling.recalls.board.show(rival).indicators
    assert (indicators.attempts, indicators.shared_in_real_time.permille) == (1, None)


def test_the_listings_own_delist_is_the_report_and_the_first_report_keeps_its_time(scene: Scene) -> None:
    recalling, shop = scene.recalling, scene.recalling.person("shop").principal
    first = recalling.site.clock.now
    recalling.market.listings.desk.delist(shop, scene.listing)
    recalling.site.clock.turn(hours=2)
    reported = recalling.recalls.desk.report_delisted(shop, scene.case, ALL)
    assert (reported.new, reported.known) == (0, 1)
    (held,) = recalling.recalls.desk.listings(shop, scene.case, "", 9)
    assert held.delisted_at == first


def test_a_measure_about_a_seller_who_has_nothing_to_do_with_the_case_is_refused(scene: Scene) -> None:
    shop = scene.recalling.person("shop").principal
    with pytest.raises(UnknownObject, match="seller"):
        scene.recalling.recalls.desk.add_measure(shop, scene.case, "s-99", MeasureKind.WARNED, "")
