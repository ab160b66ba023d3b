// SPDX-License-Identifier: Apache-2.0
/** Puts the phone's result beside the server's word: never into it, and above it where the two differ. */

import { APPEARANCE, Outcome, isWorse } from "../verifier/verdict.mjs";
import { block, fail, fill, headline, part, word } from "./block.mjs";
import { forget } from "./examine.mjs";

const language = document.documentElement.lang === "en" ? "en" : "zh";
const server = document.querySelector(".verdict[data-status]");
const CLOCK_MS = 300_000;

/** In China's time, as everywhere on the page. */
export function when(instant) {
  const [day, time] = [{ dateStyle: "long" }, { timeStyle: "short" }].map((style) =>
    instant.toLocaleString(language === "zh" ? "zh-CN" : "en-GB", { ...style, timeZone: "Asia/Shanghai" }),
  );
  return word("instant", { day, time });
}

/** How the phone's status stands to the server's. How often a code was checked, only the server can know. */
function compare(status) {
  const said = server.dataset.status;
  if (!said) return "alone"; // the page of the service worker: nobody was asked
  if (said === status) return "agrees";
  return said === "suspect" && status === "genuine" ? "adds" : "differs";
}

/** @param {object} report of `examine` */
export function show(report) {
  const { status, reason, alarm, missing, verdict, isOffline } = report;
  showDetails(report);
  block.dataset.status = status;
  if (status === "cannot_tell" && missing && !alarm && !(isOffline && verdict.snapshotAsOf)) {
    fail(missing);
    return;
  }
  const versus = compare(status);
  block.dataset.reason = reason;
  block.dataset.versus = versus;
  if (["differs", "alone"].includes(versus) || alarm) standAbove(status, reason, versus);
  block.dataset.state = "done"; // the announcement follows the move, so that it is made once
  const look = APPEARANCE[status];
  const isAlarm = alarm !== undefined && status === "cannot_tell";
  // Where both say the same, the sentence stands above already.
  const title = word(`title.${reason}`) || word(`title.${versus}`); // where the status's own would say the wrong thing
  const sentence = word(`sentence.${reason}`) || word(`sentence.${versus}`) || look.sentence[language];
  const words = { title: title || look.title[language], sentence: versus === "agrees" ? "" : sentence };
  const colour = alarm?.kind === "back" ? "amber" : "red";
  headline(isAlarm ? { ...alarmWords(alarm), icon: "fork", colour } : { ...look, ...words });
  fill("why", isAlarm || title ? "" : word(`reason.${reason}`));
  fill("versus", word(versus));
  if (reason === "snapshot_stale" && Math.abs(verdict.checkedAt - new Date(block.dataset.now)) > CLOCK_MS) {
    fill("versus", `${word("clock")} ${word(versus)}`);
  }
  if (verdict.snapshotAsOf) fill("as-of", `${word("as_of")} ${when(verdict.snapshotAsOf)}`);
  if (alarm) showAlarm(alarm, isAlarm);
}

const alarmWords = ({ kind }) => ({ title: word(`alarm.${kind}`), sentence: word(`alarm.${kind}.note`) });

/** The phone's result first. The server's word loses its colour, unless it is the graver of the two. */
function standAbove(status, reason, versus) {
  server.before(block);
  block.classList.add("above");
  if (versus === "alone" || isWorse(status, server.dataset.status)) {
    server.classList.add("doubted");
    for (const todo of document.querySelectorAll("[data-part=server-todo]")) todo.hidden = true;
    const find = (key) => part("words").content.querySelector(`[data-todo="${key}"]`);
    const todo = find(reason) ?? find(status);
    part("todo").append(todo.cloneNode(true));
    part("todo").hidden = false;
  }
  for (const note of document.querySelectorAll("[data-part=differs]")) note.hidden = versus !== "differs";
  part("notices").open = true;
}

function showAlarm(alarm, isInHeadline) {
  const { title, sentence } = alarmWords(alarm);
  fill("alarm-title", isInHeadline ? "" : title);
  fill("alarm-note", isInHeadline ? "" : sentence);
  const text = alarm.papers.map((paper) => `=== ${paper.title}\n${paper.text}`).join("\n");
  fill("papers", text);
  part("save").onclick = () => save(`${title}\n${location.origin}\n\n${text}`);
  part("alarm").hidden = false;
}

function save(text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = "ledger-notes.txt";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

/** An open recall as the phone read it in the signed snapshot: the server's page may show another, or none. */
function makeNotice({ notice, recallId }) {
  const box = part("words").content.querySelector("[data-notice]").cloneNode(true);
  const put = (name, text) => (box.querySelector(`[data-notice-part=${name}]`).textContent = text);
  for (const name of ["title", "hazard", "remedy"]) put(name, notice[name][language]);
  put("number", recallId);
  put("phone", notice.contact.phone || notice.contact.url);
  if (notice.contact.phone) {
    box.querySelector("a").href = `tel:${notice.contact.phone.replace(/[^0-9+]/g, "")}`;
  }
  return box;
}

function row(name, value) {
  const place = block.querySelector(`[data-row="${name}"]`);
  place.querySelector("dd").textContent = value;
  place.hidden = !value;
}

function showDetails({ verdict, status, reason, steps, checkpoint, memory, isKept }) {
  const { code, issuer, batch, batchIndex, recalls, nextUpdateAt, checkedAt } = verdict;
  const notices = recalls.filter(({ isActive }) => isActive).map(makeNotice);
  part("notices").hidden = !notices.length;
  part("notice-list").replaceChildren(...notices);
  row("maker", issuer?.name[language]);
  row("lot", batch?.lot);
  row("production_date", batch?.productionDate);
  row("serial", code?.serial);
  row("signing_key", code && issuer?.findKeyByHint(code.seal.keyHint)?.publicKey.keyId);
  row("ledger_index", batchIndex === null ? "" : String(batchIndex));
  row("ledger_size", checkpoint && String(checkpoint.size));
  if (checkpoint) row("witnesses", showWitnesses(checkpoint.witnessedAt));
  if (memory) row("memory", word("memory.since", { when: when(new Date(memory.since)) }));
  else if (code) row("memory", word(isKept ? "memory.first" : "memory.none"));
  row("next_update", nextUpdateAt && when(nextUpdateAt));
  row("checked_at", when(checkedAt));
  row("result_code", `${status} / ${reason}`);
  const passed = steps.filter(({ outcome }) => outcome === Outcome.PASSED).length;
  part("count").textContent = word("count", { passed, all: steps.length });
  for (const { number, outcome } of steps) {
    const line = block.querySelector(`[data-step="${number}"]`);
    line.className = outcome;
    line.querySelector("use").setAttribute("href", `#icon-${outcome}`);
    line.querySelector(".word").textContent = word(`outcome.${outcome}`);
  }
  part("details").hidden = false;
  part("forget").hidden = !memory;
  part("forget").onclick = () => {
    forget();
    location.reload();
  };
}

/** Witnesses are the clock that the operator does not hold. */
function showWitnesses(witnessedAt) {
  if (!witnessedAt.length) return word("witnesses.none");
  const newest = witnessedAt.reduce((latest, [, at]) => (at > latest ? at : latest), 0n);
  return word("witnesses.some", { count: witnessedAt.length, when: when(new Date(Number(newest) * 1000)) });
}
