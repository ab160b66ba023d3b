// SPDX-License-Identifier: Apache-2.0
/** After the check page's result: the service worker, and what the phone keeps for a time without a network. */

import { fill, word } from "./block.mjs";
import { idle, install } from "./install.mjs";
import { keep } from "./keep.mjs";
import { when } from "./show.mjs";

/** @param {object} [report] of `examine`; without one the check itself failed */
export async function afterCheck(report) {
  await idle();
  const isInstalled = install();
  if (!report || report.isOffline) return;
  try {
    const until = await keep(report);
    if (until) fill("kept", (await isInstalled) ? word("kept", { until: when(until) }) : word("kept.none"));
  } catch {
    fill("kept", word("kept.none"));
  }
}
