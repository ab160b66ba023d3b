// SPDX-License-Identifier: Apache-2.0
/**
 * One check by the phone: fetch, hold against what is remembered, verify, remember. The verdict is `verify()`'s; what
 * is added here can only take green away. Memory is one record per web origin, and may be gone at any time.
 */

import { fromUtf8 } from "../verifier/bytes.mjs";
import { decodeBase64, encodeBase64 } from "../verifier/encoding.mjs";
import { DidNotArrive, DoesNotHold, Malformed, VerifierError } from "../verifier/errors.mjs";
import { parseProofDocument } from "../verifier/evidence.mjs";
import { formatInstant } from "../verifier/fields.mjs";
import { verifyCheckpoint } from "../verifier/policy.mjs";
import { parseProductCode } from "../verifier/product_code.mjs";
import { parseSnapshot } from "../verifier/snapshot.mjs";
import { Outcome, Status, isWorse } from "../verifier/verdict.mjs";
import { verify } from "../verifier/verify.mjs";
import { LedgerSource, rememberedAnchor } from "./ledger.mjs";

const KEY = "product-passport/seen/v1";
const MAX_KEPT_NOTE = 32 * 1024; // of a whole snapshot, size and root hash are enough
let silentUntil = 0; // milliseconds since the page was opened
const toText = (data) => fromUtf8(data, "malformed_note");
const policyText = (policy) => toText(policy.toBytes());

/** A signed tree. @typedef {{kind: string, size: bigint, rootHash: Uint8Array, note: string, seenAt: string}} Tree */
/** @typedef {{origin: string, policy: string, statusVkey: string, since: string, trees: Tree[]}} Memory */

/** @returns {Memory|null} null at a first visit, and if what is stored cannot be read */
export function recollect() {
  try {
    const { trees, ...rest } = JSON.parse(localStorage.getItem(KEY));
    const revive = (t) => ({ ...t, size: BigInt(t.size), rootHash: decodeBase64(t.rootHash), isOld: true });
    return { ...rest, trees: trees.map(revive) };
  } catch {
    return null;
  }
}

/** Keeps the larger tree of each kind, also against another tab. @returns {boolean} whether this browser keeps it */
export function remember({ trees, ...rest }) {
  const largest = {};
  for (const tree of [...(recollect()?.trees ?? []), ...trees]) {
    if (!(largest[tree.kind]?.size > tree.size)) largest[tree.kind] = tree;
  }
  const kept = Object.values(largest).map(({ kind, size, rootHash, note, seenAt }) => {
    const bounded = note.length > MAX_KEPT_NOTE ? "" : note;
    return { kind, size: String(size), rootHash: encodeBase64(rootHash), note: bounded, seenAt };
  });
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...rest, trees: kept }));
    return true;
  } catch {
    return false;
  }
}

/** Only when a person asks for it. */
export function forget() {
  localStorage.removeItem(KEY);
  globalThis.indexedDB?.deleteDatabase("product-passport"); // of store.mjs
}

/**
 * @param {string} codeText @param {Date} now @param {{ledger: string, proof: string}} addresses on this server
 * @returns {Promise<object>} `verdict` as `verify()` gave it; `status`, `reason`, `steps` never better than it;
 * `missing` if the phone could not check; `alarm` with its papers; `checkpoint`; `memory` before this visit; `isKept`.
 * `isOffline` if it was checked with what this phone keeps. Evidence: bytes `document` and `snapshotNote`, `policyText`
 */
export async function examine(codeText, now, addresses) {
  const start = performance.now();
  const visit = start < silentUntil ? null : await inspect(codeText, now, new LedgerSource(addresses));
  if (visit && !(await isSilent(visit))) return visit;
  // A network that is dead without saying so is not waited for at each of many codes.
  if (performance.now() - start > 3000) silentUntil = performance.now() + 60_000;
  const stored = await import("./stored.mjs").catch(() => null);
  return stored ? inspect(codeText, now, new stored.StoredLedger()) : visit;
}

/** Nobody answered anything: no server, no proxy, not even with an error. */
async function isSilent({ asked }) {
  const answers = asked ? await Promise.allSettled(asked) : [{}];
  return answers.every(({ reason }) => reason?.code === "unreachable");
}

async function inspect(codeText, now, source) {
  const visit = { seenAt: formatInstant(now), memory: recollect(), trees: [], snapshot: null, source };
  try {
    await look(visit, parseProductCode(codeText));
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    visit.problem = error;
    if (error instanceof DidNotArrive) visit.missing = error;
  }
  const { anchor, snapshot, memory, trees, alarm, problem } = visit;
  const last = trees.find(({ kind, isOld }) => isOld && kind === "snapshot");
  const seen = last && { ...last, origin: memory.origin };
  const trust = { policy: anchor?.policy, snapshot };
  visit.verdict = await verify(codeText, { trust, ledger: evidenceOf(visit), now, seen });
  if (!alarm && !problem && !source.isOffline) {
    // Nothing of what was looked at is in doubt.
    visit.isKept = remember({
      origin: anchor.origin,
      policy: memory && !visit.checkpoint ? memory.policy : policyText(anchor.policy), // only one that was met
      statusVkey: anchor.statusVkey.text,
      since: memory?.since ?? visit.seenAt,
      trees: trees.filter(({ isOld }) => !isOld),
    });
  }
  return conclude(visit);
}

/** Asks for everything at once, then reads it in the order in which one thing leans on the other. */
async function look(visit, code) {
  const { memory, trees, source } = visit;
  const asked = (visit.asked = [source.policy(), source.snapshot(code.gtin), source.proofDocument(code)]);
  for (const promise of asked) promise.catch(() => {}); // awaited below, unless an earlier one fails
  const [policy, snapshotNote, document] = asked;
  visit.anchor = memory ? await rememberedAnchor(memory, policy) : await source.firstAnchor(policy);
  const note = (visit.snapshotNote = await snapshotNote);
  if (visit.anchor.otherPolicy) soundKeyAlarm(visit, note);
  trees.push(...(memory?.trees ?? []));
  if (!memory) trees.push(treeOf(visit, "checkpoint", visit.anchor.checkpoint));
  const snapshot = await readSnapshot(visit, note);
  visit.snapshot = snapshot;
  trees.push(treeOf(visit, "snapshot", { ...snapshot, note }));
  await readProof(visit, document);
  const broken = await source.findBreak(trees);
  if (broken) sound(visit, broken.kind, broken.trees.map(paperOf));
  for (const tree of trees) {
    // verify() says so too, but only if there is a proof. A smaller snapshot hides the recalls in between.
    if (tree.isOld && tree.kind === "snapshot" && snapshot.size < tree.size) {
      sound(visit, "back", [tree, treeOf(visit, "snapshot", { ...snapshot, note })].map(paperOf));
    }
  }
}

export function treeOf({ seenAt }, kind, { size, rootHash, note }) {
  return { kind, size, rootHash, note: toText(note), seenAt };
}

const paperOf = ({ kind, seenAt, note }) => ({ title: `${kind}, ${seenAt}`, text: note });

/** The first alarm is the reason of those that follow. */
function sound(visit, kind, papers) {
  visit.alarm ??= { kind, papers };
}

function soundKeyAlarm(visit, note) {
  const { memory, seenAt, anchor } = visit;
  const before = { title: `policy, ${memory.since}`, text: memory.policy };
  const after = { title: `policy, ${seenAt}`, text: policyText(anchor.otherPolicy ?? anchor.policy) };
  const snapshot = { title: `snapshot, ${seenAt}`, text: toText(note) };
  sound(visit, "key", [before, ...memory.trees.map(paperOf), after, snapshot]);
}

async function readSnapshot(visit, note) {
  const { anchor, memory } = visit;
  try {
    const snapshot = await parseSnapshot(note, anchor.statusVkey);
    if (snapshot.origin === anchor.origin) return snapshot;
  } catch (error) {
    // Entry 0 names the status key for good: another one is another ledger.
    if (memory && error.code === "no_trusted_signature") soundKeyAlarm(visit, note);
    throw error;
  }
  throw new DoesNotHold("snapshot_of_another_ledger", "The snapshot is of another ledger.");
}

/** What is wrong with a proof is for `verify()` to say, in its step; here its tree matters. */
async function readProof(visit, bytes) {
  try {
    visit.document = await bytes;
    visit.proof = parseProofDocument(visit.document);
    visit.checkpoint = await verifyCheckpoint(visit.proof.evidence.checkpoint, visit.anchor.policy);
    visit.trees.push(treeOf(visit, "checkpoint", visit.checkpoint));
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    visit.proofError = error;
  }
}

/** With a link to *our* snapshot: the registry may have published another since. */
const evidenceOf = (visit) => ({
  async findEvidence(_, issuerId) {
    const { proof, proofError, checkpoint, snapshot, source } = visit;
    if (proofError?.code === "not_logged") return null;
    try {
      if (proofError) throw proofError;
      if (proof.issuerId !== issuerId) throw new DoesNotHold("another_code", "It is about another issuer's item.");
      return { ...proof.evidence, snapshotLink: await source.link(snapshot, checkpoint) };
    } catch (error) {
      if (error instanceof DidNotArrive) visit.missing = error;
      throw error;
    }
  },
});

const DOUBTS = { fork: [5, "ledger_forked"], back: [5, "ledger_went_back"], key: [4, "no_trusted_signature"] };

/** Neither an alarm nor something unread leaves any green. Worse verdicts stand: an old recall is still a warning. */
function conclude(visit) {
  const { alarm, problem, verdict } = visit;
  const found = { status: verdict.status, reason: verdict.reason, steps: verdict.steps };
  const [number, doubt] = DOUBTS[alarm?.kind] ?? [];
  if (alarm) {
    found.steps = found.steps.map((step) => (step.number === number ? { number, outcome: Outcome.FAILED } : step));
  }
  if ((alarm || problem) && !isWorse(found.status, Status.CANNOT_TELL)) {
    Object.assign(found, { status: Status.CANNOT_TELL, reason: doubt ?? problem.code });
  }
  const { anchor, source } = visit;
  const rest = { isOffline: source.isOffline, policyText: anchor?.policy && policyText(anchor.policy) };
  return { ...visit, ...rest, checkpoint: visit.checkpoint ?? anchor?.checkpoint, ...found };
}
