// SPDX-License-Identifier: Apache-2.0
/** A recall as the ledger stands, which of several is the worst, and which items its scope covers. DESIGN §4. */

import { SEVERITIES, isInRange, noticeToJson, parseSeqRange } from "./recall_notice.mjs";

/** The latest notice of a recall, and whether it was closed. Nothing is ever deleted. */
export class RecallRecord {
  /**
   * @param {{recallId: string, publisher: string, revision: number, index: number,
   *   notice: import("./recall_notice.mjs").RecallNotice, closedReason: import("./fields.mjs").Text|null}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    Object.freeze(this);
  }

  get isActive() {
    return this.closedReason === null;
  }

  /** For verdicts: everything but the scope. */
  toPublicJson() {
    const { scope, ...notice } = noticeToJson(this.notice);
    return { ...notice, ...this.headJson() };
  }

  headJson() {
    const value = {
      index: this.index,
      publisher: this.publisher,
      recall_id: this.recallId,
      revision: this.revision,
      status: this.isActive ? "active" : "closed",
    };
    return this.isActive ? value : { ...value, closed_reason: this.closedReason };
  }
}

/** @param {RecallRecord[]} recalls @returns {RecallRecord[]} active before closed, then by severity, then by index */
export function worstFirst(recalls) {
  const rank = (recall) => [recall.isActive ? 0 : 1, SEVERITIES.indexOf(recall.notice.severity), recall.index];
  return [...recalls].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    const at = left.findIndex((value, place) => value !== right[place]);
    return at < 0 ? 0 : left[at] - right[at];
  });
}

/** Whether a selector picks the item at `seq` of a batch. */
function isSelected(selector, batch, seq) {
  if ("lot" in selector) return selector.lot === batch.lot;
  if ("batch" in selector) return selector.batch === batch.batch && isInRange(parseSeqRange(selector.seqs), seq);
  if ("produced_from" in selector) {
    // YYYY-MM-DD sorts as text.
    return selector.produced_from <= batch.productionDate && batch.productionDate <= selector.produced_to;
  }
  return true;
}

/**
 * The definition, item by item: OR of the entries; in an entry gtin AND selector, minus every exception.
 * @param {object[]} scope of a notice @param {object} batch a `batch.issued` statement @param {number} seq
 * @returns {boolean}
 */
export const isCovered = (scope, batch, seq) =>
  scope.some(
    ({ gtin, except = [], ...selector }) =>
      gtin === batch.gtin &&
      isSelected(selector, batch, seq) &&
      !except.some((exception) => isSelected(exception, batch, seq)),
  );
