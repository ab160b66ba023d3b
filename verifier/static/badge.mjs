// SPDX-License-Identifier: Apache-2.0
// Keeps a badge live: server-sent events, polling where they do not work. HTML Living Standard, EventSource.
//
// A badge is never green when it cannot know. It turns grey when the server has been silent for too long, and when the
// recall snapshot is out of date. Both are measured as time passed since the last word of the server, because this
// device's clock may be wrong; the larger of two clocks counts, because either may stand still while the device sleeps.

import { keepLive } from "./badge_stream.mjs";

const badge = document.getElementById("badge");
badge.classList.remove("unattended"); // from now on watch() ends what is out of date, and not the style sheet
const { events, statusUrl, lostTitle, lostSentence } = badge.dataset;
const silenceMs = Number(badge.dataset.silenceSeconds) * 1000;
const pollMs = Number(badge.dataset.pollSeconds) * 1000;

let leftMs = Number(badge.dataset.secondsLeft) * 1000;

const part = (name) => badge.querySelector(`[data-part="${name}"]`);

function show({ colour, icon, title, sentence, notices = [], as_of: asOf, as_of_text: asOfText, status: code }) {
  badge.dataset.status = code;
  part("band").className = `verdict is-${colour}`;
  part("icon").setAttribute("href", `#icon-${icon}`);
  part("sentence").textContent = sentence;
  // The title is announced to screen readers when it changes, so it is written only then.
  if (part("title").textContent !== title) part("title").textContent = title;
  part("notices").replaceChildren(
    ...notices.map((text) => Object.assign(document.createElement("li"), { textContent: text })),
  );
  if (asOf) {
    part("as-of").dateTime = asOf;
    part("as-of").textContent = asOfText;
  }
}

function hear(update) {
  leftMs = update.seconds_left * 1000;
  show(update.display);
}

/** `passed`: milliseconds since the last word of the server. */
function watch(passed) {
  const isOutOfDate = badge.dataset.status === "genuine" && passed >= leftMs;
  // An old recall is still a warning: red never fades.
  if (isOutOfDate || (passed > silenceMs && badge.dataset.status !== "recalled")) {
    show({ colour: "grey", icon: "question", title: lostTitle, sentence: lostSentence, status: "cannot_tell" });
  }
}

keepLive({ events, statusUrl, pollMs, hear, watch });
