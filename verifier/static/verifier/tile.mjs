// SPDX-License-Identifier: Apache-2.0
/**
 * Tiles and entry bundles: the ledger as static files, for a page that links two checkpoints itself. C2SP tlog-tiles.
 *
 * Not on the path of one check: load it when the checkpoint of the last visit has to be shown consistent with today's.
 * So what makes proofs stands here too, and merkle.mjs holds only what verifies them.
 */

import { bitLength, isEqual } from "./bytes.mjs";
import { MAX_SIZE } from "./encoding.mjs";
import { DoesNotHold, Malformed } from "./errors.mjs";
import { EMPTY_ROOT, HASH_SIZE, nodeHash, rootFromLeafHashes } from "./merkle.mjs";

const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;
const MAX_LEVEL = 63;

/** @typedef {{kind: string, level: number, index: bigint, width: number, path: string}} Place "tile" or "entries" */
/** @typedef {(tile: Place) => Promise<Uint8Array>} ReadTile fetches exactly the bytes of that tile */
/** @typedef {(lo: bigint, hi: bigint) => Promise<Uint8Array>} Subtree hash of the leaves lo to hi - 1 */

/**
 * @param {"tile"|"entries"} kind @param {number} level 0 for entries @param {bigint} index @param {number} [width]
 * @returns {Place} Malformed("malformed_tile_path") outside of every tree of less than 2^63 leaves
 */
export function makePlace(kind, level, index, width = TILE_WIDTH) {
  if (!(0 <= level && level <= MAX_LEVEL && 1 <= width && width <= TILE_WIDTH && index >= 0n)) {
    throw new Malformed("malformed_tile_path", "A tile has level 0 to 63, index from 0 and width 1 to 256.");
  }
  if (index << BigInt(TILE_HEIGHT * (level + 1)) > MAX_SIZE) {
    throw new Malformed("malformed_tile_path", "This tile is outside of every tree of less than 2^63 leaves.");
  }
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g);
  const place = groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join("/");
  const suffix = width === TILE_WIDTH ? "" : `.p/${width}`;
  const path = `tile/${kind === "entries" ? kind : level}/${place}${suffix}`;
  return Object.freeze({ kind, level, index, width, path });
}

/** @param {string} path below the ledger's prefix @returns {Place} Malformed unless it is the one spelling */
export function parseTilePath(path) {
  const match =
    path.length <= 200 &&
    /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (!match) {
    throw new Malformed("malformed_tile_path", "A tile path is tile/<level or entries>/<index>[.p/<width 1 to 255>].");
  }
  const [, kind, digits, width = String(TILE_WIDTH)] = match;
  const index = BigInt(digits.replace(/[x/]/g, ""));
  const isEntries = kind === "entries";
  const place = makePlace(isEntries ? "entries" : "tile", isEntries ? 0 : Number(kind), index, Number(width));
  if (place.path !== path) throw new Malformed("malformed_tile_path", "Not the one spelling of this path.");
  return place;
}

/** @param {bigint} size @returns {Place[]} every tile of the tree, level by level, full ones before the partial one */
export function tilesForSize(size) {
  checkSize(size);
  const tiles = [];
  for (let level = 0; size >> BigInt(TILE_HEIGHT * level) > 0n; level += 1) {
    const count = size >> BigInt(TILE_HEIGHT * level);
    const [full, width] = [count / 256n, Number(count % 256n)];
    for (let index = 0n; index < full; index += 1n) tiles.push(makePlace("tile", level, index));
    if (width) tiles.push(makePlace("tile", level, full, width));
  }
  return tiles;
}

/** @param {Uint8Array} data @param {number} width @returns {Uint8Array[]} its hashes; Malformed("malformed_tile") */
export function parseTile(data, width) {
  if (!(1 <= width && width <= TILE_WIDTH) || data.length !== width * HASH_SIZE) {
    throw new Malformed("malformed_tile", `A tile of width ${width} is ${width * HASH_SIZE} bytes.`);
  }
  return Array.from({ length: width }, (_, at) => data.slice(HASH_SIZE * at, HASH_SIZE * (at + 1)));
}

/** @param {Uint8Array} data @param {number} width @returns {Uint8Array[]} exactly that many entries; else Malformed */
export function parseEntryBundle(data, width) {
  const fail = (message) => new Malformed("malformed_entry_bundle", message);
  if (!(1 <= width && width <= TILE_WIDTH)) throw fail(`An entry bundle holds 1 to 256 entries, not ${width}.`);
  const entries = [];
  let at = 0;
  while (entries.length < width) {
    const end = at + 2 + (data[at] << 8) + data[at + 1];
    if (!(end <= data.length)) throw fail(`The bundle ends inside its entry ${entries.length}.`); // NaN at the end too
    entries.push(data.slice(at + 2, end));
    at = end;
  }
  if (at !== data.length) throw fail(`${data.length - at} bytes follow the ${width} entries.`);
  return entries;
}

/** @param {bigint} size at least 2 @returns {bigint} the largest power of two smaller than it: where the tree is cut */
export const splitPoint = (size) => 1n << BigInt(bitLength(size - 1n) - 1);

/** @param {bigint} index @param {bigint} size @param {Subtree} subtree @returns {Promise<Uint8Array[]>} (2.1.1) */
export async function inclusionProof(index, size, subtree) {
  if (!(0n <= index && index < size)) throw new RangeError(`there is no leaf ${index} in a tree of ${size} leaves`);
  const proof = [];
  let [lo, hi] = [0n, size];
  while (hi - lo > 1n) {
    const middle = lo + splitPoint(hi - lo);
    if (index < middle) {
      proof.push(await subtree(middle, hi));
      hi = middle;
    } else {
      proof.push(await subtree(lo, middle));
      lo = middle;
    }
  }
  return proof.reverse();
}

/** @param {bigint} oldSize @param {bigint} newSize @param {Subtree} subtree @returns {Promise<Uint8Array[]>} (2.1.2) */
export async function consistencyProof(oldSize, newSize, subtree) {
  if (!(0n <= oldSize && oldSize <= newSize)) {
    throw new RangeError(`a tree of ${newSize} leaves does not extend one of ${oldSize}`);
  }
  if (oldSize === 0n || oldSize === newSize) return [];
  const proof = [];
  let [lo, hi] = [0n, newSize];
  while (hi !== oldSize) {
    const middle = lo + splitPoint(hi - lo);
    if (oldSize <= middle) {
      proof.push(await subtree(middle, hi));
      hi = middle;
    } else {
      proof.push(await subtree(lo, middle));
      lo = middle;
    }
  }
  if (lo > 0n) proof.push(await subtree(lo, hi)); // the verifier does not have this node yet
  return proof.reverse();
}

/**
 * The tree of `size` leaves, read from its tiles; every tile is asked for once, and checked before it is used: the
 * partial tiles must give the signed root, a full tile must hash to its place in the tile above.
 */
export class TileTree {
  #tiles = new Map();
  #root = null;

  /** @param {bigint} size @param {ReadTile} readTile @param {Uint8Array} rootHash both from a signed checkpoint */
  constructor(size, readTile, rootHash) {
    checkSize(size);
    Object.assign(this, { size, readTile, expected: rootHash });
  }

  /** @returns {Promise<Uint8Array>} DoesNotHold("bad_tile") unless the right edge gives the signed root */
  rootHash() {
    this.#root ??= this.#readRoot();
    return this.#root;
  }

  async #readRoot() {
    let value = null;
    for (const tile of rightEdgeTiles(this.size)) {
      const [hashes] = await this.#load(tile);
      value = await rootFromLeafHashes(value === null ? hashes : [...hashes, value]);
    }
    value ??= EMPTY_ROOT;
    if (!isEqual(value, this.expected)) {
      throw new DoesNotHold("bad_tile", "The tiles on the right edge do not give the signed root hash.");
    }
    return value;
  }

  /** @param {bigint} lo @param {bigint} hi @returns {Promise<Uint8Array>} hash of the leaves lo to hi - 1, a node */
  async subtreeHash(lo, hi) {
    if (!(0n <= lo && lo <= hi && hi <= this.size)) throw new RangeError(`no leaves ${lo} to ${hi} in this tree`);
    if (lo === hi) return EMPTY_ROOT;
    const parts = [];
    for (let at = lo; at < hi; ) {
      const whole = splitPoint(hi - at + 1n);
      parts.push(await this.#wholeSubtree(at, whole));
      at += whole;
    }
    let value = parts.pop();
    while (parts.length) value = await nodeHash(parts.pop(), value);
    return value;
  }

  /** @param {bigint} index @returns {Promise<Uint8Array[]>} */
  inclusionProof(index) {
    return inclusionProof(index, this.size, (lo, hi) => this.subtreeHash(lo, hi));
  }

  /** @param {bigint} oldSize @returns {Promise<Uint8Array[]>} that this tree extends the one of `oldSize` leaves */
  consistencyProof(oldSize) {
    return consistencyProof(oldSize, this.size, (lo, hi) => this.subtreeHash(lo, hi));
  }

  /** Hash of a complete subtree of `width` leaves, a power of two that divides `lo`. */
  async #wholeSubtree(lo, width) {
    const height = bitLength(width) - 1;
    const level = Math.floor(height / TILE_HEIGHT);
    const place = lo >> BigInt(TILE_HEIGHT * level);
    const rows = await this.#pyramid(this.#tileAt(level, place / 256n));
    return rows[height % TILE_HEIGHT][Number(place % 256n) >> (height % TILE_HEIGHT)];
  }

  #tileAt(level, index) {
    const left = (this.size >> BigInt(TILE_HEIGHT * level)) - index * 256n;
    return makePlace("tile", level, index, left < 256n ? Number(left) : TILE_WIDTH);
  }

  /** Rows of a checked tile's own small tree: its hashes, then each row of complete parents above them. */
  async #pyramid(tile) {
    await this.rootHash();
    const rows = await this.#load(tile);
    if (tile.width === TILE_WIDTH) {
      const above = await this.#pyramid(this.#tileAt(tile.level + 1, tile.index / 256n));
      if (!isEqual(rows[TILE_HEIGHT][0], above[0][Number(tile.index % 256n)])) {
        throw new DoesNotHold("bad_tile", `${tile.path} does not hash to its place in the tile above it.`);
      }
    }
    return rows;
  }

  async #load(tile) {
    let rows = this.#tiles.get(tile.path);
    if (rows === undefined) {
      rows = [parseTile(await this.readTile(tile), tile.width)];
      while (rows.at(-1).length > 1) {
        const below = rows.at(-1);
        const pairs = below.slice(0, below.length & ~1);
        rows.push(await Promise.all(pairs.flatMap((left, at) => (at % 2 ? [] : [nodeHash(left, pairs[at + 1])]))));
      }
      this.#tiles.set(tile.path, rows);
    }
    return rows;
  }
}

/** @param {bigint} size @returns {Place[]} partial tiles, lowest level first: they alone give the root hash */
export function rightEdgeTiles(size) {
  const edges = [];
  for (let level = 0; size >> BigInt(TILE_HEIGHT * level) > 0n; level += 1) {
    const count = size >> BigInt(TILE_HEIGHT * level);
    if (count % 256n) edges.push(makePlace("tile", level, count / 256n, Number(count % 256n)));
  }
  return edges;
}

function checkSize(size) {
  if (!(0n <= size && size <= MAX_SIZE)) throw new RangeError(`a tree has 0 to 2^63 - 1 leaves, not ${size}`);
}
