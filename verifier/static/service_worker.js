// SPDX-License-Identifier: Apache-2.0
/**
 * The service worker: pages and scripts for a time without a network, and nothing else. docs/offline.md.
 *
 * The server writes one line above this file: `const SHELL = {version, scripts, page, check, scan}`. What it may never
 * do: keep or answer a server's verdict, an answer of the API, data of the ledger, or a badge. Those go past it.
 * To switch it off let /service-worker.js answer 404 or 410: the next page that is opened removes it (install.mjs).
 */

"use strict";

const OURS = "product-passport-";
const CACHE = OURS + SHELL.version;
const PATIENCE_MS = 5000; // a network that is there answers by then
const FILES = new Set([...SHELL.check, ...SHELL.scan]);
const BY_ADDRESS = { cacheName: CACHE, ignoreVary: true };

/** The page to show without a network, if there is one for this address. */
function shellOf({ pathname, search }) {
  if (pathname === "/scan") return "/scan";
  const isCheck = /^(\/check)?\/01\//.test(pathname) || (pathname === "/check" && search.includes("code="));
  return isCheck ? SHELL.page : null;
}

/** A page is kept only beside the scripts that it names: never one of another deployment. */
async function keepPage(address) {
  const answer = await fetch(address, { cache: "no-cache", credentials: "same-origin" });
  const isOfThisVersion = answer.ok && (await answer.clone().text()).includes(`/static/${SHELL.scripts}/`);
  if (!isOfThisVersion) throw new Error(`${address} is of another version`);
  await (await caches.open(CACHE)).put(address, answer);
}

/** A server of another version answers these addresses too, with its own bytes, and says that they may change. */
async function keepFile(cache, address) {
  if (await cache.match(address, { ignoreVary: true })) return;
  const answer = await fetch(address);
  const isOfThisVersion = answer.ok && /\bimmutable\b/.test(answer.headers.get("Cache-Control"));
  if (!isOfThisVersion) throw new Error(`${address} is of another version`);
  await cache.put(address, answer);
}

async function keepFiles(addresses) {
  const cache = await caches.open(CACHE);
  await Promise.all(addresses.map((address) => keepFile(cache, address))); // most are in the browser's own cache already
}

self.addEventListener("install", (event) => {
  event.waitUntil(Promise.all([keepFiles(SHELL.check), keepPage(SHELL.page)]));
});

self.addEventListener("activate", (event) => {
  const isOld = (name) => name.startsWith(OURS) && name !== CACHE;
  const drop = (names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)));
  event.waitUntil(caches.keys().then(drop));
});

/**
 * From a page that was loaded over the network. Its language is the one that the shell shall have; a visit of the scan
 * page also brings the scan page with its decoder. A page of this version takes over from the last version's worker,
 * if it is the only page: another one may still need its own scripts.
 */
self.addEventListener("message", (event) => {
  const { isScan, scripts } = event.data;
  const pages = [keepPage(SHELL.page)];
  if (isScan) pages.push(keepFiles(SHELL.scan).then(() => keepPage("/scan")));
  if (scripts === SHELL.scripts) {
    const windows = self.clients.matchAll({ type: "window", includeUncontrolled: true });
    pages.push(windows.then(({ length }) => (length < 2 ? self.skipWaiting() : undefined)));
  }
  event.waitUntil(Promise.allSettled(pages));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    // What a frame asks for goes past us: passed on by us it would look like a page (verifier/web/visits.py).
    const shell = request.destination === "document" && shellOf(address);
    if (shell) event.respondWith(navigate(request, shell));
  } else if (FILES.has(address.pathname + address.search)) {
    event.respondWith(caches.match(request.url, BY_ADDRESS).then((kept) => kept || fetch(request)));
  }
});

/** The network's answer, whatever it is. Where none comes, the shell: it says that nobody was asked. */
async function navigate(request, shell) {
  const network = fetch(request);
  const patience = new Promise((_, reject) => setTimeout(reject, PATIENCE_MS));
  try {
    return await Promise.race([network, patience]);
  } catch {
    return (await caches.match(shell, BY_ADDRESS)) || network;
  }
}
