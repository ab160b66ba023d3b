# SPDX-License-Identifier: Apache-2.0
"""Every contract test runs on SQLite and on a real PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support.ledgers import Site
from tests.support.postgres import new_postgres_url

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path) -> Site:
    return Site(tmp_path, new_postgres_url() if request.param == "postgresql" else None)
