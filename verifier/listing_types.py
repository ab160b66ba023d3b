# SPDX-License-Identifier: Apache-2.0
"""What the calls about listings take and answer, as frozen values: docs/listings.md says what they mean."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from verifier.api_types import Count, Cursor, Gtin
from verifier.protocol.fields import Text
from verifier.wire import Bound, JsonObject

Uuid: TypeAlias = Annotated[str, Bound("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
State: TypeAlias = Literal["draft", "bound", "refused", "stop_sale", "delisted"]
AnyGtin: TypeAlias = Annotated[str, Bound("[0-9]{8}|[0-9]{12,14}")]
AppealText: TypeAlias = Annotated[str, Bound(minimum=1, maximum=2000)]


@dataclass(frozen=True, slots=True)
class Seller:
    """A seller as the platform calls them."""

    id: Annotated[str, Bound("[!-~]{1,64}")]
    name: Annotated[str, Bound(minimum=1, maximum=80)]


@dataclass(frozen=True, slots=True)
class ListingInput:
    """What a platform says of a listing: lots, or codes of samples, or both. Without lots it may sell any lot."""

    url: Annotated[str, Bound("https://[!-~]+", maximum=2048)]
    seller: Seller
    gtin: AnyGtin
    lots: Annotated[tuple[Annotated[str, Bound(minimum=1, maximum=20)], ...], Bound(maximum=50)] | None = None
    codes: Annotated[tuple[Annotated[str, Bound(minimum=1, maximum=512)], ...], Bound(maximum=20)] | None = None


@dataclass(frozen=True, slots=True)
class ListingInfo:
    """A listing. `decision` is the latest of the gate; absent when it was never asked."""

    id: Uuid
    url: str
    seller: Seller
    gtin: Gtin
    lots: tuple[str, ...]
    codes: tuple[str, ...]
    state: State
    revision: Count
    created_at: datetime
    changed_at: datetime
    decision: Uuid | None = None


@dataclass(frozen=True, slots=True)
class ListingPage:
    """The newest first. `next` is the cursor of the page after this one; absent on the last."""

    listings: tuple[ListingInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class GateReason:
    """Why not. `ledger_index` is the entry that proves it; absent where the proof is that there is none."""

    code: str
    about: str
    text: Text
    ledger_index: Count | None = None


@dataclass(frozen=True, slots=True)
class DecisionInfo:
    """What the gate decided, by which rules, on which facts. `appeal` is where a refusal is appealed against."""

    id: Uuid
    listing: Uuid
    outcome: Literal["bound", "refused"]
    rule_version: str
    decided_at: datetime
    reasons: tuple[GateReason, ...]
    facts: JsonObject
    appeal: str | None = None


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """The newest first."""

    decisions: tuple[DecisionInfo, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class AppealInput:
    """With `wants_person` no token may answer or close it."""

    text: AppealText
    wants_person: bool


@dataclass(frozen=True, slots=True)
class AppealAnswer:
    text: AppealText


@dataclass(frozen=True, slots=True)
class AppealClosing:
    """`upheld`: the decision stands. `facts_changed`: the gate is to be asked again."""

    outcome: Literal["upheld", "facts_changed"]
    text: AppealText


@dataclass(frozen=True, slots=True)
class AppealNoteInfo:
    """One thing that was said, by a member or by a token."""

    at: datetime
    actor_kind: Literal["member", "token"]
    text: str


@dataclass(frozen=True, slots=True)
class AppealInfo:
    """An appeal with all that was said."""

    id: Uuid
    decision: Uuid
    listing: Uuid
    wants_person: bool
    state: Literal["open", "closed"]
    notes: tuple[AppealNoteInfo, ...]
    outcome: Literal["upheld", "facts_changed"] | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ImportProgress:
    """All lines up to `line` are dealt with: `good` rows can be added, or are; `bad` ones cannot."""

    line: Count
    rows: Count
    good: Count
    bad: Count


@dataclass(frozen=True, slots=True)
class ImportRowError:
    """What is wrong with a line. `other_line` is the first one with the same address."""

    line: Count
    code: str
    message: str
    other_line: Count | None = None


@dataclass(frozen=True, slots=True)
class ImportInfo:
    """A file of listings. `errors` are the first 50 of `checked`, or of `run` once that has begun."""

    id: Uuid
    file_name: str
    size: Count
    encoding: Literal["utf-8", "gb18030"]
    state: Literal["checking", "ready", "running", "done", "failed", "discarded"]
    created_at: datetime
    checked: ImportProgress
    run: ImportProgress
    errors: tuple[ImportRowError, ...]
    failure: str | None = None
