// SPDX-License-Identifier: Apache-2.0
/**
 * How often a code was checked, only the registry can know. In a list it is asked for what the phone found genuine: its
 * word can make that amber, and nothing better. Without an answer the phone's own result stands, as it does offline.
 */

const LIMIT_MS = 3000;

/** @param {object} report of `examine` @param {string} path of the code @returns {Promise<object>} it, or worse */
export async function withCounts(report, path) {
  if (report.status !== "genuine" || report.isOffline) return report;
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), LIMIT_MS);
  try {
    const answer = await fetch("/api/v1/verify", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ codes: [path] }),
      credentials: "omit",
      redirect: "error",
      signal: abort.signal,
    });
    const [said] = (await answer.json()).verdicts;
    const found = { ...report, isCounted: true };
    return said.status === "suspect" ? { ...found, status: "suspect", reason: said.reason } : found;
  } catch {
    return report;
  } finally {
    clearTimeout(timer);
  }
}
