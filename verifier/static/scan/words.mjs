// SPDX-License-Identifier: Apache-2.0
/** The scan page's parts and words. Every word comes with the page, in its language. */

export const root = document.getElementById("scan");
export const language = document.documentElement.lang === "en" ? "en" : "zh";
export const part = (name) => root.querySelector(`[data-part="${name}"]`);

/** "" if there is none. `{name}` in it is replaced by a value. */
export function word(key, values = {}) {
  const found = part("words").content.querySelector(`[data-word="${key}"]`);
  return found ? found.textContent.replace(/\{(\w+)\}/g, (_, name) => values[name]) : "";
}

/** An empty text hides the part. */
export function fill(name, text) {
  if (part(name).textContent !== text) part(name).textContent = text; // the same words again are not news
  part(name).hidden = !text;
}

/** In China's time, as everywhere on the pages. */
export function when(instant) {
  const [day, time] = [{ dateStyle: "long" }, { timeStyle: "short" }].map((style) =>
    instant.toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { ...style, timeZone: "Asia/Shanghai" }),
  );
  return word("instant", { day, time });
}

/** @param {string} text an instant in ISO 8601 @returns {string} "2026-11-22 06:17" in China's time */
export const shortDate = (text) =>
  new Date(text).toLocaleString("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: "Asia/Shanghai" });

/** Hours, minutes and seconds alone, for a row. */
export const clock = (instant) =>
  instant.toLocaleTimeString("en-GB", { timeStyle: "medium", timeZone: "Asia/Shanghai" });
