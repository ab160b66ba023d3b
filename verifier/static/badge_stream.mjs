// SPDX-License-Identifier: Apache-2.0
/**
 * What both badges have in common: they listen to server-sent events, ask every few seconds where these do not work,
 * and look every second how long the server has been silent. HTML Living Standard, EventSource.
 */

/**
 * Hands each update of the server to `hear`, and to `watch` the milliseconds since the last one: the larger of two
 * clocks counts, because either may stand still while the device sleeps.
 */
export function keepLive({ events, statusUrl, pollMs, hear, watch }) {
  let heardAt = [performance.now(), Date.now()];
  let isPolling = false;

  function receive(update) {
    heardAt = [performance.now(), Date.now()];
    hear(update);
  }

  function look() {
    watch(Math.max(performance.now() - heardAt[0], Date.now() - heardAt[1]));
  }

  async function poll() {
    try {
      const answer = await fetch(statusUrl, { cache: "no-store", signal: AbortSignal.timeout(pollMs) });
      if (answer.ok) receive(await answer.json());
    } catch {
      // Silence is what watch() looks for.
    }
  }

  function startPolling() {
    if (isPolling) return;
    isPolling = true;
    poll();
    setInterval(poll, pollMs);
  }

  function listen() {
    const source = new EventSource(events);
    source.onmessage = ({ data }) => receive(JSON.parse(data));
    source.onerror = () => {
      // CONNECTING: the browser tries again by itself. CLOSED: refused for good, for instance with 503.
      if (source.readyState === EventSource.CLOSED) startPolling();
    };
  }

  if ("EventSource" in window) listen();
  else startPolling();
  setInterval(look, 1000);
  for (const wake of ["pageshow", "focus", "online"]) addEventListener(wake, look);
  document.addEventListener("visibilitychange", look);
}
