// SPDX-License-Identifier: Apache-2.0
/** Reads the members of one JSON object, each exactly once and each with a bound; whatever is left over is refused. */

import { countCharacters } from "./bytes.mjs";
import { Malformed } from "./errors.mjs";

/** @typedef {{en: string, zh: string}} Text one sentence in both languages; also its own JSON */
/** @typedef {{phone: string, url: string}} Contact either may be empty, but not both; also its own JSON */

/** @param {string} text @returns {string} itself: 1–32 of a–z, 0–9 and inner hyphens; else raises Malformed */
export function parseId(text) {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(text)) {
    throw new Malformed("bad_issuer_id", "an issuer id is 1–32 of a-z, 0-9 and inner hyphens");
  }
  return text;
}

/** Whether the calendar has the day: Date.UTC would roll 31 June over, and reads the years 0 to 99 as 19xx. */
function isDay(year, month, day) {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year >= 1 && days !== undefined && day >= 1 && day <= days;
}

/** @param {string} text a calendar date YYYY-MM-DD @returns {string} itself, so it sorts by time; else Malformed */
export function parseDate(text) {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text);
  if (!match || !isDay(...match.slice(1).map(Number))) throw new Malformed("bad_date", "a date is written YYYY-MM-DD");
  return text;
}

/** @param {string} text RFC 3339, YYYY-MM-DDTHH:MM:SSZ, the one spelling @returns {Date} else raises Malformed */
export function parseInstant(text) {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z$/.exec(text);
  const [year, month, day, hour, minute, second] = match ? match.slice(1).map(Number) : [];
  if (!match || !isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) {
    throw new Malformed("bad_instant", "an instant is written YYYY-MM-DDTHH:MM:SSZ");
  }
  const instant = new Date(0);
  instant.setUTCFullYear(year, month - 1, day);
  instant.setUTCHours(hour, minute, second);
  return instant;
}

/** @param {Date} instant @returns {string} its one spelling, in UTC to the second */
export const formatInstant = (instant) => `${instant.toISOString().slice(0, 19)}Z`;

/** A cursor over one JSON object. Call `done()` last: members that nobody asked for are refused. */
export class Fields {
  #left;
  #where;

  /** @param {import("./encoding.mjs").JsonValue} value @param {string} where for messages */
  constructor(value, where) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Malformed("not_an_object", `${where} must be an object`);
    }
    this.#left = new Map(Object.entries(value));
    this.#where = where;
  }

  has(name) {
    return this.#left.has(name);
  }

  take(name) {
    if (!this.#left.has(name)) throw this.#fail("missing_member", name, "is missing");
    const value = this.#left.get(name);
    this.#left.delete(name);
    return value;
  }

  /** Lengths are in Unicode characters. */
  string(name, { maximum = 200, minimum = 1 } = {}) {
    const value = this.take(name);
    if (typeof value !== "string") throw this.#fail("wrong_type", name, "must be a string");
    const length = countCharacters(value);
    if (length < minimum || length > maximum) {
      throw this.#fail("wrong_length", name, `must have ${minimum} to ${maximum} characters`);
    }
    return value;
  }

  integer(name, { maximum = Number.MAX_SAFE_INTEGER, minimum = 0 } = {}) {
    const value = this.take(name);
    if (!Number.isSafeInteger(value)) throw this.#fail("wrong_type", name, "must be an integer");
    if (value < minimum || value > maximum) {
      throw this.#fail("out_of_range", name, `must lie between ${minimum} and ${maximum}`);
    }
    return value;
  }

  items(name, { maximum = 1000, minimum = 0 } = {}) {
    const value = this.take(name);
    if (!Array.isArray(value)) throw this.#fail("wrong_type", name, "must be an array");
    if (value.length < minimum || value.length > maximum) {
      throw this.#fail("wrong_length", name, `must have ${minimum} to ${maximum} members`);
    }
    return value;
  }

  /** An array of strings in ascending order without repetition: sets have one spelling. */
  sortedStrings(name, parse, limits = {}) {
    const values = this.items(name, limits).map((value) => {
      if (typeof value !== "string") throw this.#fail("wrong_type", name, "must hold strings");
      return parse(value);
    });
    if (values.some((value, at) => at > 0 && value <= values[at - 1])) {
      throw this.#fail("not_sorted", name, "must be sorted and free of repetition");
    }
    return values;
  }

  /** What `parse` makes of a string; a promise where `parse` gives one. */
  parsed(name, parse, limits = {}) {
    return parse(this.string(name, limits));
  }

  /** @returns {Text} */
  text(name, { maximum = 2000 } = {}) {
    const inner = this.inner(name);
    const zh = inner.string("zh", { maximum });
    const en = inner.string("en", { maximum });
    inner.done();
    return Object.freeze({ en, zh });
  }

  /** @returns {Contact} */
  contact(name) {
    const inner = this.inner(name);
    const phone = inner.string("phone", { minimum: 0, maximum: 40 });
    const url = inner.string("url", { minimum: 0 });
    inner.done();
    if (url && !url.startsWith("https://")) throw this.#fail("bad_contact", name, "must have a url with https://");
    if (!phone && !url) throw this.#fail("bad_contact", name, "needs a phone number or a web address");
    return Object.freeze({ phone, url });
  }

  inner(name) {
    return new Fields(this.take(name), `${this.#where}.${name}`);
  }

  done() {
    if (this.#left.size) throw this.#fail("unknown_member", [...this.#left.keys()].join(), "is not known");
  }

  #fail(code, name, what) {
    return new Malformed(code, `${this.#where}.${name} ${what}`);
  }
}
