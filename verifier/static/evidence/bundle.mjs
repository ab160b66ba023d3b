// SPDX-License-Identifier: Apache-2.0
/** The evidence file of one check, byte for byte as verifier/evidence_bundle.py makes it. docs/evidence.md. */

import { countCharacters, sha256, toHex, utf8 } from "../verifier/bytes.mjs";
import { encodeCanonicalJson } from "../verifier/encoding.mjs";
import { Malformed, VerifierError } from "../verifier/errors.mjs";
import { parseProofDocument } from "../verifier/evidence.mjs";
import { formatInstant } from "../verifier/fields.mjs";
import { writeArchive } from "./archive.mjs";
import { CHECKPOINT, PARTS, PROOF, REGISTRY, judge } from "./judge.mjs";
import { makeSheet } from "./sheet.mjs";

export const TYPE = "product-passport/evidence/v1";
const MAX_CODE_SIZE = 4096;
const MAX_PART_SIZE = 8 * 1024 * 1024;
const [MAX_NOTE, MAX_URL, MAX_PRODUCT, MAX_PHOTOS] = [2000, 2048, 300, 10];
export const MAX_PHOTO_SIZE = 20 * 1024 * 1024;

const NOT_IN_URL =
  /[\0-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff"<>\\^`{|}]/;
const URL_SHAPE = /^https?:\/\/[^/?#@]+(?:[/?#].*)?$/i;
const trim = (text) => text.replace(/^[ \t\n]+|[ \t\n]+$/g, "");
const whole = (text) => text.replace(/\p{Surrogate}/gu, "\ufffd");

/**
 * What was typed, tidied. @param {string} listingUrl @param {string} note
 * @param {{sha256: string, size: number}[]} photos @returns {object} additions.json; or Malformed
 */
export function makeAdditions(listingUrl, note, photos = []) {
  const url = trim(whole(listingUrl));
  const text = trim(whole(note).replace(/\r\n?/g, "\n"));
  if (url && (countCharacters(url) > MAX_URL || NOT_IN_URL.test(url) || !URL_SHAPE.test(url))) {
    throw new Malformed("bad_listing_url", "The listing's address begins with https:// and has no spaces.");
  }
  if (countCharacters(text) > MAX_NOTE) throw new Malformed("note_too_long", "The note is too long.");
  if (photos.length > MAX_PHOTOS) throw new Malformed("too_many_photos", "Choose fewer photos.");
  if (photos.some(({ size }) => size > MAX_PHOTO_SIZE)) throw new Malformed("photo_too_large", "It is too large.");
  const added = {};
  if (url) added.listing_url = url;
  if (text) added.note = text;
  if (photos.length) added.photos = photos.map(({ sha256: digest, size }) => ({ sha256: digest, size }));
  return added;
}

/** The GTIN's last four digits and China's date. @param {string} [gtin] @param {Date} checkedAt */
export function fileName(gtin, checkedAt) {
  const day = formatInstant(new Date(checkedAt.getTime() + 8 * 3_600_000)).slice(0, 10).replaceAll("-", "");
  return gtin ? `evidence-${gtin.slice(-4)}-${day}.zip` : `evidence-${day}.zip`;
}

/**
 * @typedef {{parts: Record<string, Uint8Array>, absent: Record<string, string>}} Found
 * @typedef {{judgedBy: string, reported: object|null, serverSaid?: object, product?: string, papers?: string}} Shown
 * @param {string} code @param {Found} found @param {Shown} shown
 * @param {{checkedAt: Date, added: object, template: string, statusVkey?: object}} rest
 * @returns {Promise<Uint8Array>}
 */
export async function makeBundle(code, found, shown, { checkedAt, added, template, statusVkey }) {
  const codeBytes = utf8(code);
  if (/\p{Surrogate}/u.test(code)) throw new Malformed("bad_code", "The code holds half of a surrogate pair.");
  if (!codeBytes.length || codeBytes.length > MAX_CODE_SIZE) throw new Malformed("code_too_long", "Too long.");
  const { parts, absent } = makeCase(found);
  const vkey = parts[REGISTRY] ? undefined : statusVkey;
  const instant = new Date(formatInstant(checkedAt));
  const { verdict, problems } = await judge({ code, parts, absent, checkedAt: instant }, vkey);
  const document = { absent, judged_by: shown.judgedBy, problems, verdict: verdict.toJson() };
  const { reported, serverSaid, product, papers } = shown;
  if (reported && (reported.status !== verdict.status || reported.reason !== verdict.reason)) {
    document.reported = reported;
  }
  if (serverSaid) document.server_said = serverSaid;
  if (product) document.product = [...whole(product)].slice(0, MAX_PRODUCT).join("");
  if (vkey) document.status_vkey = vkey.text;
  const members = [["verdict.json", encodeCanonicalJson(document)], ["code.txt", codeBytes]]; // prettier-ignore
  for (const name of PARTS) if (parts[name]) members.push([name, parts[name]]);
  if (Object.keys(added).length) members.push(["additions.json", encodeCanonicalJson(added)]);
  if (papers) members.push(["alarm.txt", utf8(papers)]);
  const sheet = utf8(makeSheet(template, code, document, added, await listMembers(members)));
  members.unshift(["sheet.html", sheet]);
  const manifest = encodeCanonicalJson({ members: await listMembers(members), type: TYPE });
  return writeArchive([["manifest.json", manifest], ...members]);
}

/** The checkpoint is the proof's own; too large parts stay outside, and so do empty ones. */
function makeCase({ parts: all, absent: why }) {
  const parts = {};
  for (const name of PARTS) if (all[name]?.length && all[name].length <= MAX_PART_SIZE) parts[name] = all[name];
  if (parts[PROOF]) {
    try {
      parts[CHECKPOINT] = parseProofDocument(parts[PROOF]).evidence.checkpoint;
    } catch (error) {
      if (!(error instanceof VerifierError)) throw error; // it is kept as it came
    }
  }
  const absent = {};
  for (const name of PARTS) {
    if (parts[name]) continue;
    absent[name] = all[name]?.length > MAX_PART_SIZE ? "too_large" : (why[name] ?? "not_collected");
  }
  return { parts, absent };
}

const listMembers = (members) =>
  Promise.all(
    members.map(async ([name, data]) => ({ name, sha256: toHex(await sha256(data)), size: data.length })),
  );

/** @param {File} file @returns {Promise<{sha256: string, size: number}>} nothing else of the photo is kept */
export async function hashPhoto(file) {
  if (file.size > MAX_PHOTO_SIZE) return { sha256: "", size: file.size }; // refused by `makeAdditions`, unread
  const data = new Uint8Array(await file.arrayBuffer());
  return { sha256: toHex(await sha256(data)), size: data.length };
}
