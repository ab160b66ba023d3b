# SPDX-License-Identifier: Apache-2.0
"""One real registry for all calls over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.live_registry import Live, live_registry


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    with live_registry(tmp_path_factory.mktemp("live")) as found:
        yield found
