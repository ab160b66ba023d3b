// SPDX-License-Identifier: Apache-2.0
/** The verdict on one code: eight statuses, each with a colour, an icon and a sentence, and its evidence. DESIGN §5. */

import { formatInstant } from "./fields.mjs";

/** Worst first. The value is the stable code that programs read. */
export const Status = Object.freeze({
  MALFORMED: "malformed",
  COUNTERFEIT: "counterfeit",
  VOID: "void",
  RECALLED: "recalled",
  NOT_LOGGED: "not_logged",
  SUSPECT: "suspect",
  CANNOT_TELL: "cannot_tell",
  GENUINE: "genuine",
});

const ORDER = Object.values(Status);

/** @param {string} status @param {string} other @returns {boolean} */
export const isWorse = (status, other) => ORDER.indexOf(status) < ORDER.indexOf(other);

/** What became of a step. `skipped`: an earlier step made it pointless. `unknown`: it could not be done. */
export const Outcome = Object.freeze({ PASSED: "passed", FAILED: "failed", UNKNOWN: "unknown", SKIPPED: "skipped" });

/** @typedef {import("./fields.mjs").Text} Text */
/** @typedef {{colour: string, icon: string, title: Text, sentence: Text}} Appearance */

/** @type {Record<string, Appearance>} how a status looks and what it says; never shown by colour alone */
export const APPEARANCE = Object.freeze({
  malformed: {
    colour: "grey",
    icon: "broken",
    title: { zh: "这不是有效的产品码", en: "This is not a product code" },
    sentence: {
      zh: "扫到的内容不完整或被改动过。请重新扫描包装上的二维码。",
      en: "What was scanned is incomplete or was changed. Please scan the code on the package again.",
    },
  },
  counterfeit: {
    colour: "red",
    icon: "cross",
    title: { zh: "此码是伪造的", en: "This code is forged" },
    sentence: {
      zh: "这个码没有通过品牌方密钥的检查：签名不对，或者密钥不属于该品牌、已被撤销。请勿购买，并向卖家和监管部门反映。",
      en:
        "The code does not stand up to the brand's registered keys: its signature is wrong, or its key is not " +
        "this brand's or was revoked. Do not buy; tell the seller and the authority.",
    },
  },
  void: {
    colour: "red",
    icon: "void",
    title: { zh: "此码已作废", en: "This code is void" },
    sentence: {
      zh: "制造商已声明此码印错或未使用，不应出现在任何产品上。请联系卖家。",
      en: "The maker declared this code misprinted or unused; it should not be on any product. Ask the seller.",
    },
  },
  recalled: {
    colour: "red",
    icon: "recall",
    title: { zh: "该产品正在召回", en: "This product is recalled" },
    sentence: {
      zh: "请停止使用，并按下面的召回办法处理。",
      en: "Stop using it and follow the remedy below.",
    },
  },
  not_logged: {
    colour: "amber",
    icon: "missing",
    title: { zh: "此码未在账本登记", en: "This code is not in the ledger" },
    sentence: {
      zh: "签名正确，但公开账本中没有这个码。正品在出售前都会登记。请勿购买，并联系品牌方。",
      en:
        "The signature is right, but the public ledger does not hold this code. Genuine codes are logged " +
        "before they are sold. Do not buy; contact the maker.",
    },
  },
  suspect: {
    colour: "amber",
    icon: "copied",
    title: { zh: "此码可能被复制", en: "This code may have been copied" },
    sentence: {
      zh: "此码的查验记录不寻常：真码也可能被复制到别的产品上。如果您买的是新品，请询问卖家。",
      en:
        "The checking record of this code is unusual: a genuine code can be copied onto another product. If " +
        "yours is new, ask the seller.",
    },
  },
  cannot_tell: {
    colour: "grey",
    icon: "question",
    title: { zh: "暂时无法判断", en: "We cannot tell right now" },
    sentence: {
      zh: "有一项检查没有完成。这不代表产品有问题，也不代表没有问题。请稍后重试。",
      en: "One of the checks could not be completed. That says nothing for or against the product. Try again later.",
    },
  },
  genuine: {
    colour: "green",
    icon: "check",
    title: { zh: "此码真实有效", en: "This code is genuine" },
    sentence: {
      zh: "码由品牌方签发，已在公开账本登记，截至下方时间没有召回。真码也可能被复制，请核对产品是否相符。",
      en:
        "The maker issued this code, it is in the public ledger, and there was no recall as of the time " +
        "below. Genuine codes can be copied: compare the product with the description.",
    },
  },
});

/** @type {readonly Text[]} the numbered list of DESIGN §5, in the words that are shown */
export const STEP_LABELS = Object.freeze([
  { zh: "读懂这个码", en: "The code is well formed" },
  { zh: "品牌方的密钥", en: "The key is registered for this brand" },
  { zh: "数字签名", en: "The signature is right" },
  { zh: "链接与签名是同一件产品", en: "Link and seal speak of the same item" },
  { zh: "账本的签名", en: "The ledger's checkpoint is signed" },
  { zh: "账本没有被改写", en: "The ledger was not rewritten" },
  { zh: "批次已登记", en: "The batch is in the ledger" },
  { zh: "此码属于该批次", en: "The item is in the batch" },
  { zh: "登记的就是此码", en: "That item is this code" },
  { zh: "召回与作废", en: "Recall and void status" },
  { zh: "结论", en: "Verdict" },
]);

/** @typedef {{number: number, outcome: string}} Step */

/**
 * @param {[number, string][]} outcomes of some steps @param {number} reached
 * @returns {Step[]} all eleven: those not named passed up to `reached` and were skipped after it
 */
export function makeSteps(outcomes, reached) {
  const named = new Map();
  for (const [number, outcome] of outcomes) {
    // What failed did not become unknown by a later finding.
    if (named.get(number) !== Outcome.FAILED) named.set(number, outcome);
  }
  return STEP_LABELS.map((_, number) => {
    const outcome = named.get(number) ?? (number <= reached ? Outcome.PASSED : Outcome.SKIPPED);
    return { number, outcome };
  });
}

/** @typedef {{reason: string, facts: Text}} Suspicion facts that make a code look copied */

/** What can be said of one code at `checkedAt`. "Not recalled" means: not in the snapshot of `snapshotAsOf`. */
export class Verdict {
  /**
   * @param {{status: string, reason: string, checkedAt: Date, code: import("./product_code.mjs").ProductCode|null,
   *   issuer: import("./trust.mjs").Issuer|null, batch: object|null, batchIndex: bigint|null,
   *   recalls: import("./recalls.mjs").RecallRecord[], snapshotAsOf: Date|null, nextUpdateAt: Date|null, steps: Step[],
   *   suspicion: Suspicion|null}} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    Object.freeze(this);
  }

  /** @returns {Appearance} */
  get appearance() {
    return APPEARANCE[this.status];
  }

  /** The verdict for programs, as the server's: members that are not known are absent. */
  toJson() {
    const value = {
      checked_at: formatInstant(this.checkedAt),
      reason: this.reason,
      status: this.status,
      steps: this.steps,
    };
    if (this.code) Object.assign(value, { gtin: this.code.gtin, serial: this.code.serial });
    if (this.issuer) value.issuer = { id: this.issuer.id, name: this.issuer.name, uscc: this.issuer.uscc };
    if (this.batch) {
      const { batch, lot, productionDate } = this.batch;
      value.batch = { batch, index: Number(this.batchIndex), lot, production_date: productionDate };
    }
    if (this.recalls.length) value.recalls = this.recalls.map((recall) => recall.toPublicJson());
    if (this.snapshotAsOf) {
      value.next_update = formatInstant(this.nextUpdateAt);
      value.snapshot_as_of = formatInstant(this.snapshotAsOf);
    }
    if (this.suspicion) value.suspicion = { facts: this.suspicion.facts, reason: this.suspicion.reason };
    return value;
  }
}
