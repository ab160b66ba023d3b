// SPDX-License-Identifier: Apache-2.0
/**
 * The check page's own check: the phone verifies the code of this address by itself. docs/browser-verifier.md.
 *
 * This file and phone/block.mjs use old syntax on purpose and import the rest on demand: a browser that cannot read the
 * verifier must still be able to say that it could not check. Nothing here ever turns the page green by itself.
 */

import { block, fail, say } from "./phone/block.mjs";

const LIMIT_MS = 30000;
const LANGUAGE = /^lang=(zh|en)$/;

/** The code as the server read it: from the address, without the page's own `lang`; never from the page's text. */
function codeHere() {
  const { pathname, search } = location;
  if (pathname === "/check") {
    const typed = (new URLSearchParams(search).get("code") || "").trim();
    return typed.startsWith("/") || typed.includes("://") ? typed : `https://${typed}`;
  }
  const parts = search.slice(1).split("&");
  const query = parts.filter((part) => !LANGUAGE.test(part)).join("&");
  return pathname.replace(/^\/check/, "") + (query && `?${query}`); // without a network also at the code's own address
}

async function check() {
  const [{ examine }, { show }] = await Promise.all([import("./phone/examine.mjs"), import("./phone/show.mjs")]);
  const report = await examine(codeHere(), new Date(), block.dataset);
  show(report);
  if (report.isOffline) (await import("./phone/show_offline.mjs")).showOffline(report);
  return report;
}

/** What is not needed for the result: keeping it for a time without a network. */
async function keep(report) {
  const { afterCheck } = await import("./phone/after.mjs");
  await afterCheck(report);
}

/** The button that keeps the evidence. Until this has run the form beside it asks the server. */
async function offer(report) {
  const { offerEvidence } = await import("./evidence/tap.mjs");
  await offerEvidence(report, codeHere());
}

say("busy");
const slow = new Promise((_, reject) => setTimeout(() => reject(new Error("too slow")), LIMIT_MS));
const done = Promise.race([check(), slow]).catch(fail);
done.then(offer).catch(() => undefined);
done.then(keep).catch(() => undefined);
