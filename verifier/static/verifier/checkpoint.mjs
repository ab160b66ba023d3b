// SPDX-License-Identifier: Apache-2.0
/** Checkpoints: a ledger's name, size and root hash as the text of a signed note. C2SP tlog-checkpoint. */

import { LONE_SURROGATE, isEqual } from "./bytes.mjs";
import { decodeBase64, parseDecimal } from "./encoding.mjs";
import { Malformed } from "./errors.mjs";
import { EMPTY_ROOT, HASH_SIZE } from "./merkle.mjs";

/** @typedef {{origin: string, size: bigint, rootHash: Uint8Array, extensions: string[]}} Checkpoint */

/** @param {string} text of a note @returns {Checkpoint} Malformed("malformed_checkpoint"); size 0 has the empty root */
export function parseCheckpoint(text) {
  const fail = (message) => new Malformed("malformed_checkpoint", message);
  if (/[\0-\x09\x0b-\x1f]/.test(text) || LONE_SURROGATE.test(text)) throw fail("It has a control character.");
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.length < 3 || lines.includes("")) {
    throw fail("A checkpoint is at least three lines (origin, size, root hash), none empty, each ended by a newline.");
  }
  const [origin, sizeText, rootText, ...extensions] = lines;
  let size;
  let rootHash;
  try {
    // Both have one spelling, so the whole text has one.
    size = parseDecimal(sizeText);
    rootHash = decodeBase64(rootText);
  } catch (error) {
    throw fail(`Not a checkpoint: ${error.message}`);
  }
  if (rootHash.length !== HASH_SIZE) throw fail("The root hash is 32 bytes.");
  if (size === 0n && !isEqual(rootHash, EMPTY_ROOT)) throw fail("A tree of size 0 has the SHA-256 of nothing as root.");
  return { origin, size, rootHash, extensions };
}
