// SPDX-License-Identifier: Apache-2.0
/** A ZIP file with exactly one spelling: stored members in a fixed order, no times. verifier/evidence_archive.py. */

import { concat, utf8 } from "../verifier/bytes.mjs";

const VERSION = 20; // of the format: 2.0
const DAY_ONE = 33; // 1980-01-01

const TABLE = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** @param {Uint8Array} data @returns {number} the checksum of ZIP (CRC-32, IEEE 802.3) */
export function crc32(data) {
  let crc = 0xffffffff;
  for (const value of data) crc = TABLE[(crc ^ value) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Little-endian numbers: `[width, value]` each. */
function pack(...numbers) {
  const data = new DataView(new ArrayBuffer(numbers.reduce((sum, [width]) => sum + width, 0)));
  let at = 0;
  for (const [width, value] of numbers) {
    if (width === 2) data.setUint16(at, value, true);
    else data.setUint32(at, value, true);
    at += width;
  }
  return new Uint8Array(data.buffer);
}

const zeros = (count) => Array.from({ length: count }, () => [2, 0]);

/** @param {[string, Uint8Array][]} members @returns {Uint8Array} */
export function writeArchive(members) {
  const files = [];
  const directory = [];
  let offset = 0;
  for (const [name, data] of members) {
    const raw = utf8(name);
    const what = [[4, crc32(data)], [4, data.length], [4, data.length], [2, raw.length]]; // prettier-ignore
    const head = concat(pack([4, 0x04034b50], [2, VERSION], ...zeros(3), [2, DAY_ONE], ...what, [2, 0]), raw);
    const entry = [[4, 0x02014b50], [2, VERSION], [2, VERSION], ...zeros(3), [2, DAY_ONE], ...what, ...zeros(4)];
    directory.push(concat(pack(...entry, [4, 0], [4, offset]), raw));
    files.push(head, data);
    offset += head.length + data.length;
  }
  const entries = concat(...directory);
  const count = directory.length;
  const end = pack([4, 0x06054b50], ...zeros(2), [2, count], [2, count], [4, entries.length], [4, offset], [2, 0]);
  return concat(...files, entries, end);
}
