// @ts-check
// A store on this device, in IndexedDB.
//
// 1. A change is done when its transaction is complete: with durability "strict" it survives the page, the browser and
//    a kill of either.
// 2. A browser that keeps nothing (a private window, a full disk, a database that does not answer) costs the keeping
//    and no more: each call says whether it worked, and none throws or lasts for ever.

const PATIENCE = 3000;

export class Database {
  #name;
  #store;
  #keyPath;
  #durability;
  /** @type {Promise<IDBDatabase> | null} */ #opened = null;

  /** @param {string} name @param {string} store @param {string | string[]} keyPath @param {IDBTransactionDurability} durability */
  constructor(name, store, keyPath, durability) {
    this.#name = name;
    this.#store = store;
    this.#keyPath = keyPath;
    this.#durability = durability;
  }

  /**
   * One transaction, until it is complete; null: it came to nothing.
   * @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => T} act @returns {Promise<T | null>}
   */
  async run(mode, act) {
    try {
      return await inTime(this.#open().then((database) => this.#complete(database, mode, act)));
    } catch {
      this.#opened = null;
      return null;
    }
  }

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return (this.#opened ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(this.#name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(this.#store, { keyPath: this.#keyPath });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(this.#watched(request.result));
    }));
  }

  /** A later version of the page may change it, and a person may delete it. @param {IDBDatabase} database */
  #watched(database) {
    database.onversionchange = () => database.close();
    database.onclose = () => (this.#opened = null);
    return database;
  }

  /**
   * @template T @param {IDBDatabase} database @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => T} act
   * @returns {Promise<T>}
   */
  #complete(database, mode, act) {
    const transaction = database.transaction(this.#store, mode, { durability: this.#durability });
    return new Promise((resolve, reject) => {
      const done = act(transaction.objectStore(this.#store));
      transaction.oncomplete = () => resolve(done);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function inTime(work) {
  const silent = new Error('The database does not answer.');
  const late = new Promise((_, reject) => setTimeout(() => reject(silent), PATIENCE));
  return /** @type {Promise<T>} */ (Promise.race([work, late]));
}
