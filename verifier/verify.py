# SPDX-License-Identifier: Apache-2.0
"""The check of one product code, as one numbered list: the heart of the project. DESIGN §5.

Nothing here reads a clock, a file or a socket. The caller says what it trusts (the ledger's policy and the last signed
snapshot), where evidence comes from, and what time it is; the answer is a value. The same list runs in the browser.

The worst finding wins, and whatever cannot be established is CANNOT_TELL, never green:

    0 parse hostile bytes, bounded            MALFORMED
    1 key known for this prefix, not revoked  COUNTERFEIT   (CANNOT_TELL unless the trust list is fresh)
    2 signature over the re-encoded identity  COUNTERFEIT
    3 link and seal speak of the same item    COUNTERFEIT
    4 checkpoint signed, fresh, witnessed     CANNOT_TELL
    5 consistent with the last one seen       CANNOT_TELL
    6 batch statement included                NOT_LOGGED    (CANNOT_TELL when the proof is broken)
    7 item included in the batch              NOT_LOGGED    (CANNOT_TELL when the proof is broken)
    8 that item is this code                  NOT_LOGGED
    9 recall and void, as of the snapshot     VOID, RECALLED, CANNOT_TELL when stale
   10 verdict with evidence and instant
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from verifier.evidence import BatchEvidence, Evidence, EvidenceSource, ItemPath, ItemTile, verify_item_tile
from verifier.protocol.errors import DoesNotHold, Malformed, VerifierError
from verifier.protocol.keys import verify_signature
from verifier.protocol.merkle import HASH_SIZE, leaf_hash, verify_consistency, verify_inclusion
from verifier.protocol.policy import TlogPolicy, VerifiedCheckpoint, verify_checkpoint
from verifier.protocol.product_code import ProductCode, make_serial, parse_product_code
from verifier.protocol.statements import parse_entry, signed_bytes
from verifier.protocol.statements.products import BatchIssued
from verifier.protocol.tile import TILE_WIDTH
from verifier.recalls import RecallRecord
from verifier.snapshot import Snapshot
from verifier.trust import Issuer, KeyRecord
from verifier.verdict import SEVERITY_ORDER, Outcome, Status, Suspicion, Verdict, make_steps

CLOCK_SKEW = timedelta(minutes=5)  # how far another machine's clock may run ahead of ours
FRESH = timedelta(minutes=15)  # how old a list may be to say that a key does not exist
_MEMO_SIZE = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """What the caller relies on: the ledger's policy (its key, its witnesses) and the last snapshot it accepted.

    The memos hold what has been verified under this very trust, so that a batch's proof is checked once and not for
    each of its codes. They are keyed by the evidence objects themselves; equal bytes elsewhere are verified again.
    """

    policy: TlogPolicy
    snapshot: Snapshot | None
    max_checkpoint_age: timedelta = timedelta(hours=24)
    _checkpoints: dict[bytes, VerifiedCheckpoint] = field(default_factory=dict, init=False, repr=False)
    _batches: dict[tuple[BatchEvidence, bytes, str], BatchIssued] = field(default_factory=dict, init=False, repr=False)
    _tiles: dict[tuple[ItemTile, bytes, int], bool] = field(default_factory=dict, init=False, repr=False)


@dataclass(slots=True)
class _Progress:
    """What one run has found so far; `finding` keeps the worst."""

    status: Status = Status.GENUINE
    reason: str = "genuine"
    outcomes: list[tuple[int, Outcome]] = field(default_factory=list)
    reached: int = 10
    issuer: Issuer | None = None
    key: KeyRecord | None = None
    batch: BatchIssued | None = None
    batch_index: int | None = None
    recalls: tuple[RecallRecord, ...] = ()

    def find(self, step: int, status: Status, reason: str) -> None:
        self.outcomes.append((step, Outcome.UNKNOWN if status is Status.CANNOT_TELL else Outcome.FAILED))
        if SEVERITY_ORDER[status] < SEVERITY_ORDER[self.status]:
            self.status, self.reason = status, reason


def verify(
    code: str,
    *,
    trust: Trust,
    ledger: EvidenceSource,
    now: datetime,
    seen: VerifiedCheckpoint | None = None,
    suspicion: Suspicion | None = None,
) -> Verdict:
    """Checks one code: the URL as scanned, or its path. Never raises on account of the code or of the evidence.

    `seen` is the checkpoint that the caller accepted last time, if it keeps one. `suspicion` are facts about earlier
    checks of this code, counted elsewhere.
    """
    progress = _Progress()
    # 0 parse: bounded, strict, one spelling
    try:
        product_code = parse_product_code(code)
    except Malformed as error:
        progress.find(0, Status.MALFORMED, error.code)
        progress.reached = 0
        return _conclude(progress, None, trust, now, None)
    snapshot = trust.snapshot
    is_current = snapshot is not None and snapshot.as_of_at <= now + CLOCK_SKEW and now <= snapshot.next_update_at
    is_fresh = snapshot is not None and is_current and now <= snapshot.as_of_at + FRESH
    if not _check_seal(progress, product_code, snapshot, is_fresh):  # 1, 2, 3
        return _conclude(progress, product_code, trust, now, None)
    _check_ledger(progress, product_code, trust, ledger, now, seen)  # 4–8
    _check_status(progress, product_code, snapshot, is_current)  # 9
    return _conclude(progress, product_code, trust, now, suspicion)  # 10


def _check_seal(progress: _Progress, code: ProductCode, snapshot: Snapshot | None, is_fresh: bool) -> bool:
    """Steps 1 to 3. False: there is nothing left to check."""
    seal = code.seal
    # 1 the key. A key that we do not know is a forgery only if our list is complete and fresh: a shop that has been
    #   offline since the morning must not call the maker's new key forged.
    issuer = None if snapshot is None else snapshot.find_issuer_of_gtin(code.gtin)
    key = None if issuer is None else issuer.find_key_by_hint(seal.key_hint)
    if snapshot is None or issuer is None or key is None:
        complete = snapshot is not None and is_fresh and (issuer is not None or snapshot.shard is None)
        reason = "no_snapshot" if snapshot is None else "unknown_prefix" if issuer is None else "unknown_key"
        progress.find(1, Status.COUNTERFEIT if complete else Status.CANNOT_TELL, reason)
        progress.issuer, progress.reached = issuer, 0
        return False
    progress.issuer = issuer
    # 2 the signature, over the identity that was parsed and encoded again, never over the text as it was scanned
    if not code.is_sealed_by(key.public_key):
        progress.find(2, Status.COUNTERFEIT, "bad_signature")
        progress.reached = 1
        return False
    # 3 link and seal: in version 1 the serial in the link *is* batch and seq. The parser reads them from there, so this
    #   holds by construction; it stands here because a parser may change.
    if seal.version == 1 and make_serial(seal.batch, seal.seq) != code.serial:
        progress.find(3, Status.COUNTERFEIT, "link_differs_from_seal")
        progress.reached = 2
        return False
    progress.key = key
    return True


def _check_ledger(
    progress: _Progress,
    code: ProductCode,
    trust: Trust,
    ledger: EvidenceSource,
    now: datetime,
    seen: VerifiedCheckpoint | None,
) -> None:
    """Steps 4 to 8, each only if the one before held."""
    assert progress.issuer is not None and progress.key is not None  # step 1 held
    _check_revocation(progress, code, None)
    try:
        evidence = ledger.find_evidence(code, progress.issuer.id)
    except VerifierError as error:  # it did not arrive, or what arrived cannot be read
        return _stop(progress, 4, Status.CANNOT_TELL, error.code)
    if evidence is None:
        return _stop(progress, 6, Status.NOT_LOGGED, "no_such_batch_or_item")
    try:
        checkpoint = _checkpoint(trust, evidence.checkpoint)  # 4 signed and witnessed as the policy asks
        _check_freshness(checkpoint, trust, now)  # 4 fresh
    except VerifierError as error:
        return _stop(progress, 4, Status.CANNOT_TELL, error.code)
    try:
        _check_same_tree(checkpoint, evidence, trust.snapshot, seen)  # 5
    except VerifierError as error:
        return _stop(progress, 5, Status.CANNOT_TELL, error.code)
    try:
        batch = _included_batch(trust, evidence.batch, checkpoint, progress.issuer)  # 6
    except VerifierError as error:  # a broken proof shows neither presence nor absence
        return _stop(progress, 6, Status.CANNOT_TELL, error.code)
    try:
        _check_batch_is_of(batch, code, progress.issuer, progress.key)  # 6
    except DoesNotHold as error:
        return _stop(progress, 6, Status.NOT_LOGGED, error.code)
    progress.batch, progress.batch_index = batch, evidence.batch.index
    _check_revocation(progress, code, evidence.batch.index)
    try:
        item_hash = _included_item(trust, evidence.item, batch, code.seal.seq)  # 7
    except VerifierError as error:
        return _stop(progress, 7, Status.CANNOT_TELL, error.code)
    if item_hash != leaf_hash(code.item_leaf):  # 8
        _stop(progress, 8, Status.NOT_LOGGED, "another_code")


def _stop(progress: _Progress, step: int, status: Status, reason: str) -> None:
    progress.find(step, status, reason)
    progress.outcomes.extend((later, Outcome.SKIPPED) for later in range(step + 1, 9))


def _checkpoint(trust: Trust, note: bytes) -> VerifiedCheckpoint:
    known = trust._checkpoints.get(note)
    if known is None:
        known = verify_checkpoint(note, trust.policy)
        if len(trust._checkpoints) >= _MEMO_SIZE:
            trust._checkpoints.clear()
        trust._checkpoints[note] = known
    return known


def _check_freshness(checkpoint: VerifiedCheckpoint, trust: Trust, now: datetime) -> None:
    """A checkpoint has no time of its own: witnesses date it. Without witnesses, step 9 dates the answer."""
    if not checkpoint.witnessed_at:
        return
    newest = max(timestamp for _, timestamp in checkpoint.witnessed_at)
    age_seconds = now.timestamp() - newest
    if age_seconds > trust.max_checkpoint_age.total_seconds():
        raise DoesNotHold("checkpoint_stale", "no witness has seen this checkpoint recently")
    if age_seconds < -CLOCK_SKEW.total_seconds():
        raise DoesNotHold("checkpoint_from_the_future", "a witness saw this checkpoint at a time that is yet to come")


def _check_same_tree(
    checkpoint: VerifiedCheckpoint, evidence: Evidence, snapshot: Snapshot | None, seen: VerifiedCheckpoint | None
) -> None:
    """Step 5: checkpoint, snapshot and what we saw last time must be one history.

    `snapshot_link` leads between the checkpoint and the *snapshot*. The caller's own `seen` is compared with whichever
    of the two has its size; a caller that accepts a larger snapshot links it to `seen` at that moment, once.
    """
    if snapshot is None or snapshot.origin != checkpoint.origin:
        raise DoesNotHold("snapshot_of_another_ledger", "snapshot and checkpoint belong to different ledgers")
    _check_linked((snapshot.size, snapshot.root_hash), (checkpoint.size, checkpoint.root_hash), evidence.snapshot_link)
    if seen is not None:
        if seen.origin != checkpoint.origin:
            raise DoesNotHold("snapshot_of_another_ledger", "this is not the ledger that was seen before")
        for size, root_hash in ((checkpoint.size, checkpoint.root_hash), (snapshot.size, snapshot.root_hash)):
            if size == seen.size and root_hash != seen.root_hash:
                raise DoesNotHold("ledger_forked", "the ledger shows another history than last time")
        if checkpoint.size < seen.size and snapshot.size < seen.size:
            raise DoesNotHold("ledger_went_back", "the ledger is smaller than it was last time")
        if snapshot.size < seen.size:
            # An older snapshot beside a newer checkpoint would hide the recalls in between.
            raise DoesNotHold("snapshot_went_back", "the snapshot is older than the ledger that was seen last time")


def _check_linked(left: tuple[int, bytes], right: tuple[int, bytes], proof: tuple[bytes, ...]) -> None:
    (old_size, old_root), (new_size, new_root) = sorted((left, right))
    if old_size == new_size:
        if old_root != new_root:
            raise DoesNotHold("ledger_forked", "snapshot and checkpoint show two histories of one size")
        return
    verify_consistency(old_size=old_size, old_root=old_root, new_size=new_size, new_root=new_root, proof=proof)


def _included_batch(
    trust: Trust, evidence: BatchEvidence, checkpoint: VerifiedCheckpoint, issuer: Issuer
) -> BatchIssued:
    """Step 6: the entry is in the tree, is a batch statement, and was said by a key that was the issuer's at that
    index.

    The last point repeats the registration policy's answer: a log proves presence, not that its operator obeyed.
    """
    memo_key = (evidence, checkpoint.root_hash, issuer.id)  # the issuer too: its keys are what was checked
    known = trust._batches.get(memo_key)
    if known is None:
        verify_inclusion(
            leaf_hash=leaf_hash(evidence.entry),
            index=evidence.index,
            size=checkpoint.size,
            proof=evidence.proof,
            root_hash=checkpoint.root_hash,
        )
        signed = parse_entry(evidence.entry)
        if not isinstance(signed.statement, BatchIssued):
            raise DoesNotHold("not_a_batch", "the entry is in the ledger, but it is not a batch statement")
        if signed.statement.header.origin != checkpoint.origin:
            raise DoesNotHold("batch_of_another_ledger", "the batch statement was signed for another ledger")
        author = issuer.find_key(signed.key_id)
        if author is None or not author.is_good_at(evidence.index):
            raise DoesNotHold("batch_of_another_author", "the batch statement was not said by a good key of the issuer")
        verify_signature(author.public_key, message=signed_bytes(signed.statement), signature=signed.signature)
        if len(trust._batches) >= _MEMO_SIZE:
            trust._batches.clear()
        known = trust._batches[memo_key] = signed.statement
    return known


def _check_batch_is_of(batch: BatchIssued, code: ProductCode, issuer: Issuer, key: KeyRecord) -> None:
    if batch.header.issuer != issuer.id:
        raise DoesNotHold("batch_of_another_issuer", "the batch was logged by another issuer")
    if batch.batch != code.seal.batch or batch.code_version != code.seal.version:
        raise DoesNotHold("another_batch", "the evidence is about another batch")
    if batch.gtin != code.gtin:
        raise DoesNotHold("batch_of_another_gtin", "the batch was logged for another product")
    if batch.key_id != key.public_key.key_id:
        raise DoesNotHold("batch_of_another_key", "the batch was logged for another key")
    if code.seal.seq >= batch.count:
        raise DoesNotHold("seq_outside_batch", f"the batch has {batch.count} codes")


def _check_revocation(progress: _Progress, code: ProductCode, batch_index: int | None) -> None:
    """Step 1 once more, for a revoked key: batches that were logged in time stay good, by index, never by a clock."""
    key = progress.key
    assert key is not None
    if key.revoked_from is None:
        return
    is_good = key.is_good_for_batch(code.seal.batch) if batch_index is None else key.is_good_at(batch_index)
    if not is_good and progress.status is not Status.COUNTERFEIT:
        progress.find(1, Status.COUNTERFEIT, "key_revoked")


def _included_item(trust: Trust, item: ItemPath | ItemTile, batch: BatchIssued, seq: int) -> bytes:
    """Step 7: the hash of item `seq`. A path proves one hash; a tile proves all its hashes once, then is indexed."""
    match item:
        case ItemPath(item_hash, hashes):
            verify_inclusion(leaf_hash=item_hash, index=seq, size=batch.count, proof=hashes, root_hash=batch.item_root)
            return item_hash
        case ItemTile():
            memo_key = (item, batch.item_root, batch.count)
            if memo_key not in trust._tiles:
                verify_item_tile(item, count=batch.count, item_root=batch.item_root)
                if len(trust._tiles) >= _MEMO_SIZE:
                    trust._tiles.clear()
                trust._tiles[memo_key] = True
            if seq // TILE_WIDTH != item.index:
                raise DoesNotHold("bad_inclusion_proof", "the tile holds other items of the batch")
            at = HASH_SIZE * (seq % TILE_WIDTH)
            return item.hashes[at : at + HASH_SIZE]


def _check_status(progress: _Progress, code: ProductCode, snapshot: Snapshot | None, is_current: bool) -> None:
    """Step 9. An old recall is still a warning, so a stale snapshot can turn a code red but never leave it green."""
    assert snapshot is not None and progress.issuer is not None  # step 1 held
    place = (progress.issuer.id, code.seal.batch, code.seal.seq)
    progress.recalls = snapshot.recalls_of(*place)
    if progress.batch is not None and progress.batch_index is not None and progress.batch_index >= snapshot.size:
        # The snapshot could not resolve its recalls for a batch that was logged after it. Their scopes still speak.
        progress.recalls = snapshot.recalls_by_scope(progress.batch, code.seal.seq)
    if snapshot.is_void(*place):
        progress.find(9, Status.VOID, "void")
    if progress.recalls and progress.recalls[0].is_active:  # worst first, active before closed
        progress.find(9, Status.RECALLED, progress.recalls[0].notice.action)
    if not is_current:
        progress.find(9, Status.CANNOT_TELL, "snapshot_stale")


def _conclude(
    progress: _Progress, code: ProductCode | None, trust: Trust, now: datetime, suspicion: Suspicion | None
) -> Verdict:
    """Step 10."""
    if suspicion is not None and SEVERITY_ORDER[Status.SUSPECT] < SEVERITY_ORDER[progress.status]:
        progress.status, progress.reason = Status.SUSPECT, suspicion.reason
    snapshot = trust.snapshot
    return Verdict(
        status=progress.status,
        reason=progress.reason,
        checked_at=now,
        code=code,
        issuer=progress.issuer,
        batch=progress.batch,
        batch_index=progress.batch_index,
        recalls=progress.recalls,
        snapshot_as_of=None if snapshot is None else snapshot.as_of_at,
        next_update_at=None if snapshot is None else snapshot.next_update_at,
        steps=make_steps(tuple(progress.outcomes), progress.reached),
        suspicion=suspicion,
    )
