# SPDX-License-Identifier: Apache-2.0
"""Keys in the ledger: proof of possession, admission, a further key, revocation by ledger index. DESIGN §3."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from passport.domain.maker_errors import RegistryRefused
from passport.domain.organisation import AdmissionRequest, Organisation
from passport.domain.registry_values import Logged
from passport.services.maker_ports import Registry, Signer
from verifier.protocol.statements import REGISTRY, Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.registry import IssuerAdmitted, KeyAdded, KeyRevoked, ProvenKey, possession_text


@dataclass(frozen=True, slots=True)
class Author:
    """Who makes a statement: an issuer id, or REGISTRY for the operator, with a key; and the time by their own
    clock."""

    issuer: str
    signer: Signer
    now: datetime


def log_statement(registry: Registry, author: Author, statement: Statement) -> Logged:
    """Sign a statement and log it. Raises RegistryRefused with the rule, RegistryUnavailable."""
    entry = make_entry(
        statement,
        key_id=author.signer.public_key.key_id,
        signature=author.signer.sign(signed_bytes(statement)),
    )
    return registry.submit(entry)


def prove_key(signer: Signer, *, origin: str, issuer: str) -> ProvenKey:
    """A key's proof of possession, good for one issuer in one ledger alone."""
    text = possession_text(origin=origin, issuer=issuer, key_id=signer.public_key.key_id)
    return ProvenKey(signer.public_key, signer.sign(text))


def admit(registry: Registry, author: Author, request: AdmissionRequest, organisation: Organisation) -> Logged:
    """The operator lets an organisation speak.

    The registry refuses overlapping prefixes and used keys, by name of the rule.
    """
    origin = registry.registry().origin
    if request.origin != origin:
        raise RegistryRefused("wrong_ledger", f"The request is for the ledger {request.origin}; this one is {origin}.")
    statement = IssuerAdmitted(
        header=Header(origin, REGISTRY, author.now),
        subject=request.issuer,
        name=organisation.name,
        uscc=organisation.uscc,
        roles=organisation.roles,
        prefixes=organisation.prefixes,
        contact=organisation.contact,
        key=request.key,
    )
    return log_statement(registry, author, statement)


def add_key(registry: Registry, author: Author, *, subject: str, new: Signer) -> Logged:
    """A further key for `subject`, said with one of its good keys or by the operator."""
    origin = registry.registry().origin
    key = prove_key(new, origin=origin, issuer=subject)
    return log_statement(registry, author, KeyAdded(Header(origin, author.issuer, author.now), subject, key))


def revoke_key(
    registry: Registry, author: Author, *, subject: str, key_id: str, from_index: int | None, reason: str
) -> tuple[int, Logged]:
    """Revoke from a ledger index; None: from the present end of the ledger, so that all that is logged stays good."""
    info = registry.registry()
    start = info.size if from_index is None else from_index
    header = Header(info.origin, author.issuer, author.now)
    return start, log_statement(registry, author, KeyRevoked(header, subject, key_id, start, reason))
