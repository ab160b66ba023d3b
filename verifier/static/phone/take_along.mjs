// SPDX-License-Identifier: Apache-2.0
/** The panel that lists the batches on this phone and removes them. templates/_take_along.html; docs/offline.md. */

import { idle } from "./install.mjs";
import { dropPack, listPacks, refreshPacks } from "./pack.mjs";

const REFRESH_EVERY_MS = 600_000;
const panel = document.getElementById("take-along");
const language = document.documentElement.lang === "en" ? "en" : "zh";
const part = (name) => panel.querySelector(`[data-part="${name}"]`);

function word(key, values) {
  const found = part("words").content.querySelector(`[data-word="${key}"]`);
  return found.textContent.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

const formatSize = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function when(instant) {
  const [day, time] = [{ dateStyle: "long" }, { timeStyle: "short" }].map((style) =>
    instant.toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { ...style, timeZone: "Asia/Shanghai" }),
  );
  return word("instant", { day, time });
}

function untilWords(until) {
  if (!until) return word("unknown", {});
  return word(until > new Date() ? "until" : "over", { until: when(until) });
}

function makeRow({ id, maker, lot, count, bytes, until }) {
  const row = part("words").content.querySelector("[data-pack]").cloneNode(true);
  const field = (name) => row.querySelector(`[data-field="${name}"]`);
  field("name").textContent = maker[language];
  field("about").textContent = word("about", { lot, count, size: formatSize(bytes) });
  field("until").textContent = untilWords(until);
  field("remove").setAttribute("aria-label", `${field("remove").textContent} ${lot}`);
  field("remove").onclick = () => dropPack(id);
  return row;
}

/** A browser that keeps nothing has no batches: the panel stays away, and the page says so where it checks. */
async function showPacks() {
  try {
    const packs = await listPacks();
    part("none").hidden = packs.length > 0;
    part("packs").replaceChildren(...packs.map(makeRow));
    panel.hidden = false;
  } catch {
    panel.hidden = true;
  }
}

/** Now and then, and when the network is back: proofs and lists age. */
const refresh = () => refreshPacks(panel.dataset).catch(() => false);

await idle();
addEventListener("packschange", showPacks);
addEventListener("online", refresh);
setInterval(refresh, REFRESH_EVERY_MS);
await showPacks();
await refresh();
