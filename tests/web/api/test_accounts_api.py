# SPDX-License-Identifier: Apache-2.0
"""Tokens, members and audit trail over the API: for one's own organisation, by scope, and never a token's making."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passport.domain.accounts import Role, Scope
from passport.web.api.frame import ApiFrame
from passport.web.app import create_app
from tests.support.accounts import READER, AccountsSite, Cast, Person, make_cast, open_site
from tests.support.api_contract import watch
from tests.support.fake_registry import FakeChecker, FakeRegistry
from verifier.account_types import AuditPage, AuditRow
from verifier.audit_chain import ChainEnd, check_audit_chain
from verifier.wire import read_wire

PEOPLE = ("maker", "shop", "stranger")
LISTS = {"/api/v1/tokens": Scope.TOKENS_READ, "/api/v1/members": Scope.MEMBERS_READ, "/api/v1/audit": Scope.AUDIT_READ}


@dataclass
class Stage:
    """The cast, and what their programs ask."""

    cast: Cast
    client: FlaskClient

    @property
    def site(self) -> AccountsSite:
        return self.cast.site

    def token(self, person: Person, *scopes: Scope, name: str = "program") -> str:
        return self.site.accounts.tokens.create(person.principal, name, frozenset(scopes), 30).text

    def ask(self, token: str, path: str, method: str = "GET") -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.open(path, method=method, headers=headers)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with open_site(tmp_path) as site:
        frame = ApiFrame(keys=site.business.idempotency_keys(), accounts=site.accounts)
        app = create_app(FakeRegistry(), FakeChecker(), frame=frame)
        undeclared = watch(app)
        yield Stage(make_cast(site), app.test_client())
        assert not undeclared, "\n".join(undeclared)


def code_of(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


@pytest.mark.parametrize("who", PEOPLE)
def test_each_sees_its_own_organisation_and_nothing_of_the_others(stage: Stage, who: str) -> None:
    tokens = {name: stage.token(stage.cast.person(name), *Scope) for name in PEOPLE}
    person, token = stage.cast.person(who), tokens[who]
    shown = stage.ask(token, "/api/v1/organisation").get_json()
    assert (shown["id"], shown["token"]) == (person.organisation, token.split("_")[1])
    assert [one["id"] for one in stage.ask(token, "/api/v1/members").get_json()["members"]] == [person.member]
    assert [one["id"] for one in stage.ask(token, "/api/v1/tokens").get_json()["tokens"]] == [token.split("_")[1]]
    texts = "".join(stage.ask(token, path).text for path in LISTS)
    for other in set(PEOPLE) - {who}:
        foreign = stage.cast.person(other)
        assert foreign.member not in texts and foreign.organisation not in texts
        assert code_of(stage.ask(token, f"/api/v1/members/{foreign.member}")) == (404, "unknown_person")
        assert code_of(stage.ask(token, f"/api/v1/tokens/{tokens[other].split('_')[1]}", "DELETE")) == (
            403,
            "person_needed",
        )
    assert stage.ask(tokens["stranger"], "/api/v1/organisation").status_code == 200, "nobody was revoked"


@pytest.mark.parametrize("path", [*LISTS, "/api/v1/members/m0000000000000000"])
def test_a_token_without_the_scope_learns_nothing(stage: Stage, path: str) -> None:
    wanted = next((scope for name, scope in LISTS.items() if path.startswith(name)))
    others = stage.token(stage.cast.maker, *(set(Scope) - {wanted}))
    assert code_of(stage.ask(others, path)) == (403, "scope_missing")
    assert code_of(stage.ask("", path)) == (401, "invalid_token")


def test_a_token_never_has_more_than_its_maker_may_today(stage: Stage) -> None:
    operator = stage.site.join("maker-a", "olga", frozenset({Role.OWNER, Role.OPERATOR}))
    token = stage.token(operator, Scope.MEMBERS_READ, Scope.TOKENS_READ)
    assert stage.ask(token, "/api/v1/members").status_code == 200
    stage.site.accounts.members.set_roles(stage.cast.maker.principal, operator.member, frozenset({Role.OPERATOR}))
    assert code_of(stage.ask(token, "/api/v1/members")) == (403, "scope_missing")
    assert stage.ask(token, "/api/v1/organisation").get_json()["scopes"] == ["tokens:read"]
    assert stage.ask(token, "/api/v1/tokens").status_code == 200


def test_a_token_ends_itself_and_only_itself(stage: Stage) -> None:
    bare = stage.token(stage.cast.maker, Scope.VERIFY)
    other = stage.token(stage.cast.maker, *Scope, name="another")
    for foreign in (other.split("_")[1], "aaaaaaaa", "%00", "x" * 300):
        assert stage.ask(bare, f"/api/v1/tokens/{foreign}", "DELETE").status_code == 403
    own = f"/api/v1/tokens/{bare.split('_')[1]}"
    assert stage.ask(bare, own, "DELETE").status_code == 204
    assert code_of(stage.ask(bare, own, "DELETE")) == (401, "invalid_token")
    assert stage.ask(other, "/api/v1/organisation").status_code == 200
    shown = {one["id"]: one for one in stage.ask(other, "/api/v1/tokens").get_json()["tokens"]}
    assert "revoked_at" in shown[bare.split("_")[1]] and "revoked_at" not in shown[other.split("_")[1]]
    newest = stage.ask(other, "/api/v1/audit?limit=1").get_json()["rows"][0]
    assert (newest["action"], newest["actor_kind"], newest["actor"]) == ("token.revoked", "token", bare.split("_")[1])


def test_nothing_is_made_over_the_api(stage: Stage) -> None:
    token = stage.token(stage.cast.maker, *Scope)
    for path in ("/api/v1/tokens", "/api/v1/members", "/api/v1/audit", "/api/v1/organisation"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert stage.ask(token, path, method).status_code == 405


def test_secrets_and_login_names_are_in_no_answer(stage: Stage) -> None:
    stage.site.join("maker-a", "rita.login", READER)
    token = stage.token(stage.cast.maker, *Scope)
    secret = token.split("_", 2)[2]
    for path in (*LISTS, "/api/v1/organisation"):
        assert secret not in stage.ask(token, path).text
    names = [set(one) for one in stage.ask(token, "/api/v1/members").get_json()["members"]]
    assert all("login_name" not in one and "password" not in str(one) for one in names)


def pages(stage: Stage, token: str, path: str, member: str) -> list[Any]:
    found: list[Any] = []
    cursor = ""
    while True:
        answer = stage.ask(token, f"{path}?limit=2{cursor}")
        found += answer.get_json()[member]
        if "next" not in answer.get_json():
            return found
        cursor = f"&cursor={answer.get_json()['next']}"
        assert f'cursor={answer.get_json()["next"]}>; rel="next"' in answer.headers["Link"]


def test_pages_join_without_gap_or_repetition(stage: Stage) -> None:
    token = stage.token(stage.cast.maker, *Scope)
    for number in range(4):
        stage.token(stage.cast.maker, Scope.VERIFY, name=f"line {number}")
        stage.site.join("maker-a", f"member.{number}", READER)
    for path, member, key, count in (
        ("/api/v1/tokens", "tokens", "id", 5),
        ("/api/v1/members", "members", "id", 5),
        ("/api/v1/audit", "rows", "seq", None),
    ):
        found = [one[key] for one in pages(stage, token, path, member)]
        whole = [one[key] for one in stage.ask(token, f"{path}?limit=200").get_json()[member]]
        assert found == whole and len(set(found)) == len(found)
        assert count in (None, len(found))


def test_a_reader_recomputes_the_chain_and_notices_a_change(stage: Stage) -> None:
    token = stage.token(stage.cast.maker, *Scope)
    page = read_wire(AuditPage, stage.ask(token, "/api/v1/audit?limit=200").get_json())
    end = check_audit_chain(page.rows)
    assert end == ChainEnd(page.count, bytes.fromhex(page.head))
    stage.token(stage.cast.maker, Scope.VERIFY, name="later")
    rows = [read_wire(AuditRow, row) for row in pages(stage, token, "/api/v1/audit", "rows")]
    assert check_audit_chain(rows, start=end).seq == page.count + 1


@pytest.mark.parametrize("query", ["action=A", "action=a&action=b", "actor=%00", "action=", "limit=0", "cursor=x"])
def test_a_question_that_is_not_well_formed_is_refused(stage: Stage, query: str) -> None:
    token = stage.token(stage.cast.maker, *Scope)
    answer = stage.ask(token, f"/api/v1/audit?{query}")
    name = query.partition("=")[0]
    assert code_of(answer) == (400, f"bad_{name}")


def test_the_trail_is_searched_by_action_and_actor(stage: Stage) -> None:
    token = stage.token(stage.cast.maker, *Scope)
    rows = stage.ask(token, "/api/v1/audit?action=token.created").get_json()["rows"]
    assert {row["action"] for row in rows} == {"token.created"}
    rows = stage.ask(token, f"/api/v1/audit?actor={stage.cast.maker.member}").get_json()["rows"]
    assert rows and {row["actor"] for row in rows} == {stage.cast.maker.member}
