# SPDX-License-Identifier: Apache-2.0
"""What the use cases of returns share: the database, the ledger, the clock, ids."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from passport.services.listings.kit import Ids
from passport.services.returns.ports import Business, RecallSource

_BEIJING = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class ReturnKit:
    """`clock` in UTC."""

    business: Business
    ledger: RecallSource
    clock: Callable[[], datetime]
    ids: Ids = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", Ids(self.clock))

    def now(self) -> datetime:
        """The clock to the second, which is what the tables hold."""
        return self.clock().replace(microsecond=0)

    def today(self) -> date:
        """The local calendar date in China."""
        return (self.clock() + _BEIJING).date()
