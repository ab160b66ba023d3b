# SPDX-License-Identifier: Apache-2.0
"""A platform signs for a selection dossier with its own key, on its own machine: `dossier.approved`.

The registry's word counts for nothing here: the digest is worked out from the document, and what is logged is read
from the ledger.
"""

from __future__ import annotations

from dataclasses import dataclass

from passport.domain.dossier_values import local_date
from passport.domain.maker_errors import BadInput
from passport.domain.registry_values import Logged
from passport.services.keys import Author, log_statement
from passport.services.maker_ports import Registry
from verifier.dossier_document import DossierDocument, dossier_digest, parse_dossier_document
from verifier.fold import LedgerState
from verifier.protocol.errors import Malformed
from verifier.protocol.statements import Header
from verifier.protocol.statements.dossiers import DossierApproved


@dataclass(frozen=True, slots=True)
class ReadDossier:
    """A document that is what it says it is, and its digest in hex."""

    document: DossierDocument
    digest: str


def read_dossier(data: bytes, *, dossier_id: str, issuer: str) -> ReadDossier:
    """The document of this dossier of this platform. Raises BadInput: bad_dossier, wrong_dossier, report_expired."""
    try:
        document = parse_dossier_document(data)
    except Malformed as error:
        raise BadInput("bad_dossier", f"What came is no approved dossier: {error}") from error
    if document.dossier_id != dossier_id or document.platform != issuer:
        raise BadInput(
            "wrong_dossier",
            f"The document is dossier {document.dossier_id} of {document.platform}, which was not asked.",
        )
    approved_on = local_date(document.approved_at)
    for report in document.reports:
        if not report.valid_from <= approved_on <= report.valid_until:
            raise BadInput("report_expired", f"The report {report.number} was not valid on {approved_on}.")
    return ReadDossier(document, dossier_digest(data))


def find_signed(state: LedgerState, issuer: str, read: ReadDossier) -> int | None:
    """Where the ledger says this digest of this dossier already."""
    record = state.dossiers.get((issuer, read.document.dossier_id))
    return record.index if record is not None and record.statement.digest == read.digest else None


def sign_dossier(read: ReadDossier, state: LedgerState, registry: Registry, author: Author) -> Logged:
    """Signs and logs. Raises RegistryRefused with the rule, RegistryUnavailable."""
    document = read.document
    statement = DossierApproved(
        header=Header(registry.registry().origin, author.issuer, author.now),
        dossier_id=document.dossier_id,
        gtin=document.gtin,
        lot=document.lot,
        digest=read.digest,
        approved_on=local_date(document.approved_at),
        revision=state.next_dossier_revision(author.issuer, document.dossier_id),
    )
    return log_statement(registry, author, statement)
