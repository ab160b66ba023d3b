// SPDX-License-Identifier: Apache-2.0
/** What a recall statement says: its notice, and its scope of lots, ranges of a batch and dates. DESIGN §3 and §4. */

import { Malformed } from "./errors.mjs";
import { Fields, parseDate } from "./fields.mjs";
import { parseGtin14, parseLot } from "./gs1.mjs";

export const SEVERITIES = ["serious", "high", "medium", "low"]; // worst first
export const ACTIONS = ["recall", "withdrawal"]; // back from consumers; stopped in the chain

/** @typedef {{first: number, last: number}} SeqRange positions of a batch, both included, from 0 */

/** @param {SeqRange} range @param {number} seq @returns {boolean} */
export const isInRange = ({ first, last }, seq) => first <= seq && seq <= last;

/** @param {SeqRange} range @returns {[number, number]} */
export const rangeToJson = ({ first, last }) => [first, last];

/** @param {unknown} value @returns {SeqRange} from [first, last], 0 ≤ first ≤ last < 2^32; else raises Malformed */
export function parseSeqRange(value) {
  if (Array.isArray(value) && value.length === 2 && value.every(Number.isSafeInteger)) {
    const [first, last] = value;
    if (0 <= first && first <= last && last < 2 ** 32) return { first, last };
  }
  throw new Malformed("bad_seq_range", "a range is an array [first, last] with 0 ≤ first ≤ last");
}

/** @param {unknown[]} values @returns {SeqRange[]} ascending with a gap between them; else raises Malformed */
export function parseSeqRanges(values) {
  const ranges = values.map(parseSeqRange);
  if (ranges.some((range, at) => at > 0 && range.first <= ranges[at - 1].last + 1)) {
    throw new Malformed("not_sorted", "ranges must be ascending, disjoint and not adjacent");
  }
  return ranges;
}

/** @param {string} text @returns {string} itself: `<issuer id>/<number>`; else raises Malformed, with this `code` */
export function parseRecallId(text, code = "bad_recall_id") {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?\/[A-Za-z0-9][A-Za-z0-9.-]{0,39}$/.test(text)) {
    throw new Malformed(code, "an id here is <issuer id>/<number of letters, digits, dots and hyphens>");
  }
  return text;
}

/** A selector is kept as its JSON: {} (whole model), {lot}, {batch, seqs} or {produced_from, produced_to}. */
function readSelector(fields) {
  const kinds = ["lot", "batch", "produced_from"].filter((name) => fields.has(name));
  if (kinds.length > 1) throw new Malformed("ambiguous_scope", "a scope names a lot, a range or dates, never two");
  if (kinds[0] === "lot") return { lot: fields.parsed("lot", parseLot) };
  if (kinds[0] === "batch") {
    const batch = fields.integer("batch", { maximum: 2 ** 32 - 1 });
    return { batch, seqs: rangeToJson(parseSeqRange(fields.take("seqs"))) };
  }
  if (kinds[0] === "produced_from") {
    const from = fields.parsed("produced_from", parseDate);
    const to = fields.parsed("produced_to", parseDate);
    if (to < from) throw new Malformed("empty_scope", "produced_to lies before produced_from");
    return { produced_from: from, produced_to: to };
  }
  return {};
}

function readException(value) {
  const fields = new Fields(value, "scope exception");
  const selector = readSelector(fields);
  fields.done();
  if (!Object.keys(selector).length) throw new Malformed("empty_scope", "such an exception leaves nothing to recall");
  return selector;
}

/** gtin AND selector, minus every exception; kept as its JSON. */
function readScopeEntry(value) {
  const fields = new Fields(value, "scope entry");
  const gtin = fields.parsed("gtin", parseGtin14);
  const exceptions = fields.has("except") ? fields.items("except", { minimum: 1, maximum: 200 }) : [];
  const except = exceptions.map(readException);
  const selector = readSelector(fields);
  fields.done();
  return except.length ? { gtin, ...selector, except } : { gtin, ...selector };
}

function oneOf(name, allowed, value) {
  if (!allowed.includes(value)) throw new Malformed(`unknown_${name}`, `${name} must be one of ${allowed.join(", ")}`);
  return value;
}

/**
 * What people are told, and which items it is about: the OR of the scope entries.
 * @typedef {object} RecallNotice
 * @property {object[]} scope
 * @property {string} severity one of SEVERITIES
 * @property {string} action one of ACTIONS
 * @property {import("./fields.mjs").Text} title
 * @property {import("./fields.mjs").Text} hazard
 * @property {import("./fields.mjs").Text} remedy
 * @property {import("./fields.mjs").Contact} contact
 * @property {string} startsOn YYYY-MM-DD
 */

/** @param {Fields} fields @returns {RecallNotice} */
export function readNotice(fields) {
  const notice = {
    scope: fields.items("scope", { minimum: 1, maximum: 200 }).map(readScopeEntry),
    severity: oneOf("severity", SEVERITIES, fields.string("severity")),
    action: oneOf("action", ACTIONS, fields.string("action")),
    title: fields.text("title", { maximum: 200 }),
    hazard: fields.text("hazard"),
    remedy: fields.text("remedy"),
    contact: fields.contact("contact"),
    startsOn: fields.parsed("starts_on", parseDate),
  };
  fields.done();
  return Object.freeze(notice);
}

/** @param {RecallNotice} notice */
export function noticeToJson({ startsOn, ...rest }) {
  return { ...rest, starts_on: startsOn };
}
