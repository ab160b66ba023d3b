// SPDX-License-Identifier: Apache-2.0
/**
 * What this phone keeps for a time without a network: IndexedDB "product-passport". docs/offline.md.
 *
 * It only delivers bytes. Whoever reads them back parses and verifies them as if they had come over the network.
 */

import { DidNotArrive } from "../verifier/errors.mjs";

const NAME = "product-passport";
const VERSION = 1;

/**
 * lists: signed snapshots, whole ("") or by issuer. codes: proof documents of codes checked here, by hash. packs:
 * batches taken along. tiles: their item hashes, at [pack, tile]. facts: single values by name.
 */
const KEY_PATHS = { lists: "id", codes: "id", packs: "id", tiles: undefined, facts: "id" };

/** @param {IDBRequest} request @returns {Promise<any>} its result; a browser's refusal is DidNotArrive */
const done = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refused(request.error));
  });

const refused = (error) => new DidNotArrive("storage_refused", `This browser keeps nothing: ${error?.name}`);

/** Every tile of a pack. @param {string} pack its id */
export const tilesOf = (pack) => IDBKeyRange.bound([pack], [pack, []]);

export class Store {
  constructor(database) {
    this.database = database;
  }

  async #act(name, mode, act) {
    try {
      return await act(this.database.transaction(name, mode).objectStore(name));
    } catch (error) {
      throw error instanceof DidNotArrive ? error : refused(error);
    }
  }

  get(name, key) {
    return this.#act(name, "readonly", (store) => done(store.get(key)));
  }

  all(name) {
    return this.#act(name, "readonly", (store) => done(store.getAll()));
  }

  /** @param {any[]} values @param {any[]} [keys] of a store without key path; all of it or nothing */
  put(name, values, keys) {
    return this.#act(
      name,
      "readwrite",
      (store) =>
        new Promise((resolve, reject) => {
          const { transaction } = store;
          transaction.oncomplete = () => resolve();
          transaction.onabort = () => reject(refused(transaction.error));
          for (const [at, value] of values.entries()) store.put(value, keys?.[at]);
        }),
    );
  }

  remove(name, key) {
    return this.#act(name, "readwrite", (store) => done(store.delete(key)));
  }
}

let opened = null;

/** @returns {Promise<Store>} DidNotArrive("storage_refused") where there is no IndexedDB, or none for this page */
export function openStore() {
  opened ??= open();
  opened.catch(() => (opened = null));
  return opened;
}

async function open() {
  let request;
  try {
    request = indexedDB.open(NAME, VERSION);
  } catch (error) {
    throw refused(error);
  }
  request.onupgradeneeded = () => {
    for (const [name, keyPath] of Object.entries(KEY_PATHS)) request.result.createObjectStore(name, { keyPath });
  };
  const database = await done(request);
  database.onversionchange = () => {
    database.close(); // another page has a newer version, or empties this one
    opened = null;
  };
  return new Store(database);
}
