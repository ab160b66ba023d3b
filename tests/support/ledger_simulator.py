# SPDX-License-Identifier: Apache-2.0
"""A small real ledger in memory, honest by default, with a knob for each attack. C2SP tlog-tiles, docs/spec.

Everything that it hands out is made with its own few lines (trees straight from the definition, notes signed with
`cryptography`), so it does not lean on the registry's code. Keys come from names: two simulators with the same calls
give the same bytes.

    ledger = LedgerSimulator()                       # entry 0: registry.created
    maker = ledger.admit("acme", prefix="69012340")  # issuer.admitted; maker.gtin(), maker.key
    batch = ledger.issue_batch(maker, count=10, lot="L1")   # batch.codes, batch.url(3), batch.index
    ledger.recall(maker, "2026-1", lot="L1")         # or scope=[ScopeEntry…]; revise(…), close(…)
    ledger.void(maker, batch, 0, 2)
    second = ledger.add_key(maker); ledger.revoke(maker, maker.key, from_index=5)

    ledger.policy, ledger.status_vkey                # what a sceptic starts from
    ledger.checkpoint(), ledger.snapshot()           # signed notes, at the present size or size=n
    ledger.trust()                                   # Trust(policy, parsed snapshot), for verify()
    verify(batch.url(0), trust=ledger.trust(), ledger=ledger, now=ledger.now)     # the simulator is an EvidenceSource
    ledger.tiled()                                   # the same evidence with ItemTile instead of ItemPath
    ledger.proof_document(code), ledger.files()      # what a server serves; see ledger_server

Attacks:

    ledger.issue_batch(thief, gtin=of_another)       # append() never asks the registration policy
    ledger.issue_batch(maker, logged=False)          # signed, never logged
    ledger.snapshot(without={index})                 # a hidden recall, void or revocation
    ledger.snapshot(as_of=…, next_update=…)          # stale, or from the future
    ledger.forked_checkpoint()                       # the ledger key signs another root for the same size
    ledger.tampered(lambda evidence: replace(…))     # an EvidenceSource that changes what it hands on
    ledger.fault = DidNotArrive(…)                   # find_evidence raises it
    flip_bit(files, "/ledger/tile/0/000.p/5")        # one bit of one file
    LedgerSimulator(witnesses=("w1",)); .cosigners, .cosigned_at          # missing or old cosignatures
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING

from tests.support.makers import CONTACT, BatchPlan, IssuedBatch, Maker, SigningKey, both, make_uscc, sign_batch
from verifier.evidence import BatchEvidence, Evidence, EvidenceSource, ItemPath, ItemTile, make_proof_document
from verifier.fold import LedgerState
from verifier.protocol.checkpoint import Checkpoint
from verifier.protocol.cosignature import Cosignature, cosigned_text
from verifier.protocol.merkle import consistency_proof, inclusion_proof, leaf_hash, root_from_leaf_hashes
from verifier.protocol.note import ALG_COSIGNATURE, ALG_ED25519, Note, NoteSignature, VKey, make_vkey
from verifier.protocol.policy import TlogPolicy, parse_policy
from verifier.protocol.statements import REGISTRY, Statement, make_entry, signed_bytes
from verifier.protocol.statements.header import Header
from verifier.protocol.statements.products import CodesVoided, ProductPublished, SeqRange
from verifier.protocol.statements.recall import (
    OneLot,
    RecallClosed,
    RecallNotice,
    RecallPublished,
    RecallRevised,
    ScopeEntry,
    WholeModel,
)
from verifier.protocol.statements.registry import IssuerAdmitted, KeyAdded, KeyRevoked, RegistryCreated
from verifier.protocol.tile import encode_entry_bundle, entry_bundles_for_size, tiles_for_size
from verifier.snapshot import Snapshot, make_shard, make_snapshot, parse_snapshot, snapshot_text
from verifier.verify import Trust

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from verifier.protocol.errors import VerifierError
    from verifier.protocol.product_code import ProductCode

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
ORIGIN = "ledger.example.cn/ledger"


class LedgerSimulator:
    """See the module's docstring. `now` is its clock: set it; nothing moves it. `entries` may be tampered with."""

    def __init__(self, *, origin: str = ORIGIN, witnesses: Sequence[str] = (), now: datetime = NOW) -> None:
        self.origin = origin
        self.now = now
        self.ledger_key = SigningKey(f"{origin} ledger")
        self.status_key = SigningKey(f"{origin} status")
        self.operator_key = SigningKey(f"{origin} operator")
        self.status_vkey = make_vkey(f"{origin}/status", ALG_ED25519, self.status_key.public_key)
        self.ledger_vkey = make_vkey(origin, ALG_ED25519, self.ledger_key.public_key)
        self.witnesses = {name: make_vkey(name, ALG_COSIGNATURE, SigningKey(name).public_key) for name in witnesses}
        self.cosigners: list[str] = list(witnesses)  # those that sign; all of them make the quorum
        self.cosigned_at: datetime | None = None  # else now
        self.fault: VerifierError | None = None
        self.entries: list[bytes] = []
        self.batches: dict[tuple[str, int], IssuedBatch] = {}
        self.published: Counter[tuple[str, str]] = Counter()  # passports by maker and GTIN
        self.snapshot_size: int | None = None  # the size to which evidence is linked; else that of the ledger
        header = self._header(REGISTRY)
        created = RegistryCreated(header, both("The registry"), self.operator_key.public_key, self.status_vkey)
        self.say(created, self.operator_key)

    # What is said in the ledger

    def append(self, entry: bytes) -> int:
        """Log any bytes at all; the index. Nothing is asked, so whatever is not permitted can be put in here."""
        self.entries.append(entry)
        return len(self.entries) - 1

    def say(self, statement: Statement, key: SigningKey) -> int:
        """Sign a statement with any key and log it; the index."""
        signature = key.sign(signed_bytes(statement))
        return self.append(make_entry(statement, key_id=key.key_id, signature=signature))

    def admit(self, issuer: str, *, prefix: str | None = None, roles: tuple[str, ...] = ("manufacturer",)) -> Maker:
        """Admit a maker with one company prefix, or somebody with other `roles` and no prefix."""
        key = SigningKey(f"{self.origin} {issuer} 1")
        prefixes = () if prefix is None else (prefix,)
        statement = IssuerAdmitted(
            header=self._header(REGISTRY),
            subject=issuer,
            name=both(f"{issuer} Co."),
            uscc=make_uscc(int.from_bytes(sha256(issuer.encode()).digest()[:3], "big")),
            roles=roles,
            prefixes=prefixes,
            contact=CONTACT,
            key=key.prove(origin=self.origin, issuer=issuer),
        )
        self.say(statement, self.operator_key)
        return Maker(issuer, prefixes, key)

    def issue_batch(
        self,
        maker: Maker,
        *,
        gtin: str | None = None,
        plan: BatchPlan | None = None,
        count: int = 4,
        lot: str = "L1",
        key: SigningKey | None = None,
        logged: bool = True,
    ) -> IssuedBatch:
        """Sign the next batch of a maker and log it, unless not `logged`. `plan` decides everything else there is."""
        if plan is None:
            number = 1 + max((batch for owner, batch in self.batches if owner == maker.id), default=-1)
            plan = BatchPlan(gtin or maker.gtin(), number, count, lot)
        key = key or maker.key
        batch = sign_batch(plan, origin=self.origin, issuer=maker.id, key=key, issued_at=self.now)
        if logged:
            batch = IssuedBatch(batch.statement, batch.codes, batch.item_hashes, self.say(batch.statement, key))
            self.batches[maker.id, plan.batch] = batch
        return batch

    def void(self, maker: Maker, batch: IssuedBatch, first: int, last: int) -> int:
        ranges = (SeqRange(first, last),)
        statement = CodesVoided(self._header(maker.id), batch.statement.batch, ranges, both("misprinted"))
        return self.say(statement, maker.key)

    def recall(
        self,
        author: Maker,
        number: str,
        *,
        lot: str | None = None,
        scope: Sequence[ScopeEntry] = (),
        severity: str = "high",
        action: str = "recall",
    ) -> int:
        """Publish a recall: of a `scope`, else of one `lot` of the author's first GTIN, else of that whole GTIN."""
        notice = self.notice(author, lot=lot, scope=scope, severity=severity, action=action)
        return self.say(RecallPublished(self._header(author.id), f"{author.id}/{number}", notice), author.key)

    def revise(
        self, author: Maker, number: str, revision: int, *, lot: str | None = None, scope: Sequence[ScopeEntry] = ()
    ) -> int:
        notice = self.notice(author, lot=lot, scope=scope, severity="high", action="recall")
        return self.say(RecallRevised(self._header(author.id), f"{author.id}/{number}", revision, notice), author.key)

    def close(self, author: Maker, number: str) -> int:
        statement = RecallClosed(self._header(author.id), f"{author.id}/{number}", both("all replaced"))
        return self.say(statement, author.key)

    def add_key(self, maker: Maker, name: str = "2") -> SigningKey:
        """A further key for a maker, said with its first key."""
        key = SigningKey(f"{self.origin} {maker.id} {name}")
        self.say(KeyAdded(self._header(maker.id), maker.id, key.prove(origin=self.origin, issuer=maker.id)), maker.key)
        return key

    def revoke(self, maker: Maker, key: SigningKey, *, from_index: int | None = None) -> int:
        """Revoke a key, said by the operator: from `from_index`, else from this very entry on."""
        start = len(self.entries) if from_index is None else from_index
        return self.say(KeyRevoked(self._header(REGISTRY), maker.id, key.key_id, start, "stolen"), self.operator_key)

    def publish_product(
        self, maker: Maker, *, gtin: str = "", document: bytes = b"document", key: SigningKey | None = None
    ) -> int:
        """With the revision that is next after those said by this method."""
        gtin, digest = gtin or maker.gtin(), sha256(document).hexdigest()
        revision = self.published[maker.id, gtin]
        self.published[maker.id, gtin] += 1
        statement = ProductPublished(self._header(maker.id), gtin, digest, "application/vc+jwt", revision)
        return self.say(statement, key or maker.key)

    def notice(
        self, author: Maker, *, lot: str | None, scope: Sequence[ScopeEntry], severity: str, action: str
    ) -> RecallNotice:
        if not scope:
            scope = (ScopeEntry(author.gtin(), WholeModel() if lot is None else OneLot(lot)),)
        return RecallNotice(
            scope=tuple(scope),
            severity=severity,
            action=action,
            title=both("Power bank may overheat"),
            hazard=both("Fire"),
            remedy=both("Refund"),
            contact=CONTACT,
            starts_on=self.now.date(),
        )

    # What the ledger publishes

    @property
    def policy(self) -> TlogPolicy:
        return parse_policy(self.policy_text())

    def policy_text(self) -> bytes:
        """The ledger's key; every witness must have cosigned."""
        lines = [f"log {self.ledger_vkey.to_text()}"]
        lines += [f"witness {name} {vkey.to_text()}" for name, vkey in self.witnesses.items()]
        if self.witnesses:
            lines.append(f"group all-of-them all {' '.join(self.witnesses)}")
        lines.append("quorum all-of-them" if self.witnesses else "quorum none")
        return "".join(line + "\n" for line in lines).encode()

    def root_hash(self, size: int | None = None) -> bytes:
        return root_from_leaf_hashes([leaf_hash(entry) for entry in self.entries[:size]])

    def checkpoint(self, size: int | None = None) -> bytes:
        size = len(self.entries) if size is None else size
        return self._sign_checkpoint(Checkpoint(self.origin, size, self.root_hash(size)))

    def forked_checkpoint(self, size: int | None = None) -> bytes:
        """A second history of the same size, with everybody's good signatures."""
        size = len(self.entries) if size is None else size
        return self._sign_checkpoint(Checkpoint(self.origin, size, sha256(b"another history").digest()))

    def state(self, *, size: int | None = None, without: Collection[int] = ()) -> LedgerState:
        """The fold, as if the entries `without` said nothing."""
        state = LedgerState(self.origin)
        for index, entry in enumerate(self.entries[:size]):
            if index in without:
                state.size = index + 1
            else:
                state.read(index, entry)
        return state

    def snapshot(
        self,
        *,
        size: int | None = None,
        shard: str | None = None,
        as_of: datetime | None = None,
        next_update: datetime | None = None,
        without: Collection[int] = (),
    ) -> bytes:
        """A signed snapshot, whole or of one issuer; `as_of` is now and good for a day unless said otherwise."""
        as_of = as_of or self.now
        snapshot = make_snapshot(
            self.state(size=size, without=without),
            root_hash=self.root_hash(size),
            as_of_at=as_of,
            next_update_at=next_update or as_of + timedelta(days=1),
        )
        return self.sign_snapshot(snapshot if shard is None else make_shard(snapshot, shard))

    def sign_snapshot(self, snapshot: Snapshot) -> bytes:
        """Any snapshot at all, under the status key."""
        return sign_note(snapshot_text(snapshot), self.status_vkey, self.status_key)

    def trust(self, snapshot: bytes | None = None) -> Trust:
        """The policy and a snapshot: that of now, unless given."""
        return Trust(self.policy, parse_snapshot(snapshot or self.snapshot(), self.status_vkey))

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        """EvidenceSource: honest, out of the entries as they are now. Raises `fault` if one is set."""
        if self.fault is not None:
            raise self.fault
        batch = self.batches.get((issuer_id, code.seal.batch))
        if batch is None or batch.index is None or code.seal.seq >= len(batch.codes):
            return None
        size = len(self.entries)
        linked = size if self.snapshot_size is None else self.snapshot_size
        return Evidence(
            checkpoint=self.checkpoint(),
            batch=BatchEvidence(
                self.entries[batch.index], batch.index, inclusion_proof(batch.index, size, self._subtree)
            ),
            item=ItemPath(batch.item_hashes[code.seal.seq], batch.item_path(code.seal.seq)),
            snapshot_link=consistency_proof(min(linked, size), max(linked, size), self._subtree),
        )

    def tiled(self) -> EvidenceSource:
        """A source that gives item tiles, as a mirror does, where the simulator itself gives item paths."""
        return _Tiled(self)

    def tampered(self, change: Callable[[Evidence], Evidence | None]) -> EvidenceSource:
        """A source that passes the simulator's evidence through `change`."""
        return _Tampered(self, change)

    def proof_document(self, code: ProductCode) -> bytes | None:
        owner = self.state().prefixes.find_issuer_id(code.gtin)
        evidence = None if owner is None else self.find_evidence(code, owner)
        return None if owner is None or evidence is None else make_proof_document(owner, evidence)

    def files(self) -> dict[str, bytes]:
        """All that a registry serves of this ledger, by request target."""
        state = self.state()
        files = self.tree_files() | {"/ledger/checkpoint": self.checkpoint(), "/ledger/policy": self.policy_text()}
        files["/ledger/snapshot"] = self.snapshot()
        for issuer in state.issuers.values():
            files[f"/ledger/snapshot/{issuer.id}"] = self.snapshot(shard=issuer.id)
        for gtin in state.batches_of_gtin:
            files[f"/ledger/snapshot/gtin/{gtin}"] = self.snapshot(shard=state.prefixes.find_issuer_id(gtin))
        for batch in self.batches.values():
            for code in batch.codes[:16]:
                files[f"/api/v1/proof{code.to_path()}"] = self.proof_document(code) or b""
        return files

    def tree_files(self) -> dict[str, bytes]:
        """The tiles and entry bundles alone, at the present size."""
        files = {}
        size = len(self.entries)
        for tile in tiles_for_size(size):
            span = 256**tile.level
            starts = range(256 * tile.index * span, (256 * tile.index + tile.width) * span, span)
            files[f"/ledger/{tile.path}"] = b"".join(self._subtree(lo, lo + span) for lo in starts)
        for bundle in entry_bundles_for_size(size):
            entries = self.entries[256 * bundle.index : 256 * bundle.index + bundle.width]
            files[f"/ledger/{bundle.path}"] = encode_entry_bundle(entries)
        return files

    def _header(self, issuer: str) -> Header:
        return Header(self.origin, issuer, self.now)

    def _subtree(self, lo: int, hi: int) -> bytes:
        return root_from_leaf_hashes([leaf_hash(entry) for entry in self.entries[lo:hi]])

    def _sign_checkpoint(self, checkpoint: Checkpoint) -> bytes:
        text = checkpoint.to_text()
        lines = [NoteSignature(self.origin, self.ledger_vkey.key_id, self.ledger_key.sign(text.encode()))]
        timestamp = int((self.cosigned_at or self.now).timestamp())
        for name in self.cosigners:
            signature = SigningKey(name).sign(cosigned_text(text, timestamp))
            raw = Cosignature(timestamp, signature).to_bytes()
            lines.append(NoteSignature(name, self.witnesses[name].key_id, raw))
        return Note(text, tuple(lines)).to_bytes()


def sign_note(text: str, vkey: VKey, key: SigningKey) -> bytes:
    """A note with one Ed25519 signature."""
    return Note(text, (NoteSignature(vkey.name, vkey.key_id, key.sign(text.encode())),)).to_bytes()


def flip_bit(files: dict[str, bytes], target: str, *, bit: int = 0) -> None:
    """Change one bit of one file in place."""
    data = bytearray(files[target])
    data[bit // 8] ^= 1 << bit % 8
    files[target] = bytes(data)


@dataclass(slots=True)
class _Tiled:
    ledger: LedgerSimulator
    made: dict[tuple[str, int, int], ItemTile] = field(default_factory=dict)  # one object per tile, as a mirror has

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        evidence = self.ledger.find_evidence(code, issuer_id)
        if evidence is None:
            return None
        index = code.seal.seq // 256
        place = (issuer_id, code.seal.batch, index)
        if place not in self.made:
            hashes = self.ledger.batches[issuer_id, code.seal.batch].item_hashes
            path = inclusion_proof(
                index, -(-len(hashes) // 256), lambda lo, hi: root_from_leaf_hashes(hashes[256 * lo : 256 * hi])
            )
            self.made[place] = ItemTile(index, b"".join(hashes[256 * index : 256 * index + 256]), path)
        return replace(evidence, item=self.made[place])


@dataclass(frozen=True, slots=True)
class _Tampered:
    source: EvidenceSource
    change: Callable[[Evidence], Evidence | None]

    def find_evidence(self, code: ProductCode, issuer_id: str) -> Evidence | None:
        evidence = self.source.find_evidence(code, issuer_id)
        return None if evidence is None else self.change(evidence)
