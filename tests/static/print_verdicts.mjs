// SPDX-License-Identifier: Apache-2.0
/** Prints, for every verdict vector, the verdict as the browser's verifier writes it for programs; then its words. */

import { webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";

globalThis.crypto ??= webcrypto; // Node 18 has it only there

const { giveVerdict } = await import("./vector_ops.mjs");
const { APPEARANCE, STEP_LABELS } = await import("../../verifier/static/verifier/verdict.mjs");
const { cases } = JSON.parse(await readFile(new URL("../vectors/verdict.json", import.meta.url), "utf8"));
const verdicts = {};
for (const { name, input } of cases) verdicts[name] = (await giveVerdict(input)).toJson();
console.log(JSON.stringify({ appearance: APPEARANCE, steps: STEP_LABELS, verdicts }));
