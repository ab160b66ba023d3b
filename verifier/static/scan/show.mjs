// SPDX-License-Identifier: Apache-2.0
/** What the page says of a scanned text: a result, a foreign host, or text that is no code. Text, never markup. */

import { APPEARANCE } from "../verifier/verdict.mjs";
import { showText } from "./target.mjs";
import { fill, language, part, when, word } from "./words.mjs";

const CARDS = ["result", "foreign", "inert"];

/** One card at a time; null: none. */
export function showCard(name) {
  for (const card of CARDS) part(card).hidden = card !== name;
}

/** Words and colour of a report of `examine`: an alarm is the headline unless something worse was found. */
export function describe({ status, reason, alarm, missing }) {
  const look = APPEARANCE[status];
  if (status === "cannot_tell" && alarm) {
    const colour = alarm.kind === "back" ? "amber" : "red";
    return { icon: "fork", colour, title: word(`alarm.${alarm.kind}`), note: word("alarm.open") };
  }
  const title = look.title[language];
  if (status === "cannot_tell" && missing && !navigator.onLine) {
    return { ...look, title, note: word("offline_missing") };
  }
  const sentence = word(`note.${status}`) || look.sentence[language]; // which may speak of what is not on this page
  return { ...look, title, note: word(`reason.${reason}`) || (status === "genuine" ? "" : sentence) };
}

/** @param {object} report of `examine` @param {import("./target.mjs").Target} target @param {boolean} isAgain */
export function showResult(report, target, isAgain) {
  const { icon, colour, title, note } = describe(report);
  const { verdict } = report;
  part("result").dataset.status = report.status;
  part("result").dataset.reason = report.reason;
  part("band").className = `scan-band is-${colour}`;
  part("band").querySelector("use").setAttribute("href", `#icon-${icon}`);
  fill("title", title);
  fill("note", note);
  fill("again", isAgain ? word("again") : "");
  fill("offline", report.isOffline ? word("from_phone") : "");
  fill("item", target.code ? word("item", { gtin: target.code.gtin, serial: target.code.serial }) : "");
  fill("as-of", verdict?.snapshotAsOf ? `${word("as_of")} ${when(verdict.snapshotAsOf)}` : word("no_date"));
  part("more").href = `/check${target.path}`;
  part("more").hidden = !target.path;
  showCard("result");
}

/** The check itself broke, which says nothing about the code. */
export function showFailure(target) {
  const report = { status: "cannot_tell", reason: "unexpected", verdict: null };
  showResult(report, target, false);
  fill("note", word("failed"));
}

/** @param {string} host punycode, with its port @param {string} unicodeHost */
export function showForeign({ host, unicodeHost, url }) {
  part("host").textContent = host;
  part("own-host").textContent = location.host;
  part("unicode-host").textContent = showText(unicodeHost);
  part("unicode-line").hidden = !unicodeHost;
  const link = part("open");
  if (url) link.href = url;
  else link.removeAttribute("href");
  link.hidden = !url;
  part("open-host").textContent = host;
  showCard("foreign");
  part("foreign").querySelector("h2").focus();
}

/** @param {string} text hostile: it is shown and can do nothing @param {string} reason why it is no code */
export function showInert(text, reason) {
  part("inert-text").textContent = showText(text);
  part("inert-text").parentElement.hidden = !text;
  fill("inert-note", word(reason));
  showCard("inert");
}
