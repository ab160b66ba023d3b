# SPDX-License-Identifier: Apache-2.0
"""The registry's own checks, for its pages and its API: the stranger's `verify()` over the current view."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable

from passport.domain.ledger_values import LedgerError
from passport.services.ports import AppendableLedger, Clock, DocumentStore
from passport.services.views import Views
from verifier.evidence import Evidence
from verifier.lots import LotEntries, LotVerdict, check_lot, check_model, find_lot_entries
from verifier.product_view import ProductView
from verifier.protocol.errors import DidNotArrive, VerifierError
from verifier.protocol.policy import TlogPolicy
from verifier.protocol.product_code import ProductCode
from verifier.published_product import read_published_product
from verifier.trust import Issuer
from verifier.verdict import Suspicion, Verdict
from verifier.verify import Trust, verify

LOG = logging.getLogger(__name__)
_CACHED_PRODUCTS = 1024


FindSuspicion = Callable[[Verdict], Suspicion | None]
"""What was counted of earlier checks of the code of a verdict, if that makes it look copied."""


def _suspects_nobody(verdict: Verdict) -> None:
    """For a checker beside which nobody counts."""


class _NothingPublished:
    """The evidence source while there is no view."""

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        raise DidNotArrive("not_published_yet", "nothing is published yet")


class RegistryChecker:
    """Implements verifier.web.ports.Checker. Safe to call from many threads."""

    def __init__(
        self,
        views: Views,
        documents: DocumentStore,
        ledger: AppendableLedger,
        *,
        policy: TlogPolicy,
        clock: Clock,
        suspects: FindSuspicion = _suspects_nobody,
    ) -> None:
        self._views = views
        self._documents = documents
        self._ledger = ledger
        self._clock = clock
        self._suspects = suspects
        self._nothing = Trust(policy, None)
        self._products: OrderedDict[tuple[str, str], ProductView] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, code: str) -> Verdict:
        """The verdict on any text, by the current view. A ledger that has stopped vouches for nothing."""
        view = self._views.current
        if view is None or self._ledger.fatal_error is not None:
            return verify(code, trust=self._nothing, ledger=_NothingPublished(), now=self._clock())
        now = self._clock()
        verdict = verify(code, trust=view.trust, ledger=view, now=now)
        suspicion = self._suspects(verdict)
        if suspicion is None:
            return verdict
        # Few codes are: so those are verified once more, by the one list that knows what a suspicion means.
        return verify(code, trust=view.trust, ledger=view, now=now, suspicion=suspicion)

    def check_lot(self, gtin: str, lot: str) -> LotVerdict:
        """The verdict on a lot, for badges."""
        view = self._views.current
        if view is None or self._ledger.fatal_error is not None:
            return check_lot(gtin, lot, snapshot=None, batches=(), now=self._clock())
        batches = [record.statement for record in view.batches_of_gtin.get(gtin, ()) if record.index < view.head.size]
        return check_lot(gtin, lot, snapshot=view.snapshot, batches=batches, now=self._clock())

    def check_model(self, gtin: str) -> LotVerdict:
        """The verdict on any lot of a product, for badges of listings that name none."""
        view = self._views.current
        if view is None or self._ledger.fatal_error is not None:
            return check_model(gtin, snapshot=None, is_logged=False, now=self._clock())
        is_logged = any(record.index < view.head.size for record in view.batches_of_gtin.get(gtin, ()))
        return check_model(gtin, snapshot=view.snapshot, is_logged=is_logged, now=self._clock())

    def find_issuer(self, issuer_id: str) -> Issuer | None:
        """An admitted organisation with its keys, as of the published tree. Raises DidNotArrive while there is none."""
        view = self._views.current
        if view is None:
            raise DidNotArrive("not_published_yet", "nothing is published yet")
        return view.snapshot.find_issuer(issuer_id)

    def find_lot_entries(self, gtin: str, lot: str) -> LotEntries:
        """Where the published tree speaks of a lot, or with "" of a product."""
        view = self._views.current
        if view is None:
            return LotEntries(0)
        return find_lot_entries(gtin, lot, view.head.size, view.batches_of_gtin, view.products)

    def find_product(self, gtin: str) -> ProductView | None:
        """The published passport, shown only if its bytes have the logged digest and the maker's signature."""
        view = self._views.current
        record = None if view is None else view.products.get(gtin)
        if view is None or record is None:
            return None
        known = self._products.get((gtin, record.digest))  # the GTIN too: anybody can log anybody's digest
        if known is not None:
            return known
        issuer = view.snapshot.find_issuer_of_gtin(gtin)
        try:
            found = self._documents.get(bytes.fromhex(record.digest))
            if found is None or issuer is None:
                return None
            product = read_published_product(gtin, record.digest, found[1], issuer)
        except (VerifierError, LedgerError) as error:
            LOG.warning("the passport of %s cannot be shown: %s", gtin, error)
            return None
        with self._lock:
            self._products[gtin, record.digest] = product
            while len(self._products) > _CACHED_PRODUCTS:
                self._products.popitem(last=False)
        return product

    def change_count(self) -> int:
        return self._views.change_count()

    def wait_for_change(self, since: int, timeout_seconds: float) -> int:
        return self._views.wait_for_change(since, timeout_seconds)
