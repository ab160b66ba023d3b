// SPDX-License-Identifier: Apache-2.0
/** Puts the service worker in place, and tells it which page this is. Loaded when a page has nothing else to do. */

const [, SCRIPTS] = /\/static\/([0-9a-f]{12})\//.exec(import.meta.url) ?? [];

/** @returns {Promise<void>} resolves after `load`, when the browser is idle */
export const idle = () =>
  new Promise((resolve) => {
    const wait = () => (globalThis.requestIdleCallback ?? setTimeout)(() => resolve(), { timeout: 3000 });
    if (document.readyState === "complete") wait();
    else addEventListener("load", wait, { once: true });
  });

const WORKER = "/service-worker.js";

/** @returns {Promise<boolean>} false where there are no service workers: plain http, some private windows */
export async function install() {
  try {
    const registration = await navigator.serviceWorker.register(WORKER, { scope: "/" });
    const { active } = await navigator.serviceWorker.ready;
    const message = { isScan: location.pathname === "/scan", scripts: SCRIPTS };
    active.postMessage(message);
    await registration.update();
    const next = registration.installing ?? registration.waiting;
    next?.postMessage(message); // of a newer deployment, as this page may be
    return true;
  } catch {
    await retire();
    return false;
  }
}

/** The kill switch: where the server says that there is no worker any more, this phone gives up the one that it has. */
async function retire() {
  const answer = await fetch(WORKER, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (!navigator.serviceWorker || ![404, 410].includes(answer?.status)) return;
  for (const registration of await navigator.serviceWorker.getRegistrations()) await registration.unregister();
  for (const name of await caches.keys()) if (name.startsWith("product-passport-")) await caches.delete(name);
}
