// SPDX-License-Identifier: Apache-2.0
/** The scan page: camera, photo and typing lead to one place, `found`. docs/scan.md. */

import { Camera } from "./scan/camera.mjs";
import { withCounts } from "./scan/counts.mjs";
import { loadDecoder } from "./scan/decode.mjs";
import { Film } from "./scan/film.mjs";
import { chooseHint } from "./scan/hints.mjs";
import { offerBatch, prepare, prepareShop } from "./scan/offline.mjs";
import { readPhoto } from "./scan/photo.mjs";
import { ShopList } from "./scan/shop_list.mjs";
import { showCard, showFailure, showForeign, showInert, showResult } from "./scan/show.mjs";
import { isSoundOn, setSound, signal, wakeSound } from "./scan/signal.mjs";
import { readTarget, typedCode } from "./scan/target.mjs";
import { isWechat } from "./scan/wechat.mjs";
import { fill, part, root, word } from "./scan/words.mjs";

const HOLD_MS = 1500; // a result is looked at for so long
const SAME_MS = 2500; // a code that stays in view is not found again and again
const SLOW_MS = 10_000; // nor on a slow phone, which looks seldom, as long as no look has missed it
const HINT_MS = 1200; // a hint stays long enough to be read
const MODE = "product-passport/scan-mode/v1";
const LOOKS_LIKE_A_CODE = /\/01\/[0-9]{8,14}\b/;

const list = new ShopList();
const camera = new Camera(part("video"), () => stopFilm("ended"));
const accepted = new Set(); // hosts of others whose codes are checked here, as the person said
let film = null;
let mode = "one";
let pending = null; // a code of another host that waits for a choice
let isSound = isSoundOn();
let last = { text: "", at: 0, readAt: 0, hint: "", hintAt: 0, wasMissed: false };
let working = list.load();

/**
 * One text after the other, wherever it comes from.
 * @param {string} text @param {string} [shown] as it was typed
 * @returns {Promise<void>} when the page has said what it is
 */
export function found(text, shown = text) {
  working = working.then(() => handle(text, shown)).catch(() => showInert("", "unexpected"));
  return working;
}

async function handle(text, shown) {
  const target = readTarget(text, location.host);
  if (target.kind === "not_a_code") return reject(text, shown, target);
  if (target.kind === "foreign_host" && !accepted.has(target.host)) {
    pending = target;
    film?.hold(Infinity);
    showForeign(target);
    signal("other", isSound);
    return undefined;
  }
  return check(target);
}

/** Text that is no code is shown and can do nothing. In a list a code that was damaged is worth a row. */
async function reject(text, shown, target) {
  if (mode === "list" && LOOKS_LIKE_A_CODE.test(text)) {
    const report = { status: "malformed", reason: target.reason, verdict: null };
    const damaged = { ...target, text: text.slice(0, 512) };
    showResult(report, damaged, await list.add(report, damaged, new Date()));
  } else {
    showInert(shown, LOOKS_LIKE_A_CODE.test(text) ? `reason.${target.reason}` : "inert");
  }
  hold("other");
}

async function check(target) {
  if (mode === "one" && navigator.onLine) {
    film?.hold(Infinity); // until the page has changed
    location.assign(`/check${target.path}`);
    return;
  }
  let report;
  try {
    const { examine } = await import("./phone/examine.mjs");
    report = await examine(target.path, new Date(), root.dataset);
    if (mode === "list") report = await withCounts(report, target.path);
  } catch {
    showFailure(target);
    hold("other");
    return;
  }
  const isAgain = mode === "list" && (await list.add(report, target, new Date()));
  if (mode === "list") offerBatch(report);
  showResult(report, target, isAgain);
  hold(report.status === "genuine" ? "good" : "other");
}

function hold(kind) {
  signal(kind, isSound);
  film?.hold(HOLD_MS);
}

// The camera

async function startCamera() {
  part("start").disabled = true;
  say("starting");
  try {
    await camera.start();
    film = new Film(part("video"), await loadDecoder(), onSeen);
  } catch (error) {
    stopFilm(error.code ?? "no_decoder");
    return;
  }
  root.dataset.decoder = film.decoder.name;
  root.dataset.camera = "on";
  last.readAt = performance.now();
  say("");
  part("ways").open = mode === "one";
  offerTools();
  film.run();
  import("./phone/examine.mjs").catch(() => {}); // so that the first code need not wait for it
}

function stopFilm(reason) {
  film?.stop();
  camera.stop();
  root.dataset.camera = "off";
  root.dataset.reason = reason;
  part("start").hidden = true;
  part("restart").hidden = ["none", "insecure", "unsupported"].includes(reason);
  part("camera-title").textContent = word(`camera.${reason}`) || word("camera.broken");
  fill("camera-note", word(`camera.${reason}.note`) || word("camera.broken.note"));
  part("ways").open = true;
  say("");
}

const say = (hint) => fill("hint", hint && word(`hint.${hint}`));

function offerTools() {
  const range = camera.zoomRange;
  part("torch").hidden = !camera.hasTorch;
  part("zoom-line").hidden = range === null;
  if (range) {
    const { min, max, step } = range;
    Object.assign(part("zoom"), { min, max, step, value: camera.zoom ?? min });
  }
}

function onSeen({ texts, codeShare, luminance }) {
  const now = performance.now();
  const ours = texts.find((text) => readTarget(text, location.host).kind === "ours");
  const text = ours ?? texts[0];
  if (text === undefined) {
    const seconds = (now - last.readAt) / 1000;
    last.wasMissed = true;
    const { hasTorch, isTorchOn } = camera;
    const hint = chooseHint({ luminance, seconds, codeShare, hasTorch, isTorchOn });
    if (hint === last.hint || now - last.hintAt < HINT_MS) return undefined;
    last = { ...last, hint, hintAt: now };
    fill("hint", hint && word(hint));
    return undefined;
  }
  const isSame = text === last.text && now - last.at < (last.wasMissed ? SAME_MS : SLOW_MS);
  last = { text, at: now, readAt: now, hint: "", hintAt: 0, wasMissed: false };
  fill("hint", "");
  if (isSame) return undefined;
  root.dataset.readings = Number(root.dataset.readings ?? 0) + 1;
  return found(text);
}

// The other ways, and the choices of the page

async function usePhoto(file) {
  part("photo").value = ""; // the same photo can be chosen again
  fill("photo-note", word("photo.reading"));
  let texts;
  try {
    texts = await readPhoto(file, await loadDecoder());
  } catch {
    fill("photo-note", word("camera.no_decoder.note"));
    return;
  }
  fill("photo-note", texts?.length ? "" : word(texts === null ? "photo.broken" : "photo.empty"));
  if (texts?.length) await found(texts.find((text) => readTarget(text, location.host).kind === "ours") ?? texts[0]);
}

function goOn() {
  pending = null;
  showCard(null);
  film?.hold(0);
}

async function checkPending() {
  const target = pending;
  goOn();
  if (mode === "list") accepted.add(target.host);
  working = working.then(() => check(target));
  await working;
}

function clearList() {
  working = working.then(() => list.clear()).then(() => showCard(null));
}

function setMode(chosen) {
  mode = chosen;
  root.dataset.mode = mode;
  part("list").hidden = mode !== "list";
  part(`mode-${mode}`).checked = true;
  if (mode === "list") prepareShop();
  part("ways").open = mode === "one" || root.dataset.camera !== "on";
  try {
    localStorage.setItem(MODE, mode);
  } catch {
    // It holds for this visit.
  }
}

function savedMode() {
  try {
    return localStorage.getItem(MODE) === "list" ? "list" : "one";
  } catch {
    return "one";
  }
}

function onVisibility() {
  if (document.hidden) camera.pause();
  else camera.resume();
  last.readAt = performance.now();
}

function wire() {
  const on = (name, event, act) => part(name).addEventListener(event, act);
  on("start", "click", startCamera);
  on("restart", "click", () => location.reload());
  on("viewer", "click", () => pending ?? film?.hold(0));
  on("torch", "click", async () => {
    part("torch").setAttribute("aria-pressed", await camera.setTorch(!camera.isTorchOn));
  });
  on("zoom", "input", () => camera.setZoom(Number(part("zoom").value)));
  on("photo", "change", () => part("photo").files[0] && usePhoto(part("photo").files[0]));
  on("check-here", "click", checkPending);
  on("dismiss", "click", goOn);
  on("mode-one", "change", () => setMode("one"));
  on("mode-list", "change", () => setMode("list"));
  on("csv", "click", () => list.export("csv", new Date()));
  on("json", "click", () => list.export("json", new Date()));
  on("clear", "click", () => confirm(word("clear.confirm", { count: list.size })) && clearList());
  part("sound").checked = isSound;
  on("sound", "change", () => setSound((isSound = part("sound").checked)));
  on("type", "submit", (event) => {
    event.preventDefault();
    const typed = part("code").value.trim();
    if (typed) found(typedCode(typed), typed);
  });
  document.addEventListener("click", wakeSound, { once: true });
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("pagehide", () => camera.stop());
  addEventListener("pageshow", ({ persisted }) => persisted && location.reload()); // a new visit
}

async function begin() {
  wire();
  setMode(savedMode());
  part("viewer").hidden = false;
  for (const name of ["modes", "photo-line"]) part(name).hidden = false;
  part("no-script").hidden = true;
  if (isWechat(navigator.userAgent)) {
    root.dataset.camera = "wechat";
    part("viewer").hidden = true;
    part("wechat").hidden = false;
    part("address").value = location.origin + location.pathname;
    return;
  }
  const granted = await navigator.permissions?.query({ name: "camera" }).catch(() => null);
  if (granted?.state === "granted") await startCamera(); // whoever said yes before is not asked to press a button
}

prepare().catch(() => {});
await begin();
root.dataset.state = "ready";
