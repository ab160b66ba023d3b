// SPDX-License-Identifier: Apache-2.0
// Keeps the page behind a badge up to date: it is asked for again, at each new minute and every few seconds in between.

const about = document.getElementById("about");
about.classList.remove("unattended"); // from now on watch() ends what is out of date, and not the style sheet
const pollMs = Math.max(4000, Number(about.dataset.pollSeconds) * 1000);
const silenceMs = Number(about.dataset.silenceSeconds) * 1000;

let heardAt = [performance.now(), Date.now()];
let leftMs = Number(about.dataset.secondsLeft) * 1000;
let timer = 0;

const live = (root, name) => root.querySelector(`[data-live="${name}"]`);
const isWarning = () => live(about, "band").classList.contains("is-red");

function take(fresh) {
  heardAt = [performance.now(), Date.now()];
  leftMs = Number(fresh.dataset.secondsLeft) * 1000;
  about.dataset.codeSeconds = fresh.dataset.codeSeconds;
  live(about, "band").className = live(fresh, "band").className;
  live(about, "band").querySelector(".icon").replaceWith(live(fresh, "band").querySelector(".icon"));
  for (const name of ["title", "sentence", "notices", "checked", "code", "before"]) {
    const [old, now] = [live(about, name), live(fresh, name)];
    // Written only when it changes: a screen reader says what is written into the status.
    if (old.textContent !== now.textContent) old.replaceChildren(...now.childNodes);
  }
}

async function ask() {
  clearTimeout(timer);
  try {
    const answer = await fetch(location.href, { cache: "no-store", signal: AbortSignal.timeout(pollMs) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = answer.ok && page.getElementById("about");
    if (fresh) take(document.adoptNode(fresh));
  } catch {
    // Silence is what watch() looks for.
  }
  // A little into the next minute, so that both clocks agree that it has begun.
  const untilNext = Number(about.dataset.codeSeconds) * 1000 - (performance.now() - heardAt[0]) + 150;
  timer = setTimeout(ask, Math.min(pollMs, Math.max(untilNext, 250)));
}

function watch() {
  const passed = Math.max(performance.now() - heardAt[0], Date.now() - heardAt[1]);
  if (passed > silenceMs) live(about, "code").textContent = live(about, "before").textContent = "—";
  const isOutOfDate = live(about, "band").classList.contains("is-green") && passed >= leftMs;
  if (isOutOfDate || (passed > silenceMs && !isWarning())) {
    live(about, "band").className = "verdict is-grey";
    live(about, "title").textContent = about.dataset.lostTitle;
    live(about, "sentence").textContent = about.dataset.lostSentence;
  }
}

timer = setTimeout(ask, Math.min(pollMs, Number(about.dataset.codeSeconds) * 1000 + 150));
setInterval(watch, 1000);
for (const wake of ["pageshow", "focus", "online"]) addEventListener(wake, ask);
