// SPDX-License-Identifier: Apache-2.0
/**
 * The check of one product code, as one numbered list: the same list as verifier/verify.py. DESIGN §5.
 *
 * Nothing here reads a clock, storage or the network. The caller says what it trusts (the ledger's policy and the last
 * signed snapshot), where evidence comes from, and what time it is; the answer is a value.
 *
 * The worst finding wins, and whatever cannot be established is CANNOT_TELL, never green:
 *
 *      0 parse hostile bytes, bounded            MALFORMED
 *      1 key known for this prefix, not revoked  COUNTERFEIT   (CANNOT_TELL unless the trust list is fresh)
 *      2 signature over the re-encoded identity  COUNTERFEIT
 *      3 link and seal speak of the same item    COUNTERFEIT
 *      4 checkpoint signed, fresh, witnessed     CANNOT_TELL
 *      5 consistent with the last one seen       CANNOT_TELL
 *      6 batch statement included                NOT_LOGGED    (CANNOT_TELL when the proof is broken)
 *      7 item included in the batch              NOT_LOGGED    (CANNOT_TELL when the proof is broken)
 *      8 that item is this code                  NOT_LOGGED
 *      9 recall and void, as of the snapshot     VOID, RECALLED, CANNOT_TELL when stale
 *     10 verdict with evidence and instant
 */

import { isEqual } from "./bytes.mjs";
import { DoesNotHold, Malformed, VerifierError } from "./errors.mjs";
import { TILE_WIDTH, verifyItemTile } from "./evidence.mjs";
import { verifySignature } from "./keys.mjs";
import { leafHash, verifyConsistency, verifyInclusion } from "./merkle.mjs";
import { verifyCheckpoint } from "./policy.mjs";
import { makeSerial, parseProductCode } from "./product_code.mjs";
import { parseEntry, signedBytes } from "./statements.mjs";
import { Outcome, Status, Verdict, isWorse, makeSteps } from "./verdict.mjs";

export const FRESH_SECONDS = 900; // how old a list may be to say that a key does not exist
export const CLOCK_SKEW_SECONDS = 300; // how far another machine's clock may run ahead of ours
export const MAX_CHECKPOINT_AGE_SECONDS = 86_400;

/**
 * What the caller relies on: the ledger's policy (its key, its witnesses) and the last snapshot it accepted.
 * @typedef {object} Trust
 * @property {import("./policy.mjs").TlogPolicy} policy
 * @property {import("./snapshot.mjs").Snapshot|null} snapshot
 * @property {number} [maxCheckpointAgeSeconds] one day if absent
 */

/**
 * @typedef {object} Question
 * @property {Trust} trust
 * @property {import("./evidence.mjs").EvidenceSource} ledger
 * @property {Date} now
 * @property {{origin: string, size: bigint, rootHash: Uint8Array}|null} [seen] the checkpoint accepted last time
 * @property {import("./verdict.mjs").Suspicion|null} [suspicion] facts about earlier checks, counted elsewhere
 */

/** What one run has found so far; `find` keeps the worst. */
class Progress {
  status = Status.GENUINE;
  reason = "genuine";
  /** @type {[number, string][]} */
  outcomes = [];
  reached = 10;
  issuer = null;
  key = null;
  batch = null;
  batchIndex = null;
  recalls = [];

  find(step, status, reason) {
    this.outcomes.push([step, status === Status.CANNOT_TELL ? Outcome.UNKNOWN : Outcome.FAILED]);
    if (isWorse(status, this.status)) Object.assign(this, { status, reason });
  }

  /** A finding after which nothing up to step 8 makes sense. */
  stop(step, status, reason) {
    this.find(step, status, reason);
    for (let later = step + 1; later < 9; later += 1) this.outcomes.push([later, Outcome.SKIPPED]);
  }
}

/**
 * Checks one code: the URL as scanned, or its path. Never raises on account of the code or of the evidence.
 * @param {string} text @param {Question} question @returns {Promise<Verdict>}
 */
export async function verify(text, question) {
  const { snapshot } = question.trust;
  const progress = new Progress();
  let code;
  // 0 parse: bounded, strict, one spelling
  try {
    code = parseProductCode(text);
  } catch (error) {
    progress.find(0, Status.MALFORMED, reasonOf(error, Malformed));
    progress.reached = 0;
    return conclude(progress, null, question, null);
  }
  const isCurrent =
    snapshot !== null &&
    snapshot.asOfAt - CLOCK_SKEW_SECONDS * 1000 <= question.now &&
    question.now <= snapshot.nextUpdateAt;
  const isFresh = isCurrent && question.now - FRESH_SECONDS * 1000 <= snapshot.asOfAt;
  const isSealed = await checkSeal(progress, code, snapshot, isFresh); // 1, 2, 3
  if (!isSealed) return conclude(progress, code, question, null);
  await checkLedger(progress, code, question); // 4–8
  checkStatus(progress, code, snapshot, isCurrent); // 9
  return conclude(progress, code, question, question.suspicion ?? null); // 10
}

/** The code of an error that a step may meet; every other error is a mistake in a program and goes on. */
function reasonOf(error, kind = VerifierError) {
  if (!(error instanceof kind)) throw error;
  return error.code;
}

/** Steps 1 to 3. False: there is nothing left to check. */
async function checkSeal(progress, code, snapshot, isFresh) {
  const { seal } = code;
  // 1 the key. A key that we do not know is a forgery only if our list is complete and fresh: a shop that has been
  //   offline since the morning must not call the maker's new key forged.
  const issuer = snapshot?.findIssuerOfGtin(code.gtin) ?? null;
  const key = issuer?.findKeyByHint(seal.keyHint) ?? null;
  progress.issuer = issuer;
  if (key === null) {
    const isComplete = snapshot !== null && isFresh && (issuer !== null || snapshot.shard === null);
    const reason = snapshot === null ? "no_snapshot" : issuer === null ? "unknown_prefix" : "unknown_key";
    progress.find(1, isComplete ? Status.COUNTERFEIT : Status.CANNOT_TELL, reason);
    progress.reached = 0;
    return false;
  }
  // 2 the signature, over the identity that was parsed and encoded again, never over the text as it was scanned
  progress.reached = 1;
  try {
    if (!(await code.isSealedBy(key.publicKey))) {
      progress.find(2, Status.COUNTERFEIT, "bad_signature");
      return false;
    }
  } catch (error) {
    // Only here and not in Python: a browser may have no Ed25519 at all. That says nothing about the signature.
    progress.find(2, Status.CANNOT_TELL, reasonOf(error));
    return false;
  }
  // 3 link and seal: in version 1 the serial in the link *is* batch and seq. The parser reads them from there, so this
  //   holds by construction; it stands here because a parser may change.
  progress.reached = 2;
  if (seal.version === 1 && makeSerial(seal.batch, seal.seq) !== code.serial) {
    progress.find(3, Status.COUNTERFEIT, "link_differs_from_seal");
    return false;
  }
  progress.reached = 10;
  progress.key = key;
  return true;
}

/** Steps 4 to 8, each only if the one before held. */
async function checkLedger(progress, code, { trust, ledger, now, seen }) {
  let step = 4;
  try {
    checkRevocation(progress, code, null);
    const evidence = await ledger.findEvidence(code, progress.issuer.id);
    if (evidence === null) return progress.stop(6, Status.NOT_LOGGED, "no_such_batch_or_item");
    const checkpoint = await verifyCheckpoint(evidence.checkpoint, trust.policy); // 4 signed and witnessed
    checkFreshness(checkpoint, trust, now); // 4 fresh
    step = 5;
    await checkSameTree(checkpoint, evidence, trust.snapshot, seen ?? null);
    step = 6;
    const batch = await includedBatch(evidence.batch, checkpoint, progress.issuer);
    const mismatch = findMismatch(batch, code, progress.issuer, progress.key);
    if (mismatch) return progress.stop(6, Status.NOT_LOGGED, mismatch);
    Object.assign(progress, { batch, batchIndex: evidence.batch.index });
    checkRevocation(progress, code, evidence.batch.index);
    step = 7;
    const itemHash = await includedItem(evidence.item, batch, code.seal.seq);
    step = 8;
    if (!isEqual(itemHash, await leafHash(code.itemLeaf))) progress.stop(8, Status.NOT_LOGGED, "another_code");
  } catch (error) {
    // It did not arrive, cannot be read, or does not hold: a broken proof shows neither presence nor absence.
    progress.stop(step, Status.CANNOT_TELL, reasonOf(error));
  }
}

/** A checkpoint has no time of its own: witnesses date it. Without witnesses, step 9 dates the answer. */
function checkFreshness({ witnessedAt }, { maxCheckpointAgeSeconds = MAX_CHECKPOINT_AGE_SECONDS }, now) {
  if (!witnessedAt.length) return;
  const newest = witnessedAt.reduce((latest, [, timestamp]) => (timestamp > latest ? timestamp : latest), 0n);
  const ageSeconds = now.getTime() / 1000 - Number(newest);
  if (ageSeconds > maxCheckpointAgeSeconds) {
    throw new DoesNotHold("checkpoint_stale", "no witness has seen this checkpoint recently");
  }
  if (ageSeconds < -CLOCK_SKEW_SECONDS) {
    throw new DoesNotHold("checkpoint_from_the_future", "a witness saw this checkpoint at a time that is yet to come");
  }
}

/**
 * Step 5: checkpoint, snapshot and what we saw last time must be one history. `snapshotLink` leads between the
 * checkpoint and the *snapshot*; `seen` is compared with whichever of the two has its size.
 */
async function checkSameTree(checkpoint, evidence, snapshot, seen) {
  if (snapshot.origin !== checkpoint.origin) {
    throw new DoesNotHold("snapshot_of_another_ledger", "snapshot and checkpoint belong to different ledgers");
  }
  await checkLinked(snapshot, checkpoint, evidence.snapshotLink);
  if (seen === null) return;
  if (seen.origin !== checkpoint.origin) {
    throw new DoesNotHold("snapshot_of_another_ledger", "this is not the ledger that was seen before");
  }
  for (const { size, rootHash } of [checkpoint, snapshot]) {
    if (size === seen.size && !isEqual(rootHash, seen.rootHash)) {
      throw new DoesNotHold("ledger_forked", "the ledger shows another history than last time");
    }
  }
  if (checkpoint.size < seen.size && snapshot.size < seen.size) {
    throw new DoesNotHold("ledger_went_back", "the ledger is smaller than it was last time");
  }
  if (snapshot.size < seen.size) {
    // An older snapshot beside a newer checkpoint would hide the recalls in between.
    throw new DoesNotHold("snapshot_went_back", "the snapshot is older than the ledger that was seen last time");
  }
}

async function checkLinked(left, right, proof) {
  const [older, newer] = left.size <= right.size ? [left, right] : [right, left];
  if (older.size === newer.size) {
    if (!isEqual(older.rootHash, newer.rootHash)) {
      throw new DoesNotHold("ledger_forked", "snapshot and checkpoint show two histories of one size");
    }
    return;
  }
  const [oldSize, oldRoot, newSize, newRoot] = [older.size, older.rootHash, newer.size, newer.rootHash];
  await verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof });
}

/**
 * Step 6: the entry is in the tree, is a batch statement, and was said by a key that was the issuer's at that index.
 * The last point repeats the registration policy's answer: a log proves presence, not that its operator obeyed.
 */
async function includedBatch({ entry, index, proof }, { origin, size, rootHash }, issuer) {
  await verifyInclusion({ leafHash: await leafHash(entry), index, size, proof, rootHash });
  const { statement, keyId, signature } = await parseEntry(entry);
  if (statement.type !== "batch.issued") throw new DoesNotHold("not_a_batch", "the entry is not a batch statement");
  if (statement.header.origin !== origin) {
    throw new DoesNotHold("batch_of_another_ledger", "the batch statement was signed for another ledger");
  }
  const author = issuer.findKey(keyId);
  if (author === null || !author.isGoodAt(index)) {
    throw new DoesNotHold("batch_of_another_author", "the batch statement was not said by a good key of the issuer");
  }
  await verifySignature(author.publicKey, { message: signedBytes(statement), signature });
  return statement;
}

/** Step 6: why the batch is not the one of this code; null if it is. */
function findMismatch(batch, { gtin, seal }, issuer, key) {
  if (batch.header.issuer !== issuer.id) return "batch_of_another_issuer";
  if (batch.batch !== seal.batch || batch.codeVersion !== seal.version) return "another_batch";
  if (batch.gtin !== gtin) return "batch_of_another_gtin";
  if (batch.keyId !== key.publicKey.keyId) return "batch_of_another_key";
  if (seal.seq >= batch.count) return "seq_outside_batch";
  return null;
}

/** Step 1 once more, for a revoked key: batches that were logged in time stay good, by index, never by a clock. */
function checkRevocation(progress, code, batchIndex) {
  const { key } = progress;
  if (key.revokedFrom === null) return;
  const isGood = batchIndex === null ? key.isGoodForBatch(code.seal.batch) : key.isGoodAt(batchIndex);
  if (!isGood && progress.status !== Status.COUNTERFEIT) progress.find(1, Status.COUNTERFEIT, "key_revoked");
}

/** Step 7: the hash of item `seq`. A path proves one hash; a tile proves all its hashes, then is indexed. */
async function includedItem(item, batch, seq) {
  const { count, itemRoot: rootHash } = batch;
  if ("itemHash" in item) {
    const { itemHash, hashes } = item;
    const place = { index: BigInt(seq), size: BigInt(count) };
    await verifyInclusion({ leafHash: itemHash, ...place, proof: hashes, rootHash });
    return itemHash;
  }
  await verifyItemTile(item, batch);
  if (Math.floor(seq / TILE_WIDTH) !== item.index) {
    throw new DoesNotHold("bad_inclusion_proof", "the tile holds other items of the batch");
  }
  return item.hashes[seq % TILE_WIDTH];
}

/** Step 9. An old recall is still a warning, so a stale snapshot can turn a code red but never leave it green. */
function checkStatus(progress, code, snapshot, isCurrent) {
  const { batch, seq } = code.seal;
  progress.recalls = snapshot.recallsOf(progress.issuer.id, batch, seq);
  if (progress.batch !== null && progress.batchIndex >= snapshot.size) {
    // The snapshot could not resolve its recalls for a batch that was logged after it. Their scopes still speak.
    progress.recalls = snapshot.recallsByScope(progress.batch, seq);
  }
  if (snapshot.isVoid(progress.issuer.id, batch, seq)) progress.find(9, Status.VOID, "void");
  const [worst] = progress.recalls; // active before closed
  if (worst?.isActive) progress.find(9, Status.RECALLED, worst.notice.action);
  if (!isCurrent) progress.find(9, Status.CANNOT_TELL, "snapshot_stale");
}

/** Step 10. */
function conclude(progress, code, { trust, now }, suspicion) {
  const { issuer, batch, batchIndex, recalls } = progress;
  let { status, reason } = progress;
  if (suspicion !== null && isWorse(Status.SUSPECT, status)) [status, reason] = [Status.SUSPECT, suspicion.reason];
  return new Verdict({
    status,
    reason,
    checkedAt: now,
    code,
    issuer,
    batch,
    batchIndex,
    recalls,
    snapshotAsOf: trust.snapshot?.asOfAt ?? null,
    nextUpdateAt: trust.snapshot?.nextUpdateAt ?? null,
    steps: makeSteps(progress.outcomes, progress.reached),
    suspicion,
  });
}
