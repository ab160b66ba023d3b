// SPDX-License-Identifier: Apache-2.0
/** The ledger as a phone reads it: fetched in bounds, held against its first entry and against its own past. */

import { concat, fromUtf8, isEqual, utf8 } from "../verifier/bytes.mjs";
import { DidNotArrive, DoesNotHold, VerifierError } from "../verifier/errors.mjs";
import { verifySignature } from "../verifier/keys.mjs";
import { leafHash, verifyConsistency, verifyInclusion } from "../verifier/merkle.mjs";
import { parseVkey } from "../verifier/note.mjs";
import { parsePolicy, verifyCheckpoint } from "../verifier/policy.mjs";
import { parseEntry, signedBytes } from "../verifier/statements.mjs";

const TIMEOUT_MS = 15_000;
const MAX_NOTE = 64 * 1024;
const MAX_PROOF = 256 * 1024;
const MAX_REFUSAL = 16 * 1024;
export const MAX_SNAPSHOT = 4 * 1024 * 1024; // of a whole list; a shard is a few KB
const TILE_SIZE = 256 * 32;

/** The body, read no further than a little beyond `maximum`. */
async function readBody(answer, maximum, isEnough = () => false) {
  let data = new Uint8Array();
  for (const reader = answer.body.getReader(); !isEnough(data); ) {
    const { done, value } = await reader.read();
    if (done) break;
    data = concat(data, value);
    if (data.length > maximum) throw new DidNotArrive("too_large", answer.url);
  }
  return data;
}

/**
 * Why a server that answered gave nothing. Its own word stands in pages, lists and evidence files, so it must be a
 * stable code; and "unreachable" is ours alone: it says that nobody answered.
 * @param {Response} answer @returns {Promise<DidNotArrive>}
 */
export async function refusalOf(answer) {
  const usual = answer.status === 404 ? "not_found" : "bad_status";
  let code;
  try {
    code = JSON.parse(fromUtf8(await readBody(answer, MAX_REFUSAL), "bad_json")).code;
  } catch {
    // no problem+json: then the status must do
  }
  const isWord = typeof code === "string" && /^[a-z][a-z0-9_]{0,63}$/.test(code) && code !== "unreachable";
  return new DidNotArrive(isWord ? code : usual, answer.url);
}

/** `isEnough` ends the reading early. The code of a DidNotArrive is the server's own word, if it gave one. */
export async function fetchBytes(url, maximum, cache = "no-cache", isEnough = () => false) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  try {
    const answer = await fetch(url, { cache, credentials: "omit", redirect: "error", signal: abort.signal });
    if (!answer.ok) throw await refusalOf(answer);
    return await readBody(answer, maximum, isEnough);
  } catch (error) {
    throw error instanceof DidNotArrive ? error : new DidNotArrive("unreachable", url);
  } finally {
    clearTimeout(timer);
    abort.abort(); // what was not read is not wanted
  }
}

// Loaded when a tree has to be read: at the first visit, and when the ledger has grown.
const loadTiles = () =>
  import("../verifier/tile.mjs").catch(() => {
    throw new DidNotArrive("unreachable", "tile.mjs");
  });

export class LedgerSource {
  #trees = new Map();
  isOffline = false;
  #cache = "default"; // of tiles: immutable, unless the ledger lies or is another one than before

  /** @param {{ledger: string, proof: string}} addresses on this server */
  constructor({ ledger, proof }) {
    Object.assign(this, { ledger, proof });
  }

  policy = () => fetchBytes(`${this.ledger}/policy`, MAX_NOTE);
  proofDocument = (code) => fetchBytes(this.proof + code.toPath(), MAX_PROOF);

  /** The maker's shard. Where nobody may speak for the GTIN the whole list: a shard cannot show that. */
  snapshot = (gtin) =>
    fetchBytes(`${this.ledger}/snapshot/gtin/${gtin}`, MAX_SNAPSHOT).catch((error) => {
      if (error.code !== "not_found") throw error;
      return fetchBytes(`${this.ledger}/snapshot`, MAX_SNAPSHOT);
    });

  /** A partial tile that is gone is cut from the full one. */
  #readTile = async ({ path, level, index, width }) => {
    try {
      return await fetchBytes(`${this.ledger}/${path}`, TILE_SIZE, this.#cache);
    } catch (error) {
      if (error.code !== "not_found" || width === 256) throw error;
      const full = (await loadTiles()).makePlace("tile", level, index).path;
      return (await fetchBytes(`${this.ledger}/${full}`, TILE_SIZE, this.#cache)).slice(0, width * 32);
    }
  };

  /** @returns {Promise<import("../verifier/tile.mjs").TileTree>} */
  async #tree({ size, rootHash }) {
    const { TileTree } = await loadTiles();
    const key = `${size} ${rootHash}`;
    if (!this.#trees.has(key)) this.#trees.set(key, new TileTree(size, this.#readTile, rootHash));
    return this.#trees.get(key);
  }

  /** Entry 0 and not more of its bundle, which may be long. */
  async #firstEntry(size) {
    const { path } = (await loadTiles()).makePlace("entries", 0, 0n, size < 256n ? Number(size) : 256);
    const end = (data) => (data.length < 2 ? Infinity : 2 + (data[0] << 8) + data[1]);
    const isEnough = (data) => data.length >= end(data);
    const data = await fetchBytes(`${this.ledger}/${path}`, 2 ** 24, this.#cache, isEnough);
    return data.slice(2, end(data));
  }

  /**
   * A first visit believes the server's policy, and the status key only as entry 0 of that ledger names it.
   * @param {Promise<Uint8Array>} policyBytes
   */
  async firstAnchor(policyBytes) {
    this.#cache = "reload";
    const note = await fetchBytes(`${this.ledger}/checkpoint`, MAX_NOTE);
    const policy = await parsePolicy(await policyBytes);
    const checkpoint = await verifyCheckpoint(note, policy);
    const { origin, size, rootHash } = checkpoint;
    const fail = (message) => new DoesNotHold("no_registry", message);
    if (size === 0n) throw fail("The ledger is empty.");
    const entry = await this.#firstEntry(size);
    const proof = await (await this.#tree(checkpoint)).inclusionProof(0n);
    await verifyInclusion({ leafHash: await leafHash(entry), index: 0n, size, proof, rootHash });
    const { statement, keyId, signature } = await parseEntry(entry);
    const { type, header, operatorKey, statusVkey } = statement;
    if (type !== "registry.created" || header.issuer !== "registry" || operatorKey.keyId !== keyId) {
      throw fail("Entry 0 creates no registry.");
    }
    if (header.origin !== origin) throw fail("Entry 0 is of another ledger.");
    await verifySignature(operatorKey, { message: signedBytes(statement), signature });
    return { policy, statusVkey, origin, checkpoint };
  }

  /** @returns {Promise<Uint8Array[]>} the consistency proof between two trees, whichever is the older */
  async link(one, other) {
    if (one.size === other.size) return [];
    const [older, newer] = one.size < other.size ? [one, other] : [other, one];
    return (await this.#tree(newer)).consistencyProof(older.size);
  }

  /**
   * The first of these trees that contradicts the newest of them: `fork`. `back`: the newest is a remembered one, and
   * the server has no tiles for it any more; that proves nothing, but the ledger shows less than it did.
   */
  async findBreak(trees) {
    const newest = trees.reduce((largest, tree) => (tree.size > largest.size ? tree : largest));
    for (const tree of trees) {
      if (tree.size === newest.size) {
        if (!isEqual(tree.rootHash, newest.rootHash)) return { kind: "fork", trees: [tree, newest] };
        continue;
      }
      try {
        const ends = { oldSize: tree.size, oldRoot: tree.rootHash, newSize: newest.size, newRoot: newest.rootHash };
        await verifyConsistency({ ...ends, proof: await this.link(tree, newest) });
      } catch (error) {
        // The tiles had led to the newer signed root before they were used: the contradiction is the operator's.
        if (error.code === "bad_consistency_proof") return { kind: "fork", trees: [tree, newest] };
        if (newest.isOld && error instanceof VerifierError) return { kind: "back", trees: [newest, tree] };
        if (error.code === "bad_tile" && this.#cache === "default") {
          // Maybe one that was kept from the history before: ask for all of them again.
          this.#cache = "reload";
          this.#trees.clear();
          return this.findBreak(trees);
        }
        throw error;
      }
    }
    return null;
  }
}

const logKeys = ({ logs }) => logs.map(({ vkey }) => vkey.text).sort().join("\n"); // prettier-ignore

/**
 * What is remembered. Of the server's present policy one thing is taken: witnesses, if none were asked for so far. That
 * asks for more and takes nothing away. Other log keys are `otherPolicy`: another ledger.
 */
export async function rememberedAnchor(memory, policyBytes) {
  const { origin } = memory;
  const policy = await parsePolicy(utf8(memory.policy));
  const anchor = { policy, origin, statusVkey: await parseVkey(memory.statusVkey), checkpoint: null };
  try {
    const offered = await parsePolicy(await policyBytes);
    if (logKeys(offered) !== logKeys(policy)) return { ...anchor, otherPolicy: offered };
    return policy.quorum === "none" ? { ...anchor, policy: offered } : anchor;
  } catch (error) {
    if (error instanceof VerifierError) return anchor; // the server's policy is not needed any more
    throw error;
  }
}
