# SPDX-License-Identifier: Apache-2.0
"""The gate: may this listing be bound, and if not, why, and which entry of the ledger proves it. Rules "gate/2".

A pure function over values: nothing here reads a clock, a database or the ledger. docs/listings.md has the table of
reasons. What cannot be established is a reason to refuse, never a reason to bind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from passport.domain.gate_words import REASON_WORDS
from passport.domain.listings import ListingFields
from passport.domain.sanctions import SanctionFact
from verifier.protocol.encoding import JsonValue
from verifier.protocol.fields import Text, format_instant
from verifier.verdict import Status

RULE_VERSION = "gate/2"
_BEIJING = timedelta(hours=8)  # dates of certificates are local


class Outcome(StrEnum):
    """What the gate says."""

    BOUND = "bound"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AsOf:
    """The published ledger that the facts were read from: an absence is proven against this tree."""

    size: int
    root_hash: str  # hex
    at: datetime


@dataclass(frozen=True, slots=True)
class MakerFact:
    """Who may speak for the GTIN's prefix. `revoked_index`: of the statement that took the last good key away."""

    id: str
    is_manufacturer: bool
    admitted_index: int
    has_good_key: bool
    revoked_index: int | None = None


@dataclass(frozen=True, slots=True)
class PassportFact:
    """The latest published passport. `trouble` is why it cannot be read ("" if it can)."""

    index: int
    issuer: str
    digest: str
    trouble: str = ""
    revision: int = 0


@dataclass(frozen=True, slots=True)
class RecallFact:
    """An open recall that covers the product, or one of the lots."""

    recall_id: str
    index: int


@dataclass(frozen=True, slots=True)
class InspectionFact:
    """A failed inspection of the product, or of one of the lots."""

    issuer: str
    inspection_id: str
    index: int


@dataclass(frozen=True, slots=True)
class CertificateFact:
    """A certificate that the passport names. Without `index` nobody has said anything of it in the ledger.

    `gtins` empty: it names no products.
    """

    scheme: str
    number: str
    index: int | None = None
    status: str = ""
    gtins: tuple[str, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class CodeFact:
    """What the check of one sample said. `index`: of the recall that covers it, else of its batch, else None."""

    code: str
    status: Status
    reason: str
    lot: str = ""
    index: int | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """All that the gate looks at. `missing_lots`: lots of the listing of which no batch is in the ledger."""

    as_of: AsOf
    maker: MakerFact | None = None
    passport: PassportFact | None = None
    recalls: tuple[RecallFact, ...] = ()
    inspections: tuple[InspectionFact, ...] = ()
    certificates: tuple[CertificateFact, ...] = ()
    missing_lots: tuple[str, ...] = ()
    codes: tuple[CodeFact, ...] = ()
    sanctions: tuple[SanctionFact, ...] = ()

    def indexes(self) -> list[int]:
        """Every entry of the ledger that these facts stand on."""
        facts = (self.passport, *self.recalls, *self.inspections, *self.certificates, *self.codes)
        return [fact.index for fact in facts if fact is not None and fact.index is not None]

    def to_json(self) -> dict[str, JsonValue]:
        """As it is stored with the decision, and shown. What is not known is absent."""
        found = _plain(asdict(self))
        assert isinstance(found, dict)
        return found


def _plain(value: Any) -> JsonValue:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in sorted(value.items()) if item is not None}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return format_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    plain: str | int = value.value if isinstance(value, StrEnum) else value
    return plain


@dataclass(frozen=True, slots=True)
class Reason:
    """Why not. `about` names the thing; `ledger_index` the entry that proves it, None where a missing one does."""

    code: str
    about: str
    ledger_index: int | None

    @property
    def text(self) -> Text:
        """The sentence, in both languages."""
        words = REASON_WORDS[self.code]
        return Text(zh=words.zh.replace("{about}", self.about), en=words.en.replace("{about}", self.about))


@dataclass(frozen=True, slots=True)
class GateDecision:
    """What the gate decided, on which facts, by which rules. Stored as it is and never changed."""

    outcome: Outcome
    reasons: tuple[Reason, ...]
    facts: GateFacts
    rule_version: str
    decided_at: datetime


def decide(listing: ListingFields, facts: GateFacts, now: datetime) -> GateDecision:
    """Every reason against the listing, in the order of the rules; with none it is bound."""
    reasons = (
        *_about_maker(listing, facts),
        *_about_passport(facts),
        *(Reason("open_recall", fact.recall_id, fact.index) for fact in facts.recalls),
        *(Reason("failed_inspection", fact.inspection_id, fact.index) for fact in facts.inspections),
        *(
            reason
            for fact in facts.certificates
            if (reason := _about_certificate(fact, listing.gtin, (now + _BEIJING).date())) is not None
        ),
        *(Reason("lot_not_logged", lot, None) for lot in facts.missing_lots),
        *_about_codes(listing, facts.codes),
        *(Reason("operator_sanctioned", fact.id, fact.index) for fact in facts.sanctions),
    )
    outcome = Outcome.REFUSED if reasons else Outcome.BOUND
    return GateDecision(outcome, reasons, facts, RULE_VERSION, now)


def _about_maker(listing: ListingFields, facts: GateFacts) -> list[Reason]:
    maker = facts.maker
    if maker is None:
        return [Reason("maker_not_admitted", listing.gtin, None)]
    if not maker.is_manufacturer:
        return [Reason("maker_not_manufacturer", maker.id, maker.admitted_index)]
    if not maker.has_good_key:
        return [Reason("maker_keys_revoked", maker.id, maker.revoked_index)]
    return []


def _about_passport(facts: GateFacts) -> list[Reason]:
    if facts.passport is None:
        return [Reason("passport_not_published", "", None)]
    if facts.passport.trouble:
        return [Reason("passport_unreadable", facts.passport.trouble, facts.passport.index)]
    if facts.maker is not None and facts.passport.issuer != facts.maker.id:
        return [Reason("passport_of_another_maker", facts.passport.issuer, facts.passport.index)]
    return []


def _about_certificate(fact: CertificateFact, gtin: str, today: date) -> Reason | None:
    about = f"{fact.scheme} {fact.number}".strip()
    if fact.index is None:
        return Reason("certificate_unknown", about, None)
    if fact.status != "valid":
        code = "certificate_suspended" if fact.status == "suspended" else "certificate_revoked"
        return Reason(code, about, fact.index)
    if fact.valid_from is not None and today < fact.valid_from:
        return Reason("certificate_not_yet_valid", about, fact.index)
    if fact.valid_until is None or today > fact.valid_until:
        return Reason("certificate_expired", about, fact.index)
    if fact.gtins and gtin not in fact.gtins:
        return Reason("certificate_of_other_products", about, fact.index)
    return None


def _about_codes(listing: ListingFields, codes: Sequence[CodeFact]) -> list[Reason]:
    if not codes:
        return [Reason("sample_codes_missing", "", None)]
    found = []
    for fact in codes:
        if fact.status is not Status.GENUINE:
            found.append(Reason(f"sample_{fact.status.value}", fact.code, fact.index))
        elif listing.lots and fact.lot not in listing.lots:
            found.append(Reason("sample_of_another_lot", fact.code, fact.index))
    return found
