# SPDX-License-Identifier: Apache-2.0
"""Selection dossiers (选品档案) as values: an item of a live session, what was checked, and who decided.

The parsers raise only Malformed, on any text, and give each value one spelling. docs/live-commerce.md.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from passport.domain.accounts_errors import Conflict, UnknownObject
from passport.domain.gate_records import StoredReason
from passport.domain.lines import INVISIBLE, parse_line
from passport.domain.listings import parse_seller_id, parse_seller_name
from verifier.dossier_document import MAX_REPORTS, MAX_URL, ReportInDossier
from verifier.protocol.encoding import JsonValue, parse_hex
from verifier.protocol.errors import Malformed
from verifier.protocol.fields import parse_date, parse_instant
from verifier.protocol.gs1 import gtin14_from, parse_lot
from verifier.protocol.product_code import MAX_CODE_LENGTH
from verifier.protocol.statements.certificates import parse_document_url, spell_certificate_name
from verifier.verdict import Status

MAX_TITLE = 200
MAX_SEARCH = 200
BEIJING = timedelta(hours=8)  # dates of reports are local


class ReportKind(StrEnum):
    """What kind of paper it is."""

    TEST_REPORT = "test_report"
    CERTIFICATE = "certificate"
    INSPECTION = "inspection"
    LICENCE = "licence"
    OTHER = "other"


class DossierState(StrEnum):
    """`logged` is never stored: a dossier is logged while the published ledger says so."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REJECTED = "rejected"
    LOGGED = "logged"


@dataclass(frozen=True, slots=True)
class DossierFields:
    """What the platform's people enter. `sample_code` is as a scanner typed it, "" for none."""

    room_id: str
    room_name: str
    session_at: datetime
    item_title: str
    gtin: str
    lot: str
    seller_id: str
    seller_name: str
    reports: tuple[ReportInDossier, ...]
    sample_code: str = ""


@dataclass(frozen=True, slots=True)
class SampleCheck:
    """What the check of the sample said when it was entered. An approval checks again and does not read this."""

    status: Status
    reason: str
    lot: str
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier of a platform. `document` is the approved document, with its SHA-256 in hex; both empty before."""

    id: str
    organisation: str
    fields: DossierFields
    sample: SampleCheck | None
    state: DossierState
    revision: int
    created_at: datetime
    changed_at: datetime
    decision: str = ""
    document: bytes = b""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class DossierDecision:
    """What was decided: `outcome` approved, refused (by the rules) or rejected (by the person). Never changed."""

    id: str
    organisation: str
    dossier: str
    revision: int
    outcome: str
    rule_version: str
    decided_at: datetime
    reasons: tuple[StoredReason, ...]
    facts: JsonValue
    note: str
    actor_kind: str
    actor: str


@dataclass(frozen=True, slots=True)
class DossierFilter:
    """Which dossiers: in a stored state, with a text in title, room, seller or GTIN; "" for all."""

    state: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class TypedReport:
    """A report as somebody typed it."""

    kind: str = ""
    number: str = ""
    issued_by: str = ""
    valid_from: str = ""
    valid_until: str = ""
    scheme: str = ""
    digest: str = ""
    url: str = ""

    @property
    def is_empty(self) -> bool:
        return not any((self.number, self.issued_by, self.valid_from, self.valid_until, self.digest, self.url))


@dataclass(frozen=True, slots=True)
class TypedDossier:
    """A dossier as somebody typed it, before anything is believed. `session_at`: local, or an instant with Z."""

    room_id: str = ""
    room_name: str = ""
    session_at: str = ""
    item_title: str = ""
    gtin: str = ""
    lot: str = ""
    seller_id: str = ""
    seller_name: str = ""
    reports: tuple[TypedReport, ...] = ()
    sample_code: str = ""


def parse_session_at(text: str) -> datetime:
    """2026-12-01T20:00 in China's time, or an instant in UTC with Z. Raises Malformed("bad_session_at")."""
    try:
        if text.endswith("Z"):
            return parse_instant(text)
        if len(text) == len("2026-12-01T20:00") and text.isascii():
            return datetime.strptime(text, "%Y-%m-%dT%H:%M").replace(tzinfo=UTC) - BEIJING
    except (Malformed, ValueError, OverflowError):
        pass
    raise Malformed("bad_session_at", "A session's time is written 2026-12-01T20:00, in China's time.")


def parse_report(typed: TypedReport) -> ReportInDossier:
    """Raises Malformed("bad_report")."""
    try:
        kind = ReportKind(typed.kind)
        start, end = parse_date(typed.valid_from), parse_date(typed.valid_until)
        digest = parse_hex(typed.digest.lower(), size=32).hex() if typed.digest else ""
        url = parse_document_url(typed.url) if typed.url else ""
    except ValueError:
        raise Malformed("bad_report", f"A report is one of {', '.join(ReportKind)}.") from None
    except Malformed as error:
        raise Malformed("bad_report", f"A report is not well formed: {error}") from None
    if end < start or len(url) > MAX_URL:
        raise Malformed("bad_report", "A report ends after it begins, and its address has at most 500 characters.")
    is_certificate = kind is ReportKind.CERTIFICATE
    return ReportInDossier(
        kind=kind.value,
        number=parse_line(typed.number, "bad_report"),
        issued_by=parse_line(typed.issued_by, "bad_report"),
        valid_from=start,
        valid_until=end,
        scheme=parse_line(typed.scheme, "bad_report", maximum=64) if is_certificate else "",
        digest=digest,
        url=url,
    )


def parse_reports(typed: Sequence[TypedReport]) -> tuple[ReportInDossier, ...]:
    """Up to 20; none is allowed until the dossier is to be approved. Raises Malformed: bad_report, too_many_reports."""
    if len(typed) > MAX_REPORTS:
        raise Malformed("too_many_reports", f"A dossier has at most {MAX_REPORTS} reports.")
    return tuple(parse_report(one) for one in typed)


def parse_scanned(text: str) -> str:
    """A sample's code as it was scanned: any one line; whether it is a code at all is the check's to say.

    Raises Malformed("bad_scan").
    """
    scanned = text.strip()
    if len(scanned) > MAX_CODE_LENGTH or any(unicodedata.category(c) in INVISIBLE for c in scanned):
        raise Malformed("bad_scan", f"A scanned code is one line of at most {MAX_CODE_LENGTH} characters.")
    return scanned


def parse_dossier(typed: TypedDossier) -> DossierFields:
    """Raises Malformed, for the first field that is wrong."""
    return DossierFields(
        room_id=parse_line(typed.room_id, "bad_room"),
        room_name=parse_line(typed.room_name, "bad_room"),
        session_at=parse_session_at(typed.session_at),
        item_title=parse_line(typed.item_title, "bad_title", maximum=MAX_TITLE),
        gtin=gtin14_from(typed.gtin),
        lot=parse_lot(typed.lot),
        seller_id=parse_seller_id(typed.seller_id),
        seller_name=parse_seller_name(typed.seller_name),
        reports=parse_reports(typed.reports),
        sample_code=parse_scanned(typed.sample_code),
    )


def parse_dossier_search(state: str = "", search: str = "") -> DossierFilter:
    """A filter out of typed texts. Raises Malformed("bad_state")."""
    stored = [one for one in DossierState if one is not DossierState.LOGGED]
    if state and state not in stored:
        raise Malformed("bad_state", f"A state is one of {', '.join(stored)}.")
    return DossierFilter(state, search.replace("\0", "").strip()[:MAX_SEARCH].encode("utf-8", "replace").decode())


def certificate_names(reports: Sequence[ReportInDossier]) -> tuple[tuple[str, str], ...]:
    """Scheme and number of each certificate among the reports, in the spelling of the ledger."""
    found = [
        (spell_certificate_name(report.scheme), spell_certificate_name(report.number))
        for report in reports
        if report.kind == ReportKind.CERTIFICATE
    ]
    return tuple(dict.fromkeys(found))


def local_date(at: datetime) -> date:
    """The calendar date in China."""
    return (at + BEIJING).date()


class UnknownDossier(UnknownObject):
    """Codes: unknown_dossier, no_document."""


class DossierConflict(Conflict):
    """Codes: dossier_changed, dossier_decided, dossier_not_submitted."""
