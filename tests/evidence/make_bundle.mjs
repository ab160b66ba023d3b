// SPDX-License-Identifier: Apache-2.0
/** Reads cases from a JSON file, makes each evidence file with the browser's modules, prints them in base64. */

import { readFileSync } from "node:fs";
import { fileName, makeAdditions, makeBundle } from "../../verifier/static/evidence/bundle.mjs";
import { parseVkey } from "../../verifier/static/verifier/note.mjs";

const template = readFileSync(new URL("../../verifier/static/evidence/sheet.html", import.meta.url), "utf8");
const fromBase64 = (text) => new Uint8Array(Buffer.from(text, "base64"));
const made = [];
for (const { code, parts, absent, shown, checked_at, additions, status_vkey } of JSON.parse(readFileSync(process.argv[2], "utf8"))) {
  const bytes = Object.fromEntries(Object.entries(parts).map(([name, data]) => [name, fromBase64(data)]));
  const checkedAt = new Date(checked_at);
  const added = makeAdditions(additions.listing_url, additions.note, additions.photos);
  const statusVkey = status_vkey ? await parseVkey(status_vkey) : undefined;
  const rest = { checkedAt, added, template, statusVkey };
  const data = await makeBundle(code, { parts: bytes, absent }, shown, rest);
  made.push([fileName(code.match(/[0-9]{14}/)?.[0], checkedAt), Buffer.from(data).toString("base64")]);
}
console.log(JSON.stringify(made));
