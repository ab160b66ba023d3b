// SPDX-License-Identifier: Apache-2.0
/**
 * sheet.html of an evidence file, from one template by the same rules as verifier/evidence_sheet.py: `{{name}}` is a
 * text, escaped; what stands between `{{#name}}` and `{{/name}}` is repeated for each member of a list.
 */

const TAG = /\{\{([#/]?)([a-z0-9_]+)\}\}/;
const UNSEEN = /[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const SHOWN = [{}];
const ORDER = ["malformed", "counterfeit", "void", "recalled", "not_logged", "suspect", "cannot_tell", "genuine"];

export const escape = (text) => text.replace(UNSEEN, "\ufffd").replace(/[&<>"']/g, (found) => ESCAPES[found]);

/** @param {string} template @param {Record<string, string|object[]>} values @returns {string} */
export function fill(template, values) {
  const out = [];
  fillFrom(template.split(TAG), 0, "", [values], out);
  return out.join("");
}

/** Writes from piece `at` on to the end of the block, and returns where that is. */
function fillFrom(pieces, at, block, scopes, out) {
  for (;;) {
    out.push(pieces[at]);
    if (at + 1 === pieces.length) return at;
    const [sigil, name] = [pieces[at + 1], pieces[at + 2]];
    at += 3;
    if (sigil === "/") {
      if (name !== block) throw new Error(`the template closes ${name} inside of ${block}`);
      return at;
    }
    const value = scopes.findLast((scope) => Object.hasOwn(scope, name))?.[name];
    if (sigil === "") {
      out.push(escape(typeof value === "string" ? value : ""));
      continue;
    }
    const end = fillFrom(pieces, at, name, scopes, []);
    for (const item of Array.isArray(value) ? value : []) fillFrom(pieces, at, name, [...scopes, item], out);
    at = end;
  }
}

/** In China's time, as everywhere for people. @param {string} instant */
function when(instant) {
  const local = new Date(Date.parse(instant) + 8 * 3_600_000).toISOString();
  return `${local.slice(0, 10)} ${local.slice(11, 19)} (UTC+8)`;
}

const worse = (one, other) => (ORDER.indexOf(one) <= ORDER.indexOf(other) ? one : other);
const byName = (codes) =>
  Object.entries(codes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, reason]) => ({ name, reason }));

/** @param {string} template @param {string} code @param {object} document, added @param {object[]} files */
export function makeSheet(template, code, document, added, files) {
  const { verdict, reported = verdict } = document;
  const values = {
    code,
    checked_at: when(verdict.checked_at),
    checked_at_utc: verdict.checked_at,
    [`is_${worse(verdict.status, reported.status)}`]: SHOWN,
    [`by_${document.judged_by}`]: SHOWN,
    proven: `${verdict.status} / ${verdict.reason}`,
    steps: verdict.steps.map(({ number, outcome }) => {
      return { number: String(number), [`step_${number}`]: SHOWN, [outcome]: SHOWN };
    }),
    files: files.map(({ name, sha256, size }) => ({ name, sha256, size: String(size) })),
    absent: byName(document.absent),
    problems: byName(document.problems),
  };
  return fill(template, { ...values, ...identity(verdict, document.product), ...stated(document), ...addedBy(added) });
}

/** What is known of the item, each as a block that is there or not. */
function identity({ gtin, serial, issuer, batch, snapshot_as_of: asOf, next_update: until, recalls }, product) {
  const values = {};
  if (gtin) values.item = [{ gtin, serial }];
  if (product) values.product = [{ product_name: product }];
  if (issuer) values.issuer = [{ zh: issuer.name.zh, en: issuer.name.en, uscc: issuer.uscc }];
  if (batch) values.batch = [{ lot: batch.lot, made_on: batch.production_date, index: String(batch.index) }];
  if (asOf) values.snapshot = [{ as_of: when(asOf), until: when(until) }];
  if (recalls) values.recalls = recalls.map(recallOf);
  return values;
}

function recallOf({ recall_id, status, contact: { phone, url }, ...notice }) {
  const row = { recall_id, [`recall_${status}`]: SHOWN, phone, url };
  for (const name of ["title", "hazard", "remedy"]) {
    for (const tongue of ["zh", "en"]) row[`${name}_${tongue}`] = notice[name][tongue];
  }
  return row;
}

/** What no signature shows. */
function stated({ verdict, absent, reported, server_said: said, product }) {
  const values = {};
  if (verdict.status === "not_logged" && absent["proof.json"] === "not_logged") values.stated_not_logged = SHOWN;
  if (reported) values.reported = [reportedRow(reported)];
  if (said) values.server_said = [{ said: said.status, said_at: when(said.checked_at) }];
  if (Object.keys(values).length || product !== undefined) values.stated = SHOWN;
  return values;
}

function reportedRow({ status, reason, suspicion, alarm }) {
  const row = { result: `${status} / ${reason}` };
  if (suspicion) row.suspicion = [{ zh: suspicion.facts.zh, en: suspicion.facts.en }];
  if (alarm) row.alarm = [{ kind: alarm }];
  return row;
}

function addedBy({ listing_url, note, photos }) {
  const row = {};
  if (listing_url) row.listing = [{ listing_url }];
  if (note) row.note = [{ text: note }];
  if (photos) row.photos = photos.map(({ sha256, size }) => ({ sha256, size: String(size) }));
  return Object.keys(row).length ? { added: [row] } : {};
}
