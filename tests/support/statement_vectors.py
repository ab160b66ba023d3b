# SPDX-License-Identifier: Apache-2.0
"""Runs the vectors of statements, snapshots, proof documents and verdicts: tests/vectors/README-statements.md."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from verifier.evidence import Evidence, parse_item_tile, parse_proof_document, verify_item_tile
from verifier.fold import fold_entries
from verifier.protocol.encoding import encode_base64
from verifier.protocol.errors import DidNotArrive, DoesNotHold
from verifier.protocol.fields import Text, format_instant, parse_instant
from verifier.protocol.merkle import leaf_hash, root_from_leaf_hashes
from verifier.protocol.note import parse_vkey
from verifier.protocol.policy import VerifiedCheckpoint, parse_policy
from verifier.protocol.product_code import ProductCode
from verifier.protocol.statements import parse_entry, signed_bytes
from verifier.snapshot import make_shard, make_snapshot, parse_snapshot, snapshot_text
from verifier.verdict import Suspicion
from verifier.verify import Trust, verify

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """An EvidenceSource over one proof document, as a phone has it."""

    document: str | bytes | None

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        if self.document is None:
            return None
        data = self.document.encode() if isinstance(self.document, str) else self.document
        issuer, evidence = parse_proof_document(data)
        if issuer != issuer_id:
            raise DoesNotHold("another_code", "the document is about another issuer's item")
        return evidence


@dataclass(frozen=True, slots=True)
class FaultySource:
    """An EvidenceSource whose evidence never arrives."""

    code: str

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        raise DidNotArrive(self.code, "it did not arrive")


def _parse_entry(given: Values) -> Values:
    signed = parse_entry(given["entry"].encode())
    header = signed.statement.header
    return {
        "type": signed.statement.type,
        "issuer": header.issuer,
        "key_id": signed.key_id,
        "signed_bytes": signed_bytes(signed.statement).decode(),
    }


def _fold(given: Values) -> Values:
    state = fold_entries((text.encode() for text in given["entries"]), given["origin"])
    found = [[item.index, item.rule, item.in_hindsight] for item in state.disregarded]
    return {"size": state.size, "disregarded": found}


def _parse_snapshot(given: Values) -> Values:
    snapshot = parse_snapshot(given["note"].encode(), parse_vkey(given["status_vkey"]))
    return {
        "as_of": format_instant(snapshot.as_of_at),
        "issuers": [issuer.id for issuer in snapshot.issuers],
        "next_update": format_instant(snapshot.next_update_at),
        "origin": snapshot.origin,
        "recalls": [recall.record.recall_id for recall in snapshot.recalls],
        "root_hash": encode_base64(snapshot.root_hash),
        "shard": snapshot.shard,
        "size": snapshot.size,
    }


def _make_snapshot(given: Values) -> Values:
    entries = [text.encode() for text in given["entries"]]
    snapshot = make_snapshot(
        fold_entries(entries, given["origin"]),
        root_hash=root_from_leaf_hashes(map(leaf_hash, entries)),
        as_of_at=parse_instant(given["as_of"]),
        next_update_at=parse_instant(given["next_update"]),
    )
    if given["shard"] is not None:
        snapshot = make_shard(snapshot, given["shard"])
    return {"text": snapshot_text(snapshot)}


def _look_up(given: Values) -> Values:
    snapshot = parse_snapshot(given["note"].encode(), parse_vkey(given["status_vkey"]))
    place = (given["issuer"], given["batch"], given["seq"])
    return {
        "recalls": [record.recall_id for record in snapshot.recalls_of(*place)],
        "is_void": snapshot.is_void(*place),
    }


def _parse_proof_document(given: Values) -> Values:
    issuer, evidence = parse_proof_document(given["text"].encode())
    item = evidence.item
    return {
        "issuer": issuer,
        "entry": evidence.batch.entry.decode(),
        "index": evidence.batch.index,
        "hashes": [value.hex() for value in evidence.batch.proof],
        "checkpoint": evidence.checkpoint.decode(),
        "item_hash": item.item_hash.hex(),
        "item_path": [value.hex() for value in item.hashes],
        "snapshot_link": [value.hex() for value in evidence.snapshot_link],
    }


def _verify_item_tile(given: Values) -> Values:
    tile = parse_item_tile(given["index"], bytes.fromhex(given["data"]))
    assert tile.to_bytes().hex() == given["data"]
    verify_item_tile(tile, count=given["count"], item_root=bytes.fromhex(given["item_root"]))
    return {}


def trust_of(given: Values) -> Trust:
    """What a verdict case trusts."""
    note = given["snapshot"]
    snapshot = None if note is None else parse_snapshot(note.encode(), parse_vkey(given["status_vkey"]))
    return Trust(parse_policy(given["policy"].encode()), snapshot)


def _verify(given: Values) -> Values:
    seen, suspicion = given.get("seen"), given.get("suspicion")
    verdict = verify(
        given["code"],
        trust=trust_of(given),
        ledger=FaultySource(given["fault"]) if "fault" in given else DocumentSource(given["proof"]),
        now=parse_instant(given["now"]),
        seen=seen and VerifiedCheckpoint(seen["origin"], seen["size"], bytes.fromhex(seen["root_hash"]), b"", ()),
        suspicion=suspicion and Suspicion(suspicion["reason"], Text(**suspicion["facts"])),
    )
    assert [step.name.number for step in verdict.steps] == list(range(11))
    return {
        "status": verdict.status.value,
        "reason": verdict.reason,
        "steps": [step.outcome.value for step in verdict.steps],
        "recalls": [record.recall_id for record in verdict.recalls],
    }


OPERATIONS = {
    "parse_entry": _parse_entry,
    "fold": _fold,
    "parse_snapshot": _parse_snapshot,
    "make_snapshot": _make_snapshot,
    "look_up": _look_up,
    "parse_proof_document": _parse_proof_document,
    "verify_item_tile": _verify_item_tile,
    "verify": _verify,
}
