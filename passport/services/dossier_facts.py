# SPDX-License-Identifier: Apache-2.0
"""What a dossier's rules look at, read from the published ledger: implements the port of passport/services/live."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from passport.domain.dossier_values import DossierFields, certificate_names
from passport.domain.dossiers import DossierFacts
from passport.domain.gate import CertificateFact, CodeFact
from passport.domain.listings import ListingFields
from passport.services.gate_facts import LedgerGateFacts
from passport.services.registry import Unavailable
from passport.services.views import View

_TRIES = 5


class LedgerDossierFacts:
    """The gate's facts for one lot and one sample, with the certificates that the reports name."""

    def __init__(self, gate: LedgerGateFacts) -> None:
        self._gate, self._views, self._checker = gate, gate.views, gate.checker

    def check_sample(self, code: str) -> CodeFact:
        """What the check of a scanned code says now. It never fails: what it cannot find out it says."""
        verdict = self._checker.check(code)
        lot = "" if verdict.batch is None else verdict.batch.lot
        return CodeFact(code, verdict.status, verdict.reason, lot, verdict.batch_index)

    def gather(self, fields: DossierFields, now: datetime) -> DossierFacts:
        """Raises Unavailable."""
        codes = (fields.sample_code,) if fields.sample_code else ()
        asked = ListingFields("", fields.seller_id, fields.seller_name, fields.gtin, (fields.lot,), codes)
        for _ in range(_TRIES):
            facts = self._gate.gather(asked, now)
            view = self._views.current
            found = () if view is None else _certificates(view, certificate_names(fields.reports))
            if all(fact.index is None or fact.index < facts.as_of.size for fact in found):
                return DossierFacts(replace(facts, certificates=found))
        raise Unavailable("not_published_yet", "the ledger is growing; ask again in a few seconds")

    def find_logged(self, organisation: str, dossier_id: str, digest: str) -> int | None:
        """The published entry that says this digest of this dossier; None if there is none."""
        view = self._views.current
        if view is None:
            return None
        record = view.dossiers.get((organisation, dossier_id))
        if record is None or record.index >= view.head.size or record.statement.digest != digest:
            return None
        return record.index


def _certificates(view: View, names: tuple[tuple[str, str], ...]) -> tuple[CertificateFact, ...]:
    """Those of which a laboratory or an authority speaks; the fold may be ahead of the view, so the caller looks."""
    found = []
    for name in names:
        record = view.certificates.get(name)
        if record is not None:
            said = record.statement
            term = (said.valid_from, said.valid_until)
            found.append(CertificateFact(*name, record.index, said.status, said.gtins, *term))
    return tuple(found)
