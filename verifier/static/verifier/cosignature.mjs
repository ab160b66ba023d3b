// SPDX-License-Identifier: Apache-2.0
/** Cosignatures: what a witness says of a checkpoint, and when. C2SP tlog-cosignature, the Ed25519 type (0x04). */

import { fromBigEndian, utf8 } from "./bytes.mjs";
import { MAX_SIZE } from "./encoding.mjs";
import { DoesNotHold, Malformed } from "./errors.mjs";
import { isSignatureValid } from "./keys.mjs";
import { ALG_COSIGNATURE, findSignatures } from "./note.mjs";

const COSIGNATURE_SIZE = 72;

/** @typedef {{timestamp: bigint, signature: Uint8Array}} Cosignature POSIX seconds, 0 to 2^63 - 1, and 64 bytes */

/** @param {Uint8Array} data of a note's signature line @returns {Cosignature} Malformed("malformed_cosignature") */
export function parseCosignature(data) {
  if (data.length !== COSIGNATURE_SIZE) {
    throw new Malformed("malformed_cosignature", `A cosignature is ${COSIGNATURE_SIZE} bytes, not ${data.length}.`);
  }
  const timestamp = fromBigEndian(data.subarray(0, 8));
  if (timestamp > MAX_SIZE) throw new Malformed("malformed_cosignature", "The timestamp is at most 2^63 - 1.");
  return { timestamp, signature: data.subarray(8) };
}

/** @param {string} checkpointText @param {bigint} timestamp @returns {Uint8Array} the bytes that a witness signs */
export const cosignedText = (checkpointText, timestamp) => utf8(`cosignature/v1\ntime ${timestamp}\n${checkpointText}`);

/**
 * @param {import("./note.mjs").Note} note @param {import("./note.mjs").VKey} vkey of algorithm 0x04, else TypeError
 * @returns {Promise<bigint>} the latest timestamp; DoesNotHold: bad_signature, no_trusted_signature
 */
export async function verifyCosignature(note, vkey) {
  const timestamp = await findCosignature(note, vkey);
  if (timestamp === null) {
    throw new DoesNotHold("no_trusted_signature", `${vkey.name} has not cosigned this checkpoint.`);
  }
  return timestamp;
}

/** As `verifyCosignature`, but null if this witness has signed nothing here. */
export async function findCosignature(note, vkey) {
  if (vkey.algorithm !== ALG_COSIGNATURE) throw new TypeError(`${vkey.name} is not a key for cosignatures`);
  let latest = null;
  for (const raw of findSignatures(note, vkey)) {
    let cosignature = null;
    try {
      cosignature = parseCosignature(raw);
    } catch {
      // It bears the key's name and id, so it is this key's signature, and it does not verify.
    }
    const message = cosignature && cosignedText(note.text, cosignature.timestamp);
    if (!message || !(await isSignatureValid(vkey.publicKey, message, cosignature.signature))) {
      throw new DoesNotHold("bad_signature", `The cosignature by ${vkey.name} does not verify.`);
    }
    if (latest === null || cosignature.timestamp > latest) latest = cosignature.timestamp;
  }
  return latest;
}
