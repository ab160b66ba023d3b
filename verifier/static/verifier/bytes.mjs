// SPDX-License-Identifier: Apache-2.0
/** What Python has built in: strict UTF-8, byte comparison, length in characters, SHA-256 (WebCrypto, FIPS 180-4). */

import { DidNotArrive, Malformed } from "./errors.mjs";

const encoder = new TextEncoder();
// ignoreBOM: a byte order mark stays in the text, where every parser refuses it. Otherwise it would vanish unseen.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Half of a surrogate pair: no character, and TextEncoder would silently write U+FFFD for it. */
export const LONE_SURROGATE = /\p{Surrogate}/u;

/** @param {string} text without lone surrogates @returns {Uint8Array} its UTF-8 bytes */
export const utf8 = (text) => encoder.encode(text);

/** @param {Uint8Array} data @param {string} code of the Malformed that other bytes raise @returns {string} */
export function fromUtf8(data, code) {
  try {
    return decoder.decode(data);
  } catch {
    throw new Malformed(code, "This is not UTF-8.");
  }
}

/** @param {string} text @returns {number} its length in Unicode characters; `text.length` counts UTF-16 units */
export function countCharacters(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** @param {...Uint8Array} parts @returns {Uint8Array} */
export function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {boolean} */
export const isEqual = (a, b) => a.length === b.length && a.every((value, at) => value === b[at]);

/** @param {Uint8Array} data @returns {string} lower-case hex */
export const toHex = (data) => Array.from(data, (value) => value.toString(16).padStart(2, "0")).join("");

/** @param {Uint8Array} data @returns {bigint} */
export const fromBigEndian = (data) => (data.length ? BigInt(`0x${toHex(data)}`) : 0n);

/** @param {Uint8Array} data @returns {bigint} */
export const fromLittleEndian = (data) => fromBigEndian(data.slice().reverse());

/** @param {number} value below 2^32 @returns {Uint8Array} four bytes, big-endian */
export const uint32 = (value) => Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);

/** @param {bigint} value @returns {number} number of bits without leading zeros */
export const bitLength = (value) => (value === 0n ? 0 : value.toString(2).length);

/** @param {Uint8Array} data @returns {Promise<Uint8Array>} 32 bytes; DidNotArrive where there is no WebCrypto */
export async function sha256(data) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) throw new DidNotArrive("no_webcrypto", "This browser has no WebCrypto here; the page must be on https.");
  return new Uint8Array(await subtle.digest("SHA-256", data));
}
