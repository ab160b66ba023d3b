# SPDX-License-Identifier: Apache-2.0
"""How much of a recall came back: what is reported, what consumers confirm, and the rate of both. docs/returns.md.

Rate = (remedied in use + recovered in the channel) / affected. Reports are only ever added; a correction is another
report, with a count below 0.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256

from passport.domain.accounts_errors import Conflict, UnknownObject
from verifier.protocol.errors import Malformed
from verifier.protocol.gs1 import parse_lot
from verifier.protocol.product_code import ProductCode
from verifier.protocol.statements.products import SeqRange
from verifier.protocol.statements.recall import parse_recall_id
from verifier.recalls import RecallRecord

MAX_COUNT = 1_000_000_000
MAX_NOTE = 500
MAX_REPORTS = 10_000  # of one organisation about one recall
BASIS_POINTS = 10_000
_INVISIBLE = frozenset({"Cc", "Cs", "Co", "Cn"})


class Remedy(StrEnum):
    """What a consumer says of the product in hand."""

    REMEDIED = "remedied"  # repaired, replaced or made safe
    RETURNED = "returned"  # handed over or sent back


class UnknownRecall(UnknownObject):
    """Code: no_such_recall."""


class ReturnConflict(Conflict):
    """Codes: lot_not_recalled, below_zero, too_many_returns."""


@dataclass(frozen=True, slots=True)
class RecallFacts:
    """What the published ledger says of one recall.

    `codes`: how many codes it covers, those that were voided left out. `lots`: of the covered batches, and those that
    the scope names. `makers`: the issuers whose GTINs it names.
    """

    record: RecallRecord
    codes: int
    lots: frozenset[str]
    makers: frozenset[str]
    size: int


@dataclass(frozen=True, slots=True)
class Recovery:
    """Goods that one organisation took back from its channel: shelves, stores, warehouses. `lot` "" is not told.

    `count` below 0 takes back what the same organisation reported too much.
    """

    id: str
    recall_id: str
    organisation: str
    count: int
    on: date
    lot: str
    note: str
    at: datetime
    actor_kind: str
    actor: str


@dataclass(frozen=True, slots=True)
class Affected:
    """Another number of affected items than the ledger's, with the reason; None: the ledger's number again."""

    id: str
    recall_id: str
    organisation: str
    is_authority: bool
    count: int | None
    reason: str
    at: datetime
    actor_kind: str
    actor: str


@dataclass(frozen=True, slots=True)
class ReturnRate:
    """The figures of one recall. `affected` None: nobody can say."""

    affected: int | None
    remedied: int
    recovered: int

    @property
    def back(self) -> int:
        return self.remedied + self.recovered

    @property
    def beyond(self) -> int:
        """Reported beyond what is affected. It stays in the reports, is shown, and does not raise the rate."""
        return max(0, self.back - (self.affected or 0)) if self.affected is not None else 0

    @property
    def basis_points(self) -> int | None:
        """0 to 10,000, rounded down, so that 100 % is never said too early. None: nothing is known to be affected."""
        if not self.affected:
            return None
        return min(BASIS_POINTS, self.back * BASIS_POINTS // self.affected)

    @property
    def rate(self) -> float | None:
        """0 to 1."""
        points = self.basis_points
        return None if points is None else points / BASIS_POINTS


@dataclass(frozen=True, slots=True)
class ReturnFigures:
    """Everything that the public sees of a recall's return: totals, and no organisation's own reports."""

    facts: RecallFacts
    confirmed: Mapping[Remedy, int]
    recovered: int
    declared: Affected | None
    at: datetime

    @property
    def rate(self) -> ReturnRate:
        affected = self.facts.codes if self.declared is None else self.declared.count
        return ReturnRate(affected, sum(self.confirmed.values()), self.recovered)


def binding_declaration(declared: Iterable[Affected]) -> Affected | None:
    """The one that counts, out of all in their order: an authority's last word, else the last of a maker.

    A maker cannot take back or overrule what an authority said; an authority that takes its own back leaves the
    maker's.
    """
    last: dict[bool, Affected] = {}
    for one in declared:
        last[one.is_authority] = one
    found = (last.get(True), last.get(False))
    return next((one for one in found if one is not None and one.count is not None), None)


def count_codes(covered: Iterable[SeqRange], voided: Iterable[SeqRange]) -> int:
    """How many positions are covered and not voided. Each side has ranges that do not overlap among themselves."""
    holes = list(voided)
    total = 0
    for item in covered:
        gone = sum(max(0, min(item.last, hole.last) - max(item.first, hole.first) + 1) for hole in holes)
        total += item.last - item.first + 1 - gone
    return total


def confirmation_digest(recall_id: str, code: ProductCode) -> bytes:
    """What is kept of a code that confirmed: SHA-256 over the recall and the item's leaf.

    The leaf is the canonical identity and the seal: every spelling of a code gives the same, and nobody who reads the
    table can guess the codes behind it, since serials can be counted through and seals cannot.
    """
    return sha256(f"recall-confirmation/v1\n{recall_id}\n".encode() + code.item_leaf).digest()


def parse_recall_name(issuer: str, number: str) -> str:
    """The recall id out of the two parts of an address. Raises UnknownRecall: what is not well formed is not there."""
    try:
        return parse_recall_id(f"{issuer}/{number}")
    except Malformed:
        raise unknown_recall() from None


def unknown_recall() -> UnknownRecall:
    return UnknownRecall("no_such_recall", "The published ledger has no such recall.")


def parse_count(count: int, *, lowest: int) -> int:
    """Raises Malformed("bad_count")."""
    if not lowest <= count <= MAX_COUNT or (lowest < 0 and count == 0):
        raise Malformed("bad_count", f"A count is a whole number up to {MAX_COUNT:,}; a correction is below 0.")
    return count


def parse_note(text: str, *, code: str = "bad_return_note", minimum: int = 0) -> str:
    """Up to 500 characters, lines kept, nothing invisible. Raises Malformed with `code`."""
    lines = unicodedata.normalize("NFC", text[: 2 * MAX_NOTE]).replace("\r\n", "\n").strip()
    if not minimum <= len(lines) <= MAX_NOTE or any(unicodedata.category(c) in _INVISIBLE for c in lines if c != "\n"):
        raise Malformed(code, f"Say it in {minimum} to {MAX_NOTE} visible characters.")
    return lines


def parse_optional_lot(text: str) -> str:
    """Raises Malformed("bad_lot")."""
    return parse_lot(text) if text else ""


def parse_past_day(day: date, today: date) -> date:
    """Raises Malformed("day_to_come")."""
    if day > today:
        raise Malformed("day_to_come", "The day is yet to come.")
    return day
