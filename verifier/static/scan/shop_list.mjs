// SPDX-License-Identifier: Apache-2.0
/** The list of a shop: one row for each code, in the order in which they came; the same code twice is marked. */

import { APPEARANCE, isWorse } from "../verifier/verdict.mjs";
import { countStatuses, toCsv, toJson } from "./export.mjs";
import { ListStore } from "./list_store.mjs";
import { describe } from "./show.mjs";
import { clock, fill, part, shortDate, word } from "./words.mjs";

const iso = (instant) => instant.toISOString().replace(/\.\d+Z$/, "Z");

export class ShopList {
  #rows = new Map();
  #elements = new Map();
  #chips = new Map();
  #counts = {};
  #store = new ListStore(() => (part("not-kept").hidden = false));

  async load() {
    const rows = await this.#store.load();
    const lines = document.createDocumentFragment();
    for (const row of rows) {
      this.#rows.set(row.key, row);
      lines.prepend(this.#line(row));
    }
    part("entries").append(lines);
    this.#counts = countStatuses(rows);
    this.#showCounts();
  }

  get size() {
    return this.#rows.size;
  }

  get rows() {
    return [...this.#rows.values()];
  }

  /**
   * @param {object} report of `examine` @param {import("./target.mjs").Target} target @param {Date} now
   * @returns {Promise<boolean>} whether it stands in the list already
   */
  async add(report, target, now) {
    const key = target.path || target.text;
    const before = this.#rows.get(key);
    const row = before ? { ...before } : { key, number: this.#rows.size, seen: 0, checked_at: iso(now) };
    // What was found out before is not given up for "cannot tell", but for an alarm: then who said it is in doubt.
    const isDoubted = Boolean(report.alarm) && !isWorse(before?.status ?? "genuine", "cannot_tell");
    const isAmberStill = before?.status === "suspect" && report.status === "genuine" && !report.isCounted;
    const isNews = report.status !== "cannot_tell" && !isAmberStill;
    if (!before || isDoubted || isNews) this.#record(row, report, target, now);
    row.seen += 1;
    row.last_seen_at = iso(now);
    this.#rows.set(key, row);
    this.#count(before?.status, -1);
    this.#count(row.status, 1);
    if (before) this.#fillLine(this.#elements.get(key), row);
    else part("entries").prepend(this.#line(row));
    this.#showCounts();
    await this.#store.put(row);
    return Boolean(before);
  }

  #record(row, report, target, now) {
    const asOf = report.verdict?.snapshotAsOf;
    Object.assign(row, {
      checked_at: iso(now),
      gtin: target.code?.gtin ?? "",
      serial: target.code?.serial ?? "",
      status: report.status,
      result: describe(report).title,
      reason: report.reason,
      snapshot_as_of: asOf ? iso(asOf) : "",
      was_offline: Boolean(report.isOffline),
      host: target.host,
      code: target.path || target.text,
    });
  }

  async clear() {
    this.#rows.clear();
    this.#elements.clear();
    this.#counts = {};
    part("entries").replaceChildren();
    this.#showCounts();
    await this.#store.clear();
  }

  #count(status, by) {
    if (status) this.#counts[status] = (this.#counts[status] ?? 0) + by;
  }

  #showCounts() {
    fill("total", word("total", { count: this.size }));
    for (const status of Object.keys(APPEARANCE)) {
      const count = this.#counts[status] ?? 0;
      if (!count && !this.#chips.has(status)) continue;
      const chip = this.#chips.get(status) ?? this.#chip(status);
      chip.querySelector("strong").textContent = count;
      chip.hidden = !count;
    }
    for (const button of ["csv", "json", "clear"]) part(button).disabled = !this.size;
    part("empty").hidden = this.size > 0;
  }

  #chip(status) {
    const chip = part("words").content.querySelector("[data-chip]").cloneNode(true);
    const { icon, colour } = APPEARANCE[status];
    chip.dataset.chip = status;
    chip.classList.add(`tone-${colour}`);
    chip.querySelector("use").setAttribute("href", `#icon-${icon}`);
    chip.querySelector("span").textContent = word(`short.${status}`);
    this.#chips.set(status, chip);
    part("counts").append(chip);
    return chip;
  }

  #line(row) {
    const line = part("words").content.querySelector("[data-entry]").cloneNode(true);
    this.#elements.set(row.key, line);
    this.#fillLine(line, row);
    return line;
  }

  #fillLine(line, row) {
    const put = (name, text) => (line.querySelector(`[data-field=${name}]`).textContent = text);
    const { icon, colour } = APPEARANCE[row.status];
    line.dataset.status = row.status;
    line.className = `entry tone-${colour}`;
    line.querySelector("use").setAttribute("href", `#icon-${icon}`);
    put("title", row.result);
    put("seen", row.seen > 1 ? word("seen", { count: row.seen }) : "");
    put("serial", row.serial || row.code.slice(0, 60));
    put("gtin", row.gtin);
    put("note", row.status === "genuine" ? "" : word(`reason.${row.reason}`));
    put("as-of", row.snapshot_as_of ? word("as_of_row", { when: shortDate(row.snapshot_as_of) }) : word("no_date"));
    const at = new Date(row.last_seen_at);
    put("time", clock(at));
    line.querySelector("time").dateTime = row.last_seen_at;
  }

  /** @param {"csv"|"json"} kind */
  export(kind, now) {
    const exportedAt = iso(now);
    const text = kind === "csv" ? toCsv(this.rows) : toJson(this.rows, { origin: location.origin, exportedAt });
    const link = document.createElement("a");
    const type = kind === "csv" ? "text/csv" : "application/json";
    link.href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    link.download = `codes-${exportedAt.replace(/[:T]/g, "-").replace("Z", "")}.${kind}`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }
}
