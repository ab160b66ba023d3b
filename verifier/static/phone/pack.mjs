// SPDX-License-Identifier: Apache-2.0
/**
 * Taking a batch along: the proof document of one of its codes and all its item hashes, so that every code of it can be
 * checked without a network. The hashes are believed only if they give the item root that the maker signed.
 */

import { isEqual } from "../verifier/bytes.mjs";
import { DidNotArrive, DoesNotHold } from "../verifier/errors.mjs";
import { TILE_WIDTH } from "../verifier/evidence.mjs";
import { HASH_SIZE, rootFromLeafHashes } from "../verifier/merkle.mjs";
import { MAX_CHECKPOINT_AGE_SECONDS } from "../verifier/verify.mjs";
import { examine } from "./examine.mjs";
import { inTurn, isProven, keep } from "./keep.mjs";
import { refusalOf } from "./ledger.mjs";
import { openStore, tilesOf } from "./store.mjs";
import { chooseList, cut } from "./stored.mjs";

export const MAX_PACKS = 50;
export const MAX_BYTES = 200_000_000;
const AUTOMATIC_CODES = 100_000;
const REFRESH_MS = 3_600_000; // a proof document's witnesses are believed for a day
const SILENCE_MS = 30_000;
const TILE_BYTES = TILE_WIDTH * HASH_SIZE;
const AT_ONCE = 32; // tiles of one transaction: a quarter of a megabyte

/** @param {number} count of codes @returns {number} bytes that they take on the phone */
export const sizeOf = (count) => count * HASH_SIZE + Math.ceil(count / TILE_WIDTH) * HASH_SIZE;

/** @param {number} count of codes @returns {boolean} whether a shop takes the batch along without being asked */
export const isAutomatic = (count) => count <= AUTOMATIC_CODES && !navigator.connection?.saveData;

/** For panels that list what is here: `packschange` at the window. */
const tell = () => dispatchEvent(new Event("packschange"));

const idOf = (issuer, batch) => `${issuer}/${batch}`;

/** The newest witness dates a checkpoint, and for a day. @returns {Date|null} null without witnesses */
function freshUntil({ witnessedAt }) {
  if (!witnessedAt.length) return null;
  const newest = witnessedAt.reduce((latest, [, at]) => (at > latest ? at : latest), 0n);
  return new Date((Number(newest) + MAX_CHECKPOINT_AGE_SECONDS) * 1000);
}

const evidenceOf = ({ document, checkpoint, verdict }) => ({
  document,
  checkpoint: { size: checkpoint.size, rootHash: checkpoint.rootHash },
  freshUntil: freshUntil(checkpoint),
  code: verdict.code.toPath(),
  provenAt: Date.now(),
});

/**
 * @param {object} report of `examine`, made with a network; steps 4 to 8 must have passed
 * @param {(share: number) => void} [onProgress] from 0 to 1
 * @returns {Promise<object>} the pack; DoesNotHold("not_proven", "bad_item_root"), DidNotArrive("storage_full",
 * "storage_refused", "unreachable", or what the server says)
 */
export async function takeAlong(report, onProgress = () => {}) {
  if (report.isOffline || report.alarm || report.problem || !isProven(report)) {
    throw new DoesNotHold("not_proven", "Only a batch that was just proven can be taken along.");
  }
  const { issuer, batch: statement } = report.verdict;
  const { batch, gtin, lot, count, itemRoot } = statement;
  const store = await openStore();
  const id = idOf(issuer.id, batch);
  await makeRoom(store, id, sizeOf(count));
  await store.remove("packs", id); // before its tiles are written over
  try {
    const roots = await fetchItems(report.source, { id, issuer: issuer.id, batch, count }, onProgress);
    if (!isEqual(await rootFromLeafHashes(cut(roots)), itemRoot)) {
      throw new DoesNotHold("bad_item_root", "The item hashes do not give the item root that the maker signed.");
    }
    const pack = { id, issuer: issuer.id, maker: issuer.name, batch, gtin, lot, count, roots, ...evidenceOf(report) };
    // Written last: without it the tiles are not looked at, and the next attempt writes over them.
    await store.put("packs", [{ ...pack, takenAt: Date.now(), usedAt: Date.now() }]);
    await keep(report); // with the whole list now, and the link to this proof
    tell();
    return pack;
  } catch (error) {
    await store.remove("tiles", tilesOf(id)).catch(() => {});
    throw error;
  }
}

/** Room within our own limits and the browser's; packs that were not used for longest go first. */
async function makeRoom(store, id, bytes) {
  const packs = (await store.all("packs")).filter((pack) => pack.id !== id).sort((a, b) => a.usedAt - b.usedAt);
  let total = packs.reduce((sum, { count }) => sum + sizeOf(count), bytes);
  if (bytes > MAX_BYTES) throw full();
  while (packs.length && (total > MAX_BYTES || packs.length >= MAX_PACKS)) {
    const oldest = packs.shift();
    total -= sizeOf(oldest.count);
    await dropPack(oldest.id);
  }
  const { quota = Infinity, usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota - usage < 2 * bytes) throw full();
}

const full = () => new DidNotArrive("storage_full", "This batch does not fit on this phone.");

/** Streams the hashes into the store, tile by tile. @returns {Promise<Uint8Array>} the roots of the tiles */
async function fetchItems({ proof }, { id, issuer, batch, count }, onProgress) {
  const url = `${proof.replace(/\/proof$/, "/batches")}/${issuer}/${batch}/items`;
  const store = await openStore();
  const roots = new Uint8Array(Math.ceil(count / TILE_WIDTH) * HASH_SIZE);
  let [index, waiting] = [0, []];
  for await (const tile of tilesFrom(url, count)) {
    roots.set(await rootFromLeafHashes(cut(tile)), HASH_SIZE * index);
    waiting.push(tile);
    index += 1;
    if (waiting.length === AT_ONCE || index * HASH_SIZE === roots.length) {
      const first = index - waiting.length;
      const keys = waiting.map((_, at) => [id, first + at]);
      await store.put("tiles", waiting, keys);
      waiting = [];
      onProgress(Math.min(1, (index * TILE_WIDTH) / count));
    }
  }
  return roots;
}

/** Exactly `count` hashes in tiles of 256, the last one shorter. */
async function* tilesFrom(url, count) {
  const abort = new AbortController();
  let timer;
  const listen = () => {
    clearTimeout(timer);
    timer = setTimeout(() => abort.abort(), SILENCE_MS);
  };
  try {
    listen();
    const ask = { cache: "no-store", credentials: "omit", redirect: "error", signal: abort.signal };
    const answer = await fetch(url, ask);
    if (!answer.ok) throw await refusalOf(answer);
    let [left, tile, used] = [count * HASH_SIZE, null, 0]; // `left`: what is not in a whole tile yet
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      listen();
      if (used + value.length > left) throw new DidNotArrive("too_large", url);
      for (let at = 0; at < value.length; ) {
        tile ??= new Uint8Array(Math.min(TILE_BYTES, left));
        const piece = value.subarray(at, at + tile.length - used);
        tile.set(piece, used);
        at += piece.length;
        used += piece.length;
        if (used < tile.length) continue;
        left -= used;
        yield tile;
        [tile, used] = [null, 0];
      }
    }
    if (left) throw new DidNotArrive("too_short", url);
  } catch (error) {
    throw error.name === "AbortError" || error instanceof TypeError ? new DidNotArrive("unreachable", url) : error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
}

/**
 * What is on this phone, the last used first. `until`: its codes can be checked without a network until then.
 * @returns {Promise<object[]>}
 */
export async function listPacks() {
  const store = await openStore();
  const [packs, lists] = [await store.all("packs"), await store.all("lists")];
  return packs
    .sort((a, b) => b.usedAt - a.usedAt)
    .map((pack) => {
      const listed = chooseList(lists, pack.gtin)?.nextUpdateAt ?? null;
      const until = listed && pack.freshUntil && pack.freshUntil < listed ? pack.freshUntil : listed;
      const { id, issuer, maker, batch, gtin, lot, count } = pack;
      return { id, issuer, maker, batch, gtin, lot, count, until, bytes: sizeOf(count) };
    });
}

/** @param {object} report of `examine` @returns {Promise<boolean>} whether the batch of this code is on the phone */
export async function hasPack({ verdict }) {
  if (!verdict.issuer || !verdict.code) return false;
  const store = await openStore();
  const pack = await store.get("packs", idOf(verdict.issuer.id, verdict.code.seal.batch));
  if (!pack) return false;
  await store.put("packs", [{ ...pack, usedAt: Date.now() }]);
  return true;
}

/** @param {string} id of a pack */
export async function dropPack(id) {
  const store = await openStore();
  await store.remove("packs", id); // first: a pack without tiles is useless, tiles without a pack are merely old
  await store.remove("tiles", tilesOf(id));
  tell();
}

/**
 * With a network: new proof documents, the whole list, new links. A pack whose code fails is left as it is; without a
 * network its own evidence speaks, and the signed list.
 * @param {{ledger: string, proof: string}} addresses @param {{maxAgeMs?: number}} [options]
 * @returns {Promise<boolean>} false if there was no network
 */
export async function refreshPacks(addresses, { maxAgeMs = REFRESH_MS } = {}) {
  const store = await openStore();
  const packs = await store.all("packs");
  const due = packs.filter(({ provenAt }) => Date.now() - provenAt > maxAgeMs);
  for (const { id, code } of due.length ? due : packs.slice(0, 1)) {
    const report = await examine(code, new Date(), addresses);
    if (report.isOffline) return false;
    if (isProven(report) && !report.alarm && !report.problem) {
      await inTurn(async () => {
        const pack = await store.get("packs", id);
        if (pack) await store.put("packs", [{ ...pack, ...evidenceOf(report) }]);
      });
    }
    await keep(report);
  }
  tell();
  return true;
}
