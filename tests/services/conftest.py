# SPDX-License-Identifier: Apache-2.0
"""One registry is made for the whole run; each module starts a copy of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from passport.settings import Settings
from tests.support.registries import Workshop, make_template, running_registry


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return make_template(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="module")
def workshop(template: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workshop]:
    with running_registry(template, tmp_path_factory.mktemp("registry")) as running:
        yield running
