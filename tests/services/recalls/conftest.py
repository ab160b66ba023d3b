# SPDX-License-Identifier: Apache-2.0
"""Every test of these use cases runs on SQLite and on a real PostgreSQL, where it says `recalling`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import open_site
from tests.support.postgres import new_postgres_url
from tests.support.recalls import Recalling, make_recalling


@pytest.fixture(params=["sqlite", "postgresql"])
def recalling(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Recalling]:
    with open_site(tmp_path, new_postgres_url() if request.param == "postgresql" else None) as site:
        yield make_recalling(site)


@pytest.fixture
def one_recalling(tmp_path: Path) -> Iterator[Recalling]:
    """SQLite alone, for long tables of cases."""
    with open_site(tmp_path) as site:
        yield make_recalling(site)
