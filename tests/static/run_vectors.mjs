// SPDX-License-Identifier: Apache-2.0
/**
 * Runs all of tests/vectors/*.json, or the one file that is named, under Node 18 or later; prints a report as JSON, exit
 * code 1 if a case fails.
 */

import { webcrypto } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";

globalThis.crypto ??= webcrypto; // Node 18 has it only there

const { runVectors } = await import("./vector_ops.mjs");
const read = async (path) => JSON.parse(await readFile(path, "utf8"));
const folder = new URL("../vectors/", import.meta.url);
const [only] = process.argv.slice(2);
const names = only ? [] : (await readdir(folder)).filter((name) => name.endsWith(".json")).sort();
const files = only ? { [only]: await read(only) } : {};
for (const name of names) files[name] = await read(new URL(name, folder));
const report = await runVectors(files, !only);
console.log(JSON.stringify({ files: Object.keys(files).length, ...report }, null, 1));
process.exitCode = report.failures.length ? 1 : 0;
