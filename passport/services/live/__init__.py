# SPDX-License-Identifier: Apache-2.0
"""The use cases of live commerce: selection dossiers, sanctions, sellers. docs/live-commerce.md."""

from __future__ import annotations

from dataclasses import dataclass

from passport.services.live.appeals import SanctionAppealDesk
from passport.services.live.dossiers import ApprovalDesk, DossierDesk
from passport.services.live.kit import LiveKit
from passport.services.live.sanctions import SanctionDesk, SanctionSource, SellerDesk

__all__ = ["Live", "LiveKit", "SanctionSource", "make_live"]


@dataclass(frozen=True, slots=True)
class Live:
    """All of them, over one database. `source` is for the gate and for badges, and takes no principal."""

    dossiers: DossierDesk
    approvals: ApprovalDesk
    sanctions: SanctionDesk
    appeals: SanctionAppealDesk
    sellers: SellerDesk
    source: SanctionSource


def make_live(kit: LiveKit) -> Live:
    """Puts the use cases together."""
    return Live(
        DossierDesk(kit),
        ApprovalDesk(kit),
        SanctionDesk(kit),
        SanctionAppealDesk(kit),
        SellerDesk(kit),
        SanctionSource(kit.business),
    )
