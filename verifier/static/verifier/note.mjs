// SPDX-License-Identifier: Apache-2.0
/**
 * Signed notes and verifier keys (vkeys): text that several keys have signed. C2SP signed-note.
 *
 * The text of a note means nothing until `verifyNote` or `verifyCheckpoint` has accepted a signature on it.
 */

import { LONE_SURROGATE, concat, fromBigEndian, fromUtf8, isEqual, sha256, uint32, utf8 } from "./bytes.mjs";
import { decodeBase64, encodeBase64, parseHex } from "./encoding.mjs";
import { DoesNotHold, Malformed } from "./errors.mjs";
import { isSignatureValid, parsePublicKey } from "./keys.mjs";

export const ALG_ED25519 = 1;
export const ALG_COSIGNATURE = 4;
export const MAX_NOTE_SIZE = 64 * 1024;
const MAX_SIGNATURES = 100;

const SIGNATURE_START = "— ";
// Unicode White_Space, written out: \s has U+FEFF too and lacks U+0085. Then plus and control characters.
const NOT_IN_KEY_NAME = /[\0-\x20+\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** @typedef {import("./keys.mjs").PublicKey} PublicKey */

/**
 * Who may sign, with which key and which algorithm. Made by `parseVkey` or `makeVkey`, so that all of it agrees.
 * @typedef {object} VKey
 * @property {string} name
 * @property {number} keyId 32 bits, derived from the rest
 * @property {number} algorithm
 * @property {PublicKey} publicKey
 * @property {string} text `<name>+<key id, 8 hex digits>+<base64 of algorithm byte and public key>`
 */

/** @typedef {{name: string, keyId: number, signature: Uint8Array}} NoteSignature the signature without its key id */
/** @typedef {{text: string, signatures: NoteSignature[]}} Note the text ends in a newline; nothing is verified yet */

/** @param {string} name @returns {boolean} not empty, no Unicode space, no plus, no control character below 0x20 */
export const isKeyName = (name) => name !== "" && !NOT_IN_KEY_NAME.test(name) && !LONE_SURROGATE.test(name);

/** @param {string} name @param {number} algorithm @param {PublicKey} publicKey @returns {Promise<VKey>} */
export async function makeVkey(name, algorithm, publicKey) {
  if (!isKeyName(name)) throw new Malformed("malformed_vkey", "A key name is not empty and has no spaces or plus.");
  if (algorithm !== ALG_ED25519 && algorithm !== ALG_COSIGNATURE) {
    throw new Malformed("malformed_vkey", "The vkey's algorithm is neither 0x01 (Ed25519) nor 0x04 (cosignature).");
  }
  const material = concat(Uint8Array.of(algorithm), publicKey.raw);
  const start = (await sha256(concat(utf8(`${name}\n`), material))).subarray(0, 4);
  const keyId = Number(fromBigEndian(start));
  const text = `${name}+${keyId.toString(16).padStart(8, "0")}+${encodeBase64(material)}`;
  return Object.freeze({ name, keyId, algorithm, publicKey, text });
}

/** @param {string} text @returns {Promise<VKey>} Malformed("malformed_vkey"), also for a wrong key id */
export async function parseVkey(text) {
  // The base64 part may contain a plus of its own; name and key id cannot.
  const [name, keyId = "", ...rest] = text.split("+");
  let vkey;
  try {
    parseHex(keyId, 4);
    const material = decodeBase64(rest.join("+"));
    if (material.length !== 33) throw new Malformed("malformed_vkey", "33 bytes are expected.");
    vkey = await makeVkey(name, material[0], await parsePublicKey(material.subarray(1)));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    throw new Malformed("malformed_vkey", `Not a vkey: ${error.message}`);
  }
  if (vkey.text !== text) throw new Malformed("malformed_vkey", "The key id is not the one of name and key.");
  return vkey;
}

/** @param {Note} note @returns {Uint8Array} text, blank line, signature lines */
export function noteToBytes({ text, signatures }) {
  const lines = signatures.map(
    ({ name, keyId, signature }) => `${SIGNATURE_START}${name} ${encodeBase64(concat(uint32(keyId), signature))}\n`,
  );
  return utf8(`${text}\n${lines.join("")}`);
}

/** @param {Uint8Array} data @param {number} [maxSize] @returns {Note} Malformed("malformed_note") */
export function parseNote(data, maxSize = MAX_NOTE_SIZE) {
  const fail = (message) => new Malformed("malformed_note", message);
  if (data.length > maxSize) throw fail(`The note is ${data.length} bytes long; at most ${maxSize} are read.`);
  const whole = fromUtf8(data, "malformed_note");
  if (/[\0-\x09\x0b-\x1f]/.test(whole)) throw fail("The note contains a control character other than newline.");
  // The text may hold empty lines itself; the last empty line of the note is the one that ends it.
  const separator = whole.lastIndexOf("\n\n");
  const tail = whole.slice(separator + 2);
  if (separator < 0 || !tail.endsWith("\n")) throw fail("A note is text, an empty line, and signature lines.");
  const lines = tail.slice(0, -1).split("\n");
  if (lines.length > MAX_SIGNATURES) throw fail(`At most ${MAX_SIGNATURES} signatures are read.`);
  const note = { text: whole.slice(0, separator + 1), signatures: lines.map(parseSignatureLine) };
  if (!isEqual(noteToBytes(note), data)) throw fail("The note is not in its one spelling.");
  return note;
}

/** @param {string} line @returns {NoteSignature} */
function parseSignatureLine(line) {
  const rest = line.startsWith(SIGNATURE_START) ? line.slice(SIGNATURE_START.length) : "";
  const space = rest.indexOf(" ");
  const name = space < 0 ? rest : rest.slice(0, space);
  if (!isKeyName(name)) throw new Malformed("malformed_note", "A signature line is an em dash, key name, and base64.");
  let raw;
  try {
    raw = decodeBase64(space < 0 ? "" : rest.slice(space + 1));
  } catch (error) {
    throw new Malformed("malformed_note", `A signature line does not decode: ${error.message}`);
  }
  if (raw.length < 5) throw new Malformed("malformed_note", "A signature is a key id and at least one byte.");
  return { name, keyId: Number(fromBigEndian(raw.subarray(0, 4))), signature: raw.subarray(4) };
}

/** @param {Note} note @param {VKey} vkey @returns {Uint8Array[]} by name *and* key id; nothing is verified */
export const findSignatures = (note, vkey) =>
  note.signatures.filter(({ name, keyId }) => name === vkey.name && keyId === vkey.keyId).map((s) => s.signature);

/**
 * Check the Ed25519 signatures by known keys. Those of other keys are ignored; a known key's bad signature rejects the
 * whole note, whatever stands beside it.
 * @param {Note} note @param {VKey[]} vkeys of algorithm 0x01, else TypeError
 * @returns {Promise<VKey[]>} the keys that signed, in the order given; DoesNotHold: bad_signature, no_trusted_signature
 */
export async function verifyNote(note, vkeys) {
  const message = utf8(note.text);
  const signers = [];
  for (const vkey of new Map(vkeys.map((known) => [known.text, known])).values()) {
    if (vkey.algorithm !== ALG_ED25519) throw new TypeError(`${vkey.name} is not a key for notes`);
    const found = findSignatures(note, vkey);
    // Every one is checked: a second line by the same key is no way to hide a bad one.
    for (const signature of found) {
      if (!(await isSignatureValid(vkey.publicKey, message, signature))) {
        throw new DoesNotHold("bad_signature", `A signature by ${vkey.name} does not verify.`);
      }
    }
    if (found.length) signers.push(vkey);
  }
  if (!signers.length) throw new DoesNotHold("no_trusted_signature", "None of the known keys has signed the note.");
  return signers;
}
