# SPDX-License-Identifier: Apache-2.0
"""The verdict that the members of an evidence file bear out by themselves: `verify()` over them, and nothing else.

Who makes a file and who checks it run this same function, so that a file never claims what it does not hold. Nothing
here reads a clock, a file or a socket. docs/evidence.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from verifier.evidence import Evidence, parse_proof_document
from verifier.protocol.checkpoint import Checkpoint, parse_checkpoint
from verifier.protocol.encoding import (
    JsonValue,
    decode_base64,
    encode_base64,
    encode_canonical_json,
    parse_canonical_json,
)
from verifier.protocol.errors import DidNotArrive, DoesNotHold, Malformed, VerifierError
from verifier.protocol.fields import Fields
from verifier.protocol.keys import verify_signature
from verifier.protocol.merkle import leaf_hash, verify_inclusion
from verifier.protocol.note import MAX_NOTE_SIZE, VKey, parse_note, verify_note
from verifier.protocol.policy import NONE, TlogPolicy, VerifiedCheckpoint, parse_policy, verify_checkpoint
from verifier.protocol.product_code import ProductCode
from verifier.protocol.statements import REGISTRY as REGISTRY_ISSUER
from verifier.protocol.statements import parse_entry, signed_bytes
from verifier.protocol.statements.registry import RegistryCreated
from verifier.snapshot import Snapshot, parse_snapshot
from verifier.verdict import Verdict
from verifier.verify import Trust, verify

REGISTRY_TYPE = "product-passport/registry/v1"
PROOF, CHECKPOINT, SNAPSHOT = "proof.json", "checkpoint.txt", "snapshot.txt"
POLICY, REGISTRY = "policy.txt", "registry.json"
PARTS = (PROOF, CHECKPOINT, SNAPSHOT, POLICY, REGISTRY)
NOT_LOGGED = "not_logged"  # why there is no proof: the registry said so, which only its word shows
MAX_REGISTRY_SIZE = 256 * 1024

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """A code and what was collected about it. `absent` says of each part that is not there why: a stable code."""

    code: str
    parts: Mapping[str, bytes]
    absent: Mapping[str, str]
    checked_at: datetime


@dataclass(frozen=True, slots=True)
class Judgement:
    """`problems`: parts that do not hold, with the code of the reason. The rest is what the parts were read as."""

    verdict: Verdict
    problems: dict[str, str]
    policy: TlogPolicy | None
    origin: str | None
    status_vkey: VKey | None
    checkpoint: VerifiedCheckpoint | None


def make_registry_part(checkpoint: bytes, entry: bytes, proof: tuple[bytes, ...]) -> bytes:
    """What anchors the status key in the ledger's own key: entry 0 and its inclusion proof under a checkpoint."""
    value: dict[str, JsonValue] = {
        "checkpoint": checkpoint.decode(),
        "entry": entry.decode(),
        "proof": [encode_base64(item) for item in proof],
        "type": REGISTRY_TYPE,
    }
    return encode_canonical_json(value)


def parse_registry_part(data: bytes, policy: TlogPolicy) -> tuple[str, VKey]:
    """The ledger's origin and the status key that its entry 0 names.

    Any checkpoint of the ledger will do, however old and whoever witnessed it: a ledger has one entry 0, for good.
    Raises Malformed or DoesNotHold.
    """
    fields = Fields(parse_canonical_json(data, max_size=MAX_REGISTRY_SIZE), "registry.json")
    if fields.string("type") != REGISTRY_TYPE:
        raise Malformed("bad_registry_part", f"the type of registry.json is {REGISTRY_TYPE}")
    note = fields.string("checkpoint", maximum=MAX_NOTE_SIZE).encode()
    entry = fields.string("entry", maximum=65_535).encode()
    proof = tuple(_hash(item) for item in fields.items("proof", maximum=64))
    fields.done()
    checkpoint = _verify_log_signature(note, policy)
    if checkpoint.size == 0:
        raise DoesNotHold("no_registry", "the ledger of registry.json is empty")
    verify_inclusion(
        leaf_hash=leaf_hash(entry), index=0, size=checkpoint.size, proof=proof, root_hash=checkpoint.root_hash
    )
    signed = parse_entry(entry)
    statement = signed.statement
    if not isinstance(statement, RegistryCreated) or statement.header.issuer != REGISTRY_ISSUER:
        raise DoesNotHold("no_registry", "entry 0 creates no registry")
    if statement.operator_key.key_id != signed.key_id or statement.header.origin != checkpoint.origin:
        raise DoesNotHold("no_registry", "entry 0 is of another ledger or of another key")
    verify_signature(statement.operator_key, message=signed_bytes(statement), signature=signed.signature)
    return checkpoint.origin, statement.status_vkey


def _verify_log_signature(note_bytes: bytes, policy: TlogPolicy) -> Checkpoint:
    note = parse_note(note_bytes)
    checkpoint = parse_checkpoint(note.text)
    keys = [log.vkey for log in policy.logs if log.vkey.name == checkpoint.origin]
    if not keys:
        raise DoesNotHold("unknown_log", f"the policy knows no log named {checkpoint.origin}")
    verify_note(note, keys)
    return checkpoint


def _hash(value: JsonValue) -> bytes:
    raw = decode_base64(value) if isinstance(value, str) else b""
    if len(raw) != 32:
        raise Malformed("wrong_length", "registry.json holds SHA-256 hashes in base64")
    return raw


def judge(case: Case, *, stated_vkey: VKey | None = None, pinned: TlogPolicy | None = None) -> Judgement:
    """The verdict at `case.checked_at` over the parts alone. Never raises on account of what they hold.

    `stated_vkey` is the status key where registry.json is absent. `pinned` stands in for the policy in the parts.
    """
    reading = _Reading(case)
    policy = pinned or reading.read(POLICY, parse_policy)
    effective = policy or TlogPolicy((), (), (), NONE)
    anchor = reading.read(REGISTRY, lambda data: parse_registry_part(data, effective))
    origin, status_vkey = (None, stated_vkey) if anchor is None else anchor
    checkpoint = reading.read(CHECKPOINT, lambda data: verify_checkpoint(data, effective))
    snapshot = None
    if status_vkey is not None:
        vkey = status_vkey
        snapshot = reading.read(SNAPSHOT, lambda data: _parse_snapshot(data, vkey, origin))
    verdict = verify(case.code, trust=Trust(effective, snapshot), ledger=_PartsEvidence(case), now=case.checked_at)
    return Judgement(verdict, reading.problems, policy, origin, status_vkey, checkpoint)


def _parse_snapshot(data: bytes, status_vkey: VKey, origin: str | None) -> Snapshot:
    snapshot = parse_snapshot(data, status_vkey)
    if origin is not None and snapshot.origin != origin:
        raise DoesNotHold("snapshot_of_another_ledger", "the snapshot is of another ledger")
    return snapshot


@dataclass(slots=True)
class _Reading:
    case: Case
    problems: dict[str, str] = field(default_factory=dict)

    def read(self, name: str, parse: Callable[[bytes], T]) -> T | None:
        if name not in self.case.parts:
            return None
        try:
            return parse(self.case.parts[name])
        except VerifierError as error:
            self.problems[name] = error.code
            return None


@dataclass(frozen=True, slots=True)
class _PartsEvidence:
    """The proof document of the case. What is wrong with it is for `verify()` to say, in its step."""

    case: Case

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        document = self.case.parts.get(PROOF)
        if document is None:
            why = self.case.absent.get(PROOF, "not_asked")
            if why == NOT_LOGGED:
                return None
            raise DidNotArrive(why, "there is no proof document")
        issuer, evidence = parse_proof_document(document)
        if issuer != issuer_id:
            raise DoesNotHold("another_code", "the proof is about another issuer's item")
        if evidence.checkpoint != self.case.parts.get(CHECKPOINT):
            raise DoesNotHold("another_checkpoint", "the proof leads to another checkpoint than the one beside it")
        return evidence
