// SPDX-License-Identifier: Apache-2.0
/** What a scanned or typed text is, before anything is done with it. Pure; nothing is opened here. */

import { Malformed } from "../verifier/errors.mjs";
import { parseProductCode } from "../verifier/product_code.mjs";
import { toUnicodeHost } from "./punycode.mjs";

const MAX_SHOWN = 300;
// Control characters, and those that turn the direction of what follows or are not seen at all.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\u115f\u1160\u3164\uffa0\u{fe00}-\u{fe0f}\u{e0100}-\u{e01ef}]/gu;

/** @param {string} text hostile @returns {string} for people to read: bounded, with nothing in it that hides */
export function showText(text) {
  const shown = [...text.slice(0, 2 * MAX_SHOWN)];
  const end = shown.length > MAX_SHOWN || text.length > 2 * MAX_SHOWN ? "…" : "";
  const name = (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}]`;
  return shown.slice(0, MAX_SHOWN).join("").replace(UNSEEN, name) + end;
}

/** What a person typed or pasted: as the server reads it, spaces around it go and a missing https:// is added. */
export function typedCode(text) {
  const typed = text.trim();
  return !typed || typed.startsWith("/") || typed.includes("://") ? typed : `https://${typed}`;
}

/**
 * @typedef {object} Target
 * @property {"ours"|"foreign_host"|"not_a_code"} kind
 * @property {string} host as this browser would ask for it (lower case, punycode, without a last dot); "" if none
 * @property {string} unicodeHost how the host's owner writes it, if that differs; else ""
 * @property {string} path "/01/…" in the one spelling that is checked; "" if it is no code
 * @property {string} url what "open that site" opens: http or https and nothing else; "" if it cannot be opened
 * @property {import("../verifier/product_code.mjs").ProductCode|null} code
 * @property {string} reason why it is no code, as `verify()` would say; else ""
 */

/** @param {string} text @param {string} ownHost `location.host` @returns {Target} */
export function readTarget(text, ownHost) {
  const nothing = { host: "", unicodeHost: "", path: "", url: "", code: null, reason: "" };
  let code;
  try {
    code = parseProductCode(text);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    return { ...nothing, kind: "not_a_code", reason: error.code };
  }
  const found = { ...nothing, code, path: code.toPath() };
  if (text.startsWith("/")) return { ...found, kind: "ours" };
  const address = readAddress(text);
  if (address.host === ownHost) return { ...found, ...address, url: "", kind: "ours" };
  return { ...found, ...address, unicodeHost: toUnicodeHost(address.host), kind: "foreign_host" };
}

/** The host that would really be asked: browsers read 2130706433 as 127.0.0.1, say. */
function readAddress(text) {
  try {
    const { protocol, host, href } = new URL(text);
    if (protocol !== "http:" && protocol !== "https:") return { host, url: "" };
    return { host: host.replace(/\.(?=:\d+$|$)/, ""), url: href };
  } catch {
    return { host: text.split("/")[2].toLowerCase(), url: "" };
  }
}
