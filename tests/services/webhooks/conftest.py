# SPDX-License-Identifier: Apache-2.0
"""Every test of these use cases runs on SQLite and on a real PostgreSQL, where it says `post`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from passport.webhook_sender import WebhookSender
from tests.support.accounts import open_site
from tests.support.https_receiver import HttpsReceiver, ToldResolver
from tests.support.postgres import new_postgres_url
from tests.support.webhooks import Post, make_post, open_line


@pytest.fixture(params=["sqlite", "postgresql"])
def post(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Post]:
    with open_site(tmp_path, new_postgres_url() if request.param == "postgresql" else None) as site:
        yield make_post(site)


@pytest.fixture
def one_post(tmp_path: Path) -> Iterator[Post]:
    """SQLite alone."""
    with open_site(tmp_path) as site:
        yield make_post(site)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[tuple[HttpsReceiver, WebhookSender, ToldResolver]]:
    with open_line(tmp_path) as opened:
        yield opened
