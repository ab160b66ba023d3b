# SPDX-License-Identifier: Apache-2.0
"""The chief quality officer alone approves dossiers, badge policy and recall closure: one test over all three."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from passport.domain.accounts import Principal, Role, Scope
from passport.domain.accounts_errors import Conflict, NotAllowed, UnknownObject
from tests.support.live_commerce import Studio
from tests.web.console.badge_routes import make_badges
from tests.web.console.recall_routes import make_recall_things, told_recalls

Act = Callable[[Principal], object]


@pytest.fixture
def acts(one_studio: Studio) -> dict[str, Act]:
    site = one_studio.site
    dossier_id, revision = one_studio.submitted()
    badges, recalls = make_badges(site).desk, told_recalls(site)
    case = make_recall_things(one_studio.cast).case
    return {
        "approve a dossier": lambda who: one_studio.live.approvals.approve(who, dossier_id, revision),
        "change the badge policy": lambda who: badges.change_policy(
            who, is_on=False, origins=("https://m.shop.example.cn",)
        ),
        "close a recall's case": lambda who: recalls.desk.close(who, case),
    }


def refusal(act: Act, who: Principal) -> str:
    """The code of the refusal; "" when who it is was no obstacle."""
    try:
        act(who)
    except NotAllowed as error:
        return error.code
    except (Conflict, UnknownObject) as error:
        # What was asked for does not fit just now, such as a case with listings to report: but who asked may.
        return "" if error.code == "case_not_done" else error.code
    return ""


@pytest.mark.parametrize("name", ["approve a dossier", "change the badge policy", "close a recall's case"])
def test_the_officer_alone_may(one_studio: Studio, acts: dict[str, Act], name: str) -> None:
    act, officer = acts[name], one_studio.officer.principal
    everything = frozenset(Scope)
    for person in ("shop", "worker"):
        assert refusal(act, one_studio.person(person).principal) == "role_missing", person
    others = frozenset(Role) - {Role.CHIEF_QUALITY_OFFICER}
    assert refusal(act, replace(one_studio.cast.shop.principal, roles=others, scopes=everything)) == "role_missing"
    token = replace(officer, token="t-1", roles=frozenset(), scopes=everything)
    assert refusal(act, token) == "person_needed"
    assert refusal(act, replace(token, roles=officer.roles)) == "person_needed", "whatever roles it claims"
    for stranger in ("maker", "stranger", "rival", "office"):
        assert refusal(act, one_studio.person(stranger).principal) != "", stranger
    assert refusal(act, officer) == ""
