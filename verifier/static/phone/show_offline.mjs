// SPDX-License-Identifier: Apache-2.0
/** What a result without a network adds: that nobody was asked, how old the list is, and what is known all the same. */

import { fill, part, word } from "./block.mjs";
import { when } from "./show.mjs";

const HOUR_MS = 3_600_000;

/** @param {Date} from @param {Date} to @returns {string} in minutes, hours or days */
export function age(from, to) {
  const hours = (to - from) / HOUR_MS;
  if (hours < 1) return word("age.minutes", { count: Math.max(0, Math.floor(hours * 60)) });
  if (hours < 48) return word("age.hours", { count: Math.floor(hours) });
  return word("age.days", { count: Math.floor(hours / 24) });
}

const passed = (steps, ...numbers) => numbers.every((number) => steps[number].outcome === "passed");

/** @param {object} report of `examine`, with `isOffline` */
export function showOffline({ status, reason, steps, verdict }) {
  const { snapshotAsOf, nextUpdateAt, checkedAt, recalls } = verdict;
  if (part("title").closest("#phone").dataset.versus === "alone") fill("versus", word("alone"));
  if (!snapshotAsOf) return;
  const values = { when: when(snapshotAsOf), until: when(nextUpdateAt), age: age(snapshotAsOf, checkedAt) };
  fill("as-of", word(checkedAt > nextUpdateAt ? "as_of.over" : "as_of.offline", values));
  const isSealed = passed(steps, 1, 2, 3);
  if (status !== "cannot_tell" || !isSealed) return;
  const isClear = passed(steps, 9) && !recalls.some(({ isActive }) => isActive);
  const noRecall = isClear ? word("known.no_recall", values) : "";
  const known = [word("known.seal"), noRecall, passed(steps, 6, 7, 8) ? "" : word("known.no_ledger")];
  fill("why", [word(`reason.${reason}`), ...known].filter(Boolean).join(" "));
}
