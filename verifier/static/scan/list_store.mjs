// SPDX-License-Identifier: Apache-2.0
/** Where the list is kept: a database of its own, so that a reload loses nothing; memory where the browser has none. */

const NAME = "product-passport-list";
const ROWS = "rows";

function ask(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function open() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(ROWS, { keyPath: "key" });
  return ask(request);
}

export class ListStore {
  #database;
  isKept = true; // false: it lasts as long as the page

  /** @param {() => void} onLost when the browser does not keep it, or stops to */
  constructor(onLost) {
    this.onLost = onLost;
  }

  #lose = () => {
    if (this.isKept) this.onLost();
    this.isKept = false;
  };

  /** @returns {Promise<object[]>} the rows of earlier visits, oldest first */
  async load() {
    try {
      this.#database = await open();
      // A second tab may want another version one day, and the browser may throw it all away.
      this.#database.onversionchange = () => this.#database.close();
      this.#database.onclose = this.#lose;
      const rows = await ask(this.#database.transaction(ROWS).objectStore(ROWS).getAll());
      return rows.sort((one, other) => one.number - other.number);
    } catch {
      this.#lose();
      return [];
    }
  }

  async #write(change) {
    if (!this.isKept) return;
    try {
      const transaction = this.#database.transaction(ROWS, "readwrite");
      change(transaction.objectStore(ROWS));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      this.#lose();
    }
  }

  put = (row) => this.#write((rows) => rows.put(row));
  clear = () => this.#write((rows) => rows.clear());
}
