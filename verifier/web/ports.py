# SPDX-License-Identifier: Apache-2.0
"""What the pages need from whoever serves them: a checker, in a registry and in a platform's own node; and a counter of
checks, in a registry alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Protocol

from verifier.product_view import ProductView

if TYPE_CHECKING:
    from verifier.evidence_bundle import EvidenceParts
    from verifier.lots import LotVerdict
    from verifier.suspicion import CheckFacts
    from verifier.verdict import Verdict


__all__ = ["Checker", "Confirmations", "EvidencePartsSource", "Ledger", "ProductView"]


class Checker(Protocol):
    """Verifies codes and lots against a ledger. Safe to call from many threads."""

    def check(self, code: str) -> Verdict:
        """The verdict on any text, hostile text too; never raises because of it."""

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        """The verdict on a lot; never raises because of the arguments."""

    def find_product(self, gtin: str) -> ProductView | None:
        """The published passport of a GTIN, or None."""

    def change_count(self) -> int:
        """A number that grows with every published snapshot."""

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        """Returns the change count as soon as it exceeds `since`, at the latest after the timeout."""


class EvidencePartsSource(Protocol):
    """Whoever holds the ledger's files: a registry, a node. Safe to call from many threads."""

    def evidence_parts(self, code: str) -> EvidenceParts:
        """What an evidence file about this text holds of the ledger; never raises because of the text."""


class Ledger(Protocol):
    """Serves a ledger's public bytes: a registry its own, a node those that it has mirrored. Safe to call from many
    threads. Raises Malformed, and DidNotArrive for what it does not have just now.
    """

    def checkpoint(self) -> bytes:
        """The published checkpoint with its cosignatures."""

    def read_tile_path(self, path: str) -> bytes | None:
        """A tile or an entry bundle by its C2SP path; None when there is no such resource in the published tree."""

    def snapshot(self, shard: str | None) -> bytes | None:
        """The signed snapshot, whole (None) or of one issuer."""

    def snapshot_for_gtin(self, gtin: str) -> bytes | None:
        """The shard of the issuer who may speak for a GTIN."""

    def policy_text(self) -> bytes:
        """The tlog-policy of this ledger."""

    def find_document(self, digest: str) -> tuple[str, bytes] | None:
        """Media type and bytes of a signed passport by its SHA-256 in hex."""

    def find_proof_document(self, code: str) -> bytes | None:
        """The proof document of one code; None if it is not logged, or not sealed by its maker."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Where a request came from, for counting alone: never stored and never logged. `place` is a proxy's word."""

    address: str
    user_agent: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class CheckCount:
    """What is known of one code's checks, and of this visit: is it counted, could its place be told, was it opened."""

    facts: CheckFacts
    is_counted: bool
    is_place_open: bool
    is_opened: bool


class CheckCounter(Protocol):
    """Counts checks of codes that the ledger proves. Safe to call from many threads; none of it raises or waits."""

    def record(self, verdict: Verdict, visit: Visit) -> None:
        """A person looked at a code's page."""

    def record_opening(self, verdict: Verdict, visit: Visit) -> None:
        """A person says that the product was opened just now."""

    def record_place(self, verdict: Verdict, visit: Visit, province: int) -> None:
        """A person says where they are, by the code of GB/T 2260."""

    def record_scan(self, verdict: Verdict) -> None:
        """A program asked: a channel of its own."""

    def find_count(self, verdict: Verdict, visit: Visit) -> CheckCount | None:
        """The counts so far, or None: this code is not counted, or they cannot be read."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A recall that a code may confirm, and whether it has done so."""

    recall_id: str
    is_counted: bool


class Telling(Enum):
    """What became of a confirmation."""

    COUNTED = "counted"
    COUNTED_BEFORE = "counted_before"
    NOT_COVERED = "not_covered"  # no such recall covers this code, or the ledger does not prove the code


class Confirmations(Protocol):
    """Takes what consumers say of a recalled product, in a registry alone. Safe to call from many threads."""

    def find(self, verdict: Verdict) -> tuple[Confirmation, ...]:
        """What the code of a verdict may confirm; never raises."""

    def confirm(self, verdict: Verdict, recall_id: str, remedy: str) -> Telling:
        """Counts it, once for each code and recall. `remedy` is "remedied" or "returned"."""
