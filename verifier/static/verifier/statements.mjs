// SPDX-License-Identifier: Apache-2.0
/**
 * Statements: what issuers sign and the ledger keeps. One closed table of types, unknown ones refused.
 *
 * An entry is canonical JSON {"key_id":"<hex>","signature":"<base64>","statement":{…}}; the signature is Ed25519 over
 * "product-passport/statement/v1\n" and the canonical JSON of the inner statement.
 */

import { concat, isEqual, toHex, utf8 } from "./bytes.mjs";
import { decodeBase64, encodeBase64, encodeCanonicalJson, parseCanonicalJson, parseHex } from "./encoding.mjs";
import { Malformed } from "./errors.mjs";
import { Fields, formatInstant, parseDate, parseId, parseInstant } from "./fields.mjs";
import { parseCompanyPrefix, parseGtin14, parseLot } from "./gs1.mjs";
import { parsePublicKey } from "./keys.mjs";
import { ALG_ED25519, parseVkey } from "./note.mjs";
import { LIMITS } from "./product_code.mjs";
import { noticeToJson, parseRecallId, parseSeqRanges, rangeToJson, readNotice } from "./recall_notice.mjs";
import { parseUscc } from "./uscc.mjs";

export const ROLES = ["authority", "laboratory", "manufacturer", "platform"];
export const PASSPORT_MEDIA_TYPE = "application/vc+jwt";
const MAX_ENTRY_SIZE = 65_535; // a bundle's length prefix has two bytes (C2SP tlog-tiles, Log entries)
const MARKS = /^[0-9A-Z\u4e00-\u9fff./()_:*#&+-]+$/; // no letters that exist in two cases or two widths
const RANDOM_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[47][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/; // RFC 9562
const DOMAIN = utf8("product-passport/statement/v1\n");

/** @typedef {{origin: string, issuer: string, issuedAt: Date}} Header `issuedAt` is a claim and decides nothing */
/** @typedef {{type: string, header: Header, [member: string]: any}} Statement its further members: see `KINDS` */
/** @typedef {{statement: Statement, keyId: string, signature: Uint8Array}} SignedStatement not checked yet */

/** @param {string} text @returns {string} one of ROLES; else raises Malformed */
export function parseRole(text) {
  if (!ROLES.includes(text)) throw new Malformed("unknown_role", `a role is one of ${ROLES.join(", ")}`);
  return text;
}

const readDigest = (fields, name) => toHex(parseHex(fields.string(name), 32));
const readPublicKey = (fields, name) => parsePublicKey(parseHex(fields.string(name), 32));

async function readProvenKey(fields) {
  const publicKey = await readPublicKey(fields, "public_key");
  const possession = decodeBase64(fields.string("possession"));
  fields.done();
  return { publicKey, possession };
}

const provenKeyToJson = ({ publicKey, possession }) => ({
  possession: encodeBase64(possession),
  public_key: toHex(publicKey.raw),
});

async function readIssuerAdmitted(fields) {
  const own = {
    subject: fields.parsed("subject", parseId),
    name: fields.text("name", { maximum: 200 }),
    uscc: fields.parsed("uscc", parseUscc),
    roles: fields.sortedStrings("roles", parseRole),
    prefixes: fields.sortedStrings("prefixes", parseCompanyPrefix, { maximum: 100 }),
    contact: fields.contact("contact"),
    key: await readProvenKey(fields.inner("key")),
  };
  if (!own.roles.length) throw new Malformed("no_role", "an issuer needs at least one role");
  if (own.roles.includes("manufacturer") !== own.prefixes.length > 0) {
    throw new Malformed("roles_and_prefixes", "a manufacturer needs GS1 company prefixes, and nobody else has them");
  }
  return own;
}

async function readRegistryCreated(fields) {
  const own = {
    name: fields.text("name", { maximum: 200 }),
    operatorKey: await readPublicKey(fields, "operator_key"),
    statusVkey: await fields.parsed("status_vkey", parseVkey, { maximum: 400 }),
  };
  if (own.statusVkey.algorithm !== ALG_ED25519) {
    throw new Malformed("bad_status_vkey", "the status key must be an Ed25519 note key (type 0x01)");
  }
  return own;
}

function readProductPublished(fields) {
  const own = {
    gtin: fields.parsed("gtin", parseGtin14),
    digest: readDigest(fields, "digest"),
    mediaType: fields.string("media_type"),
    revision: fields.integer("revision"),
  };
  if (own.mediaType !== PASSPORT_MEDIA_TYPE) throw new Malformed("bad_media_type", `it must be ${PASSPORT_MEDIA_TYPE}`);
  return own;
}

function readBatchIssued(fields, codeVersion) {
  const [maxBatch, maxSeq] = LIMITS[codeVersion];
  return {
    gtin: fields.parsed("gtin", parseGtin14),
    lot: fields.parsed("lot", parseLot),
    productionDate: fields.parsed("production_date", parseDate),
    batch: fields.integer("batch", { maximum: maxBatch }),
    count: fields.integer("count", { minimum: 1, maximum: maxSeq + 1 }),
    codeVersion,
    keyId: readDigest(fields, "key_id"),
    itemRoot: parseHex(fields.string("item_root"), 32),
  };
}

/** What `has` its member in the fields, and then one more for the statement. */
const optional = (fields, name, read) => (fields.has(name) ? { [name]: read(name) } : {});

function oneOf(fields, name, allowed, code) {
  const word = fields.string(name);
  if (!allowed.includes(word)) throw new Malformed(code, `it is one of ${allowed.join(", ")}`);
  return word;
}

function matching(pattern, code) {
  return (text) => {
    if (!pattern.test(text)) throw new Malformed(code, "it is not of that form");
    return text;
  };
}

function readDocument(fields) {
  const digest = readDigest(fields, "digest");
  const url = fields.parsed("url", matching(/^https:\/\/[!-~]+$/, "bad_url"), { maximum: 500 });
  fields.done();
  return { digest, url };
}

function readCertificateStatus(fields) {
  const status = oneOf(fields, "status", ["valid", "suspended", "revoked"], "unknown_certificate_status");
  const own = {
    scheme: fields.parsed("scheme", matching(MARKS, "bad_scheme"), { maximum: 64 }),
    number: fields.parsed("number", matching(MARKS, "bad_certificate_number"), { maximum: 64 }),
    revision: fields.integer("revision", { maximum: 10_000 }),
    gtins: fields.sortedStrings("gtins", parseGtin14, { maximum: 256 }),
    status,
    valid_from: fields.parsed("valid_from", parseDate),
    valid_until: fields.parsed("valid_until", parseDate),
    ...(status !== "valid" || fields.has("reason") ? { reason: fields.text("reason", { maximum: 500 }) } : {}),
    ...optional(fields, "document", (name) => readDocument(fields.inner(name))),
  };
  if (own.valid_until < own.valid_from) throw new Malformed("bad_validity", "valid_until lies before valid_from");
  return own;
}

function readInspectionPublished(fields) {
  return {
    result: oneOf(fields, "result", ["passed", "failed"], "unknown_result"),
    inspection_id: fields.parsed("inspection_id", (text) => parseRecallId(text, "bad_inspection_id")),
    revision: fields.integer("revision", { maximum: 10_000 }),
    gtin: fields.parsed("gtin", parseGtin14),
    lots: fields.sortedStrings("lots", parseLot, { maximum: 256 }),
    standard: fields.string("standard"),
    inspected_on: fields.parsed("inspected_on", parseDate),
    summary: fields.text("summary"),
    ...optional(fields, "report", (name) => readDocument(fields.inner(name))),
  };
}

const readDossierApproved = (fields) => ({
  dossier_id: fields.parsed("dossier_id", matching(RANDOM_UUID, "bad_dossier_id")),
  gtin: fields.parsed("gtin", parseGtin14),
  lot: fields.parsed("lot", parseLot),
  digest: readDigest(fields, "digest"),
  approved_on: fields.parsed("approved_on", parseDate),
  revision: fields.integer("revision"),
});

const ownMembers = ({ type: _type, header: _header, ...own }) => own;

/** By type: `read` takes the type's own members from the fields, `write` gives them back as JSON. */
const KINDS = new Map(
  Object.entries({
    "registry.created": {
      read: readRegistryCreated,
      write: (s) => ({ name: s.name, operator_key: toHex(s.operatorKey.raw), status_vkey: s.statusVkey.text }),
    },
    "issuer.admitted": {
      read: readIssuerAdmitted,
      write: ({ contact, key, name, prefixes, roles, subject, uscc }) =>
        ({ contact, key: provenKeyToJson(key), name, prefixes, roles, subject, uscc }),
    },
    "key.added": {
      read: async (fields) => ({
        subject: fields.parsed("subject", parseId),
        key: await readProvenKey(fields.inner("key")),
      }),
      write: (s) => ({ key: provenKeyToJson(s.key), subject: s.subject }),
    },
    "key.revoked": {
      read: (fields) => ({
        subject: fields.parsed("subject", parseId),
        keyId: readDigest(fields, "key_id"),
        fromIndex: fields.integer("from_index"),
        reason: fields.string("reason", { maximum: 500 }),
      }),
      write: (s) => ({ from_index: s.fromIndex, key_id: s.keyId, reason: s.reason, subject: s.subject }),
    },
    "product.published": {
      read: readProductPublished,
      write: (s) => ({ digest: s.digest, gtin: s.gtin, media_type: s.mediaType, revision: s.revision }),
    },
    "batch.issued": {
      before: (fields) => fields.integer("code_version", { minimum: 1, maximum: 2 }),
      read: readBatchIssued,
      write: (s) => ({
        batch: s.batch,
        code_version: s.codeVersion,
        count: s.count,
        gtin: s.gtin,
        item_root: toHex(s.itemRoot),
        key_id: s.keyId,
        lot: s.lot,
        production_date: s.productionDate,
      }),
    },
    "codes.voided": {
      read: (fields) => ({
        batch: fields.integer("batch", { maximum: 2 ** 32 - 1 }),
        ranges: parseSeqRanges(fields.items("ranges", { minimum: 1, maximum: 500 })),
        reason: fields.text("reason", { maximum: 500 }),
      }),
      write: (s) => ({ batch: s.batch, ranges: s.ranges.map(rangeToJson), reason: s.reason }),
    },
    "recall.published": {
      read: (fields) => ({
        recallId: fields.parsed("recall_id", parseRecallId),
        notice: readNotice(fields.inner("notice")),
      }),
      write: (s) => ({ notice: noticeToJson(s.notice), recall_id: s.recallId }),
    },
    "recall.revised": {
      read: (fields) => ({
        recallId: fields.parsed("recall_id", parseRecallId),
        revision: fields.integer("revision", { minimum: 2, maximum: 10_000 }),
        notice: readNotice(fields.inner("notice")),
      }),
      write: (s) => ({ notice: noticeToJson(s.notice), recall_id: s.recallId, revision: s.revision }),
    },
    "recall.closed": {
      read: (fields) => ({ recallId: fields.parsed("recall_id", parseRecallId), reason: fields.text("reason") }),
      write: (s) => ({ reason: s.reason, recall_id: s.recallId }),
    },
    // A phone makes nothing of these three, so their members keep the names that they have in JSON.
    "certificate.status": { read: readCertificateStatus, write: ownMembers },
    "inspection.published": { read: readInspectionPublished, write: ownMembers },
    "dossier.approved": { read: readDossierApproved, write: ownMembers },
  }),
);

/** @param {Fields} fields @returns {Promise<Statement>} */
async function readStatement(fields) {
  const type = fields.string("type");
  const kind = KINDS.get(type);
  if (kind === undefined) throw new Malformed("unknown_statement_type", "statements of this type are not known");
  const before = kind.before?.(fields); // what the bounds of other members hang on
  const header = {
    origin: fields.string("origin"),
    issuer: fields.parsed("issuer", parseId),
    issuedAt: fields.parsed("issued_at", parseInstant),
  };
  const statement = Object.freeze({ type, header, ...(await kind.read(fields, before)) });
  fields.done();
  return statement;
}

/** @param {Statement} statement @returns {import("./encoding.mjs").JsonValue} */
export const statementToJson = (statement) => ({
  issued_at: formatInstant(statement.header.issuedAt),
  issuer: statement.header.issuer,
  origin: statement.header.origin,
  type: statement.type,
  ...KINDS.get(statement.type).write(statement),
});

/** @param {Statement} statement @returns {Uint8Array} the exact bytes that the author signs */
export const signedBytes = (statement) => concat(DOMAIN, encodeCanonicalJson(statementToJson(statement)));

/** @param {Uint8Array} data one ledger entry @returns {Promise<SignedStatement>} Malformed for any second spelling */
export async function parseEntry(data) {
  const fields = new Fields(parseCanonicalJson(data, MAX_ENTRY_SIZE), "entry");
  const keyId = readDigest(fields, "key_id");
  const signature = decodeBase64(fields.string("signature"));
  if (signature.length !== 64) throw new Malformed("wrong_length", "entry.signature must be 64 bytes");
  const statement = await readStatement(fields.inner("statement"));
  fields.done();
  const written = { key_id: keyId, signature: encodeBase64(signature), statement: statementToJson(statement) };
  if (!isEqual(encodeCanonicalJson(written), data)) {
    throw new Malformed("not_canonical", "the statement has a second spelling");
  }
  return { statement, keyId, signature };
}
