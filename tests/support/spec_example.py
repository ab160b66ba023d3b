# SPDX-License-Identifier: Apache-2.0
"""The ledger, snapshot and proof of the examples in docs/spec: five entries, four keys with fixed seeds.

Seeds are 32 times one byte; anybody can make these keys again, so trust none of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from passport.signing import KeySigner, make_memory_signer, sign_checkpoint, sign_note
from tests.support.makers import make_uscc
from verifier.evidence import BatchEvidence, Evidence, ItemPath, make_proof_document, parse_proof_document
from verifier.fold import fold_entries
from verifier.protocol.checkpoint import Checkpoint
from verifier.protocol.fields import Contact, Text
from verifier.protocol.merkle import inclusion_proof, leaf_hash, root_from_leaf_hashes
from verifier.protocol.note import ALG_ED25519, VKey, make_vkey
from verifier.protocol.policy import TlogPolicy, parse_policy
from verifier.protocol.product_code import ProductCode, Seal, make_serial, signing_text
from verifier.protocol.statements import REGISTRY, Header, Statement, make_entry, signed_bytes
from verifier.protocol.statements.products import BatchIssued, CodesVoided, SeqRange
from verifier.protocol.statements.recall import RecallNotice, RecallPublished, ScopeEntry, SeqRangeOf
from verifier.protocol.statements.registry import IssuerAdmitted, ProvenKey, RegistryCreated, possession_text
from verifier.snapshot import Snapshot, make_snapshot, parse_snapshot, snapshot_text
from verifier.verify import Trust

ORIGIN = "id.example.cn/ledger"
ISSUER = "xinghe"
GTIN = "06901234567892"
BATCH, COUNT, SEQ = 5, 100, 77
SEEDS = {"issuer": "01", "operator": "02", "status": "03", "ledger": "04"}
AS_OF = datetime(2026, 1, 20, 8, 0, tzinfo=UTC)
NOW = datetime(2026, 1, 20, 8, 5, tzinfo=UTC)


@cache
def signer(purpose: str) -> KeySigner:
    return make_memory_signer(bytes.fromhex(SEEDS[purpose]) * 32)


def status_vkey() -> VKey:
    return make_vkey(f"{ORIGIN}/status", ALG_ED25519, signer("status").public_key)


def header(issuer: str, day: int) -> Header:
    return Header(ORIGIN, issuer, datetime(2026, 1, day, 8, 0, tzinfo=UTC))


@cache
def codes() -> tuple[ProductCode, ...]:
    key = signer("issuer")
    made = []
    for seq in range(COUNT):
        serial = make_serial(BATCH, seq)
        text = signing_text(version=1, gtin=GTIN, serial=serial, key_id=key.public_key.key_id, batch=BATCH, seq=seq)
        made.append(ProductCode(GTIN, serial, Seal(1, key.public_key.hint, BATCH, seq, key.sign(text))))
    return tuple(made)


@cache
def item_hashes() -> tuple[bytes, ...]:
    return tuple(leaf_hash(code.item_leaf) for code in codes())


def statements() -> Iterator[tuple[str, Statement]]:
    """Who signs, and what: entries 0 to 4."""
    contact = Contact(phone="400-000-0000", url="https://xinghe.example.cn/service")
    yield (
        "operator",
        RegistryCreated(
            header=header(REGISTRY, 5),
            name=Text(zh="示例登记处", en="Example registry"),
            operator_key=signer("operator").public_key,
            status_vkey=status_vkey(),
        ),
    )
    key = signer("issuer")
    text = possession_text(origin=ORIGIN, issuer=ISSUER, key_id=key.public_key.key_id)
    yield (
        "operator",
        IssuerAdmitted(
            header=header(REGISTRY, 6),
            subject=ISSUER,
            name=Text(zh="星河电子（示例）有限公司", en="Xinghe Electronics (Example) Ltd"),
            uscc=make_uscc(1),
            roles=("manufacturer",),
            prefixes=("69012345",),
            contact=contact,
            key=ProvenKey(key.public_key, key.sign(text)),
        ),
    )
    yield (
        "issuer",
        BatchIssued(
            header=header(ISSUER, 7),
            gtin=GTIN,
            lot="L2601A",
            production_date=date(2026, 1, 3),
            batch=BATCH,
            count=COUNT,
            code_version=1,
            key_id=key.public_key.key_id,
            item_root=root_from_leaf_hashes(item_hashes()),
        ),
    )
    yield (
        "issuer",
        CodesVoided(
            header=header(ISSUER, 8),
            batch=BATCH,
            ranges=(SeqRange(98, 99),),
            reason=Text(zh="标签印坏", en="Labels spoiled in printing"),
        ),
    )
    notice = RecallNotice(
        scope=(ScopeEntry(GTIN, SeqRangeOf(BATCH, SeqRange(80, 89)), (SeqRangeOf(BATCH, SeqRange(85, 85)),)),),
        severity="high",
        action="recall",
        title=Text(zh="移动电源可能过热", en="The power bank may overheat"),
        hazard=Text(zh="有起火风险", en="Risk of fire"),
        remedy=Text(zh="停止使用，免费换新", en="Stop using it; free replacement"),
        contact=contact,
        starts_on=date(2026, 1, 20),
    )
    yield "issuer", RecallPublished(header(ISSUER, 19), f"{ISSUER}/2026-1", notice)


@cache
def entries() -> tuple[bytes, ...]:
    return tuple(
        make_entry(
            statement,
            key_id=signer(author).public_key.key_id,
            signature=signer(author).sign(signed_bytes(statement)),
        )
        for author, statement in statements()
    )


def subtree(lo: int, hi: int) -> bytes:
    return root_from_leaf_hashes([leaf_hash(entry) for entry in entries()[lo:hi]])


def checkpoint() -> bytes:
    size = len(entries())
    return sign_checkpoint(Checkpoint(ORIGIN, size, subtree(0, size)), ORIGIN, signer("ledger"))


def policy() -> TlogPolicy:
    vkey = make_vkey(ORIGIN, ALG_ED25519, signer("ledger").public_key)
    return parse_policy(f"log {vkey.to_text()} https://id.example.cn/ledger\nquorum none\n".encode())


def snapshot() -> Snapshot:
    return make_snapshot(
        fold_entries(entries(), ORIGIN),
        root_hash=subtree(0, len(entries())),
        as_of_at=AS_OF,
        next_update_at=AS_OF + timedelta(days=1),
    )


def snapshot_note() -> bytes:
    return sign_note(snapshot_text(snapshot()), f"{ORIGIN}/status", signer("status"))


def evidence(seq: int = SEQ) -> Evidence:
    hashes = item_hashes()
    path = inclusion_proof(seq, COUNT, lambda lo, hi: root_from_leaf_hashes(hashes[lo:hi]))
    batch = BatchEvidence(entries()[2], 2, inclusion_proof(2, len(entries()), subtree))
    return Evidence(checkpoint(), batch, ItemPath(hashes[seq], path))


@dataclass(frozen=True, slots=True)
class Source:
    """Hands out the example's evidence, by way of the proof document."""

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence:
        issuer, found = parse_proof_document(make_proof_document(issuer_id, evidence(code.seal.seq)))
        assert issuer == issuer_id
        return found


def trust() -> Trust:
    return Trust(policy(), parse_snapshot(snapshot_note(), status_vkey()))
