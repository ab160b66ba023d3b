# SPDX-License-Identifier: Apache-2.0
"""The fold over the ledger: what the entries, read in order, say as a whole. Whoever replays them gets the same.

DESIGN §1.

Hindsight: `key.revoked` names the index from which a key is not trusted, and that index may lie in the past. Then
everything that the key said from there on is undone, as if it had not been logged, and so is what rests on it (the
thief's own second key, for example). A revocation itself is never undone: it fails closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from verifier.facts import (
    BatchRecord,
    CertificateRecord,
    DossierRecord,
    Facts,
    InspectionRecord,
    ProductRecord,
    RegistryRecord,
    find_next_batch,
    name_of_numbered,
)
from verifier.protocol.errors import VerifierError
from verifier.protocol.keys import PublicKey
from verifier.protocol.statements import REGISTRY, SignedStatement, Statement, parse_entry
from verifier.protocol.statements.certificates import CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.inspections import InspectionPublished
from verifier.protocol.statements.products import BatchIssued, CodesVoided, ProductPublished
from verifier.protocol.statements.recall import RecallClosed, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import IssuerAdmitted, KeyAdded, KeyRevoked, RegistryCreated
from verifier.recalls import RecallRecord, merge_ranges
from verifier.registration import Refused, check_signature, check_statement
from verifier.trust import Issuer, KeyRecord


@dataclass(frozen=True, slots=True)
class Disregarded:
    """An entry that breaks a rule where it stands. Unless `in_hindsight`, the operator logged what the policy forbids.

    It has no effect; only a good revision whose first publication was undone lives on (see `_keep_of_undone`).
    """

    index: int
    rule: str
    message: str
    in_hindsight: bool


@dataclass(frozen=True, slots=True)
class _Admitted:
    index: int
    signed: SignedStatement


class LedgerState(Facts):
    """The state after `size` entries.

    Feed it entries in order with `admit`, or with `read` when they are in the log already.
    """

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.size = 0
        self.disregarded: list[Disregarded] = []
        self._admitted: list[_Admitted] = []

    def admit(self, index: int, entry: bytes) -> SignedStatement:
        """Takes the next entry if the registration policy allows it.

        Raises Malformed or Refused and changes nothing then.
        """
        if index != self.size:
            raise ValueError(f"the next entry is {self.size}, not {index}")
        signed = parse_entry(entry)
        check_statement(self, index, signed)
        check_signature(self, signed)
        self._admitted.append(_Admitted(index, replace(signed, entry=b"")))
        self.size = index + 1
        if isinstance(signed.statement, KeyRevoked) and signed.statement.from_index < index:
            self._replay()
        else:
            self._apply(index, signed.statement)
        return signed

    def read(self, index: int, entry: bytes) -> None:
        """Takes an entry that is in the log. One that the policy refuses has no effect and is listed as disregarded."""
        try:
            self.admit(index, entry)
        except VerifierError as error:
            self.disregarded.append(Disregarded(index, error.code, str(error), in_hindsight=False))
            self.size = index + 1

    def rollback(self, size: int) -> None:
        """Forgets every entry at an index ≥ size: they were not stored after all."""
        if size >= self.size:
            return  # the usual case: the sequencer asks after every batch
        self._admitted = [item for item in self._admitted if item.index < size]
        self.disregarded = [item for item in self.disregarded if item.index < size]
        self.size = min(self.size, size)
        self._replay()

    def next_batch(self, issuer_id: str) -> int:
        """A number that the issuer has not used: the smallest above those of its batches that count.

        Undone batches do not push it up, or a thief could use the numbers up with one statement.
        """
        return find_next_batch(issuer_id, self.next_batches, self.used_batches)

    def _replay(self) -> None:
        """Builds the state anew with what is known now about revoked keys."""
        self.forget()
        self.disregarded = [item for item in self.disregarded if not item.in_hindsight]
        for item in self._admitted:
            if isinstance(item.signed.statement, KeyRevoked):
                self._remember_revocation(item.signed.statement)
        for item in self._admitted:
            statement = item.signed.statement
            if isinstance(statement, KeyRevoked):
                continue  # counted above, whoever signed it
            try:
                check_statement(self, item.index, item.signed)
            except Refused as error:
                self.disregarded.append(Disregarded(item.index, error.code, str(error), in_hindsight=True))
                self._keep_of_undone(item.index, statement, error.code)
                continue
            self._apply(item.index, statement)
        self.disregarded.sort(key=lambda item: item.index)

    def _keep_of_undone(self, index: int, statement: Statement, rule: str) -> None:
        """What stays although a statement is undone: its number is used up, and a warning does not vanish."""
        if isinstance(statement, BatchIssued):
            self.used_batches.add((statement.header.issuer, statement.batch))
        if isinstance(statement, ProductPublished | DossierApproved):
            self._use_revision(statement)
        if isinstance(statement, RecallRevised) and rule == "unknown_recall":
            # Only the publication was undone. A good key has repeated the whole notice since, so the recall stands.
            self.recalls[statement.recall_id] = RecallRecord(
                statement.recall_id, statement.header.issuer, statement.revision, index, statement.notice
            )
        if isinstance(statement, InspectionPublished) and rule == "unknown_inspection":
            self._keep_inspection(index, statement)  # it repeats the whole report, so it stands likewise

    def _use_batch_number(self, statement: BatchIssued) -> None:
        issuer = statement.header.issuer
        self.used_batches.add((issuer, statement.batch))
        self.next_batches[issuer] = max(self.next_batches.get(issuer, 0), statement.batch + 1)

    def _use_revision(self, statement: ProductPublished | DossierApproved) -> None:
        self.next_revisions[name_of_numbered(statement)] = statement.revision + 1

    def _apply(self, index: int, statement: Statement) -> None:
        match statement:
            case RegistryCreated():
                self.registry = RegistryRecord(statement.name, statement.operator_key, statement.status_vkey)
                self.key_owners[statement.operator_key.key_id] = REGISTRY
            case IssuerAdmitted():
                self.issuers[statement.subject] = Issuer(
                    id=statement.subject,
                    name=statement.name,
                    uscc=statement.uscc,
                    roles=statement.roles,
                    prefixes=statement.prefixes,
                    contact=statement.contact,
                    keys=(),
                )
                self.prefixes.add(statement.subject, statement.prefixes)
                self._add_key(index, statement.subject, statement.key.public_key)
            case KeyAdded():
                self._add_key(index, statement.subject, statement.key.public_key)
            case KeyRevoked():
                self._revoke_key(statement)
            case ProductPublished():
                self.products[statement.gtin] = ProductRecord(
                    index, statement.header.issuer, statement.digest, statement.revision
                )
                self._use_revision(statement)
            case BatchIssued():
                record = BatchRecord(index, statement)
                self.batches[statement.header.issuer, statement.batch] = record
                self.batches_of_gtin.setdefault(statement.gtin, []).append(record)
                self._use_batch_number(statement)
            case CodesVoided():
                key = (statement.header.issuer, statement.batch)
                self.voids[key] = merge_ranges((*self.voids.get(key, ()), *statement.ranges))
            case RecallPublished():
                self.recalls[statement.recall_id] = RecallRecord(
                    statement.recall_id, statement.header.issuer, 1, index, statement.notice
                )
            case RecallRevised():
                self.recalls[statement.recall_id] = replace(
                    self.recalls[statement.recall_id], revision=statement.revision, notice=statement.notice
                )
            case RecallClosed():
                self.recalls[statement.recall_id] = replace(
                    self.recalls[statement.recall_id], closed_reason=statement.reason
                )
            case CertificateStatus():
                name = (statement.scheme, statement.number)
                known = self.certificates.get(name)
                count = 1 if known is None else known.count + 1
                self.certificates[name] = CertificateRecord(index, statement, count)
            case InspectionPublished():
                self._keep_inspection(index, statement)
            case DossierApproved():
                self.dossiers[statement.header.issuer, statement.dossier_id] = DossierRecord(index, statement)
                self._use_revision(statement)

    def _keep_inspection(self, index: int, statement: InspectionPublished) -> None:
        if statement.inspection_id not in self.inspections:
            self.inspections_of_gtin.setdefault(statement.gtin, []).append(statement.inspection_id)
        self.inspections[statement.inspection_id] = InspectionRecord(index, statement)

    def _add_key(self, index: int, subject: str, key: PublicKey) -> None:
        # A key can come back: revoked, then its own addition undone in hindsight, then added again. It stays revoked.
        record = KeyRecord(key, index, self.revoked_from.get(key.key_id))
        issuer = self.issuers[subject]
        self.issuers[subject] = replace(issuer, keys=(*issuer.keys, record))
        self.key_owners[key.key_id] = subject

    def _remember_revocation(self, statement: KeyRevoked) -> None:
        known = self.revoked_from.get(statement.key_id, statement.from_index)
        self.revoked_from[statement.key_id] = min(known, statement.from_index)

    def _revoke_key(self, statement: KeyRevoked) -> None:
        self._remember_revocation(statement)
        issuer = self.issuers[statement.subject]
        keys = tuple(
            replace(key, revoked_from=statement.from_index) if key.public_key.key_id == statement.key_id else key
            for key in issuer.keys
        )
        self.issuers[statement.subject] = replace(issuer, keys=keys)


def fold_entries(entries: Iterable[bytes], origin: str) -> LedgerState:
    """The state after all these entries, from index 0. Never raises on a bad entry: it is disregarded, and listed."""
    state = LedgerState(origin)
    for index, entry in enumerate(entries):
        state.read(index, entry)
    return state
