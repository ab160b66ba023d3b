// SPDX-License-Identifier: Apache-2.0
/** The verdict that the members of an evidence file bear out by themselves. verifier/evidence_judge.py. */

import { fromUtf8, isEqual, utf8 } from "../verifier/bytes.mjs";
import { parseCheckpoint } from "../verifier/checkpoint.mjs";
import { decodeBase64, encodeBase64, encodeCanonicalJson, parseCanonicalJson } from "../verifier/encoding.mjs";
import { DidNotArrive, DoesNotHold, Malformed, VerifierError } from "../verifier/errors.mjs";
import { parseProofDocument } from "../verifier/evidence.mjs";
import { Fields } from "../verifier/fields.mjs";
import { verifySignature } from "../verifier/keys.mjs";
import { leafHash, verifyInclusion } from "../verifier/merkle.mjs";
import { MAX_NOTE_SIZE, parseNote, verifyNote } from "../verifier/note.mjs";
import { parsePolicy, verifyCheckpoint } from "../verifier/policy.mjs";
import { parseSnapshot } from "../verifier/snapshot.mjs";
import { parseEntry, signedBytes } from "../verifier/statements.mjs";
import { verify } from "../verifier/verify.mjs";

export const REGISTRY_TYPE = "product-passport/registry/v1";
export const PARTS = ["proof.json", "checkpoint.txt", "snapshot.txt", "policy.txt", "registry.json"];
export const [PROOF, CHECKPOINT, SNAPSHOT, POLICY, REGISTRY] = PARTS;
const MAX_REGISTRY_SIZE = 256 * 1024;

/** Entry 0 with its inclusion proof under a checkpoint: what anchors the status key in the ledger's own key. */
export const makeRegistryPart = (checkpoint, entry, proof) =>
  encodeCanonicalJson({
    checkpoint: fromUtf8(checkpoint, "malformed_note"),
    entry: fromUtf8(entry, "bad_json"),
    proof: proof.map(encodeBase64),
    type: REGISTRY_TYPE,
  });

/** @returns {Promise<{origin: string, statusVkey: object}>} or Malformed, DoesNotHold */
export async function parseRegistryPart(data, policy) {
  const fields = new Fields(parseCanonicalJson(data, MAX_REGISTRY_SIZE), "registry.json");
  if (fields.string("type") !== REGISTRY_TYPE) throw new Malformed("bad_registry_part", "not a registry part");
  const note = utf8(fields.string("checkpoint", { maximum: MAX_NOTE_SIZE }));
  const entry = utf8(fields.string("entry", { maximum: 65_535 }));
  const proof = fields.items("proof", { maximum: 64 }).map(readHash);
  fields.done();
  const { origin, size, rootHash } = await verifyLogSignature(note, policy);
  const refuse = () => new DoesNotHold("no_registry", "Entry 0 creates no registry of this ledger.");
  if (size === 0n) throw refuse();
  await verifyInclusion({ leafHash: await leafHash(entry), index: 0n, size, proof, rootHash });
  const { statement, keyId, signature } = await parseEntry(entry);
  if (statement.type !== "registry.created" || statement.header.issuer !== "registry") throw refuse();
  if (statement.operatorKey.keyId !== keyId || statement.header.origin !== origin) throw refuse();
  await verifySignature(statement.operatorKey, { message: signedBytes(statement), signature });
  return { origin, statusVkey: statement.statusVkey };
}

async function verifyLogSignature(bytes, policy) {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  const keys = policy.logs.map(({ vkey }) => vkey).filter(({ name }) => name === checkpoint.origin);
  if (!keys.length) throw new DoesNotHold("unknown_log", checkpoint.origin);
  await verifyNote(note, keys);
  return checkpoint;
}

function readHash(value) {
  const raw = typeof value === "string" ? decodeBase64(value) : new Uint8Array();
  if (raw.length !== 32) throw new Malformed("wrong_length", "registry.json holds SHA-256 hashes in base64");
  return raw;
}

/**
 * @param {{code: string, parts: Record<string, Uint8Array>, absent: Record<string, string>, checkedAt: Date}} found
 * @param {object} [statedVkey] the status key where registry.json is absent
 * @returns {Promise<{verdict: object, problems: Record<string, string>}>}
 */
export async function judge({ code, parts, absent, checkedAt }, statedVkey) {
  const problems = {};
  const read = async (name, parse) => {
    if (!parts[name]) return null;
    try {
      return await parse(parts[name]);
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error;
      problems[name] = error.code;
      return null;
    }
  };
  const policy = (await read(POLICY, parsePolicy)) ?? (await parsePolicy(utf8("quorum none\n")));
  const anchor = await read(REGISTRY, (data) => parseRegistryPart(data, policy));
  const vkey = parts[REGISTRY] ? anchor?.statusVkey : statedVkey;
  await read(CHECKPOINT, (data) => verifyCheckpoint(data, policy));
  const snapshot = vkey
    ? await read(SNAPSHOT, async (data) => {
        const found = await parseSnapshot(data, vkey);
        if (anchor && found.origin !== anchor.origin) {
          throw new DoesNotHold("snapshot_of_another_ledger", found.origin);
        }
        return found;
      })
    : null;
  const ledger = { findEvidence: async (_, issuerId) => findEvidence({ parts, absent }, issuerId) };
  const verdict = await verify(code, { trust: { policy, snapshot }, ledger, now: checkedAt });
  return { verdict, problems };
}

function findEvidence({ parts, absent }, issuerId) {
  if (!parts[PROOF]) {
    const why = absent[PROOF] ?? "not_asked";
    if (why === "not_logged") return null;
    throw new DidNotArrive(why, "There is no proof document.");
  }
  const { issuerId: issuer, evidence } = parseProofDocument(parts[PROOF]);
  if (issuer !== issuerId) throw new DoesNotHold("another_code", "It is about another issuer's item.");
  if (!parts[CHECKPOINT] || !isEqual(evidence.checkpoint, parts[CHECKPOINT])) {
    throw new DoesNotHold("another_checkpoint", "The proof leads to another checkpoint than the one beside it.");
  }
  return evidence;
}
