// SPDX-License-Identifier: Apache-2.0
/** registry.json on a phone: entry 0 with its proof, fetched once and kept, so that evidence is made offline too. */

import { fromUtf8, utf8 } from "../verifier/bytes.mjs";
import { DidNotArrive, VerifierError } from "../verifier/errors.mjs";
import { parsePolicy } from "../verifier/policy.mjs";
import { TileTree, makePlace } from "../verifier/tile.mjs";
import { fetchBytes } from "../phone/ledger.mjs";
import { makeRegistryPart, parseRegistryPart } from "./judge.mjs";

const KEY = "product-passport/anchor/v1";
const MAX_BUNDLE = 2 ** 24;
const TILE_SIZE = 256 * 32;

/** What is kept, if it still names the status key that this phone trusts. */
async function recollect({ policyText, anchor }) {
  try {
    const part = utf8(localStorage.getItem(KEY));
    const { statusVkey } = await parseRegistryPart(part, await parsePolicy(utf8(policyText)));
    return statusVkey.text === anchor.statusVkey.text ? part : null;
  } catch {
    return null;
  }
}

async function fetchWithFull(ledger, place, full, maximum) {
  try {
    return await fetchBytes(`${ledger}/${place.path}`, maximum, "default");
  } catch (error) {
    if (error.code !== "not_found") throw error; // a partial tile that is gone is cut from the full one
    return fetchBytes(`${ledger}/${full.path}`, maximum, "default");
  }
}

async function fetchPart(ledger, { checkpoint, policyText }) {
  const { size, rootHash, note } = checkpoint;
  const readTile = async (place) => {
    const data = await fetchWithFull(ledger, place, makePlace("tile", place.level, place.index), TILE_SIZE);
    return data.slice(0, place.width * 32);
  };
  const width = size < 256n ? Number(size) : 256;
  const bundle = await fetchWithFull(
    ledger,
    makePlace("entries", 0, 0n, width),
    makePlace("entries", 0, 0n),
    MAX_BUNDLE,
  );
  const entry = bundle.slice(2, 2 + (bundle[0] << 8) + bundle[1]);
  const proof = await new TileTree(size, readTile, rootHash).inclusionProof(0n);
  const part = makeRegistryPart(note, entry, proof);
  await parseRegistryPart(part, await parsePolicy(utf8(policyText)));
  return part;
}

/**
 * @param {object} report of `examine` @param {string} ledger its address on this server
 * @returns {Promise<Uint8Array>} registry.json; or DidNotArrive, DoesNotHold, Malformed
 */
export async function findRegistryPart(report, ledger) {
  if (!report.anchor || !report.checkpoint) throw new DidNotArrive("unreachable", "There is no checkpoint.");
  const kept = await recollect(report);
  if (kept) return kept;
  if (report.isOffline) throw new DidNotArrive("not_on_this_phone", "entry 0");
  const part = await fetchPart(ledger, report);
  try {
    localStorage.setItem(KEY, fromUtf8(part, "malformed_note"));
  } catch {
    // a browser that keeps nothing asks again
  }
  return part;
}

/** As `findRegistryPart`, and the code of the error instead of it. */
export async function tryRegistryPart(report, ledger) {
  try {
    return { part: await findRegistryPart(report, ledger) };
  } catch (error) {
    if (!(error instanceof VerifierError)) throw error;
    return { code: error.code };
  }
}
