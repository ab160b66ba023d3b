# SPDX-License-Identifier: Apache-2.0
"""What the calls about recalls' cases take and answer, as frozen values: docs/recalls.md says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from verifier.api_types import Count, Cursor, Gtin
from verifier.listing_types import State, Uuid
from verifier.protocol.fields import Text
from verifier.wire import Bound

RecallId: TypeAlias = Annotated[str, Bound("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?/[A-Za-z0-9][A-Za-z0-9.-]{0,39}")]
CaseState: TypeAlias = Literal["open", "closed", "all"]
SellerId: TypeAlias = Annotated[str, Bound("[!-~]{1,64}")]
Measure: TypeAlias = Literal["warned", "listings_suspended", "shop_closed", "reported_to_authority", "other"]
Reported: TypeAlias = Annotated[tuple[Uuid, ...], Bound(minimum=1, maximum=200)]


@dataclass(frozen=True, slots=True)
class ShareInfo:
    """`part` of `whole`. `permille` is rounded down, and absent where there is nothing to count."""

    part: Count
    whole: Count
    permille: Count | None = None


@dataclass(frozen=True, slots=True)
class ReturnInfo:
    """(remedied + recovered) / affected codes of the recall; docs/returns.md. Absent: nobody can say."""

    remedied: Count
    recovered: Count
    affected: Count | None = None
    rate_basis_points: Count | None = None


@dataclass(frozen=True, slots=True)
class CaseFiguresInfo:
    """Numbers of listings; seconds from the push to the delisting report, absent while nobody has reported."""

    affected: Count
    pending: Count
    notices: Count
    stopped: Count
    stopped_in_time: Count
    late: Count
    overdue: Count
    released: Count
    attempts: Count
    sellers_trying: Count
    measures: Count
    median_seconds: Count | None = None
    worst_seconds: Count | None = None


@dataclass(frozen=True, slots=True)
class RecallInfo:
    """A recall as the ledger has it. `ledger_index` is its publication, `latest_index` what was said last."""

    recall_id: RecallId
    publisher: str
    severity: str
    title: Text
    revision: Count
    status: Literal["active", "closed"]
    ledger_index: Count
    latest_index: Count
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class RecallCaseInfo:
    """A platform's case. Without `pushed_at` nothing was pushed: there was no listing, and somebody tried to sell."""

    id: Uuid
    platform: str
    recall: RecallInfo
    opened_at: datetime
    figures: CaseFiguresInfo
    pushed_at: datetime | None = None
    deadline_at: datetime | None = None
    received_at: datetime | None = None
    received_by: Literal["webhook", "token", "member"] | None = None
    closed_at: datetime | None = None
    closed_by: Literal["recall", "platform"] | None = None
    returns: ReturnInfo | None = None


@dataclass(frozen=True, slots=True)
class RecallCasePage:
    """The newest first."""

    cases: tuple[RecallCaseInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class CaseListingInfo:
    """A listing as it was when the recall reached it, and what was reported since."""

    listing: Uuid
    url: str
    seller_id: str
    seller_name: str
    gtin: Gtin
    lots: tuple[str, ...]
    state_before: State
    stopped_at: datetime
    pushed_at: datetime | None = None
    deadline_at: datetime | None = None
    notice_at: datetime | None = None
    notice_url: str | None = None
    delisted_at: datetime | None = None
    released_at: datetime | None = None
    rebound_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseListingPage:
    """In the order of their ids."""

    listings: tuple[CaseListingInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """The shop's pages show the notice at `url`: of these listings, or of `all`."""

    url: Annotated[str, Bound("https://[!-~]+", maximum=2048)]
    listings: Reported | None = None
    all: bool | None = None


@dataclass(frozen=True, slots=True)
class DelistedInput:
    """These listings are taken down, or `all` of the case."""

    listings: Reported | None = None
    all: bool | None = None


@dataclass(frozen=True, slots=True)
class ReportResult:
    """`reported` listings are new in this report; `known` ones were reported before and keep their time."""

    reported: Count
    known: Count


@dataclass(frozen=True, slots=True)
class MeasureInput:
    """What was done about a seller of the case."""

    seller_id: SellerId
    kind: Measure
    text: Annotated[str, Bound(maximum=2000)] | None = None


@dataclass(frozen=True, slots=True)
class MeasureInfo:
    id: Uuid
    seller_id: str
    kind: Measure
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecallIndicatorsInfo:
    """The five indicators. Without a `permille` there is no figure."""

    shared_in_real_time: ShareInfo
    stopped_in_time: ShareInfo
    notices_shown: ShareInfo
    relisting_blocked: ShareInfo
    sellers_acted_on: ShareInfo
    attempts: Count
    cases: Count
    median_share_seconds: Count | None = None


@dataclass(frozen=True, slots=True)
class BoardRowInfo:
    """A recall with figures over the cases that the reader sees."""

    recall: RecallInfo
    platforms: Count
    received: ShareInfo
    figures: CaseFiguresInfo
    returns: ReturnInfo | None = None


@dataclass(frozen=True, slots=True)
class RecallBoardInfo:
    """`handled_size`: entries of the ledger that were carried into the cases."""

    at: datetime
    handled_size: Count
    indicators: RecallIndicatorsInfo
    recalls: tuple[BoardRowInfo, ...]
