# SPDX-License-Identifier: Apache-2.0
"""The application with accounts over a real database, and three people's browsers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passport.services.listings import Listings, make_listings
from passport.services.listings.kit import ListingKit
from passport.services.returns import make_returns
from passport.services.returns.kit import ReturnKit
from passport.services.webhooks import Webhooks, make_webhooks
from passport.web.api.frame import ApiFrame
from passport.web.app import create_app
from tests.support.accounts import AccountsSite, Cast, Person, make_cast, open_site
from tests.support.fake_registry import FakeChecker, FakeRegistry
from tests.support.listings import ToldLedger
from tests.support.returns import ToldRecalls
from tests.support.webhooks import ToldSender, make_kit
from tests.web.console.badge_routes import make_badges
from tests.web.console.live_routes import told_live
from tests.web.console.recall_routes import told_recalls
from verifier.web.settings import WebSettings


def make_console_app(
    site: AccountsSite,
    settings: WebSettings | None = None,
    listings: Listings | None = None,
    webhooks: Webhooks | None = None,
) -> Flask:
    kit = ListingKit(site.business, ToldLedger(), site.clock)
    frame = ApiFrame(
        keys=site.business.idempotency_keys(),
        accounts=site.accounts,
        returns=make_returns(ReturnKit(site.business, ToldRecalls(), site.clock)),
        listings=listings or make_listings(kit),
        live=told_live(site),
        badges=make_badges(site),
        recalls=told_recalls(site),
        webhooks=webhooks or make_webhooks(make_kit(site, ToldSender())),
    )
    return create_app(FakeRegistry(), FakeChecker(), settings, frame=frame)


@dataclass
class Browser:
    """A test client that fills in forms as a browser does: with the page's own token and the own origin."""

    client: FlaskClient
    secure: bool = False

    @property
    def base(self) -> str:
        return "https://localhost" if self.secure else "http://localhost"

    def enter(self, person: Person) -> None:
        prefix = "__Host-" if self.secure else ""
        self.client.set_cookie(f"{prefix}console", person.session, secure=self.secure)
        self.client.set_cookie(f"{prefix}device", person.device, secure=self.secure)

    def get(self, address: str, **headers: str) -> TestResponse:
        return self.client.get(address, base_url=self.base, headers=headers)

    def form_token(self, address: str = "/console/sign-in") -> str:
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(address).text)
        assert found is not None, address
        return found[1]

    def post(self, address: str, *, origin: str = "", **fields: str | list[str]) -> TestResponse:
        data = {"csrf_token": self.form_token(), **fields}
        return self.client.post(address, base_url=self.base, data=data, headers={"Origin": origin or self.base})


@pytest.fixture
def site(tmp_path: Path) -> Iterator[AccountsSite]:
    with open_site(tmp_path) as site:
        yield site


@pytest.fixture
def cast(site: AccountsSite) -> Cast:
    return make_cast(site)


@pytest.fixture
def app(site: AccountsSite) -> Flask:
    return make_console_app(site)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app.test_client())
