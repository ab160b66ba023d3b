// SPDX-License-Identifier: Apache-2.0
/**
 * What a phone keeps of a check that it made with a network: the signed list, the proof document, and the consistency
 * proofs between the two. Nothing here decides anything: without a network all of it is verified again.
 */

import { VerifierError } from "../verifier/errors.mjs";
import { formatInstant } from "../verifier/fields.mjs";
import { parseSnapshot } from "../verifier/snapshot.mjs";
import { recollect, remember, treeOf } from "./examine.mjs";
import { MAX_SNAPSHOT, fetchBytes } from "./ledger.mjs";
import { openStore } from "./store.mjs";
import { chooseList, nameOfCode, nameOfTree } from "./stored.mjs";

const MAX_CODES = 500;
const MAX_SHARDS = 8; // of a shopper; a shop keeps the whole list
const MAX_LINKED = 64; // checkpoints of single codes, the newest first
const DUE_MS = 600_000; // then a newer list is worth the request
const LARGE_LIST = 256 * 1024;
const PAUSE_MS = 60_000; // between two downloads of a large list

/** Steps 4 to 8 hold: what arrived proves this code. @param {object} report of `examine` */
export const isProven = ({ steps, verdict, document }) =>
  Boolean(document && verdict.batch) && [4, 5, 6, 7, 8].every((number) => steps[number].outcome === "passed");

const isSound = ({ isOffline, alarm, problem, isKept, snapshot }) =>
  !isOffline && !alarm && !problem && isKept && snapshot !== null;

let queue = Promise.resolve();

/** One after the other: two tabs may still race, and then the later one's list is kept, which is as good. */
export function inTurn(act) {
  const turn = queue.then(act, act);
  queue = turn.catch(() => undefined);
  return turn;
}

/**
 * @param {object} report of `examine` @returns {Promise<Date|null>} until when this code can be checked here without a
 * network; null if nothing of it is worth keeping. DidNotArrive("storage_refused") if this browser keeps nothing
 */
export const keep = (report) => (isSound(report) ? inTurn(() => keepNow(report)) : Promise.resolve(null));

async function keepNow(report) {
  const { snapshot, snapshotNote, source, anchor, verdict } = report;
  const store = await openStore();
  await store.put("lists", [listOf(snapshot, snapshotNote)]);
  if (isProven(report)) await keepCode(store, report);
  await updateLists({ store, source, anchor });
  await relink(store, source);
  const list = chooseList(await store.all("lists"), verdict.code.gtin);
  return isProven(report) && list ? list.nextUpdateAt : null;
}

const listOf = (snapshot, note) => ({
  id: snapshot.shard ?? "",
  prefixes: snapshot.issuers.flatMap(({ prefixes }) => prefixes), // only to find it; verify() looks in the list itself
  note,
  size: snapshot.size,
  nextUpdateAt: snapshot.nextUpdateAt,
  keptAt: Date.now(),
});

async function keepCode(store, { verdict, document, checkpoint }) {
  const { size, rootHash } = checkpoint;
  const id = await nameOfCode(verdict.code);
  await store.put("codes", [{ id, document, checkpoint: { size, rootHash }, keptAt: Date.now() }]);
  const codes = await store.all("codes");
  codes.sort((a, b) => b.keptAt - a.keptAt);
  for (const { id: old } of codes.slice(MAX_CODES)) await store.remove("codes", old);
}

const lastSeen = () => recollect()?.trees.find(({ kind }) => kind === "snapshot");

/** A shop keeps the whole list, because a shard cannot tell an unknown maker. Called by the scan page. */
export const keepWholeList = async () => (await openStore()).put("facts", [{ id: "shop", since: Date.now() }]);

/** Brings all lists that are kept to the tree that was seen last. It may grow meanwhile, so up to three times. */
async function updateLists(visit) {
  const { store } = visit;
  const packs = await store.all("packs");
  const isShop = packs.length > 0 || Boolean(await store.get("facts", "shop"));
  const tooLarge = isShop && (await updateWhole(visit));
  if (isShop && !tooLarge) return;
  for (const { issuer } of packs) await update(visit, issuer);
  for (let round = 0; round < 3; round += 1) {
    const lists = (await store.all("lists")).sort((a, b) => b.keptAt - a.keptAt);
    for (const { id } of lists.slice(MAX_SHARDS + packs.length)) await store.remove("lists", id);
    const size = lastSeen()?.size;
    const old = lists.slice(0, MAX_SHARDS + packs.length).filter((list) => list.size !== size);
    if (!old.length) return;
    for (const { id } of old) await update(visit, id);
  }
}

/** @returns {Promise<boolean>} whether it is too large for a phone; then the makers' shards must do */
async function updateWhole(visit) {
  const { store } = visit;
  const whole = await store.get("lists", "");
  const age = Date.now() - (whole?.keptAt ?? 0);
  const isBehind = whole?.size !== lastSeen()?.size || age > DUE_MS;
  if (!isBehind || (whole?.note.length > LARGE_LIST && age < PAUSE_MS)) return false;
  try {
    if (!(await update(visit, ""))) return false;
  } catch (error) {
    if (error.code === "too_large") return true;
    throw error;
  }
  const lists = await store.all("lists");
  for (const { id } of lists) if (id !== "") await store.remove("lists", id);
  return false;
}

/** Fetches one list. It is kept if it is of the ledger that is remembered, and not of an older tree. */
async function update({ store, source, anchor }, id) {
  const memory = recollect();
  try {
    const note = await fetchBytes(`${source.ledger}/snapshot${id && `/${id}`}`, MAX_SNAPSHOT);
    const snapshot = await parseSnapshot(note, anchor.statusVkey);
    const seen = lastSeen();
    if (!memory || snapshot.origin !== memory.origin || (snapshot.shard ?? "") !== id) return false;
    if (seen && snapshot.size < seen.size) return false;
    const tree = treeOf({ seenAt: formatInstant(new Date()) }, "snapshot", { ...snapshot, note });
    if (await source.findBreak([...memory.trees, tree])) return false; // the next check says so, loudly
    remember({ ...memory, trees: [tree] });
    await store.put("lists", [listOf(snapshot, note)]);
    return true;
  } catch (error) {
    if (!(error instanceof VerifierError) || ["too_large", "storage_refused"].includes(error.code)) throw error;
    return false;
  }
}

/** The consistency proofs between the list's tree and the checkpoints of all that is kept. */
async function relink(store, source) {
  const tree = lastSeen();
  const codes = (await store.all("codes")).sort((a, b) => b.keptAt - a.keptAt).slice(0, MAX_LINKED);
  const known = (await store.get("facts", "links"))?.proofs ?? new Map();
  const proofs = new Map();
  for (const { checkpoint } of [...(await store.all("packs")), ...codes]) {
    const name = `${nameOfTree(tree)} ${nameOfTree(checkpoint)}`;
    if (checkpoint.size === tree.size || proofs.has(name)) continue;
    try {
      proofs.set(name, known.get(name) ?? (await source.link(tree, checkpoint)));
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error; // not linked: without a network it cannot be told
    }
  }
  await store.put("facts", [{ id: "links", proofs }]);
}
