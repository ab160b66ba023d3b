// SPDX-License-Identifier: Apache-2.0
/**
 * The snapshot: the small signed document that a phone or a shop can hold; a fold over the ledger. DESIGN §4.
 *
 * A C2SP signed note whose text is one line of canonical JSON and whose signature is the status key's. Served whole and
 * as one shard per issuer, which `shard` names.
 */

import { toHex, utf8 } from "./bytes.mjs";
import { decodeBase64, encodeBase64, encodeCanonicalJson, parseCanonicalJson, parseHex } from "./encoding.mjs";
import { Malformed } from "./errors.mjs";
import { Fields, formatInstant, parseId, parseInstant } from "./fields.mjs";
import { parseCompanyPrefix } from "./gs1.mjs";
import { parsePublicKey } from "./keys.mjs";
import { parseNote, verifyNote } from "./note.mjs";
import { isInRange, noticeToJson, parseRecallId, parseSeqRanges, rangeToJson, readNotice } from "./recall_notice.mjs";
import { RecallRecord, isCovered, worstFirst } from "./recalls.mjs";
import { parseRole } from "./statements.mjs";
import { Issuer, KeyRecord, PrefixIndex } from "./trust.mjs";
import { parseUscc } from "./uscc.mjs";

export const TYPE = "product-passport/snapshot/v1";
export const MAX_SNAPSHOT_SIZE = 64 * 1024 * 1024;
const MANY = { maximum: 1_000_000 }; // bound on the members of one array

/** @typedef {{issuer: string, batch: number, ranges: import("./recall_notice.mjs").SeqRange[]}} Cover of one batch */
/** @typedef {{record: RecallRecord, covers: Cover[]}} SnapshotRecall */

const placeOf = (issuer, batch) => `${issuer} ${batch}`;

/** What is known at `size` with `rootHash`, said at `asOfAt`, to be replaced by `nextUpdateAt`. */
export class Snapshot {
  #prefixes;
  #byId;
  #recalled = new Map();
  #voided;

  /**
   * @param {{origin: string, size: bigint, rootHash: Uint8Array, asOfAt: Date, nextUpdateAt: Date, issuers: Issuer[],
   *   recalls: SnapshotRecall[], voids: Cover[], shard: string|null}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.#prefixes = new PrefixIndex(this.issuers);
    this.#byId = new Map(this.issuers.map((issuer) => [issuer.id, issuer]));
    this.#voided = new Map(this.voids.map(({ issuer, batch, ranges }) => [placeOf(issuer, batch), ranges]));
    for (const { record, covers } of this.recalls) {
      for (const { issuer, batch, ranges } of covers) {
        const place = placeOf(issuer, batch);
        if (!this.#recalled.has(place)) this.#recalled.set(place, []);
        this.#recalled.get(place).push({ record, ranges });
      }
    }
    Object.freeze(this);
  }

  /** @param {string} gtin @returns {Issuer|null} null says nothing when this is a shard of somebody else */
  findIssuerOfGtin(gtin) {
    return this.findIssuer(this.#prefixes.findIssuerId(gtin));
  }

  /** @param {string|null} id @returns {Issuer|null} */
  findIssuer(id) {
    return this.#byId.get(id) ?? null;
  }

  /** Every recall that covers the item, active or closed, worst first. @returns {RecallRecord[]} */
  recallsOf(issuer, batch, seq) {
    const covering = this.#recalled.get(placeOf(issuer, batch)) ?? [];
    return worstFirst(
      covering.filter(({ ranges }) => ranges.some((range) => isInRange(range, seq))).map(({ record }) => record),
    );
  }

  /** The same for an item of a batch that the snapshot has not seen, by the definition. @returns {RecallRecord[]} */
  recallsByScope(batch, seq) {
    const records = this.recalls.map(({ record }) => record);
    return worstFirst(records.filter((record) => isCovered(record.notice.scope, batch, seq)));
  }

  /** @returns {boolean} */
  isVoid(issuer, batch, seq) {
    return (this.#voided.get(placeOf(issuer, batch)) ?? []).some((range) => isInRange(range, seq));
  }

  toJson() {
    const value = {
      as_of: formatInstant(this.asOfAt),
      issuers: this.issuers.map(issuerToJson),
      next_update: formatInstant(this.nextUpdateAt),
      origin: this.origin,
      recalls: this.recalls.map(({ record, covers }) => ({
        ...record.headJson(),
        covers: covers.map(coverToJson),
        notice: noticeToJson(record.notice),
      })),
      root_hash: encodeBase64(this.rootHash),
      size: Number(this.size),
      type: TYPE,
      voids: this.voids.map(coverToJson),
    };
    return this.shard === null ? value : { ...value, shard: this.shard };
  }
}

/** @param {Snapshot} snapshot @returns {string} the note text that the status key signs */
export const snapshotText = (snapshot) => `${new TextDecoder().decode(encodeCanonicalJson(snapshot.toJson()))}\n`;

/**
 * Checks the status key's signature and parses the snapshot.
 * @param {Uint8Array} noteBytes @param {import("./note.mjs").VKey} statusVkey
 * @returns {Promise<Snapshot>} Malformed, or DoesNotHold for a bad signature
 */
export async function parseSnapshot(noteBytes, statusVkey) {
  const note = parseNote(noteBytes, MAX_SNAPSHOT_SIZE);
  await verifyNote(note, [statusVkey]);
  if (note.text.indexOf("\n") !== note.text.length - 1) {
    throw new Malformed("bad_snapshot", "a snapshot's text is one line of JSON");
  }
  const value = parseCanonicalJson(utf8(note.text.slice(0, -1)), MAX_SNAPSHOT_SIZE);
  const snapshot = await readSnapshot(new Fields(value, "snapshot"));
  if (snapshotText(snapshot) !== note.text) throw new Malformed("not_canonical", "the snapshot has a second spelling");
  return snapshot;
}

const coverToJson = ({ issuer, batch, ranges }) => ({ batch, issuer, ranges: ranges.map(rangeToJson) });

const issuerToJson = ({ contact, id, keys, name, prefixes, roles, uscc }) => ({
  contact, id, keys: keys.map(keyToJson), name, prefixes, roles, uscc, // prettier-ignore
});

function keyToJson({ publicKey, addedIndex, revokedFrom, goodBatches }) {
  const value = { added_index: addedIndex, public_key: toHex(publicKey.raw) };
  if (revokedFrom === null) return value;
  return { ...value, good_batches: goodBatches.map(rangeToJson), revoked_from: revokedFrom };
}

async function readSnapshot(fields) {
  if (fields.string("type") !== TYPE) throw new Malformed("bad_snapshot", `a snapshot's type is ${TYPE}`);
  const rootHash = decodeBase64(fields.string("root_hash"));
  if (rootHash.length !== 32) throw new Malformed("wrong_length", "snapshot.root_hash must be 32 bytes");
  const snapshot = {
    rootHash,
    origin: fields.string("origin"),
    size: BigInt(fields.integer("size")),
    asOfAt: fields.parsed("as_of", parseInstant),
    nextUpdateAt: fields.parsed("next_update", parseInstant),
    issuers: await readAll(fields.items("issuers", MANY), "issuer", readIssuer),
    recalls: fields.items("recalls", MANY).map((value) => readRecall(new Fields(value, "recall"))),
    voids: fields.items("voids", MANY).map((value) => readCover(new Fields(value, "void"))),
    shard: fields.has("shard") ? fields.parsed("shard", parseId) : null,
  };
  fields.done();
  refuseRepetition(snapshot.issuers.map(({ id }) => id));
  refuseRepetition(snapshot.voids.map(({ issuer, batch }) => placeOf(issuer, batch)));
  return new Snapshot(snapshot);
}

/** One after the other: the first bad member decides the error, and thousands of promises would crowd a phone. */
async function readAll(values, where, read) {
  const results = [];
  for (const value of values) results.push(await read(new Fields(value, where)));
  return results;
}

function refuseRepetition(values) {
  if (new Set(values).size !== values.length) throw new Malformed("not_sorted", "the snapshot repeats a member");
}

async function readIssuer(fields) {
  const issuer = {
    id: fields.parsed("id", parseId),
    name: fields.text("name", { maximum: 200 }),
    uscc: fields.parsed("uscc", parseUscc),
    roles: fields.sortedStrings("roles", parseRole),
    prefixes: fields.sortedStrings("prefixes", parseCompanyPrefix, { maximum: 100 }),
    contact: fields.contact("contact"),
    keys: await readAll(fields.items("keys"), "key", readKey),
  };
  fields.done();
  return new Issuer(issuer);
}

async function readKey(fields) {
  const isRevoked = fields.has("revoked_from");
  const publicKey = await parsePublicKey(parseHex(fields.string("public_key"), 32));
  const addedIndex = fields.integer("added_index");
  const revokedFrom = isRevoked ? fields.integer("revoked_from") : null;
  const goodBatches = isRevoked ? parseSeqRanges(fields.items("good_batches", MANY)) : [];
  fields.done();
  return new KeyRecord(publicKey, addedIndex, revokedFrom, goodBatches);
}

function readCover(fields) {
  const cover = {
    issuer: fields.parsed("issuer", parseId),
    batch: fields.integer("batch", { maximum: 2 ** 32 - 1 }),
    ranges: parseSeqRanges(fields.items("ranges", { ...MANY, minimum: 1 })),
  };
  fields.done();
  return cover;
}

function readRecall(fields) {
  const status = fields.string("status");
  if ((status === "closed") !== fields.has("closed_reason") || !["active", "closed"].includes(status)) {
    throw new Malformed("bad_status", "a recall is active, or closed with a reason");
  }
  const record = new RecallRecord({
    recallId: fields.parsed("recall_id", parseRecallId),
    publisher: fields.parsed("publisher", parseId),
    revision: fields.integer("revision", { minimum: 1 }),
    index: fields.integer("index"),
    notice: readNotice(fields.inner("notice")),
    closedReason: status === "closed" ? fields.text("closed_reason") : null,
  });
  const covers = fields.items("covers", MANY).map((value) => readCover(new Fields(value, "cover")));
  fields.done();
  return { record, covers };
}
