# SPDX-License-Identifier: Apache-2.0
"""Every test of these use cases runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.accounts import open_site
from tests.support.postgres import new_postgres_url
from tests.support.returns import Depot, make_depot


@pytest.fixture(params=["sqlite", "postgresql"])
def depot(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Depot]:
    with open_site(tmp_path, new_postgres_url() if request.param == "postgresql" else None) as site:
        yield make_depot(site)
