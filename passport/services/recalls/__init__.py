# SPDX-License-Identifier: Apache-2.0
"""The use cases of recall co-governance. Each takes the Principal first and decides by it. docs/recalls.md."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from passport.services.recalls.board import RecallBoard
from passport.services.recalls.desk import RecallDesk
from passport.services.recalls.kit import RecallKit
from passport.services.recalls.worker import RecallWorker


@dataclass(frozen=True, slots=True)
class Recalls:
    """All of them, over one database. `worker` has to be started and stopped. `now` is the clock of the figures."""

    desk: RecallDesk
    board: RecallBoard
    worker: RecallWorker
    now: Callable[[], datetime]


def make_recalls(kit: RecallKit) -> Recalls:
    """Puts the use cases together. What watches the listings is made apart: watch.RecallWatch."""
    return Recalls(RecallDesk(kit), RecallBoard(kit), RecallWorker(kit), kit.now)
