# SPDX-License-Identifier: Apache-2.0
"""What the calls about live commerce take and answer, as frozen values: docs/live-commerce.md says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from verifier.api_types import Count, Cursor, Gtin
from verifier.listing_types import AnyGtin, AppealNoteInfo, GateReason, Seller, Uuid
from verifier.protocol.fields import Text
from verifier.wire import Bound

DossierStateName: TypeAlias = Literal["draft", "submitted", "approved", "rejected", "logged"]
StoredStateName: TypeAlias = Literal["draft", "submitted", "approved", "rejected"]
SanctionStateName: TypeAlias = Literal["proposed", "declined", "scheduled", "active", "expired", "lifted"]
ReportKindName: TypeAlias = Literal["test_report", "certificate", "inspection", "licence", "other"]
Line: TypeAlias = Annotated[str, Bound(minimum=1, maximum=80)]
HexDigest: TypeAlias = Annotated[str, Bound("[0-9a-f]{64}")]
LinkUrl: TypeAlias = Annotated[str, Bound("https://[!-~]+", maximum=500)]
CreditCode: TypeAlias = Annotated[str, Bound("[0-9A-Z]{18}")]


@dataclass(frozen=True, slots=True)
class Room:
    """A live room as the platform calls it."""

    id: Line
    name: Line


@dataclass(frozen=True, slots=True)
class ReportInput:
    """A report that was looked at. `scheme`, such as CCC, is needed for a certificate and is nobody else's."""

    kind: ReportKindName
    number: Line
    issued_by: Line
    valid_from: date
    valid_until: date
    scheme: Annotated[str, Bound(minimum=1, maximum=64)] | None = None
    digest: HexDigest | None = None
    url: LinkUrl | None = None


@dataclass(frozen=True, slots=True)
class DossierInput:
    """An item of a live session. `sample_code` is as a scanner typed it."""

    room: Room
    session_at: datetime
    item_title: Annotated[str, Bound(minimum=1, maximum=200)]
    gtin: AnyGtin
    lot: Annotated[str, Bound(minimum=1, maximum=20)]
    seller: Seller
    reports: Annotated[tuple[ReportInput, ...], Bound(maximum=20)]
    sample_code: Annotated[str, Bound(minimum=1, maximum=512)] | None = None


@dataclass(frozen=True, slots=True)
class SampleInfo:
    """What the check of the sample said when it was entered. An approval checks again."""

    status: str
    reason: str
    lot: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class DossierDecisionInfo:
    """The latest decision: by the rules refused, or by a person approved or rejected."""

    id: Uuid
    outcome: Literal["approved", "refused", "rejected"]
    rule_version: str
    decided_at: datetime
    reasons: tuple[GateReason, ...]
    note: str


@dataclass(frozen=True, slots=True)
class DossierInfo:
    """A dossier. `digest`: of its document, once approved. `ledger_index`: where the published ledger says it."""

    id: Uuid
    room: Room
    session_at: datetime
    item_title: str
    gtin: Gtin
    lot: str
    seller: Seller
    reports: tuple[ReportInput, ...]
    state: DossierStateName
    revision: Count
    created_at: datetime
    changed_at: datetime
    sample_code: str | None = None
    sample: SampleInfo | None = None
    digest: HexDigest | None = None
    ledger_index: Count | None = None
    decision: DossierDecisionInfo | None = None


@dataclass(frozen=True, slots=True)
class DossierPage:
    """The newest first, without their decisions."""

    dossiers: tuple[DossierInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class EvidenceInput:
    """What a sanction stands on."""

    title: Annotated[str, Bound(minimum=1, maximum=120)]
    url: LinkUrl
    digest: HexDigest | None = None
    ledger_index: Count | None = None


@dataclass(frozen=True, slots=True)
class SanctionSubject:
    """A platform lists a `seller` by its own id, an authority a `company` by its credit code."""

    kind: Literal["seller", "company"]
    id: Annotated[str, Bound("[!-~]{1,64}")]
    name: Line


@dataclass(frozen=True, slots=True)
class SanctionText:
    """The reason, in both languages."""

    zh: Annotated[str, Bound(minimum=1, maximum=500)]
    en: Annotated[str, Bound(minimum=1, maximum=500)]


@dataclass(frozen=True, slots=True)
class SanctionInput:
    """A proposal: a person who may decides about it. Both dates are local and inclusive."""

    subject: SanctionSubject
    reason: SanctionText
    evidence: Annotated[tuple[EvidenceInput, ...], Bound(minimum=1, maximum=20)]
    rule_version: Annotated[str, Bound(minimum=1, maximum=40)]
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class SanctionEventInfo:
    """One line of the history, which only grows."""

    at: datetime
    actor_kind: Literal["member", "token"]
    action: Literal["proposed", "activated", "declined", "lifted"]
    text: str


@dataclass(frozen=True, slots=True)
class SanctionAppealInfo:
    """An appeal with all that was said."""

    id: Uuid
    sanction: Uuid
    wants_person: bool
    state: Literal["open", "closed"]
    notes: tuple[AppealNoteInfo, ...]
    outcome: Literal["upheld", "facts_changed"] | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SanctionInfo:
    """A sanction. `organisation` put it on the list; `state` is today's."""

    id: Uuid
    organisation: str
    by_authority: bool
    subject: SanctionSubject
    reason: Text
    evidence: tuple[EvidenceInput, ...]
    rule_version: str
    from_on: date
    state: SanctionStateName
    created_at: datetime
    changed_at: datetime
    until_on: date | None = None
    history: tuple[SanctionEventInfo, ...] | None = None
    appeals: tuple[SanctionAppealInfo, ...] | None = None


@dataclass(frozen=True, slots=True)
class SanctionPage:
    """The newest first, without histories and appeals."""

    sanctions: tuple[SanctionInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class SellerInput:
    """Which company a seller is, by its 统一社会信用代码."""

    id: Annotated[str, Bound("[!-~]{1,64}")]
    name: Line
    uscc: CreditCode


@dataclass(frozen=True, slots=True)
class SellerInfo:
    id: str
    name: str
    uscc: CreditCode
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class SellerPage:
    """In the order of their ids."""

    sellers: tuple[SellerInfo, ...]
    next: Cursor | None = None
