# SPDX-License-Identifier: Apache-2.0
"""A mirror in front of a simulated ledger that is really served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.ledger_server import LedgerServer
from tests.support.makers import Maker
from tests.support.mirrors import MirrorScene


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[MirrorScene]:
    with LedgerServer({}) as server:
        scene = MirrorScene(tmp_path / "state", server)
        yield scene
        scene.end()


@pytest.fixture
def acme(scene: MirrorScene) -> Maker:
    """A maker with one batch of 300 codes, lot L1."""
    acme = scene.ledger.admit("acme", prefix="69012340")
    scene.ledger.issue_batch(acme, count=300, lot="L1")
    return acme
