// SPDX-License-Identifier: Apache-2.0
/** Public keys that are safe to trust a signature to, and the check of a signature (RFC 8032 Ed25519, strict). */

import { sha256, toHex } from "./bytes.mjs";
import * as ed25519 from "./ed25519.mjs";
import { DoesNotHold } from "./errors.mjs";

export const SIGNATURE_SIZE = 64;
const MEMO_SIZE = 4096;

/**
 * An Ed25519 public key: canonical, on the curve, of prime order. Made by `parsePublicKey` alone.
 * @typedef {object} PublicKey
 * @property {Uint8Array} raw 32 bytes
 * @property {string} keyId SHA-256 of the raw bytes, lower-case hex
 * @property {string} hint the first two bytes of it, hex
 */

/** @type {Map<string, PublicKey>} the subgroup check costs a millisecond or two, so it is made once per key */
const good = new Map();

/** @param {Uint8Array} raw @returns {Promise<PublicKey>} else Malformed with the reason: see `checkPublicKey` */
export async function parsePublicKey(raw) {
  const name = toHex(raw);
  let key = good.get(name);
  if (key === undefined) {
    ed25519.checkPublicKey(raw);
    const keyId = toHex(await sha256(raw));
    key = Object.freeze({ raw: raw.slice(), keyId, hint: keyId.slice(0, 4) });
    if (good.size >= MEMO_SIZE) good.clear();
    good.set(name, key);
  }
  return key;
}

/** @param {PublicKey} key @param {Uint8Array} message @param {Uint8Array} signature @returns {Promise<boolean>} */
export const isSignatureValid = (key, message, signature) => ed25519.isSignatureValid(key.raw, message, signature);

/** @param {PublicKey} key @param {{message: Uint8Array, signature: Uint8Array}} signed @returns {Promise<void>} */
export async function verifySignature(key, { message, signature }) {
  if (!(await isSignatureValid(key, message, signature))) {
    throw new DoesNotHold("bad_signature", `The signature does not verify with key ${key.keyId.slice(0, 16)}….`);
  }
}
