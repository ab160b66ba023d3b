# SPDX-License-Identifier: Apache-2.0
"""Every test of these use cases runs on SQLite and on a real PostgreSQL, where it says `studio`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import open_site
from tests.support.live_commerce import Studio, make_studio
from tests.support.postgres import new_postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def studio(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Studio]:
    with open_site(tmp_path, new_postgres_url() if request.param == "postgresql" else None) as site:
        yield make_studio(site)


@pytest.fixture
def one_studio(tmp_path: Path) -> Iterator[Studio]:
    """SQLite alone, for long tables of cases."""
    with open_site(tmp_path) as site:
        yield make_studio(site)
