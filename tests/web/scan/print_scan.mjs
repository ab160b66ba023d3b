// SPDX-License-Identifier: Apache-2.0
/** Runs a pure module of the scan page: file with {module, calls: [[name, ...arguments], …]} → the answers as JSON. */

import { readFileSync } from "node:fs";

const { module, calls } = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const found = await import(new URL(`../../../verifier/static/scan/${module}.mjs`, import.meta.url));
const plain = (value) => (value?.code?.toPath ? { ...value, code: value.code.toPath() } : value);
process.stdout.write(JSON.stringify(calls.map(([name, ...rest]) => plain(found[name](...rest)) ?? null)));
