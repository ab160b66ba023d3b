// SPDX-License-Identifier: Apache-2.0
/** The list as CSV (RFC 4180, UTF-8 with BOM, nothing that a spreadsheet would run) and as JSON. Pure. */

/** What a row records. Facts alone: no person, no place. The names are an interface: docs/scan.md. */
export const COLUMNS = [
  ...["checked_at", "gtin", "serial", "status", "result", "reason", "snapshot_as_of"],
  ...["seen", "last_seen_at", "was_offline", "host", "code"],
];

/** @param {unknown} value @returns {string} one field; what looks like a formula gets an apostrophe before it */
export function csvField(value) {
  const text = String(value ?? "");
  const guarded = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/.test(text) ? `'${text}` : text;
  // A spreadsheet of another country takes a semicolon for the end of a field.
  const safe = guarded.replace(/(;\s*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g, "$1'");
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const value = (row, column) => row[column] ?? "";

/** @param {object[]} rows @returns {string} */
export function toCsv(rows) {
  const lines = [COLUMNS, ...rows.map((row) => COLUMNS.map((column) => value(row, column)))];
  return `\ufeff${lines.map((line) => `${line.map(csvField).join(",")}\r\n`).join("")}`;
}

/** @param {object[]} rows @param {{origin: string, exportedAt: string}} about @returns {string} */
export function toJson(rows, { origin, exportedAt }) {
  const codes = rows.map((row) => Object.fromEntries(COLUMNS.map((column) => [column, value(row, column)])));
  const list = { format: "product-passport-list/v1", registry: origin, exported_at: exportedAt, codes };
  return `${JSON.stringify(list, null, 1)}\n`;
}

/** @param {object[]} rows @returns {Record<string, number>} how many of each status */
export function countStatuses(rows) {
  const counts = {};
  for (const { status } of rows) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}
