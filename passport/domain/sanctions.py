# SPDX-License-Identifier: Apache-2.0
"""The sanction list (黑名单) of operators: who is listed, why, by which rule, from when to when. docs/live-commerce.md.

A platform lists sellers by its own ids; an authority lists companies by their 统一社会信用代码, for all platforms.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from passport.domain.accounts_errors import Conflict, UnknownObject
from passport.domain.appeals import AppealNote, AppealOutcome, AppealState
from passport.domain.lines import parse_line
from passport.domain.listings import MAX_SEARCH, parse_seller_id, parse_seller_name
from verifier.protocol.encoding import parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import MAX_INTEGER, Text, parse_date
from verifier.protocol.statements.certificates import MAX_URL, parse_document_url
from verifier.protocol.uscc import parse_uscc

MAX_REASON = 500
MAX_EVIDENCE = 20
_RULE = re.compile(r"[!-~\u4e00-\u9fff]{1,40}")


class SubjectKind(StrEnum):
    """How the operator is named: by a platform's own id of the seller, or by a company's credit code."""

    SELLER = "seller"
    COMPANY = "company"


class SanctionState(StrEnum):
    """Stored are proposed, active, declined and lifted; the calendar makes an active one scheduled or expired."""

    PROPOSED = "proposed"
    DECLINED = "declined"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    EXPIRED = "expired"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What it stands on. `digest` (hex) and `ledger_index` where there are such."""

    title: str
    url: str
    digest: str = ""
    ledger_index: int | None = None


@dataclass(frozen=True, slots=True)
class SanctionFields:
    """What is said of an operator. `subject` is a seller's id or a credit code; `until_on` None: until it is lifted."""

    subject_kind: SubjectKind
    subject: str
    name: str
    reason: Text
    evidence: tuple[Evidence, ...]
    rule_version: str
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Sanction:
    """A row of the list. `organisation` put it there; an authority's is seen by every platform."""

    id: str
    organisation: str
    by_authority: bool
    fields: SanctionFields
    state: SanctionState
    created_at: datetime
    changed_at: datetime

    def state_on(self, today: date) -> SanctionState:
        """The state by the calendar: local dates, both inclusive."""
        if self.state is not SanctionState.ACTIVE:
            return self.state
        if today < self.fields.from_on:
            return SanctionState.SCHEDULED
        if self.fields.until_on is not None and today > self.fields.until_on:
            return SanctionState.EXPIRED
        return SanctionState.ACTIVE


@dataclass(frozen=True, slots=True)
class SanctionFact:
    """A sanction in force against a seller, as the gate and the badge look at it. No credit code is in it."""

    id: str
    organisation: str
    rule_version: str
    from_on: date
    until_on: date | None = None
    index: int | None = None  # the first ledger entry among the evidence


@dataclass(frozen=True, slots=True)
class SanctionEvent:
    """One line of a sanction's history, which only grows: proposed, activated, declined, lifted."""

    at: datetime
    actor_kind: str
    actor: str
    action: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class SanctionAppeal:
    """An appeal against a sanction, by `organisation`. With `wants_person` no token answers or closes it."""

    id: str
    sanction: str
    organisation: str
    wants_person: bool
    state: AppealState
    notes: tuple[AppealNote, ...]
    outcome: AppealOutcome | None = None
    closed_at: datetime | None = None

    @property
    def opened_at(self) -> datetime:
        return self.notes[0].at


@dataclass(frozen=True, slots=True)
class SellerRecord:
    """What a platform knows of a seller beyond listings: the company's credit code."""

    organisation: str
    id: str
    name: str
    uscc: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class TypedEvidence:
    """As it was typed. `ledger_index` "" for none."""

    title: str = ""
    url: str = ""
    digest: str = ""
    ledger_index: str = ""


@dataclass(frozen=True, slots=True)
class TypedSanction:
    """A sanction as somebody typed it, before anything is believed."""

    subject_kind: str = ""
    subject: str = ""
    name: str = ""
    reason_zh: str = ""
    reason_en: str = ""
    evidence: tuple[TypedEvidence, ...] = ()
    rule_version: str = ""
    from_on: str = ""
    until_on: str = ""


def parse_credit_code(text: str) -> str:
    """A company's 统一社会信用代码, 18 characters. Raises Malformed("bad_uscc")."""
    try:
        return parse_uscc(text.strip().upper()[:40])
    except Malformed as error:
        raise Malformed("bad_uscc", str(error)) from None


def parse_evidence(typed: TypedEvidence) -> Evidence:
    """Raises Malformed("bad_evidence")."""
    try:
        url = parse_document_url(typed.url)
        digest = parse_hex(typed.digest.lower(), size=32).hex() if typed.digest else ""
    except Malformed as error:
        raise Malformed("bad_evidence", f"A piece of evidence is not well formed: {error}") from None
    text = typed.ledger_index
    if text and not (text.isascii() and text.isdigit() and len(text) <= 16 and int(text) <= MAX_INTEGER):
        raise Malformed("bad_evidence", "A ledger index is a number.")
    if len(url) > MAX_URL:
        raise Malformed("bad_evidence", f"An address has at most {MAX_URL} characters.")
    return Evidence(parse_line(typed.title, "bad_evidence", maximum=120), url, digest, int(text) if text else None)


def parse_sanction(typed: TypedSanction) -> SanctionFields:
    """Raises Malformed, for the first field that is wrong."""
    try:
        kind = SubjectKind(typed.subject_kind)
    except ValueError:
        raise Malformed("bad_subject_kind", f"A subject is one of {', '.join(SubjectKind)}.") from None
    subject = parse_seller_id(typed.subject) if kind is SubjectKind.SELLER else parse_credit_code(typed.subject)
    rule = unicodedata.normalize("NFC", typed.rule_version)
    if _RULE.fullmatch(rule) is None:
        raise Malformed("bad_rule_version", "The rule's version is 1 to 40 characters without spaces, such as rules/3.")
    try:
        from_on = parse_date(typed.from_on)
        until_on = parse_date(typed.until_on) if typed.until_on else None
    except Malformed:
        raise Malformed("bad_term", "Dates are written 2026-12-01.") from None
    if until_on is not None and until_on < from_on:
        raise Malformed("bad_term", "It ends after it begins.")
    if not 1 <= len(typed.evidence) <= MAX_EVIDENCE:
        raise Malformed("bad_evidence", f"Give 1 to {MAX_EVIDENCE} pieces of evidence.")
    return SanctionFields(
        subject_kind=kind,
        subject=subject,
        name=parse_seller_name(typed.name),
        reason=Text(
            zh=parse_line(typed.reason_zh, "bad_reason", maximum=MAX_REASON),
            en=parse_line(typed.reason_en, "bad_reason", maximum=MAX_REASON),
        ),
        evidence=tuple(parse_evidence(one) for one in typed.evidence),
        rule_version=rule,
        from_on=from_on,
        until_on=until_on,
    )


@dataclass(frozen=True, slots=True)
class SanctionFilter:
    """Which sanctions: in a state of the calendar, with a text in name or subject; "" for all."""

    state: str = ""
    search: str = ""


def parse_sanction_search(state: str = "", search: str = "") -> SanctionFilter:
    """Raises Malformed("bad_state")."""
    if state and state not in tuple(SanctionState):
        raise Malformed("bad_state", f"A state is one of {', '.join(SanctionState)}.")
    return SanctionFilter(state, search.replace("\0", "").strip()[:MAX_SEARCH].encode("utf-8", "replace").decode())


def find_first_index(evidence: Sequence[Evidence]) -> int | None:
    """The first ledger entry among the evidence."""
    return next((one.ledger_index for one in evidence if one.ledger_index is not None), None)


class UnknownSanction(UnknownObject):
    """Codes: unknown_sanction, unknown_sanction_appeal."""


class SanctionConflict(Conflict):
    """Codes: sanction_not_proposed, sanction_not_active, not_yours_to_close, and those of the gate's appeals."""
