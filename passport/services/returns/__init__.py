# SPDX-License-Identifier: Apache-2.0
"""The use cases of returns: what organisations report, what consumers confirm, the figures of both. docs/returns.md."""

from __future__ import annotations

from dataclasses import dataclass

from passport.services.returns.confirming import Confirming
from passport.services.returns.desk import ReturnDesk
from passport.services.returns.kit import ReturnKit


@dataclass(frozen=True, slots=True)
class Returns:
    """Both, over one database."""

    desk: ReturnDesk
    confirming: Confirming


def make_returns(kit: ReturnKit) -> Returns:
    """Puts the use cases together."""
    return Returns(ReturnDesk(kit), Confirming(kit))
