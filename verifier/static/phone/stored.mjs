// SPDX-License-Identifier: Apache-2.0
/**
 * The ledger as this phone keeps it, in the place of `LedgerSource` when nobody answers. It delivers bytes; `examine`
 * and `verify()` treat them as if they had come over the network, so that a changed byte leaves nothing green.
 */

import { isEqual, sha256, toHex, utf8 } from "../verifier/bytes.mjs";
import { encodeBase64, encodeCanonicalJson, parseCanonicalJson } from "../verifier/encoding.mjs";
import { DidNotArrive } from "../verifier/errors.mjs";
import { TILE_WIDTH } from "../verifier/evidence.mjs";
import { HASH_SIZE, nodeHash } from "../verifier/merkle.mjs";
import { inclusionProof } from "../verifier/tile.mjs";
import { openStore } from "./store.mjs";

const MAX_DOCUMENT = 256 * 1024;

const absent = (what) => new DidNotArrive("not_on_this_phone", what);

/** Hashes of a small tree, each worked out once. @param {Uint8Array[]} leaves @returns {(lo, hi) => Promise} */
function subtreesOf(leaves) {
  const known = new Map();
  const hash = async (lo, hi) => {
    if (hi - lo === 1) return leaves[lo];
    const middle = lo + 2 ** (31 - Math.clz32(hi - lo - 1)); // where RFC 6962 cuts
    const [left, right] = await Promise.all([subtree(lo, middle), subtree(middle, hi)]);
    return nodeHash(left, right);
  };
  const subtree = (lo, hi) => {
    const place = `${lo} ${hi}`;
    if (!known.has(place)) known.set(place, hash(lo, hi));
    return known.get(place);
  };
  return (lo, hi) => subtree(Number(lo), Number(hi));
}

/** @param {Uint8Array} data hashes side by side @returns {Uint8Array[]} */
export const cut = (data) =>
  Array.from({ length: data.length / HASH_SIZE }, (_, at) => data.slice(HASH_SIZE * at, HASH_SIZE * (at + 1)));

const treesOfRoots = new Map(); // by pack and its roots: a page that checks many codes works these out once

function rootsOf({ id, roots }) {
  const known = treesOfRoots.get(id);
  if (known && isEqual(known.roots, roots)) return known.subtree;
  const subtree = subtreesOf(cut(roots));
  treesOfRoots.set(id, { roots, subtree });
  return subtree;
}

const prove = (index, size, subtree) => inclusionProof(BigInt(index), BigInt(size), subtree);

/** The proof document of any code of a pack: that of its first code, with another item and its path put in. */
export async function documentFromPack(store, pack, seq) {
  if (seq >= pack.count) return pack.document; // verify() says so, from the signed statement
  const at = Math.floor(seq / TILE_WIDTH);
  const data = await store.get("tiles", [pack.id, at]);
  const hashes = data?.length % HASH_SIZE === 0 ? cut(data) : [];
  const place = seq % TILE_WIDTH;
  if (!hashes[place]) throw absent("a tile of this batch");
  const inner = await prove(place, hashes.length, subtreesOf(hashes));
  const outer = await prove(at, pack.roots.length / HASH_SIZE, rootsOf(pack));
  const value = parseCanonicalJson(pack.document, MAX_DOCUMENT);
  value.item_hash = encodeBase64(hashes[place]);
  value.item_path = [...inner, ...outer].map(encodeBase64);
  return encodeCanonicalJson(value);
}

/** The list for a GTIN: the whole one or its maker's, whichever is of the larger tree; then the newer one. */
export function chooseList(lists, gtin) {
  const speaks = ({ id, prefixes }) => id === "" || prefixes.some((prefix) => gtin.slice(1).startsWith(prefix));
  const newest = (a, b) => (a.size === b.size ? b.keptAt - a.keptAt : a.size < b.size ? 1 : -1);
  return lists.filter(speaks).sort(newest)[0];
}

/** @returns {string} two trees with one name are one tree */
export const nameOfTree = ({ size, rootHash }) => `${size} ${encodeBase64(rootHash)}`;

/** Whoever looks into the phone finds no serial numbers. @returns {Promise<string>} */
export const nameOfCode = async (code) => toHex(await sha256(utf8(code.toPath())));

export class StoredLedger {
  isOffline = true;

  /** Not needed: the one that is trusted is remembered elsewhere. */
  policy = async () => {
    throw absent("policy");
  };

  firstAnchor = async () => {
    throw absent("anything"); // trust begins with entry 0 of the ledger, and that takes a network
  };

  snapshot = async (gtin) => {
    const list = chooseList(await (await openStore()).all("lists"), gtin);
    if (!list) throw absent("snapshot");
    return list.note;
  };

  proofDocument = async (code) => {
    const store = await openStore();
    const { batch, seq } = code.seal;
    const pack = (await store.all("packs")).find((one) => one.gtin === code.gtin && one.batch === batch);
    if (pack) return documentFromPack(store, pack, seq);
    const kept = await store.get("codes", await nameOfCode(code));
    if (!kept) throw absent("this batch");
    return kept.document;
  };

  /** Made and verified while there was a network; `verify()` does it again. */
  link = async (snapshot, checkpoint) => {
    if (snapshot.size === checkpoint.size) return [];
    const links = await (await openStore()).get("facts", "links");
    const proof = links?.proofs.get(`${nameOfTree(snapshot)} ${nameOfTree(checkpoint)}`);
    if (!proof) throw new DidNotArrive("not_linked", "The stored list and the stored proof were not linked.");
    return proof;
  };

  /**
   * There are no tiles here. What is remembered was held against the snapshot of its time, so the stored list must be
   * of exactly that tree: an older one may lack recalls that this phone has met already.
   */
  findBreak = async (trees) => {
    for (const tree of trees) {
      const other = trees.find(({ size, rootHash }) => size === tree.size && !isEqual(rootHash, tree.rootHash));
      if (other) return { kind: "fork", trees: [tree, other] };
    }
    const [seen, stored] = [true, undefined].map((isOld) =>
      trees.find((tree) => tree.kind === "snapshot" && tree.isOld === isOld),
    );
    if (seen?.size !== stored?.size) {
      throw new DidNotArrive("stored_list_is_old", "This phone has seen a later list than the one it keeps.");
    }
    return null;
  };
}

