// SPDX-License-Identifier: Apache-2.0
/** The Chinese unified social credit code, 统一社会信用代码 (GB 32100-2015; organisation code GB 11714-1997). */

import { Malformed } from "./errors.mjs";

const ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"; // no I, O, S, V, Z
const WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28]; // powers of 3 modulo 31
const ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];
// Registering authority, category, six digits of the region, nine of the organisation code, check character.
const SHAPE = new RegExp(`^[${ALPHABET}]{2}[0-9]{6}[${ALPHABET}]{10}$`);

/** The check value that makes the weighted sum a multiple of `modulus`. */
function checkValue(text, alphabet, weights, modulus) {
  const total = weights.reduce((sum, weight, at) => sum + weight * alphabet.indexOf(text[at]), 0);
  return (modulus - (total % modulus)) % modulus;
}

/** @param {string} text @returns {string} itself, in upper case with both check characters right; else Malformed */
export function parseUscc(text) {
  if (!SHAPE.test(text)) {
    throw new Malformed("bad_uscc", "A unified social credit code has 18 characters: 0-9, A-Z without I, O, S, V, Z.");
  }
  if (ALPHABET[checkValue(text, ALPHABET, WEIGHTS, 31)] !== text[17]) {
    throw new Malformed("bad_uscc", "The check character of the unified social credit code is wrong.");
  }
  const organisation = checkValue(text.slice(8, 16), ORGANISATION_ALPHABET, ORGANISATION_WEIGHTS, 11);
  if ("0123456789X"[organisation] !== text[16]) {
    throw new Malformed("bad_uscc", "The check character of the organisation code inside is wrong.");
  }
  return text;
}
