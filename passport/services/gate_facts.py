# SPDX-License-Identifier: Apache-2.0
"""What the gate looks at, read from the published ledger: implements the port of passport/services/listings."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from passport.domain.gate import (
    AsOf,
    CertificateFact,
    CodeFact,
    GateFacts,
    InspectionFact,
    MakerFact,
    PassportFact,
    RecallFact,
)
from passport.domain.ledger_values import LedgerError
from passport.domain.listings import ListingFields
from passport.services.checking import RegistryChecker
from passport.services.ports import AppendableLedger, DocumentStore
from passport.services.registry import Unavailable
from passport.services.views import View, Views, read_entries
from verifier.passport_document import parse_passport_document
from verifier.product_view import find_certificate_names
from verifier.protocol.errors import VerifierError
from verifier.protocol.statements.recall import OneLot, ScopeEntry, WholeModel
from verifier.published_product import read_published_product
from verifier.recalls import RecallRecord, covered_ranges
from verifier.trust import Issuer
from verifier.verdict import Verdict

_MAX_NAMED = 50  # certificates of one passport
_TRIES = 5
_WAIT_SECONDS = 1.0


class LedgerGateFacts:
    """Facts of one published tree. A ledger that has stopped, or published nothing, vouches for nothing."""

    def __init__(
        self, views: Views, documents: DocumentStore, checker: RegistryChecker, ledger: AppendableLedger
    ) -> None:
        self._views, self._documents, self._checker, self._ledger = views, documents, checker, ledger

    @property
    def views(self) -> Views:
        """The published trees."""
        return self._views

    @property
    def checker(self) -> RegistryChecker:
        """Who checks samples."""
        return self._checker

    def gather(self, listing: ListingFields, now: datetime) -> GateFacts:
        """Raises Unavailable."""
        for _ in range(_TRIES):
            view = self._view()
            facts = self._gather(view, listing, now)
            newest = max(facts.indexes(), default=0)
            if newest < view.head.size:
                return facts
            # The fold is ahead of the view by what is just being published: the facts of one tree, not of two.
            self._views.wait_for_size(newest + 1, _WAIT_SECONDS)
        raise Unavailable("not_published_yet", "the ledger is growing; ask again in a few seconds")

    def _gather(self, view: View, listing: ListingFields, now: datetime) -> GateFacts:
        gtin, lots = listing.gtin, listing.lots
        issuer = view.snapshot.find_issuer_of_gtin(gtin)
        passport, named = self._read_passport(view, gtin, issuer)
        logged = {
            record.statement.lot for record in view.batches_of_gtin.get(gtin, ()) if record.index < view.head.size
        }
        return GateFacts(
            as_of=AsOf(view.head.size, view.head.root_hash.hex(), now),
            maker=None if issuer is None else _maker(issuer),
            passport=passport,
            recalls=tuple(
                RecallFact(recall.record.recall_id, recall.record.index)
                for recall in view.snapshot.recalls
                if recall.record.is_active and _touches(view, recall.record, gtin, lots)
            ),
            inspections=tuple(_failed_inspections(view, gtin, frozenset(lots))),
            certificates=tuple(_certificate(view, scheme, number) for scheme, number in named),
            missing_lots=tuple(lot for lot in lots if lot not in logged),
            codes=tuple(_code(code, self._checker.check(code)) for code in listing.codes),
        )

    def find_entry(self, index: int) -> bytes | None:
        """Raises Unavailable."""
        view = self._view()
        if not 0 <= index < view.head.size:
            return None
        try:
            (entry,) = read_entries(view.store, index, index + 1)
        except LedgerError as error:
            raise Unavailable("ledger_unavailable", f"the stored ledger cannot be read: {error}") from error
        return entry

    def _view(self) -> View:
        view = self._views.current
        if self._ledger.fatal_error is not None:
            raise Unavailable("ledger_stopped", "the ledger has stopped and waits for repair")
        if view is None:
            raise Unavailable("not_published_yet", "nothing is published yet")
        return view

    def _read_passport(
        self, view: View, gtin: str, issuer: Issuer | None
    ) -> tuple[PassportFact | None, tuple[tuple[str, str], ...]]:
        """The passport and the certificates that it names, from its signed bytes: pages show less than these hold."""
        record = view.products.get(gtin)
        if record is None:
            return None, ()
        trouble = ""
        named: tuple[tuple[str, str], ...] = ()
        try:
            found = self._documents.get(bytes.fromhex(record.digest))
            if found is None:
                trouble = "document_missing"
            elif issuer is not None:
                read_published_product(gtin, record.digest, found[1], issuer)
                named = find_certificate_names(parse_passport_document(found[1]).payload)
                if len(named) > _MAX_NAMED:  # none may be overlooked, and a decision holds them all for ever
                    trouble, named = "too_many_certificates", ()
        except VerifierError as error:
            trouble = error.code
        except LedgerError as error:
            raise Unavailable("ledger_unavailable", f"the passport cannot be read: {error}") from error
        return PassportFact(record.index, record.issuer, record.digest, trouble, record.revision), named


def _maker(issuer: Issuer) -> MakerFact:
    indexes = [key.revoked_from for key in issuer.keys if key.revoked_from is not None]
    return MakerFact(
        id=issuer.id,
        is_manufacturer="manufacturer" in issuer.roles,
        admitted_index=min(key.added_index for key in issuer.keys),
        has_good_key=any(key.revoked_from is None for key in issuer.keys),
        revoked_index=max(indexes, default=None),
    )


def _touches(view: View, recall: RecallRecord, gtin: str, lots: tuple[str, ...]) -> bool:
    """Whether an open recall covers what a listing may sell: without lots, anything of the product."""
    entries = [entry for entry in recall.notice.scope if entry.gtin == gtin]
    if not lots:
        return bool(entries)
    if any(_names(entry, lot) for entry in entries for lot in lots):
        return True
    batches = (record.statement for record in view.batches_of_gtin.get(gtin, ()) if record.index < view.head.size)
    return any(batch.lot in lots and covered_ranges(entries, batch) for batch in batches)


def _names(entry: ScopeEntry, lot: str) -> bool:
    """A lot that is recalled by name, or with its whole model, is recalled before the first of its codes is logged."""
    if lot in entry.excepted_lots:
        return False
    match entry.selector:
        case OneLot(named):
            return named == lot
        case WholeModel():
            return not entry.exceptions
    return False


def _failed_inspections(view: View, gtin: str, lots: frozenset[str]) -> Iterator[InspectionFact]:
    """Those whose latest revision says failed, of the product or of one of these lots."""
    for inspection_id in list(view.inspections_of_gtin.get(gtin, ())):
        record = view.inspections[inspection_id]
        if record.is_failed and record.covers(lots):
            yield InspectionFact(record.issuer, inspection_id, record.index)


def _certificate(view: View, scheme: str, number: str) -> CertificateFact:
    record = view.certificates.get((scheme, number))
    if record is None:
        return CertificateFact(scheme, number)
    statement = record.statement
    return CertificateFact(
        scheme,
        number,
        record.index,
        statement.status,
        statement.gtins,
        statement.valid_from,
        statement.valid_until,
    )


def _code(code: str, verdict: Verdict) -> CodeFact:
    active = [recall.index for recall in verdict.recalls if recall.is_active]
    index = active[0] if active else verdict.batch_index
    lot = "" if verdict.batch is None else verdict.batch.lot
    return CodeFact(code, verdict.status, verdict.reason, lot, index)
