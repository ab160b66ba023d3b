# SPDX-License-Identifier: Apache-2.0
"""A running registry with recalled codes, and consumers who look at their pages. Real databases, real evidence."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passport.domain.returns import ReturnFigures
from passport.settings import Settings
from passport.web.api.frame import ApiFrame
from passport.web.api.limits import RateLimits
from passport.web.app import create_app
from tests.support.makers import IssuedBatch, Maker, both
from tests.support.registries import Workshop, make_template, running_registry
from verifier.protocol.statements.products import CodesVoided, SeqRange
from verifier.protocol.statements.recall import RecallPublished
from verifier.web.settings import WebSettings

RECALL, OTHER = "acme/1", "acme/2"
VOIDED = 3
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}


@dataclass
class Depot:
    """Lot L1 is recalled, lot L2 by another recall, lot L3 by none."""

    workshop: Workshop
    maker: Maker
    recalled: IssuedBatch
    elsewhere: IssuedBatch
    good: IssuedBatch
    app: Flask
    client: FlaskClient

    def figures(self, recall_id: str = RECALL) -> ReturnFigures:
        return self.workshop.registry.platform.returns.desk.figures(recall_id)

    def path(self, seq: int, batch: IssuedBatch | None = None) -> str:
        return f"/check{(batch or self.recalled).codes[seq].to_path()}"

    def look(self, path: str, language: str = "en") -> TestResponse:
        return self.client.get(path, headers={"Accept-Language": language, "User-Agent": "Mozilla/5.0"})

    def tell(
        self, path: str, *, kind: str = "remedied", recall: str = RECALL, address: str = "192.0.2.1", **headers: str
    ) -> TestResponse:
        """Somebody sends the card's form from the page `path`, and goes where it leads."""
        before, _, seal = path.partition("?")
        sent = {"Accept-Language": "en", "X-Forwarded-For": address, **OWN_PAGE}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        form = {"kind": kind, "recall": recall}
        answer = self.client.post(f"{before}/returned?{seal}", data=form, headers=sent)
        return self.look(answer.location) if answer.status_code == 303 else answer


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def depot(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Depot]:
    with running_registry(template, tmp_path_factory.mktemp("registry")) as workshop:
        maker = workshop.admit("acme", "6901234")
        recalled, elsewhere, good = (workshop.issue(maker, number, 60, lot=f"L{number}") for number in (1, 2, 3))
        workshop.say(CodesVoided(workshop.header("acme"), 1, (SeqRange(0, VOIDED - 1),), both("misprint")), maker.key)
        for number in (1, 2):
            notice = workshop.notice(maker, lot=f"L{number}")
            size = workshop.say(RecallPublished(workshop.header("acme"), f"acme/{number}", notice), maker.key) + 1
        assert workshop.registry.views.wait_for_size(size, 10)
        registry = workshop.registry
        frame = ApiFrame(
            limits=RateLimits(proxies=1),
            keys=registry.accounts.business.idempotency_keys(),
            accounts=registry.accounts.accounts,
            returns=registry.platform.returns,
        )
        app = create_app(registry.service, registry.checker, WebSettings(proxies=1), frame=frame)
        yield Depot(workshop, maker, recalled, elsewhere, good, app, app.test_client())
