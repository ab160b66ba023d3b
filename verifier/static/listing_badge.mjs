// SPDX-License-Identifier: Apache-2.0
// Keeps the badge of a listing live: server-sent events, polling where they do not work. HTML, EventSource.
//
// It is never green when it cannot know: it turns grey when the server has been silent for too long, and when snapshot
// or token run out. Both are time passed since the last word of the server, because this device's clock may be wrong;
// the larger of two clocks counts, because either may stand still while the device sleeps. Red never fades by itself.

import { keepLive } from "./badge_stream.mjs";

const badge = document.getElementById("badge");
badge.classList.remove("unattended"); // from now on watch() ends what is out of date, and not the style sheet
const { events, statusUrl, lostTitle, lostSentence } = badge.dataset;
const silenceMs = Number(badge.dataset.silenceSeconds) * 1000;
const pollMs = Number(badge.dataset.pollSeconds) * 1000;
const WARNINGS = ["recalled", "stop_sale"];
const LOST = { colour: "grey", icon: "question", title: lostTitle, sentence: lostSentence, status: "unknown" };
// What a server says for want of knowledge does not lift a warning.
const STALE = ["expired", "cannot_tell", "no_snapshot", "snapshot_stale"];

let leftMs = Number(badge.dataset.secondsLeft) * 1000;

const part = (name) => badge.querySelector(`[data-part="${name}"]`);
const write = (name, text) => {
  // What is announced to screen readers is written only when it changes.
  if (part(name).textContent !== text) part(name).textContent = text;
};

function show({ colour, icon, title, sentence, notices = [], status: code }) {
  badge.dataset.status = code;
  part("band").className = `verdict is-${colour}`;
  part("icon").setAttribute("href", `#icon-${icon}`);
  write("title", title);
  write("sentence", sentence);
  part("notices").replaceChildren(
    ...notices.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
}

function hear(update) {
  if (WARNINGS.includes(badge.dataset.status) && STALE.includes(update.reason)) return;
  leftMs = update.seconds_left * 1000;
  badge.dataset.reason = update.reason;
  // A good word for no time at all is none: green would flicker until the next look at the clock.
  show(update.status === "good" && leftMs <= 0 ? LOST : update.display);
  const { listing, code } = update;
  part("claims").hidden = !listing;
  write("product", listing?.product ?? "");
  write("gtin", listing?.gtin.slice(-4) ?? "");
  write("seller", listing?.seller.name ?? "");
  write("code", code?.text ?? "");
  part("checked").dateTime = update.checked_at;
  part("checked").textContent = update.checked_text;
}

/** `passed`: milliseconds since the last word of the server. */
function watch(passed) {
  const isOutOfDate = badge.dataset.status === "good" && passed >= leftMs;
  const isSilent = passed > silenceMs;
  // A code of an earlier minute is not shown as if it were this one's.
  if (isSilent) write("code", "");
  if (isOutOfDate || (isSilent && !WARNINGS.includes(badge.dataset.status))) {
    show(LOST);
  }
}

keepLive({ events, statusUrl, pollMs, hear, watch });
