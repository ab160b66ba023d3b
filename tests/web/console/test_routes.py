# SPDX-License-Identifier: Apache-2.0
"""Every route of the console, tried by the maker (whose things they are), the shop, a stranger, a reader and nobody.

A route without a row here fails a test.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from passport.domain.accounts import Scope
from tests.support.accounts import PASSWORD, READER, Cast
from tests.web.console.badge_routes import BADGE_FIELDS, BADGE_GETS, BADGE_POSTS, add_alert, fill_alert
from tests.web.console.conftest import Browser
from tests.web.console.listing_routes import LISTING_FIELDS, LISTING_GETS, LISTING_POSTS, ShopThings, make_things
from tests.web.console.live_routes import LIVE_FORMS, LIVE_GETS, LIVE_POSTS, LiveThings, make_live_things
from tests.web.console.recall_routes import (
    RECALL_FORMS,
    RECALL_GETS,
    RECALL_POSTS,
    RecallThings,
    make_recall_things,
)
from tests.web.console.return_routes import RETURN_GETS, RETURN_POST_FIELDS, RETURN_POSTS, fill_recall
from tests.web.console.webhook_routes import (
    WEBHOOK_FORMS,
    WEBHOOK_GETS,
    WEBHOOK_POSTS,
    WebhookThings,
    make_webhook_things,
)

PEOPLE = ("maker", "shop", "stranger", "reader", "nobody")
IN = 303  # nobody is sent to the sign-in
# Route → statuses for the maker (an owner), shop, stranger, reader of the maker, nobody.
GETS: dict[str, tuple[int, int, int, int, int]] = {
    "/console": (200, 200, 200, 200, IN),
    "/console/sign-in": (200, 200, 200, 200, 200),
    "/console/second-factor": (303, 303, 303, 303, 303),
    "/console/invitation/<code>": (404, 404, 404, 404, 404),
    "/console/invitation/<code>/second-factor": (404, 404, 404, 404, 404),
    "/console/members": (200, 200, 200, 403, IN),
    "/console/members/<member_id>": (200, 404, 404, 403, IN),
    "/console/tokens": (200, 200, 200, 403, IN),
    "/console/audit": (200, 200, 200, 403, IN),
    "/console/account": (200, 200, 200, 200, IN),
    "/console/account/second-factor": (303, 303, 303, 303, IN),
    **LISTING_GETS,
    **LIVE_GETS,
    **RECALL_GETS,
    **BADGE_GETS,
    **RETURN_GETS,
    **WEBHOOK_GETS,
}
POSTS: dict[str, tuple[int, int, int, int, int]] = {
    "/console/sign-in": (422, 422, 422, 422, 422),
    "/console/second-factor": (303, 303, 303, 303, 303),
    "/console/sign-out": (303, 303, 303, 303, IN),
    "/console/sign-out-everywhere": (303, 303, 303, 303, IN),
    "/console/invitation/<code>": (404, 404, 404, 404, 404),
    "/console/invitation/<code>/second-factor": (404, 404, 404, 404, 404),
    "/console/members": (200, 200, 200, 403, IN),
    "/console/members/<member_id>/roles": (303, 404, 404, 403, IN),
    "/console/members/<member_id>/link": (200, 404, 404, 403, IN),
    "/console/members/<member_id>/disable": (303, 404, 404, 403, IN),
    "/console/members/<member_id>/enable": (303, 404, 404, 403, IN),
    "/console/tokens": (200, 200, 200, 403, IN),
    "/console/tokens/<token_id>/revoke": (303, 404, 404, 403, IN),
    "/console/audit/verify": (200, 200, 200, 403, IN),
    "/console/account/password": (303, 303, 303, 303, IN),
    "/console/account/new-app": (303, 303, 303, 303, IN),
    "/console/account/recovery-codes": (200, 200, 200, 200, IN),
    "/console/account/second-factor": (303, 303, 303, 303, IN),
    **LISTING_POSTS,
    **LIVE_POSTS,
    **RECALL_POSTS,
    **BADGE_POSTS,
    **RETURN_POSTS,
    **WEBHOOK_POSTS,
}
FIELDS: dict[str, dict[str, str | list[str]]] = {
    "/console/members": {"display_name": "Eve", "roles": ["reader"]},
    "/console/members/<member_id>/roles": {"roles": ["operator"]},
    "/console/tokens": {"display_name": "program", "scopes": ["verify"], "days": "30"},
    "/console/account/password": {
        "password": PASSWORD,
        "new_password": "quite another one",
        "repeat_password": "quite another one",
    },
    "/console/account/new-app": {"password": PASSWORD},
    "/console/account/recovery-codes": {"password": PASSWORD},
    **LISTING_FIELDS,
    **LIVE_FORMS,
    **RECALL_FORMS,
    **BADGE_FIELDS,
    **RETURN_POST_FIELDS,
    **WEBHOOK_FORMS,
}


@dataclass
class Stage:
    """The maker's reader and token, which stand in the addresses."""

    cast: Cast
    browser: Browser
    member_id: str
    token_id: str
    things: ShopThings
    webhooks: WebhookThings
    recalls: RecallThings
    live: LiveThings

    def address(self, route: str) -> str:
        route = self.live.fill(self.recalls.fill(route))
        route = self.webhooks.fill(self.things.fill(fill_alert(route)))
        address = fill_recall(route).replace("<member_id>", self.member_id).replace("<token_id>", self.token_id)
        return address.replace("<code>", "AAAAAAAAAAAA.secret")


@pytest.fixture
def stage(cast: Cast, browser: Browser, request: pytest.FixtureRequest) -> Stage:
    reader = cast.site.join("maker-a", "rita", READER)
    target = cast.site.join("maker-a", "dora", READER)
    token = cast.site.accounts.tokens.create(cast.maker.principal, "line 1", frozenset({Scope.VERIFY}), 30)
    who = request.node.callspec.params["who"]
    if who != "nobody":
        browser.enter(reader if who == "reader" else cast.person(who))
    things = make_things(cast)
    add_alert(cast, things.listing)
    LISTING_FIELDS["/console/listings/preview"]["listing"] = things.listing
    LISTING_FIELDS["/console/listings/bind"]["listing"] = things.listing
    return Stage(
        cast,
        browser,
        target.member,
        token.token.id,
        things,
        make_webhook_things(cast),
        make_recall_things(cast),
        make_live_things(cast),
    )


def routes_of(app: Flask, method: str) -> set[str]:
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/console")]
    return {rule.rule for rule in rules if method in (rule.methods or ())}


def test_every_route_has_its_row_and_every_form_its_people(app: Flask) -> None:
    assert routes_of(app, "GET") == set(GETS)
    assert routes_of(app, "POST") == set(POSTS)
    others = {method for rule in app.url_map.iter_rules() for method in rule.methods or () if "console" in rule.rule}
    assert others == {"GET", "HEAD", "OPTIONS", "POST"}, "a console's forms get and post"


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", sorted(GETS))
def test_a_page_is_for_whom_it_is(stage: Stage, route: str, who: str) -> None:
    answer = stage.browser.get(stage.address(route))
    assert answer.status_code == GETS[route][PEOPLE.index(who)]
    if who in ("shop", "stranger"):
        rest = answer.data.decode(errors="replace").replace(
            stage.address(route), ""
        )  # the language switch leads to what was asked for
        assert stage.member_id not in rest and stage.token_id not in rest and "maker-a" not in rest
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("route", sorted(POSTS))
def test_a_form_is_for_whom_it_is(stage: Stage, route: str, who: str) -> None:
    answer = stage.browser.post(stage.address(route), **FIELDS.get(route, {}))
    assert answer.status_code == POSTS[route][PEOPLE.index(who)], answer.text
    if who == "nobody" and answer.status_code == 303:
        assert answer.location == "/console/sign-in"


@pytest.mark.parametrize("who", ["maker", "nobody"])
@pytest.mark.parametrize("route", sorted(POSTS))
def test_a_form_without_a_token_or_from_another_site_is_refused(stage: Stage, route: str, who: str) -> None:
    address, fields = stage.address(route), FIELDS.get(route, {})
    client, base = stage.browser.client, stage.browser.base
    assert client.post(address, base_url=base, data=fields).status_code == 400
    for foreign in ("https://shop.example", "null", "http://localhost.evil.example", "http://[bad"):
        answer = stage.browser.post(address, origin=foreign, **fields)
        assert (answer.status_code, "foreign_form" in answer.text) == (400, True), foreign
    token = stage.browser.form_token()
    crossed = client.post(
        address, base_url=base, data={**fields, "csrf_token": token}, headers={"Sec-Fetch-Site": "same-site"}
    )
    assert crossed.status_code == 400
    stranger = Browser(client.application.test_client())
    stolen = stranger.form_token()
    assert client.post(address, base_url=base, data={**fields, "csrf_token": stolen}).status_code == 400


def test_every_route_is_in_the_documentation_and_no_other(app: Flask) -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    text = "".join(
        (docs / name).read_text()
        for name in ("accounts.md", "listings.md", "live-commerce.md", "badge.md", "webhooks.md", "recalls.md")
    )
    documented = set(re.findall(r"`((?:GET|POST) /console[^`]*)`", text))
    expected = {f"{method} {route}" for method in ("GET", "POST") for route in routes_of(app, method)}
    assert documented == expected
