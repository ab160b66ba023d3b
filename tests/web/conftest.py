# SPDX-License-Identifier: Apache-2.0
"""A registry's application over fakes that police their caller."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from passport.web.app import create_app
from tests.support.api_contract import watch
from tests.support.fake_registry import FakeChecker, FakeRegistry
from verifier.web.settings import WebSettings
from verifier.web.streams import StreamGate

SETTINGS = WebSettings(max_streams=2, beat_seconds=0.4, stream_seconds=30.0, poll_seconds=0.5)


@pytest.fixture
def checker() -> FakeChecker:
    return FakeChecker()


@pytest.fixture
def registry() -> FakeRegistry:
    return FakeRegistry()


@pytest.fixture
def gate() -> StreamGate:
    return StreamGate(SETTINGS.max_streams)


@pytest.fixture
def app(registry: FakeRegistry, checker: FakeChecker, gate: StreamGate) -> Iterator[Flask]:
    app = create_app(registry, checker, SETTINGS, gate)
    undeclared = watch(app)
    yield app
    assert not undeclared, "\n".join(undeclared)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()
