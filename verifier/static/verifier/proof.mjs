// SPDX-License-Identifier: Apache-2.0
/** A tlog-proof: one file that shows, offline, that an entry stands in a witnessed ledger. C2SP tlog-proof. */

import { concat, fromUtf8, isEqual, utf8 } from "./bytes.mjs";
import { parseCheckpoint } from "./checkpoint.mjs";
import { decodeBase64, encodeBase64, parseDecimal } from "./encoding.mjs";
import { Malformed } from "./errors.mjs";
import { HASH_SIZE, verifyInclusion } from "./merkle.mjs";
import { MAX_NOTE_SIZE, parseNote } from "./note.mjs";
import { verifyCheckpoint } from "./policy.mjs";

const HEADER = "c2sp.org/tlog-proof@v1";
const MAX_EXTRA_SIZE = 64 * 1024;
const MAX_HASHES = 63;
const MAX_PROOF_SIZE = MAX_NOTE_SIZE + 96 * 1024;

/**
 * Nothing of this is verified yet; no signature covers `extra`.
 * @typedef {object} TlogProof
 * @property {bigint} index of the entry
 * @property {Uint8Array[]} hashes inclusion proof, the leaf's sibling first
 * @property {Uint8Array} checkpoint a note, byte for byte
 * @property {Uint8Array|null} extra
 */

/** @param {TlogProof} proof @returns {Uint8Array} header, extra, index, hashes, empty line, checkpoint */
export function proofToBytes({ index, hashes, checkpoint, extra }) {
  const lines = [HEADER, ...(extra ? [`extra ${encodeBase64(extra)}`] : []), `index ${index}`];
  return concat(utf8(`${[...lines, ...hashes.map(encodeBase64)].join("\n")}\n\n`), checkpoint);
}

/** @param {Uint8Array} data at most 160 KiB @returns {TlogProof} Malformed("malformed_tlog_proof") */
export function parseTlogProof(data) {
  const fail = (message) => new Malformed("malformed_tlog_proof", message);
  if (data.length > MAX_PROOF_SIZE) throw fail(`The proof is longer than ${MAX_PROOF_SIZE} bytes.`);
  const end = data.findIndex((octet, at) => octet === 10 && data[at + 1] === 10);
  if (end < 0) throw fail("The empty line before the checkpoint is absent.");
  const lines = fromUtf8(data.subarray(0, end), "malformed_tlog_proof").split("\n");
  const checkpoint = data.subarray(end + 2);
  if (lines.shift() !== HEADER || !lines.length) throw fail("The header is absent.");
  let extra = null;
  let index;
  let hashes;
  try {
    if (lines[0].startsWith("extra ")) extra = decodeBase64(lines.shift().slice("extra ".length));
    if (!lines.length || !lines[0].startsWith("index ")) throw fail("The index line is absent or not in its place.");
    index = parseDecimal(lines.shift().slice("index ".length));
    hashes = lines.map(decodeBase64);
    parseCheckpoint(parseNote(checkpoint).text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw fail(`Not a tlog-proof: ${error.message}`);
  }
  if (extra && !(extra.length >= 1 && extra.length <= MAX_EXTRA_SIZE)) throw fail("Extra is 1 to 65,536 bytes.");
  if (hashes.length > MAX_HASHES || hashes.some((hash) => hash.length !== HASH_SIZE)) {
    throw fail("An inclusion proof is at most 63 hashes of 32 bytes each.");
  }
  const proof = { index, hashes, checkpoint, extra };
  if (!isEqual(proofToBytes(proof), data)) throw fail("The proof is not in its one spelling.");
  return proof;
}

/**
 * Check that the leaf stands in the ledger at `proof.index` (tlog-proof, Verifying a tlog proof).
 *
 * 1. The leaf hash is the caller's: it knows what was logged.
 * 2. The checkpoint is signed by a ledger of the policy whose key bears the origin's name.
 * 3. The policy's quorum of witnesses has cosigned it.
 * 4. The inclusion proof leads from the leaf to the *signed* root, at the *signed* size.
 *
 * @param {TlogProof} proof @param {Uint8Array} leafHash @param {import("./policy.mjs").TlogPolicy} policy
 * @returns {Promise<import("./policy.mjs").VerifiedCheckpoint>}
 */
export async function verifyTlogProof(proof, leafHash, policy) {
  const checkpoint = await verifyCheckpoint(proof.checkpoint, policy);
  const { size, rootHash } = checkpoint;
  await verifyInclusion({ leafHash, index: proof.index, size, proof: proof.hashes, rootHash });
  return checkpoint;
}
