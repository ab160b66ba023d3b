// SPDX-License-Identifier: Apache-2.0
/**
 * The product code: a GS1 Digital Link whose seal proves its own identity (docs/spec/product-code.md).
 *
 *     https://id.example.cn/01/<gtin14>/21/<serial>?S=<seal>
 */

import { concat, countCharacters, fromBigEndian, toHex, uint32, utf8 } from "./bytes.mjs";
import { decodeBase32, encodeBase32, encodeCrockford, parseCrockford } from "./encoding.mjs";
import { Malformed } from "./errors.mjs";
import { parseGtin14, parseSerial } from "./gs1.mjs";
import { SIGNATURE_SIZE, isSignatureValid } from "./keys.mjs";

export const MAX_CODE_LENGTH = 512;
/** Largest batch and seq by version: 20 and 25 bits of the serial; four bytes each of the seal. */
export const LIMITS = { 1: [2 ** 20 - 1, 2 ** 25 - 1], 2: [2 ** 32 - 1, 2 ** 32 - 1] };

// Every group below is followed by a character that it cannot match, so hostile text is never tried twice.
const LABEL = "[0-9A-Za-z]+(?:-+[0-9A-Za-z]+)*";
const PORT = "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]";
const AUTHORITY = `${LABEL}(?:\\.${LABEL})*\\.?(?::(?:${PORT}))?`;
const CODE = new RegExp(
  `^(?:[Hh][Tt][Tt][Pp][Ss]?://${AUTHORITY})?/01/([0-9]{14})/21/([0-9A-Za-z._%-]{1,60})(?:\\?([!"$-~]*))?$`,
);
const PLAIN = "!$'()*+,\\-./:;?@_~0-9A-Za-z";
const PARAMETER = new RegExp(`^([${PLAIN}]+)(?:=((?:[${PLAIN}=]|%[0-9A-Fa-f]{2})*))?$`);

/**
 * What stands after `S=`. In version 1 batch and seq are read from the serial and are not repeated in the bytes.
 * @typedef {object} Seal
 * @property {1|2} version
 * @property {string} keyHint two bytes in hex
 * @property {number} batch
 * @property {number} seq
 * @property {Uint8Array} signature 64 bytes
 */

/** @param {Seal} seal @returns {Uint8Array} 67 bytes (version 1) or 75 (version 2) */
export function sealToBytes({ version, keyHint, batch, seq, signature }) {
  const head = Uint8Array.of(version, parseInt(keyHint.slice(0, 2), 16), parseInt(keyHint.slice(2), 16));
  return version === 1 ? concat(head, signature) : concat(head, uint32(batch), uint32(seq), signature);
}

/** One item's code: GTIN (14 digits), serial (as it stands, case-sensitive) and seal. */
export class ProductCode {
  /** @param {string} gtin @param {string} serial @param {Seal} seal */
  constructor(gtin, serial, seal) {
    this.gtin = gtin;
    this.serial = serial;
    this.seal = Object.freeze(seal);
    Object.freeze(this);
  }

  /** The GS1 element string "01<gtin>21<serial>": what the seal signs and what codes are compared by. */
  get identity() {
    return `01${this.gtin}21${this.serial}`;
  }

  /** @returns {Uint8Array} the leaf of this item in its batch's tree; the seal blinds it */
  get itemLeaf() {
    return concat(utf8(`item/v1\n${this.identity}`), sealToBytes(this.seal));
  }

  /** @param {string} keyId @returns {Uint8Array} what the seal signs if this key made it; nothing is checked again */
  signedText(keyId) {
    const { version, batch, seq } = this.seal;
    return utf8(`product-code/v${version}\n${this.identity}\n${keyId}\n${batch}\n${seq}\n`);
  }

  /** @param {import("./keys.mjs").PublicKey} key @returns {Promise<boolean>} whether hint and signature are its */
  async isSealedBy(key) {
    if (key.hint !== this.seal.keyHint) return false;
    return isSignatureValid(key, this.signedText(key.keyId), this.seal.signature);
  }

  /** The code without scheme and host, "/01/…". */
  toPath() {
    return `/01/${this.gtin}/21/${encodePercent(this.serial)}?S=${encodeBase32(sealToBytes(this.seal))}`;
  }
}

/** @param {string} value ASCII @returns {string} all outside RFC 3986's unreserved set as %XX, upper case */
const encodePercent = (value) =>
  value.replace(/[^0-9A-Za-z._~-]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/** @param {string} text @returns {string} the ASCII value whose one percent-encoding it is; else Malformed */
function decodePercent(text) {
  const value = text.replace(/%([0-7][0-9A-F])/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  if (encodePercent(value) !== text) {
    throw new Malformed("bad_percent_encoding", "Letters, digits and - . _ ~ stand as they are; all else is %XX.");
  }
  return value;
}

/**
 * @param {string} text an absolute http or https URL, or the bare path "/01/…"; hostile, at most 512 characters
 * @returns {ProductCode} anything else raises Malformed
 */
export function parseProductCode(text) {
  if (text.length > 2 * MAX_CODE_LENGTH || countCharacters(text) > MAX_CODE_LENGTH) {
    throw new Malformed("code_too_long", `A product code has at most ${MAX_CODE_LENGTH} characters.`);
  }
  const match = CODE.exec(text);
  if (match === null) {
    throw new Malformed("bad_link", "Expected https://host/01/<14 digits>/21/<serial>?S=<seal> and nothing else.");
  }
  const [, gtin, encoded, query] = match;
  if (query === undefined) throw noSeal();
  const sealed = findSeal(query);
  parseGtin14(gtin);
  const serial = encoded.includes("%") ? decodePercent(encoded) : encoded;
  return new ProductCode(gtin, serial, parseSeal(sealed, serial));
}

const noSeal = () =>
  new Malformed("no_seal", "The link carries no seal (S=…); it names a product but proves nothing.");

/** @param {string} query @returns {string} the value of the one `S` parameter; others may be there, within limits */
function findSeal(query) {
  if (query.startsWith("S=") && !query.includes("&")) return query.slice(2);
  let sealed;
  for (const part of query.split("&")) {
    const match = PARAMETER.exec(part);
    if (match === null) throw new Malformed("bad_query", "A query parameter is empty or has a forbidden character.");
    const [, name, value = ""] = match;
    if (name === "S") {
      if (sealed !== undefined) throw new Malformed("two_seals", "The link carries more than one seal.");
      sealed = value;
    } else if (/^[0-9]+$/.test(name)) {
      // A second identity (lot, another GTIN …) beside the sealed one would be shown by some readers.
      throw new Malformed("unsealed_identifier", `The parameter ${name} is a GS1 identifier that no seal covers.`);
    } else if (name === "s") {
      throw new Malformed("bad_query", "The seal's parameter is a capital S.");
    }
  }
  if (sealed === undefined) throw noSeal();
  return sealed;
}

/** @param {string} serial @returns {string} itself; URL libraries remove "." and ".." as path segments, so not those */
function parseCodeSerial(serial) {
  if (serial === "." || serial === "..") throw new Malformed("bad_serial", '"." and ".." cannot be linked.');
  return parseSerial(serial);
}

/** @param {string} text @param {string} serial of the item @returns {Seal} else raises Malformed */
export function parseSeal(text, serial) {
  const data = decodeBase32(text);
  const version = data[0];
  const start = { 1: 3, 2: 11 }[version];
  if (start === undefined || data.length !== start + SIGNATURE_SIZE) {
    throw new Malformed("bad_seal", "The seal has an unknown version, or not that version's length.");
  }
  const [batch, seq] = version === 1 ? parseMadeSerial(serial) : readPlace(data, parseCodeSerial(serial));
  return { version, keyHint: toHex(data.subarray(1, 3)), batch, seq, signature: data.subarray(start) };
}

const readPlace = (data) => [Number(fromBigEndian(data.subarray(3, 7))), Number(fromBigEndian(data.subarray(7, 11)))];

/** @param {number} batch @param {number} seq @returns {string} the version 1 serial; RangeError if they do not fit */
export const makeSerial = (batch, seq) => encodeCrockford(batch, 4) + encodeCrockford(seq, 5);

/** @param {string} serial @returns {[number, number]} batch and seq of a version 1 serial; else raises Malformed */
export function parseMadeSerial(serial) {
  if (!/^[0-9A-HJKMNP-TV-Z]{9}$/.test(serial)) {
    throw new Malformed("bad_serial", "A version 1 serial is nine of 0-9 and A-Z without I, L, O, U.");
  }
  return [Number(parseCrockford(serial.slice(0, 4))), Number(parseCrockford(serial.slice(4)))];
}
