# SPDX-License-Identifier: Apache-2.0
"""What the pages need from whoever serves them: one port, implemented by a registry and by a platform's own node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from verifier.product_view import ProductView

if TYPE_CHECKING:
    from verifier.lots import LotVerdict
    from verifier.verdict import Verdict


__all__ = ["Checker", "ProductView"]


class Checker(Protocol):
    """Verifies codes and lots against a ledger. Safe to call from many threads."""

    def check(self, code: str) -> Verdict:
        """The verdict on any text, hostile text too; never raises because of it."""

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        """The verdict on a lot; never raises because of the arguments."""

    def find_product(self, gtin: str) -> ProductView | None:
        """The published passport of a GTIN, or None."""

    def change_count(self) -> int:
        """A number that grows with every published snapshot."""

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        """Returns the change count as soon as it exceeds `since`, at the latest after the timeout."""
