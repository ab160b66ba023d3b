// SPDX-License-Identifier: Apache-2.0
/** What the scan page does so that it works without a network: the service worker, and batches to take along. */

import { fill, part, word } from "./words.mjs";

const MEGABYTE = 1_000_000;

let waiting = Promise.resolve();
const failed = new Set(); // batches that did not fit or did not arrive: not tried again at each of their codes

/** When the page has nothing else to do. A browser without service workers scans online as well as before. */
export async function prepare() {
  const { idle, install } = await import("../phone/install.mjs");
  await idle();
  await install();
}

/** A shop keeps the whole signed list. What it took along is shown and kept fresh by phone/take_along.mjs. */
export function prepareShop() {
  return inTurn(async () => {
    const [{ keepWholeList }] = await load();
    await keepWholeList();
  });
}

/** @param {object} report of `examine`: its batch is taken along, without being asked if it is small */
export function offerBatch(report) {
  const { batch, issuer } = report.verdict;
  if (report.isOffline || report.alarm || report.problem) return waiting;
  return inTurn(async () => {
    const [{ isProven, keep }, packs] = await load();
    await keep(report); // the list that this check saw, or later ones are "old" without a network
    if (!isProven(report) || (await packs.hasPack(report))) return;
    const id = `${issuer.id}/${batch.batch}`;
    if (failed.has(id)) return;
    if (packs.isAutomatic(batch.count)) await take(packs, report, id);
    else offerLarge(packs, report, id);
  });
}

const load = () => Promise.all([import("../phone/keep.mjs"), import("../phone/pack.mjs")]);

/** Nothing here may hold up the scanning, and nothing of it is lost if it fails: it can be done again. */
function inTurn(act) {
  waiting = waiting.then(act).catch(() => {});
  return waiting;
}

async function take(packs, report, id) {
  const { lot } = report.verdict.batch;
  const show = (share) => fill("packing", word("pack.taking", { lot, percent: Math.floor(share * 100) }));
  show(0);
  try {
    await packs.takeAlong(report, show);
    fill("packing", "");
  } catch (error) {
    failed.add(id);
    fill("packing", word(error.code === "items_incomplete" ? "pack.incomplete" : "pack.failed", { lot }));
  }
}

function offerLarge(packs, report, id) {
  const { lot, count } = report.verdict.batch;
  const button = part("take");
  button.textContent = word("pack.offer", { lot, count, size: Math.ceil(packs.sizeOf(count) / MEGABYTE) });
  button.hidden = false;
  button.onclick = () => {
    button.hidden = true;
    inTurn(() => take(packs, report, id));
  };
}
