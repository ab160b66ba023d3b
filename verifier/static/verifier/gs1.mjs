// SPDX-License-Identifier: Apache-2.0
/** GS1 numbers: GTIN, serial, lot and company prefix (GS1 General Specifications, 3 and 7.9, 7.11). */

import { Malformed } from "./errors.mjs";

const CSET82_20 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]{1,20}$/;

/** @param {string} digits without the check digit @returns {string} weights 3, 1, 3 … from the right (7.9) */
function checkDigit(digits) {
  let total = 0;
  for (let at = 0; at < digits.length; at += 1) {
    total += Number(digits[digits.length - 1 - at]) * (at % 2 ? 1 : 3);
  }
  return String((10 - (total % 10)) % 10);
}

/** @param {string} text @returns {string} itself: 14 ASCII digits with a right check digit; else raises Malformed */
export function parseGtin14(text) {
  if (!/^[0-9]{14}$/.test(text)) throw new Malformed("bad_gtin", "A GTIN here has 14 digits.");
  if (checkDigit(text.slice(0, 13)) !== text[13]) throw new Malformed("bad_gtin", "The GTIN's check digit is wrong.");
  return text;
}

/** @param {string} text a GTIN-8, -12, -13 or -14 @returns {string} its 14-digit form; else raises Malformed */
export function gtin14From(text) {
  if (![8, 12, 13, 14].includes(text.length)) {
    throw new Malformed("bad_gtin", "A GTIN has 8, 12, 13 or 14 digits.");
  }
  return parseGtin14(text.padStart(14, "0"));
}

/** @param {string} text @returns {string} itself: AI 21, 1 to 20 characters of CSET 82; else raises Malformed */
export function parseSerial(text) {
  if (!CSET82_20.test(text)) throw new Malformed("bad_serial", "A serial has 1 to 20 characters of GS1 CSET 82.");
  return text;
}

/** @param {string} text @returns {string} itself: AI 10, 1 to 20 characters of CSET 82; else raises Malformed */
export function parseLot(text) {
  if (!CSET82_20.test(text)) throw new Malformed("bad_lot", "A lot has 1 to 20 characters of GS1 CSET 82.");
  return text;
}

/** @param {string} text @returns {string} itself: 4 to 12 ASCII digits; else raises Malformed */
export function parseCompanyPrefix(text) {
  if (!/^[0-9]{4,12}$/.test(text)) throw new Malformed("bad_company_prefix", "A company prefix has 4 to 12 digits.");
  return text;
}

/** @param {string} gtin14 @param {string} prefix @returns {boolean} the prefix stands behind the indicator digit */
export const isGtinUnderPrefix = (gtin14, prefix) => gtin14.startsWith(prefix, 1);
