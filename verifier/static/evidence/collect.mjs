// SPDX-License-Identifier: Apache-2.0
/** What a report of the phone's own check puts into an evidence file. */

import { utf8 } from "../verifier/bytes.mjs";
import { encodeBase64, encodeCanonicalJson, parseCanonicalJson } from "../verifier/encoding.mjs";
import { VerifierError } from "../verifier/errors.mjs";
import { tryRegistryPart } from "./anchor.mjs";
import { CHECKPOINT, PARTS, POLICY, PROOF, REGISTRY, SNAPSHOT } from "./judge.mjs";

const MAX_DOCUMENT = 256 * 1024;

/** The proof with a link to *our* snapshot, which the registry may have replaced since. */
async function linkedDocument({ document, proof, snapshot, checkpoint, source }) {
  if (!proof || !snapshot || !checkpoint) return document;
  try {
    const value = parseCanonicalJson(document, MAX_DOCUMENT);
    value.snapshot_link = (await source.link(snapshot, checkpoint)).map(encodeBase64);
    return encodeCanonicalJson(value);
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    return document;
  }
}

/** @param {object} report of `examine` @param {string} ledger @returns {Promise<import("./bundle.mjs").Found>} */
export async function collectParts(report, ledger) {
  const { verdict, policyText, checkpoint, snapshotNote, document, proofError, problem } = report;
  if (verdict.status === "malformed") {
    return { parts: {}, absent: Object.fromEntries(PARTS.map((name) => [name, "not_needed"])) };
  }
  const why = problem?.code ?? "unreachable";
  const { part, code } = await tryRegistryPart(report, ledger);
  const parts = {
    [PROOF]: document && (await linkedDocument(report)),
    [CHECKPOINT]: checkpoint?.note,
    [SNAPSHOT]: snapshotNote,
    [POLICY]: policyText && utf8(policyText),
    [REGISTRY]: part,
  };
  const absent = Object.fromEntries(PARTS.map((name) => [name, why]));
  if (proofError) absent[PROOF] = proofError.code;
  if (code) absent[REGISTRY] = code;
  return { parts, absent };
}

/** @param {object} report @param {{status: string, checked_at: string}} [serverSaid] @param {string} [product] */
export function describeShown({ status, reason, alarm }, serverSaid, product) {
  const reported = alarm ? { alarm: alarm.kind, reason, status } : { reason, status };
  const papers = alarm?.papers.map(({ title, text }) => `=== ${title}\n${text}`).join("\n");
  return { judgedBy: "phone", reported, serverSaid, product, papers };
}
