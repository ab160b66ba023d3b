// SPDX-License-Identifier: Apache-2.0
/** Who may speak for what: admitted issuers, their keys and GS1 company prefixes, as plain values. DESIGN §4. */

import { isInRange } from "./recall_notice.mjs";

/** One key of an issuer. `revokedFrom` is a ledger index: what was logged before it stays good. */
export class KeyRecord {
  /**
   * @param {import("./keys.mjs").PublicKey} publicKey @param {number} addedIndex @param {number|null} revokedFrom
   * @param {import("./recall_notice.mjs").SeqRange[]} goodBatches of a revoked key: the batches logged in time
   */
  constructor(publicKey, addedIndex, revokedFrom, goodBatches) {
    Object.assign(this, { publicKey, addedIndex, revokedFrom, goodBatches });
    Object.freeze(this);
  }

  /** May the key speak in the entry at this ledger index? @param {bigint} index */
  isGoodAt(index) {
    return BigInt(this.addedIndex) < index && (this.revokedFrom === null || index < BigInt(this.revokedFrom));
  }

  /** May a code of this batch be trusted, when nothing but the snapshot is at hand? @param {number} batch */
  isGoodForBatch(batch) {
    return this.revokedFrom === null || this.goodBatches.some((range) => isInRange(range, batch));
  }
}

/** An admitted organisation. */
export class Issuer {
  /**
   * @param {{id: string, name: import("./fields.mjs").Text, uscc: string, roles: string[], prefixes: string[],
   *   contact: import("./fields.mjs").Contact, keys: KeyRecord[]}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    Object.freeze(this);
  }

  /** @param {string} hint two bytes in hex, unique among one issuer's keys @returns {KeyRecord|null} */
  findKeyByHint(hint) {
    return this.keys.findLast((key) => key.publicKey.hint === hint) ?? null;
  }

  /** @param {string} keyId @returns {KeyRecord|null} */
  findKey(keyId) {
    return this.keys.find((key) => key.publicKey.keyId === keyId) ?? null;
  }
}

/** Finds the issuer of a GTIN by its GS1 company prefix. Prefixes do not overlap, so there is at most one. */
export class PrefixIndex {
  #owners = new Map();

  /** @param {Issuer[]} issuers */
  constructor(issuers) {
    for (const { id, prefixes } of issuers) for (const prefix of prefixes) this.#owners.set(prefix, id);
  }

  /** @param {string} gtin @returns {string|null} owner of the prefix, which begins behind the indicator digit */
  findIssuerId(gtin) {
    for (let length = 12; length > 3; length -= 1) {
      const owner = this.#owners.get(gtin.slice(1, 1 + length));
      if (owner !== undefined) return owner;
    }
    return null;
  }
}
