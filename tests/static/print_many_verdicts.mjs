// SPDX-License-Identifier: Apache-2.0
/** Prints the browser's verdict on each code of a file, as JSON for programs, with one trust and one hour for all. */

import { webcrypto } from "node:crypto";
import { readFile } from "node:fs/promises";

globalThis.crypto ??= webcrypto; // Node 18 has it only there

const { giveVerdict } = await import("./vector_ops.mjs");
const { codes, ...shared } = JSON.parse(await readFile(process.argv[2], "utf8"));
const verdicts = [];
for (const { code, proof } of codes) verdicts.push((await giveVerdict({ ...shared, code, proof })).toJson());
console.log(JSON.stringify(verdicts));
