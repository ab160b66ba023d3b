# SPDX-License-Identifier: Apache-2.0
"""What the HTTP API takes and answers, as frozen values. The server's schemas and the client read the same ones.

docs/http-api.md says what the calls are for; verdicts and their reasons: docs/spec.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal, TypeAlias

from verifier.protocol.fields import Text
from verifier.verdict import Outcome, Status
from verifier.wire import Bound, JsonObject

MAX_PAGE = 200

Gtin: TypeAlias = Annotated[str, Bound("[0-9]{14}")]
IssuerId: TypeAlias = Annotated[str, Bound("[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")]
Digest: TypeAlias = Annotated[str, Bound("[0-9a-f]{64}")]
Count: TypeAlias = Annotated[int, Bound(minimum=0)]
Cursor: TypeAlias = Annotated[str, Bound("[A-Za-z0-9_-]{1,500}")]
PageLimit: TypeAlias = Annotated[int, Bound(minimum=1, maximum=MAX_PAGE)]


@dataclass(frozen=True, slots=True)
class Problem:
    """An error. RFC 9457. `code` is stable and for programs, `detail` is for people."""

    code: Annotated[str, Bound("[a-z0-9_]+")]
    detail: str
    status: Annotated[int, Bound(minimum=400, maximum=599)]
    title: str
    type: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """An issuer as a verdict names it."""

    id: IssuerId
    name: Text
    uscc: str


@dataclass(frozen=True, slots=True)
class VerdictBatch:
    """The batch of a code, and its place in the ledger."""

    batch: Count
    index: Count
    lot: str
    production_date: date


@dataclass(frozen=True, slots=True)
class ContactInfo:
    phone: str
    url: str


@dataclass(frozen=True, slots=True)
class Recall:
    """A recall that covers the code or the lot; closed ones stay visible."""

    recall_id: str
    revision: Count
    status: Literal["active", "closed"]
    severity: Literal["serious", "high", "medium", "low"]
    action: Literal["recall", "withdrawal"]
    publisher: str
    index: Count
    title: Text
    hazard: Text
    remedy: Text
    contact: ContactInfo
    starts_on: date
    closed_reason: Text | None = None


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """One of the eleven steps of docs/spec/verdict.md."""

    number: Annotated[int, Bound(minimum=0, maximum=10)]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class SuspicionInfo:
    reason: str
    facts: Text


@dataclass(frozen=True, slots=True)
class CodeVerdict:
    """What can be said of one code. Absent members are not known."""

    status: Status
    reason: str
    checked_at: datetime
    steps: tuple[StepOutcome, ...]
    gtin: Gtin | None = None
    serial: str | None = None
    issuer: Party | None = None
    batch: VerdictBatch | None = None
    recalls: tuple[Recall, ...] | None = None
    snapshot_as_of: datetime | None = None
    next_update: datetime | None = None
    suspicion: SuspicionInfo | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """In the order of the codes."""

    verdicts: tuple[CodeVerdict, ...]


@dataclass(frozen=True, slots=True)
class LotStatus:
    """What can be said of a lot."""

    status: Status
    reason: str
    checked_at: datetime
    gtin: str
    lot: str
    issuer: Party | None = None
    recalls: tuple[Recall, ...] | None = None
    snapshot_as_of: datetime | None = None
    next_update: datetime | None = None


@dataclass(frozen=True, slots=True)
class BadgeDisplay:
    """How a badge shows it, in one language."""

    status: Status
    colour: Literal["red", "amber", "grey", "green"]
    icon: str
    title: str
    sentence: str
    notices: tuple[str, ...]
    as_of: datetime | None = None
    as_of_text: str | None = None


@dataclass(frozen=True, slots=True)
class BadgeStatus:
    """The lot's status. Past `seconds_left` a good status must no longer be shown."""

    verdict: LotStatus
    display: BadgeDisplay
    seconds_left: Count


@dataclass(frozen=True, slots=True)
class RegistryDescription:
    """Names, keys and published size of a registry. `status_vkey` is empty until something is published."""

    origin: str
    base_url: str
    log_vkey: str
    status_vkey: str
    size: Count


@dataclass(frozen=True, slots=True)
class KeyState:
    key_id: Digest
    is_revoked: bool


@dataclass(frozen=True, slots=True)
class IssuerDescription:
    """An admitted issuer, and the batch number that it may use next."""

    id: IssuerId
    name: Text
    uscc: str
    roles: tuple[str, ...]
    prefixes: tuple[str, ...]
    keys: tuple[KeyState, ...]
    next_batch: Count


@dataclass(frozen=True, slots=True)
class IssuerPage:
    """Issuers in the order of their ids. `next` is the cursor of the page after this one; absent on the last."""

    issuers: tuple[IssuerDescription, ...]
    next: Cursor | None = None


@dataclass(frozen=True, slots=True)
class PublishedPassport:
    """The document with this SHA-256 is the product's passport; the entry at `index` says so."""

    digest: Digest
    index: Count
    revision: Count


@dataclass(frozen=True, slots=True)
class ProductDescription:
    """What an issuer has published of a GTIN. Its next passport has the revision `next_revision`, and no other."""

    gtin: Gtin
    issuer: IssuerId
    next_revision: Count
    published: PublishedPassport | None = None


@dataclass(frozen=True, slots=True)
class BatchDescription:
    """Where a batch stands in the ledger, and which item tiles are missing; at most 1,000 are named."""

    index: Count
    count: Count
    is_complete: bool
    missing_tiles: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """The rule that refused an entry: docs/spec/statements.md."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class EntryResult:
    """What became of one entry: either `index` and `is_new`, or `error`."""

    index: Count | None = None
    is_new: bool | None = None
    error: Refusal | None = None


@dataclass(frozen=True, slots=True)
class EntryResults:
    """In the order of the entries."""

    results: tuple[EntryResult, ...]


@dataclass(frozen=True, slots=True)
class RefusedEntries:
    """The problem `all_refused`, with the results beside it."""

    code: Literal["all_refused"]
    detail: str
    status: Annotated[int, Bound(minimum=422, maximum=422)]
    title: str
    type: str
    results: tuple[EntryResult, ...]
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class ProofDocument:
    """The evidence for one code, to be verified by whoever asked: docs/spec/verdict.md."""

    type: Literal["product-passport/proof/v1"]
    issuer: IssuerId
    entry: str
    item_hash: str
    item_path: tuple[str, ...]
    proof: str
    snapshot_link: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenApiDocument:
    """This description itself. https://spec.openapis.org/oas/v3.1.1.html"""

    openapi: Annotated[str, Bound(r"3\.1\.[0-9]+")]
    info: JsonObject
    paths: JsonObject
    components: JsonObject
    tags: tuple[JsonObject, ...]
    servers: tuple[JsonObject, ...]


@dataclass(frozen=True, slots=True)
class CodesToVerify:
    """Product codes, as links or paths."""

    codes: Annotated[tuple[str, ...], Bound(minimum=1, maximum=10_000)]


@dataclass(frozen=True, slots=True)
class EntriesToLog:
    """Ledger entries: each the canonical JSON of a signed statement, as a text."""

    entries: Annotated[tuple[str, ...], Bound(minimum=1, maximum=256)]


@dataclass(frozen=True, slots=True)
class ShippedCodes:
    """Which codes left the factory. docs/counting.md"""

    type: Literal["product-passport/shipment/v1"]
    origin: str
    issuer: IssuerId
    batch: Count
    first_seq: Count
    last_seq: Count
    issued_at: datetime


@dataclass(frozen=True, slots=True)
class ShipmentDocument:
    """A signed notice, as canonical JSON: any other spelling is refused."""

    notice: ShippedCodes
    key_id: Digest
    signature: str


@dataclass(frozen=True, slots=True)
class ShipmentReceipt:
    count: Count
    is_new: bool
    accepted_at: datetime
