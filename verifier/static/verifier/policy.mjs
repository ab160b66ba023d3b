// SPDX-License-Identifier: Apache-2.0
/** Trust policies: which ledgers and witnesses a verifier knows, and how many must have signed. C2SP tlog-policy. */

import { fromUtf8 } from "./bytes.mjs";
import { parseCheckpoint } from "./checkpoint.mjs";
import { findCosignature } from "./cosignature.mjs";
import { parseDecimal } from "./encoding.mjs";
import { DoesNotHold, Malformed } from "./errors.mjs";
import { ALG_COSIGNATURE, ALG_ED25519, parseNote, parseVkey, verifyNote } from "./note.mjs";

const MAX_POLICY_SIZE = 64 * 1024;
const MAX_LINES_OF_A_KIND = 256;
const NONE = "none";

// Names and URLs inside a policy are opaque bytes: here strings with one character (0 to 255) for each byte.
const toOpaque = (data) => Array.from(data, (octet) => String.fromCharCode(octet)).join("");
const fromOpaque = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** @typedef {import("./note.mjs").VKey} VKey */

/** Known logs and witnesses, groups without forward references, and the quorum's name. Made by `parsePolicy`. */
export class TlogPolicy {
  /**
   * @param {{vkey: VKey, url: string}[]} logs @param {{name: string, vkey: VKey, url: string}[]} witnesses
   * @param {{name: string, threshold: number, members: string[]}[]} groups @param {string} quorum
   */
  constructor(logs, witnesses, groups, quorum) {
    Object.assign(this, { logs, witnesses, groups, quorum });
    Object.freeze(this);
  }

  /** @returns {Uint8Array} in one canonical form: logs, witnesses, groups, quorum; single spaces, numeric thresholds */
  toBytes() {
    const keyText = (vkey) => toOpaque(new TextEncoder().encode(vkey.text));
    const lines = [
      ...this.logs.map(({ vkey, url }) => ["log", keyText(vkey), url]),
      ...this.witnesses.map(({ name, vkey, url }) => ["witness", name, keyText(vkey), url]),
      ...this.groups.map(({ name, threshold, members }) => ["group", name, String(threshold), ...members]),
      ["quorum", this.quorum],
    ];
    return fromOpaque(lines.map((items) => `${items.filter((item) => item !== "").join(" ")}\n`).join(""));
  }

  /** @param {Set<string>} witnessed names in this policy @returns {boolean} whether these witnesses are enough */
  isQuorum(witnessed) {
    if (this.quorum === NONE) return true;
    const reached = new Set(witnessed);
    for (const { name, threshold, members } of this.groups) {
      if (members.filter((member) => reached.has(member)).length >= threshold) reached.add(name);
    }
    return reached.has(this.quorum);
  }
}

/**
 * A checkpoint that a policy accepts; `note` is what was verified, byte for byte.
 * @typedef {object} VerifiedCheckpoint
 * @property {string} origin
 * @property {bigint} size
 * @property {Uint8Array} rootHash
 * @property {Uint8Array} note
 * @property {[string, bigint][]} witnessedAt key name and POSIX seconds of each known witness, in the policy's order
 */

/** @param {Uint8Array} data at most 64 KiB @returns {Promise<TlogPolicy>} Malformed("malformed_policy") */
export async function parsePolicy(data) {
  if (data.length > MAX_POLICY_SIZE) throw malformed(`The policy is longer than ${MAX_POLICY_SIZE} bytes.`);
  const text = toOpaque(data);
  if (/[\0-\x08\x0b-\x1f\x7f]/.test(text)) throw malformed("Its only control characters are tab and newline.");
  if (!text.endsWith("\n")) throw malformed("Every line of a policy ends in a newline.");
  const draft = new Draft();
  for (const [at, line] of text.slice(0, -1).split("\n").entries()) {
    const items = line.split(/[ \t]/).filter((item) => item !== "");
    if (!items.length || items[0].startsWith("#")) continue;
    try {
      await draft.add(items);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      throw malformed(`Line ${at + 1} of the policy: ${error.message}`);
    }
  }
  if (draft.quorum === null) throw malformed("A policy has exactly one quorum line.");
  return new TlogPolicy(draft.logs, draft.witnesses, draft.groups, draft.quorum);
}

const malformed = (message) => new Malformed("malformed_policy", message);

/** A policy while its lines are read. */
class Draft {
  logs = [];
  witnesses = [];
  groups = [];
  quorum = null;
  defined = new Set();
  used = new Set();

  async add([kind, ...rest]) {
    if (kind === "log" && (rest.length === 1 || rest.length === 2)) {
      const [key, url = ""] = rest;
      this.logs.push({ vkey: await parseKey(key, ALG_ED25519, this.logs), url });
    } else if (kind === "witness" && (rest.length === 2 || rest.length === 3)) {
      const [name, key, url = ""] = rest;
      const vkey = await parseKey(key, ALG_COSIGNATURE, this.witnesses);
      this.define(name);
      this.witnesses.push({ name, vkey, url });
    } else if (kind === "group" && rest.length >= 3) {
      const [name, threshold, ...members] = rest;
      this.addGroup(name, threshold, members);
    } else if (kind === "quorum" && rest.length === 1) {
      if (this.quorum !== null) throw malformed("there is a quorum line already.");
      if (rest[0] !== NONE && !this.defined.has(rest[0])) throw malformed("the quorum is not defined before.");
      this.quorum = rest[0];
    } else {
      throw malformed("it is no log, witness, group or quorum line.");
    }
    if (Math.max(this.logs.length, this.witnesses.length, this.groups.length) > MAX_LINES_OF_A_KIND) {
      throw malformed(`more than ${MAX_LINES_OF_A_KIND} lines of this kind.`);
    }
  }

  define(name) {
    if (name === NONE || this.defined.has(name)) throw malformed("this name is defined already.");
    this.defined.add(name);
  }

  addGroup(name, threshold, members) {
    for (const member of members) {
      if (!this.defined.has(member)) throw malformed("a member is not defined on a line before.");
      // Otherwise one witness could count twice towards the quorum.
      if (this.used.has(member)) throw malformed("a member is listed twice, here or in another group.");
      this.used.add(member);
    }
    const words = new Map([["any", 1], ["all", members.length]]); // prettier-ignore
    const needed = words.get(threshold) ?? Number(parseDecimal(threshold, BigInt(members.length)));
    if (needed < 1) throw malformed("a group needs at least one of its members.");
    this.define(name);
    this.groups.push({ name, threshold: needed, members });
  }
}

async function parseKey(opaque, algorithm, known) {
  const vkey = await parseVkey(fromUtf8(fromOpaque(opaque), "malformed_policy"));
  if (vkey.algorithm !== algorithm) throw malformed(`a key of algorithm ${algorithm} is expected here.`);
  for (const { vkey: other } of known) {
    if (vkey.publicKey.keyId === other.publicKey.keyId) throw malformed("this public key is listed already.");
    if (vkey.name === other.name && vkey.keyId === other.keyId) throw malformed("another key has this name and id.");
  }
  return vkey;
}

/**
 * Check a checkpoint against a policy.
 *
 * 1. It is a note, and its text a checkpoint without extension lines, which nobody could audit.
 * 2. The policy knows a log of that origin, and that log's key has signed.
 * 3. Every cosignature by a known witness verifies.
 * 4. The witnesses that cosigned reach the quorum.
 *
 * @param {Uint8Array} noteBytes @param {TlogPolicy} policy @returns {Promise<VerifiedCheckpoint>} Malformed, or
 * DoesNotHold: extension_lines, unknown_log, no_trusted_signature, bad_signature, quorum_missing
 */
export async function verifyCheckpoint(noteBytes, policy) {
  const note = parseNote(noteBytes); // 1
  const { origin, size, rootHash, extensions } = parseCheckpoint(note.text);
  if (extensions.length) throw new DoesNotHold("extension_lines", "Extension lines are what no monitor can audit.");
  const logKeys = policy.logs.map((log) => log.vkey).filter((vkey) => vkey.name === origin); // 2
  if (!logKeys.length) throw new DoesNotHold("unknown_log", `The policy knows no log named ${origin}.`);
  await verifyNote(note, logKeys);
  const witnessedAt = []; // 3
  const witnessed = new Set();
  for (const { name, vkey } of policy.witnesses) {
    const timestamp = await findCosignature(note, vkey);
    if (timestamp === null) continue;
    witnessed.add(name);
    witnessedAt.push([vkey.name, timestamp]);
  }
  if (!policy.isQuorum(witnessed)) {
    throw new DoesNotHold("quorum_missing", `${witnessed.size} known witnesses cosigned: too few for the quorum.`); // 4
  }
  return Object.freeze({ origin, size, rootHash, note: noteBytes, witnessedAt });
}
