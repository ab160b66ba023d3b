# SPDX-License-Identifier: Apache-2.0
"""The registration policy: which statement may stand in the ledger, given all that stands before it. SCITT (RFC 9943).

The registry asks it before it appends; every auditor asks it again for every entry. One function, so that the two can
never differ: an entry that the policy refuses has no effect in anybody's fold, whoever wrote it into the log.
"""

from __future__ import annotations

from itertools import pairwise

from verifier.facts import Facts, name_of_numbered
from verifier.protocol.errors import DoesNotHold
from verifier.protocol.gs1 import is_gtin_under_prefix
from verifier.protocol.keys import PublicKey, verify_signature
from verifier.protocol.statements import REGISTRY, SignedStatement, signed_bytes
from verifier.protocol.statements.certificates import CertificateStatus
from verifier.protocol.statements.dossiers import DossierApproved
from verifier.protocol.statements.inspections import InspectionPublished
from verifier.protocol.statements.products import BatchIssued, CodesVoided, ProductPublished
from verifier.protocol.statements.recall import RecallClosed, RecallNotice, RecallPublished, RecallRevised
from verifier.protocol.statements.registry import (
    IssuerAdmitted,
    KeyAdded,
    KeyRevoked,
    ProvenKey,
    RegistryCreated,
    possession_text,
)
from verifier.trust import Issuer


class Refused(DoesNotHold):
    """The registration policy does not allow this statement here. `code` names the rule."""


def check_statement(facts: Facts, index: int, signed: SignedStatement) -> None:
    """Raises Refused, with the rule as its code, when the statement may not stand at this index.

    1 it speaks of this ledger  2 it is the first entry or the registry exists  3 its author's key is registered,
    belongs to that author and is good now  4 the rule of its family: role, prefix, and what it refers to. The signature
    is `check_signature`, apart because a replay need not repeat it.
    """
    header = signed.statement.header
    if header.origin != facts.origin:  # 1
        raise Refused("wrong_ledger", f"the statement is for {header.origin}, this ledger is {facts.origin}")
    if isinstance(signed.statement, RegistryCreated) != (index == 0):  # 2
        raise Refused("registry_first", "registry.created is entry 0 of a ledger, and only entry 0")
    if isinstance(signed.statement, RegistryCreated):
        if header.issuer != REGISTRY or signed.statement.operator_key.key_id != signed.key_id:
            raise Refused("key_of_another_issuer", "registry.created is said by the registry with its operator key")
        return
    _check_author(facts, index, signed)  # 3
    _check_family(facts, index, signed)  # 4


def check_signature(facts: Facts, signed: SignedStatement) -> None:
    """Raises Refused("bad_signature"). Call it after `check_statement`, which knows that the key is registered."""
    statement = signed.statement
    key = statement.operator_key if isinstance(statement, RegistryCreated) else _author_key(facts, signed)
    try:
        verify_signature(key, message=signed_bytes(signed.statement), signature=signed.signature)
    except DoesNotHold as error:
        raise Refused("bad_signature", "the author's signature over the statement is wrong") from error


def _author_key(facts: Facts, signed: SignedStatement) -> PublicKey:
    owner = facts.key_owners.get(signed.key_id)
    if owner is None:
        raise Refused("unknown_key", f"key {signed.key_id[:16]}… is not registered in this ledger")
    if owner != signed.statement.header.issuer:
        raise Refused("key_of_another_issuer", f"key {signed.key_id[:16]}… belongs to {owner}")
    if owner == REGISTRY:
        assert facts.registry is not None  # key_owners names the registry only after registry.created
        return facts.registry.operator_key
    key = facts.issuers[owner].find_key(signed.key_id)
    assert key is not None  # key_owners and issuers are updated together
    return key.public_key


def _check_author(facts: Facts, index: int, signed: SignedStatement) -> None:
    key = _author_key(facts, signed)
    if signed.statement.header.issuer != REGISTRY:
        record = facts.issuers[signed.statement.header.issuer].find_key(key.key_id)
        if record is None or not record.is_good_at(index):
            raise Refused("key_revoked", f"key {signed.key_id[:16]}… is revoked")


def _check_family(facts: Facts, index: int, signed: SignedStatement) -> None:
    match signed.statement:
        case RegistryCreated():  # handled before: it has no earlier author
            raise AssertionError("registry.created reaches no family rule")
        case IssuerAdmitted() as admitted:
            _check_admission(facts, admitted)
        case KeyAdded() as added:
            _check_speaks_for(added.header.issuer, added.subject)
            _get_issuer(facts, added.subject)
            _check_new_key(facts, added.subject, added.key)
        case KeyRevoked() as revoked:
            _check_speaks_for(revoked.header.issuer, revoked.subject)
            _check_revocation(facts, index, revoked)
        case ProductPublished() as product:
            _check_prefix(_manufacturer(facts, product.header.issuer), product.gtin)
            _check_next_revision(facts, product)
        case BatchIssued() as batch:
            _check_batch(facts, index, batch)
        case CodesVoided() as voided:
            _check_void(facts, voided)
        case RecallPublished() as published:
            if published.recall_id.split("/")[0] != published.header.issuer:
                raise Refused("recall_id_not_yours", "a recall id starts with its publisher's issuer id")
            if published.recall_id in facts.recalls:
                raise Refused("recall_exists", f"recall {published.recall_id} was published before: revise it")
            _check_recall_scope(facts, published.header.issuer, published.notice)
        case RecallRevised() as revised:
            _check_recall_change(facts, revised.header.issuer, revised.recall_id)
            # Larger, not "the next one": a revision in between may be undone in hindsight, and later ones must stand.
            if revised.revision <= facts.recalls[revised.recall_id].revision:
                present = facts.recalls[revised.recall_id].revision
                raise Refused("wrong_revision", f"{revised.recall_id} is at revision {present}: number it higher")
            _check_recall_scope(facts, revised.header.issuer, revised.notice)
        case RecallClosed() as closed:
            _check_recall_change(facts, closed.header.issuer, closed.recall_id)
        case CertificateStatus() as certificate:
            _check_certificate(facts, certificate)
        case InspectionPublished() as inspection:
            _check_inspection(facts, inspection)
        case DossierApproved() as dossier:
            _check_dossier(facts, dossier)


def _get_issuer(facts: Facts, issuer_id: str) -> Issuer:
    issuer = facts.issuers.get(issuer_id)
    if issuer is None:
        raise Refused("unknown_issuer", f"{issuer_id} is not admitted")
    return issuer


def _manufacturer(facts: Facts, issuer_id: str) -> Issuer:
    if issuer_id == REGISTRY or "manufacturer" not in _get_issuer(facts, issuer_id).roles:
        raise Refused("role_missing", f"{issuer_id} is not admitted as a manufacturer")
    return facts.issuers[issuer_id]


def _check_prefix(issuer: Issuer, gtin: str) -> None:
    if not any(is_gtin_under_prefix(gtin, prefix) for prefix in issuer.prefixes):
        raise Refused("prefix_not_yours", f"GTIN {gtin} is not under a company prefix of {issuer.id}")


def _check_speaks_for(author: str, subject: str) -> None:
    if author not in (subject, REGISTRY):
        raise Refused("not_yours", f"only {subject} or the registry may change the keys of {subject}")


def _check_new_key(facts: Facts, subject: str, key: ProvenKey) -> None:
    public_key = key.public_key
    if public_key.key_id in facts.key_owners:
        raise Refused("key_exists", f"key {public_key.key_id[:16]}… is registered already")
    issuer = facts.issuers.get(subject)
    if issuer is not None and issuer.find_key_by_hint(public_key.hint) is not None:
        raise Refused("key_hint_clash", "another key of this issuer has the same two-byte hint: make a new key")
    text = possession_text(origin=facts.origin, issuer=subject, key_id=public_key.key_id)
    try:
        verify_signature(public_key, message=text, signature=key.possession)
    except DoesNotHold as error:
        raise Refused("no_possession", "the proof that the owner holds the private key is wrong") from error


def _check_admission(facts: Facts, admitted: IssuerAdmitted) -> None:
    if admitted.header.issuer != REGISTRY:
        raise Refused("role_missing", "only the registry operator admits issuers")
    if admitted.subject == REGISTRY or admitted.subject in facts.issuers:
        raise Refused("issuer_exists", f"{admitted.subject} is admitted already")
    for issuer in facts.issuers.values():
        if issuer.uscc == admitted.uscc:
            raise Refused("uscc_exists", f"统一社会信用代码 {admitted.uscc} belongs to {issuer.id}")
    for prefix in admitted.prefixes:
        owner = facts.prefixes.find_overlap(prefix)
        if owner is not None:
            raise Refused("prefix_overlap", f"company prefix {prefix} overlaps with one of {owner}")
    for left, right in pairwise(admitted.prefixes):
        if right.startswith(left):  # sorted, so an overlap stands side by side
            raise Refused("prefix_overlap", f"company prefixes {left} and {right} overlap")
    _check_new_key(facts, admitted.subject, admitted.key)


def _check_revocation(facts: Facts, index: int, revoked: KeyRevoked) -> None:
    key = _get_issuer(facts, revoked.subject).find_key(revoked.key_id)
    if key is None:
        raise Refused("unknown_key", f"{revoked.subject} has no key {revoked.key_id[:16]}…")
    if revoked.from_index > index:
        raise Refused("from_the_future", f"from_index {revoked.from_index} lies after this entry, {index}")
    if key.revoked_from is not None and revoked.from_index >= key.revoked_from:
        raise Refused("key_revoked", f"the key is revoked from index {key.revoked_from} already")


def _check_batch(facts: Facts, index: int, batch: BatchIssued) -> None:
    issuer = _manufacturer(facts, batch.header.issuer)
    _check_prefix(issuer, batch.gtin)
    key = issuer.find_key(batch.key_id)
    if key is None:
        raise Refused("unknown_key", f"{issuer.id} has no key {batch.key_id[:16]}… to sign codes with")
    if not key.is_good_at(index):
        raise Refused("key_revoked", f"the codes' key {batch.key_id[:16]}… is revoked")
    if (issuer.id, batch.batch) in facts.used_batches:
        raise Refused("batch_exists", f"{issuer.id} has issued batch {batch.batch} already")


def _check_void(facts: Facts, voided: CodesVoided) -> None:
    record = facts.batches.get((voided.header.issuer, voided.batch))
    if record is None:
        raise Refused("unknown_batch", f"{voided.header.issuer} has no batch {voided.batch}")
    if voided.ranges[-1].last >= record.statement.count:
        raise Refused("outside_batch", f"batch {voided.batch} has {record.statement.count} codes, counted from 0")


def _is_authority(facts: Facts, author: str) -> bool:
    return author != REGISTRY and "authority" in _get_issuer(facts, author).roles


def _check_recall_scope(facts: Facts, author: str, notice: RecallNotice) -> None:
    if _is_authority(facts, author):
        return
    issuer = _manufacturer(facts, author)
    for entry in notice.scope:
        _check_prefix(issuer, entry.gtin)


def _check_recall_change(facts: Facts, author: str, recall_id: str) -> None:
    recall = facts.recalls.get(recall_id)
    if recall is None:
        raise Refused("unknown_recall", f"there is no recall {recall_id}")
    if author != recall.publisher and not _is_authority(facts, author):
        raise Refused("not_yours", f"recall {recall_id} belongs to {recall.publisher}")
    if not recall.is_active:
        raise Refused("recall_closed", f"recall {recall_id} is closed")


def _check_assessor(facts: Facts, author: str) -> None:
    if author == REGISTRY or {"laboratory", "authority"}.isdisjoint(_get_issuer(facts, author).roles):
        raise Refused("role_missing", f"{author} is admitted neither as a laboratory nor as an authority")


def _check_last_word(facts: Facts, author: str, last: str) -> None:
    """Whose word stands may go on, and an authority may always: so what an authority said, no laboratory takes back."""
    if author != last and not _is_authority(facts, author):
        raise Refused("not_yours", f"the last word on this is {last}'s; only {last} or an authority may add to it")


def _check_certificate(facts: Facts, certificate: CertificateStatus) -> None:
    _check_assessor(facts, certificate.header.issuer)
    known = facts.certificates.get((certificate.scheme, certificate.number))
    if known is None:
        return  # whatever its revision: an earlier statement may have been undone
    _check_last_word(facts, certificate.header.issuer, known.issuer)
    # Without a number that grows, the operator could log the laboratory's own "valid" again after it said "revoked".
    if certificate.revision <= known.statement.revision:
        name = f"{certificate.scheme} {certificate.number}"
        raise Refused("wrong_revision", f"{name} is at revision {known.statement.revision}: number it higher")


def _check_inspection(facts: Facts, inspection: InspectionPublished) -> None:
    author, name = inspection.header.issuer, inspection.inspection_id
    _check_assessor(facts, author)
    known = facts.inspections.get(name)
    if inspection.revision == 0:
        if name.split("/")[0] != author:
            raise Refused("inspection_id_not_yours", "an inspection id starts with its publisher's issuer id")
        if known is not None:
            raise Refused("inspection_exists", f"inspection {name} was published before: revise it")
        return
    if known is None:
        raise Refused("unknown_inspection", f"there is no inspection {name}")
    _check_last_word(facts, author, known.issuer)
    if inspection.revision <= known.statement.revision:  # larger, not "the next one": see recall.revised
        raise Refused("wrong_revision", f"{name} is at revision {known.statement.revision}: number it higher")
    if inspection.gtin != known.statement.gtin:
        raise Refused("another_product", f"{name} is about GTIN {known.statement.gtin}, and stays so")


def _check_next_revision(facts: Facts, statement: ProductPublished | DossierApproved) -> None:
    """The very next number, so that neither an old statement nor one that was held back can be logged out of turn.

    Undone ones count: what a key said that comes back later is old all the same, and later good ones must stand.
    """
    name = name_of_numbered(statement)
    wanted = facts.next_revisions.get(name, 0)
    if statement.revision != wanted:
        _, author, about = name
        raise Refused("wrong_revision", f"{about} of {author}: the next is revision {wanted}, not {statement.revision}")


def _check_dossier(facts: Facts, dossier: DossierApproved) -> None:
    author = dossier.header.issuer
    if author == REGISTRY or "platform" not in _get_issuer(facts, author).roles:
        raise Refused("role_missing", f"{author} is not admitted as a platform")
    _check_next_revision(facts, dossier)
