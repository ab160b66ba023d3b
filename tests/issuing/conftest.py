# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the issuing tests: a maker's machine in a temporary directory, and a real registry server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.issuing.kit import Workshop
from tests.support.registry_process import RegistryProcess


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture(scope="session")
def registry_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RegistryProcess]:
    with RegistryProcess(tmp_path_factory.mktemp("registry")) as process:
        yield process
