// SPDX-License-Identifier: Apache-2.0
/**
 * The Merkle tree over a ledger or a batch: hashes, roots, inclusion and consistency proofs. RFC 6962, section 2.1.
 *
 * Sizes and indexes are BigInt: ledgers go to 2^63 - 1. They come from a signed checkpoint, never from a proof.
 */

import { bitLength, concat, isEqual, sha256 } from "./bytes.mjs";
import { MAX_SIZE, parseHex } from "./encoding.mjs";
import { DoesNotHold } from "./errors.mjs";

export const HASH_SIZE = 32;
/** SHA-256 of nothing. */
export const EMPTY_ROOT = parseHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", HASH_SIZE);

/** @param {Uint8Array} data @returns {Promise<Uint8Array>} SHA-256 of 0x00 and the data */
export const leafHash = (data) => sha256(concat(Uint8Array.of(0), data));

/** @param {Uint8Array} left @param {Uint8Array} right @returns {Promise<Uint8Array>} SHA-256 of 0x01, left, right */
export const nodeHash = (left, right) => sha256(concat(Uint8Array.of(1), left, right));

/** @param {Uint8Array[]} hashes in order @returns {Promise<Uint8Array>} no leaves give `EMPTY_ROOT` */
export async function rootFromLeafHashes(hashes) {
  if (hashes.length === 0) return EMPTY_ROOT;
  let level = hashes;
  while (level.length > 1) {
    // Pairing neighbours and carrying an odd last node up unchanged is the tree of the RFC.
    const pairs = [];
    for (let at = 0; at < level.length; at += 2) {
      pairs.push(at + 1 < level.length ? nodeHash(level[at], level[at + 1]) : level[at]);
    }
    level = await Promise.all(pairs);
  }
  return level[0];
}

/**
 * Check that the leaf stands at `index` of the tree of `size` leaves with that root (2.1.1).
 * @param {{leafHash: Uint8Array, index: bigint, size: bigint, proof: Uint8Array[], rootHash: Uint8Array}} claim
 * @returns {Promise<void>} DoesNotHold("bad_inclusion_proof")
 */
export async function verifyInclusion({ leafHash: leaf, index, size, proof, rootHash }) {
  const fail = (message) => new DoesNotHold("bad_inclusion_proof", message);
  if (!(0n <= index && index < size && size <= MAX_SIZE)) {
    throw fail(`There is no leaf ${index} in a tree of ${size} leaves.`);
  }
  if (!areHashes(leaf, rootHash, ...proof)) throw fail("Every hash of an inclusion proof is 32 bytes.");
  let [node, last] = [index, size - 1n];
  if (proof.length !== countSteps(node, last)) throw fail(`Leaf ${index} of ${size} takes another number of hashes.`);
  let value = leaf;
  for (let used = 0; last > 0n; node >>= 1n, last >>= 1n) {
    if (node & 1n) value = await nodeHash(proof[used++], value);
    else if (node < last) value = await nodeHash(value, proof[used++]);
    // else: the last node of an odd level has no sibling and is carried up as it is.
  }
  if (!isEqual(value, rootHash)) throw fail("The inclusion proof leads to another root hash.");
}

/**
 * Check that the new tree only appends to the old one (2.1.2).
 * @param {{oldSize: bigint, oldRoot: Uint8Array, newSize: bigint, newRoot: Uint8Array, proof: Uint8Array[]}} claim
 * @returns {Promise<void>} DoesNotHold("bad_consistency_proof")
 */
export async function verifyConsistency({ oldSize, oldRoot, newSize, newRoot, proof }) {
  const fail = (message) => new DoesNotHold("bad_consistency_proof", message);
  if (!(0n <= oldSize && oldSize <= newSize && newSize <= MAX_SIZE)) {
    throw fail(`A tree of ${newSize} leaves does not extend one of ${oldSize}.`);
  }
  if (!areHashes(oldRoot, newRoot, ...proof)) throw fail("Every hash of a consistency proof is 32 bytes.");
  if ((oldSize === 0n && !isEqual(oldRoot, EMPTY_ROOT)) || (newSize === 0n && !isEqual(newRoot, EMPTY_ROOT))) {
    throw fail("A tree of size 0 has the SHA-256 of nothing as its root.");
  }
  if (oldSize === 0n || oldSize === newSize) {
    if (proof.length) throw fail("Equal sizes, or an empty old tree, take an empty proof.");
    if (oldSize === newSize && !isEqual(oldRoot, newRoot)) throw fail("Two trees of one size have different roots.");
    return;
  }
  const computed = await rootsFromConsistencyProof(oldSize, oldRoot, newSize, proof);
  if (computed === null) throw fail("The consistency proof has the wrong number of hashes.");
  if (!isEqual(computed[0], oldRoot) || !isEqual(computed[1], newRoot)) {
    throw fail("The new tree is not an extension of the old one.");
  }
}

/** Both roots rebuilt from a proof for 0 < oldSize < newSize; null if it has too many or too few hashes. */
async function rootsFromConsistencyProof(oldSize, oldRoot, newSize, proof) {
  let [node, last] = [oldSize - 1n, newSize - 1n];
  for (; node & 1n; node >>= 1n) last >>= 1n;
  // `node` is now the largest whole subtree that ends where the old tree ends. If it is the whole old tree, the proof
  // leaves it out, because the verifier knows that hash already: it is the old root.
  const hashes = node ? proof : [oldRoot, ...proof];
  if (hashes.length - 1 !== countSteps(node, last)) return null;
  let [oldHash, newHash] = [hashes[0], hashes[0]];
  for (let used = 1; last > 0n; node >>= 1n, last >>= 1n) {
    if (node & 1n) {
      const sibling = hashes[used++];
      oldHash = await nodeHash(sibling, oldHash);
      newHash = await nodeHash(sibling, newHash);
    } else if (node < last) {
      newHash = await nodeHash(newHash, hashes[used++]);
    }
  }
  return [oldHash, newHash];
}

/** Hashes that a walk from `node` to the root takes: one per level below the split from the edge, then per left turn */
function countSteps(node, last) {
  const inner = bitLength(node ^ last);
  return inner + (node >> BigInt(inner)).toString(2).replaceAll("0", "").length;
}

const areHashes = (...values) => values.every((value) => value.length === HASH_SIZE);
