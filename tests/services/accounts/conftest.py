# SPDX-License-Identifier: Apache-2.0
"""Every test of the use cases runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import AccountsSite, Cast, make_cast, open_site
from tests.support.postgres import new_postgres_url


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccountsSite]:
    with open_site(tmp_path, new_postgres_url() if request.param == "postgresql" else None) as site:
        yield site


@pytest.fixture
def cast(site: AccountsSite) -> Cast:
    return make_cast(site)
