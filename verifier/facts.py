# SPDX-License-Identifier: Apache-2.0
"""What a folded ledger says, as plain values: who may speak, what was issued, what is recalled. DESIGN §1.

The registration policy reads these facts, and the fold writes them; neither needs to know the other for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date

from verifier.protocol.fields import Text
from verifier.protocol.keys import PublicKey
from verifier.protocol.note import VKey
from verifier.protocol.statements.certificates import VALID, CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.inspections import FAILED, InspectionPublished
from verifier.protocol.statements.products import BatchIssued, ProductPublished, SeqRange
from verifier.recalls import RecallRecord
from verifier.trust import Issuer, PrefixIndex


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """Entry 0: the operator key, which admits issuers, and the status key, which signs snapshots."""

    name: Text
    operator_key: PublicKey
    status_vkey: VKey


@dataclass(frozen=True, slots=True)
class BatchRecord:
    index: int
    statement: BatchIssued


@dataclass(frozen=True, slots=True)
class ProductRecord:
    """The latest published passport of a GTIN."""

    index: int
    issuer: str
    digest: str
    revision: int


@dataclass(frozen=True, slots=True)
class CertificateRecord:
    """How a certificate stands: the latest statement on it and where it is. `count`: how many have counted so far."""

    index: int
    statement: CertificateStatus
    count: int = 1

    @property
    def issuer(self) -> str:
        """Whose word it is. The same issuer, or an authority, may replace it."""
        return self.statement.header.issuer

    def lists(self, gtin: str) -> bool:
        """Whether the certificate is for this product, as far as it says: one that lists no products leaves that
        open."""
        return not self.statement.gtins or gtin in self.statement.gtins

    def is_in_force_on(self, day: date) -> bool:
        """Whether it is valid, and the local calendar date within its term."""
        said = self.statement
        return said.status == VALID and said.valid_from <= day <= said.valid_until


@dataclass(frozen=True, slots=True)
class InspectionRecord:
    """An inspection in its latest revision."""

    index: int
    statement: InspectionPublished

    @property
    def issuer(self) -> str:
        """Whose word it is. The same issuer, or an authority, may revise it."""
        return self.statement.header.issuer

    @property
    def is_failed(self) -> bool:
        return self.statement.result == FAILED

    def covers(self, lots: Set[str]) -> bool:
        """Whether it is about any of these lots of its GTIN. No lots, there or here, are the whole model."""
        return not lots or not self.statement.lots or not lots.isdisjoint(self.statement.lots)


@dataclass(frozen=True, slots=True)
class DossierRecord:
    """The latest approval of a selection dossier."""

    index: int
    statement: DossierApproved


NumberedName = tuple[str, str, str]
"""What has revisions without a gap: type of statement, issuer, and the GTIN or dossier id."""


def name_of_numbered(statement: ProductPublished | DossierApproved) -> NumberedName:
    """What the statement's revision counts on."""
    about = statement.gtin if isinstance(statement, ProductPublished) else statement.dossier_id
    return statement.type, statement.header.issuer, about


class Facts:
    """The facts of one ledger. Only the fold changes them."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.forget()

    def forget(self) -> None:
        """Back to an empty ledger. New containers each time: who holds the old ones may go on reading them."""
        self.registry: RegistryRecord | None = None
        self.issuers: dict[str, Issuer] = {}
        self.prefixes = PrefixIndex()
        self.key_owners: dict[str, str] = {}  # key id → issuer id
        self.batches: dict[tuple[str, int], BatchRecord] = {}  # by issuer and batch number
        self.batches_of_gtin: dict[str, list[BatchRecord]] = {}
        self.used_batches: set[tuple[str, int]] = set()  # undone ones too: a number is used once
        self.next_batches: dict[str, int] = {}
        self.revoked_from: dict[str, int] = {}  # by key id, also of keys that nobody has at present
        self.products: dict[str, ProductRecord] = {}  # by GTIN
        self.voids: dict[tuple[str, int], tuple[SeqRange, ...]] = {}
        self.recalls: dict[str, RecallRecord] = {}
        self.certificates: dict[tuple[str, str], CertificateRecord] = {}  # by scheme and number
        self.inspections: dict[str, InspectionRecord] = {}  # by inspection id
        self.inspections_of_gtin: dict[str, list[str]] = {}  # inspection ids, in the order of the ledger
        self.dossiers: dict[tuple[str, str], DossierRecord] = {}  # by issuer and dossier id
        self.next_revisions: dict[NumberedName, int] = {}  # above undone ones too: a number is used once

    def next_product_revision(self, issuer: str, gtin: str) -> int:
        """The only revision with which this issuer's next passport of the GTIN is accepted."""
        return self.next_revisions.get((ProductPublished.type, issuer, gtin), 0)

    def next_dossier_revision(self, issuer: str, dossier_id: str) -> int:
        """The only revision with which this issuer's next approval of the dossier is accepted."""
        return self.next_revisions.get((DossierApproved.type, issuer, dossier_id), 0)

    def failed_inspections(self, gtin: str, lots: Set[str] = frozenset()) -> tuple[InspectionRecord, ...]:
        """The inspections of a GTIN that stand as failed, of any lot or of these; in the order of the ledger."""
        records = (self.inspections[name] for name in self.inspections_of_gtin.get(gtin, ()))
        return tuple(record for record in records if record.is_failed and record.covers(lots))


def find_next_batch(issuer: str, next_batches: Mapping[str, int], used_batches: Set[tuple[str, int]]) -> int:
    """The smallest number at or above the issuer's entry in `next_batches` that is not used up."""
    number = next_batches.get(issuer, 0)
    while (issuer, number) in used_batches:
        number += 1
    return number
