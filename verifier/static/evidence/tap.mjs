// SPDX-License-Identifier: Apache-2.0
/**
 * The button: with a result of the phone's own the file is made here, also without a network, and photos never leave
 * the phone. Otherwise the form is posted as it stands, and the server makes the file.
 */

const isInsideWeChat = /MicroMessenger/i.test(navigator.userAgent); // it saves no files that a page has made
const block = document.getElementById("phone");

/** @param {object} [report] of `examine`; without one the form stays the server's @param {string} code */
export async function offerEvidence(report, code) {
  const form = document.querySelector("form[data-evidence]");
  if (!form || !report || isInsideWeChat) return;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    tap(form, report, code).catch(() => leaveToServer(form, report));
  });
  form.dataset.evidence = "phone";
  if (!report.isOffline && !report.alarm && !report.problem) await keepAnchor(report);
}

const part = (form, name) => form.querySelector(`[data-evidence-part="${name}"]`);

function say(form, key, values = {}) {
  const word = part(form, "words").content.querySelector(`[data-word="${key}"]`).textContent;
  part(form, "state").textContent = word.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** For a time without a network. */
async function keepAnchor(report) {
  const { idle } = await import("../phone/install.mjs");
  await idle();
  const { tryRegistryPart } = await import("./anchor.mjs");
  await tryRegistryPart(report, block.dataset.ledger);
}

async function tap(form, report, code) {
  say(form, "busy");
  const [{ fileName, hashPhoto, makeAdditions, makeBundle }, { collectParts, describeShown }, template] =
    await Promise.all([import("./bundle.mjs"), import("./collect.mjs"), fetchTemplate()]);
  const { listing_url, note, photos, product } = form.elements;
  let added;
  try {
    const files = [...photos.files];
    makeAdditions(listing_url.value, note.value, files); // bounds first: what is too much is not read
    added = makeAdditions(listing_url.value, note.value, await Promise.all(files.map(hashPhoto)));
  } catch (error) {
    if (!error.code) throw error;
    say(form, error.code);
    return;
  }
  const found = await collectParts(report, block.dataset.ledger);
  const shown = describeShown(report, serverSaid(), product.value);
  const { checkedAt } = report.verdict;
  const rest = { checkedAt, added, template, statusVkey: report.anchor?.statusVkey };
  const data = await makeBundle(code, found, shown, rest);
  const name = fileName(report.verdict.code?.gtin, checkedAt);
  save(data, name);
  say(form, "saved", { name });
}

async function fetchTemplate() {
  const answer = await fetch(new URL("./sheet.html", import.meta.url), { credentials: "omit" });
  if (!answer.ok) throw new Error("no template");
  return answer.text();
}

/** The server's word as the page shows it; without a network there is none. */
function serverSaid() {
  const status = document.querySelector(".verdict[data-status]")?.dataset.status;
  const at = new Date(block.dataset.now);
  if (!status || Number.isNaN(at.getTime())) return undefined;
  return { checked_at: `${at.toISOString().slice(0, 19)}Z`, status };
}

function save(data, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([data], { type: "application/zip" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** Photos were promised to stay on the phone: with them nothing is posted. */
function leaveToServer(form, { isOffline }) {
  if (isOffline || form.elements.photos.files.length) {
    say(form, "failed");
    return;
  }
  say(form, "by_server");
  form.submit();
}
