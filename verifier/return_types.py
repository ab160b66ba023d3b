# SPDX-License-Identifier: Apache-2.0
"""What the calls about the return of a recall take and answer, as frozen values: see docs/returns.md."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, TypeAlias

from verifier.api_types import Count, Cursor
from verifier.listing_types import Uuid
from verifier.wire import Bound

RecallNumber: TypeAlias = Annotated[str, Bound("[A-Za-z0-9][A-Za-z0-9.-]{0,39}")]
BasisPoints: TypeAlias = Annotated[int, Bound(minimum=0, maximum=10_000)]
Note: TypeAlias = Annotated[str, Bound(maximum=500)]
_LIMIT = 1_000_000_000


@dataclass(frozen=True, slots=True)
class AffectedInfo:
    """A number of affected items that was declared in place of the ledger's, by whom and why. `count` is absent where
    the ledger's number was declared to count again.
    """

    declared_by: str
    declared_at: datetime
    reason: str
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What consumers said on check pages: one for each code."""

    remedied: Count
    returned: Count


@dataclass(frozen=True, slots=True)
class ReturnFiguresInfo:
    """The return of a recall at one moment. `rate` = (consumers' + recovered) / affected.

    `rate_basis_points` is hundredths of a percent, rounded down, never above 10,000; absent while no code is known to
    be affected. `beyond` is what was reported beyond the affected number. `codes_in_ledger` are the codes that the
    recall covers in the ledger of `ledger_size` entries, without the voided ones.
    """

    recall_id: str
    at: datetime
    ledger_size: Count
    codes_in_ledger: Count
    affected: Count
    confirmed_by_consumers: Confirmed
    recovered: Count
    beyond: Count
    rate_basis_points: BasisPoints | None = None
    declared: AffectedInfo | None = None


@dataclass(frozen=True, slots=True)
class RecoveryInput:
    """Goods taken back from the channel on a day. A count below 0 corrects what you reported before."""

    count: Annotated[int, Bound(minimum=-_LIMIT, maximum=_LIMIT)]
    on: date
    lot: Annotated[str, Bound(minimum=1, maximum=20)] | None = None
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class RecoveryInfo:
    """One report of your organisation."""

    id: Uuid
    recall_id: str
    count: int
    on: date
    note: str
    reported_at: datetime
    lot: str | None = None


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """The newest first."""

    reports: tuple[RecoveryInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class AffectedInput:
    """Another number of affected items than the ledger's. Without `count` the ledger's number counts again."""

    reason: Annotated[str, Bound(minimum=1, maximum=500)]
    count: Annotated[int, Bound(minimum=0, maximum=_LIMIT)] | None = None
