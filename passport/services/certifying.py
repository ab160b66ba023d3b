# SPDX-License-Identifier: Apache-2.0
"""Certificates and inspections, published by a laboratory or an authority with its own key. Issue 4, the gate."""

from __future__ import annotations

from dataclasses import dataclass, replace

from passport.domain.maker_errors import RegistryRefused
from passport.domain.registry_values import Logged
from passport.services.keys import Author, log_statement
from passport.services.maker_ports import Registry
from verifier.facts import BatchRecord, CertificateRecord, InspectionRecord
from verifier.fold import LedgerState
from verifier.protocol.fields import Text
from verifier.protocol.statements import Header
from verifier.protocol.statements.certificates import CertificateStatus, spell_certificate_name
from verifier.protocol.statements.inspections import InspectionPublished


@dataclass(frozen=True, slots=True)
class NamedProduct:
    """A GTIN that a statement names, who may speak for it (None: nobody is admitted), and its batches."""

    gtin: str
    maker: str | None
    batches: tuple[BatchRecord, ...]


def name_products(state: LedgerState, gtins: tuple[str, ...], lots: tuple[str, ...] = ()) -> tuple[NamedProduct, ...]:
    """What the ledger knows now of these products; with `lots`, of their batches alone. For a preview."""
    return tuple(
        NamedProduct(
            gtin,
            state.prefixes.find_issuer_id(gtin),
            tuple(record for record in state.batches_of_gtin.get(gtin, ()) if not lots or record.statement.lot in lots),
        )
        for gtin in gtins
    )


def find_certificate(state: LedgerState, scheme: str, number: str) -> CertificateRecord | None:
    """How a certificate stands; scheme and number in any spelling."""
    return state.certificates.get((spell_certificate_name(scheme), spell_certificate_name(number)))


def get_certificate(state: LedgerState, scheme: str, number: str) -> CertificateRecord:
    """The same; raises RegistryRefused("unknown_certificate")."""
    record = find_certificate(state, scheme, number)
    if record is None:
        raise RegistryRefused("unknown_certificate", f"The ledger says nothing of {scheme} {number}: publish it first.")
    return record


def get_inspection(state: LedgerState, inspection_id: str) -> InspectionRecord:
    """The inspection as it stands; raises RegistryRefused("unknown_inspection")."""
    record = state.inspections.get(inspection_id)
    if record is None:
        raise RegistryRefused("unknown_inspection", f"The ledger holds no inspection {inspection_id}.")
    return record


def next_certificate(draft: CertificateStatus, record: CertificateRecord | None) -> CertificateStatus:
    """The draft with the revision that follows on what stands."""
    return replace(draft, revision=0 if record is None else record.statement.revision + 1)


def with_status(record: CertificateRecord, status: str, reason: Text | None) -> CertificateStatus:
    """The certificate as it stands but for its status, the reason and the revision; for `publish_certificate`."""
    return next_certificate(replace(record.statement, status=status, reason=reason), record)


def publish_certificate(draft: CertificateStatus, registry: Registry, author: Author) -> Logged:
    """Say how a certificate stands; it replaces what was said before. The draft's header does not matter."""
    return log_statement(registry, author, replace(draft, header=_header(registry, author)))


def publish_inspection(draft: InspectionPublished, registry: Registry, author: Author) -> Logged:
    """Say what an inspection found, or what it found after all. The draft's header does not matter."""
    return log_statement(registry, author, replace(draft, header=_header(registry, author)))


def _header(registry: Registry, author: Author) -> Header:
    return Header(registry.registry().origin, author.issuer, author.now)
