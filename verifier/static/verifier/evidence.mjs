// SPDX-License-Identifier: Apache-2.0
/** What the ledger has to say about one code: raw bytes and hashes, from wherever, believed only after `verify()`. */

import { utf8 } from "./bytes.mjs";
import { decodeBase64, parseCanonicalJson } from "./encoding.mjs";
import { DoesNotHold, Malformed } from "./errors.mjs";
import { Fields, parseId } from "./fields.mjs";
import { HASH_SIZE, rootFromLeafHashes, verifyInclusion } from "./merkle.mjs";
import { parseTlogProof } from "./proof.mjs";

export const TYPE = "product-passport/proof/v1";
export const TILE_WIDTH = 256;
const MAX_PROOF_DOCUMENT_SIZE = 256 * 1024;

/** @typedef {{entry: Uint8Array, index: bigint, proof: Uint8Array[]}} BatchEvidence an entry and its inclusion proof */
/** @typedef {{itemHash: Uint8Array, hashes: Uint8Array[]}} ItemPath one item and its path in the batch's item tree */
/** @typedef {{index: number, hashes: Uint8Array[], path: Uint8Array[]}} ItemTile up to 256 items side by side */

/**
 * All that steps 4 to 8 of `verify()` look at. `snapshotLink` is the consistency proof between the snapshot's tree and
 * the checkpoint's when they differ in size, and empty when they are the same tree.
 * @typedef {object} Evidence
 * @property {Uint8Array} checkpoint a signed note
 * @property {BatchEvidence} batch
 * @property {ItemPath|ItemTile} item
 * @property {Uint8Array[]} snapshotLink
 */

/** @typedef {import("./product_code.mjs").ProductCode} ProductCode */
/**
 * Where evidence comes from. null: the ledger holds no such batch or item. Raises DidNotArrive when it cannot say.
 * @typedef {{findEvidence: (code: ProductCode, issuerId: string) => Promise<Evidence|null>}} EvidenceSource
 */

/** @param {number} index @param {Uint8Array} data one byte with the path's length, path, hashes @returns {ItemTile} */
export function parseItemTile(index, data) {
  const start = data.length ? 1 + HASH_SIZE * data[0] : 0;
  const width = (data.length - start) / HASH_SIZE;
  if (!data.length || data[0] > 32 || !Number.isInteger(width) || width < 1 || width > TILE_WIDTH) {
    throw new Malformed("wrong_length", "an item tile is a path of at most 32 hashes and 1 to 256 item hashes");
  }
  return { index, hashes: cut(data.subarray(start)), path: cut(data.subarray(1, start)) };
}

const cut = (data) =>
  Array.from({ length: data.length / HASH_SIZE }, (_, at) => data.subarray(HASH_SIZE * at, HASH_SIZE * (at + 1)));

/**
 * Checks that a tile's hashes are the items 256·index … of a batch. Every tile, also the last and shorter one, is a
 * node of the item tree; so its place among the tiles is a leaf's place in a tree of ⌈count / 256⌉ leaves.
 * @param {ItemTile} tile @param {{count: number, itemRoot: Uint8Array}} batch @returns {Promise<void>}
 */
export async function verifyItemTile({ index, hashes, path }, { count, itemRoot }) {
  const tiles = Math.ceil(count / TILE_WIDTH);
  if (!(0 <= index && index < tiles)) {
    throw new DoesNotHold("bad_inclusion_proof", `a batch of ${count} items has no item tile ${index}`);
  }
  const width = index < tiles - 1 ? TILE_WIDTH : count - TILE_WIDTH * (tiles - 1);
  if (hashes.length !== width) throw new Malformed("wrong_length", `item tile ${index} must have ${width} hashes`);
  await verifyInclusion({
    leafHash: await rootFromLeafHashes(hashes),
    index: BigInt(index),
    size: BigInt(tiles),
    proof: path,
    rootHash: itemRoot,
  });
}

/** @param {Uint8Array} data @returns {{issuerId: string, evidence: Evidence}} nothing is believed yet; or Malformed */
export function parseProofDocument(data) {
  const fields = new Fields(parseCanonicalJson(data, MAX_PROOF_DOCUMENT_SIZE), "proof document");
  if (fields.string("type") !== TYPE) throw new Malformed("bad_proof_document", `a proof document's type is ${TYPE}`);
  const issuerId = fields.parsed("issuer", parseId);
  const proof = parseTlogProof(utf8(fields.string("proof", { maximum: 100_000 })));
  if (proof.extra !== null) throw new Malformed("bad_proof_document", "the tlog-proof of it has no extra line");
  const entry = utf8(fields.string("entry", { maximum: 65_535 }));
  const evidence = {
    checkpoint: proof.checkpoint,
    batch: { entry, index: proof.index, proof: proof.hashes },
    item: { itemHash: readHash(fields.take("item_hash")), hashes: readHashes(fields, "item_path", 32) },
    snapshotLink: readHashes(fields, "snapshot_link", 128),
  };
  fields.done();
  return { issuerId, evidence };
}

const readHashes = (fields, name, maximum) => fields.items(name, { maximum }).map(readHash);

function readHash(value) {
  const raw = typeof value === "string" ? decodeBase64(value) : new Uint8Array();
  if (raw.length !== HASH_SIZE) throw new Malformed("wrong_length", "a proof document holds SHA-256 hashes in base64");
  return raw;
}
