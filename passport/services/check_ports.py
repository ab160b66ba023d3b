# SPDX-License-Identifier: Apache-2.0
"""What the counting of checks needs of storage. DESIGN §6."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from passport.domain.check_values import CheckRow, CodeKey, Deltas, ShippedRange

Rows = dict[CodeKey, CheckRow]


class CheckStore(Protocol):
    """One row per code. Every method raises LedgerError (StoreFailed) when the database does not do it."""

    def find(self, key: CodeKey) -> CheckRow | None: ...

    def apply(self, deltas: Deltas, on_merged: Callable[[Rows], None]) -> Rows: ...

    def accept_shipment(self, shipped: ShippedRange) -> tuple[Rows, ShippedRange]: ...

    def load_suspects(self) -> Rows: ...
