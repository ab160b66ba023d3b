// SPDX-License-Identifier: Apache-2.0
/**
 * Text and number encodings with exactly one spelling per value (RFC 4648, RFC 8785, Crockford's base32).
 *
 * JavaScript's own decoders are lenient where it matters: `atob` skips spaces and padding, `Number` takes "0x10" and
 * loses integers past 2^53, `JSON.parse` keeps the last of two members of one name. So all of them are compared with
 * the re-encoding.
 */

import { LONE_SURROGATE, fromUtf8, utf8 } from "./bytes.mjs";
import { Malformed } from "./errors.mjs";

/** @typedef {boolean|number|string|JsonValue[]|{[name: string]: JsonValue}} JsonValue */

export const MAX_SIZE = 2n ** 63n - 1n; // of a ledger, and of a time
const MAX_JSON_DEPTH = 16;

const RFC4648 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** @param {string} text standard base64 with padding @returns {Uint8Array} second spellings raise Malformed */
export function decodeBase64(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new Malformed("bad_base64", "This is not standard base64 with padding.");
  }
  if (btoa(binary) !== text) throw new Malformed("bad_base64", "This base64 has a second spelling.");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** @param {Uint8Array} data @returns {string} */
export function encodeBase64(data) {
  let binary = "";
  for (const value of data) binary += String.fromCharCode(value);
  return btoa(binary);
}

/** @param {string} text upper case, no padding, spare bits zero @returns {Uint8Array} else raises Malformed */
export function decodeBase32(text) {
  const data = new Uint8Array(Math.floor((text.length * 5) / 8));
  if (text.length * 5 - data.length * 8 > 4) {
    throw new Malformed("bad_base32", `No whole number of bytes has ${text.length} base32 characters.`);
  }
  let pending = 0;
  let bits = 0;
  let at = 0;
  for (const character of text) {
    const value = RFC4648.indexOf(character);
    if (value < 0) throw new Malformed("bad_base32", "Base32 here is A-Z and 2-7 only: upper case, no padding.");
    pending = (pending << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      data[at++] = pending >> bits;
      pending &= (1 << bits) - 1;
    }
  }
  if (pending) throw new Malformed("bad_base32", "This base32 has a second spelling; its spare bits must be zero.");
  return data;
}

/** @param {Uint8Array} data @returns {string} upper case, no padding */
export function encodeBase32(data) {
  let text = "";
  let pending = 0;
  let bits = 0;
  for (const value of data) {
    pending = (pending << 8) | value;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += RFC4648[pending >> bits];
      pending &= (1 << bits) - 1;
    }
  }
  return bits ? text + RFC4648[pending << (5 - bits)] : text;
}

/** @param {string} text lower-case hex @param {number} size in bytes @returns {Uint8Array} else raises Malformed */
export function parseHex(text, size) {
  if (text.length !== 2 * size || !/^[0-9a-f]*$/.test(text)) {
    throw new Malformed("bad_hex", `Expected ${2 * size} lower-case hex digits.`);
  }
  return Uint8Array.from({ length: size }, (_, at) => parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** @param {string} text ASCII digits, no leading zero @param {bigint} [maximum] @returns {bigint} else Malformed */
export function parseDecimal(text, maximum = MAX_SIZE) {
  if (!/^(?:0|[1-9][0-9]*)$/.test(text)) {
    throw new Malformed("bad_decimal", "Expected ASCII digits without sign, space or leading zero.");
  }
  if (text.length > String(maximum).length || BigInt(text) > maximum) {
    throw new Malformed("number_too_large", `The number is above ${maximum}.`);
  }
  return BigInt(text);
}

/** @param {number} value @param {number} width in characters @returns {string} RangeError if it does not fit */
export function encodeCrockford(value, width) {
  if (!Number.isSafeInteger(value) || value < 0 || value >= 32 ** width) {
    throw new RangeError(`${value} does not fit into ${width} characters`);
  }
  let text = "";
  for (let rest = value; text.length < width; rest = Math.floor(rest / 32)) text = CROCKFORD[rest % 32] + text;
  return text;
}

/** @param {string} text 1 to 32 characters, upper case, no alias letters @returns {bigint} else raises Malformed */
export function parseCrockford(text) {
  if (!/^[0-9A-HJKMNP-TV-Z]{1,32}$/.test(text)) {
    throw new Malformed("bad_crockford", "Expected 0-9 and A-Z without I, L, O and U, upper case.");
  }
  let value = 0n;
  for (const character of text) value = value * 32n + BigInt(CROCKFORD.indexOf(character));
  return value;
}

/** @param {JsonValue} value without null and floats, names ASCII, depth ≤ 16; else Malformed @returns {Uint8Array} */
export const encodeCanonicalJson = (value) => utf8(canonicalText(value, 1));

/** @param {unknown} value @param {number} depth @returns {string} */
function canonicalText(value, depth) {
  if (depth > MAX_JSON_DEPTH) {
    throw new Malformed("json_too_deep", `Objects and arrays nest deeper than ${MAX_JSON_DEPTH}.`);
  }
  if (typeof value === "boolean") return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw notCanonical("Numbers are integers of at most 2^53 - 1.");
    return String(value);
  }
  if (typeof value === "string") {
    // JSON.stringify writes half a surrogate pair as an escape, so re-encoding alone would not notice it.
    if (LONE_SURROGATE.test(value)) throw notCanonical("A string holds half of a surrogate pair.");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map((item) => canonicalText(item, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || value === null) throw notCanonical("No null here.");
  const names = Object.keys(value).sort(); // by UTF-16 units, as RFC 8785 says
  const members = names.map((name) => {
    if (/[^\0-\x7f]/.test(name)) throw notCanonical("Object names are ASCII here.");
    return `${JSON.stringify(name)}:${canonicalText(value[name], depth + 1)}`;
  });
  return `{${members.join(",")}}`;
}

const notCanonical = (message) => new Malformed("not_canonical_json", message);

/** @param {Uint8Array} data @param {number} [maxSize] @returns {JsonValue} of exactly these bytes; else Malformed */
export function parseCanonicalJson(data, maxSize = 65_535) {
  if (data.length > maxSize) throw new Malformed("too_long", `The document is longer than ${maxSize} bytes.`);
  const text = fromUtf8(data, "bad_json");
  let value;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof RangeError) throw new Malformed("json_too_deep", "Objects and arrays nest too deep.");
    if (/(?:^|[[,:])-?(?:NaN|Infinity)/.test(text)) throw notCanonical("NaN and Infinity are no integers.");
    throw new Malformed("bad_json", "This is not JSON in UTF-8.");
  }
  // Catches order, spaces, escapes, 1.0, integers that lost digits, and a name that occurs twice.
  if (canonicalText(value, 1) !== text) throw notCanonical("The JSON is not in its one canonical spelling.");
  return value;
}
