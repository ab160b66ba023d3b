# SPDX-License-Identifier: Apache-2.0
"""A running registry that counts, its pages, visitors from all over the country; a recorder alone. Real databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from passport.domain.check_values import CodeKey
from passport.services.check_counts import Recorder, RecorderOptions
from passport.settings import Settings
from passport.storage.check_schema import CHECK_TABLES
from passport.storage.check_store import CheckStore
from passport.storage.engine import Database, open_database
from passport.storage.lock import DirectoryLock
from passport.web.app import create_app
from passport.web.ports import Counting
from tests.support.fake_registry import make_verdict
from tests.support.makers import IssuedBatch, Maker
from tests.support.postgres import new_postgres_url
from tests.support.registries import Workshop, make_template, running_registry
from verifier.suspicion import CheckFacts
from verifier.verdict import Status, Verdict
from verifier.web.ports import Visit
from verifier.web.settings import WebSettings

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"
PLACE = "X-Province"
VERDICT = make_verdict(Status.GENUINE, "genuine")
KEY = CodeKey("qingshan", 3, 17)
SLOW = RecorderOptions(flush_seconds=3600)  # the tests say when
OWN_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document"}


@dataclass
class Clock:
    """A clock that goes when it is told to."""

    now: datetime = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@dataclass
class Shop:
    """A registry with one batch, and its application."""

    workshop: Workshop
    maker: Maker
    batch: IssuedBatch
    client: FlaskClient
    clock: Clock = field(default_factory=Clock)

    @property
    def recorder(self) -> Recorder:
        return self.workshop.registry.recorder

    def path(self, seq: int = 0) -> str:
        return f"/check{self.batch.codes[seq].to_path()}"

    def key(self, seq: int = 0) -> CodeKey:
        return CodeKey(self.maker.id, self.batch.statement.batch, seq)

    def visit(self, seq: int = 0, *, address: str = "192.0.2.1", place: str = "", **headers: str) -> TestResponse:
        """Somebody opens the page of a code."""
        return self.client.get(self.path(seq), headers=_headers(address, place, headers))

    def tell(self, form: dict[str, str], seq: int = 0, *, address: str = "192.0.2.1", **headers: str) -> TestResponse:
        """Somebody sends one of the page's forms."""
        return self.client.post(self.path(seq), data=form, headers=_headers(address, "", OWN_PAGE | headers))


def _headers(address: str, place: str, more: dict[str, str]) -> dict[str, str]:
    headers = {"User-Agent": PHONE, "X-Forwarded-For": address, "Accept-Language": "en"}
    return headers | ({PLACE: place} if place else {}) | {name.replace("_", "-"): value for name, value in more.items()}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def module_shop(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with running_registry(template, tmp_path_factory.mktemp("registry")) as workshop:
        maker = workshop.admit("acme", "6901234")
        batch = workshop.issue(maker, 0, 300)
        registry = workshop.registry
        settings = WebSettings(proxies=1, province_header=PLACE)
        counting = Counting(registry.recorder, registry.shipments)
        app = create_app(registry.service, registry.checker, settings, counting=counting)
        yield Shop(workshop, maker, batch, app.test_client())


@pytest.fixture
def shop(module_shop: Shop) -> Shop:
    """Tests of one module share a registry: each takes codes of its own."""
    return module_shop


@dataclass
class Stage:
    """A database of counts, and recorders over it one after the other."""

    database: Database
    clock: Clock

    def recorder(self, options: RecorderOptions = SLOW) -> Recorder:
        recorder = Recorder(CheckStore(self.database), clock=self.clock, options=options)
        recorder._judge(recorder._store.load_suspects())
        return recorder

    def stored(self) -> CheckFacts:
        row = CheckStore(self.database).find(KEY)
        return CheckFacts() if row is None else row.to_facts()


@pytest.fixture(params=["sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    lock = None
    if request.param == "sqlite":
        lock = DirectoryLock(tmp_path)
        lock.acquire()
        url = f"sqlite:///{tmp_path / 'checks.sqlite3'}"
    else:
        url = new_postgres_url()
    database = open_database(url, lock, CHECK_TABLES)
    yield Stage(database, Clock())
    database.close()
    if lock is not None:
        lock.release()


def visitor(number: int, place: str = "") -> Visit:
    return Visit(f"192.0.2.{number}", "Mozilla/5.0", place)


def facts(recorder: Recorder, verdict: Verdict = VERDICT) -> CheckFacts:
    count = recorder.find_count(verdict, visitor(250))
    assert count is not None
    return count.facts
