// @ts-check
// What is kept on this device: messages that are not yet seen to be stored, in IndexedDB.
//
// 1. A change is done when its transaction is complete with durability "strict": it survives the page, the browser and
//    a kill of either. Changes come one after the other, whichever tab makes them: that is the order of writing.
// 2. Everything lies under the id of the person who wrote it, and nothing is read but this person's.
// 3. A browser that keeps nothing (a private window, a full disk, a database that does not answer) costs the keeping
//    and never the sending: each call says whether it worked, and none throws or lasts for ever.

import { inOrder, moment } from './outbox.js';

/** @typedef {import('./outbox.js').Pending} Pending */

const NAME = 'parlour';
const STORE = 'outbox';
const PATIENCE = 3000;

export class Kept {
  #user;
  /** @type {Promise<IDBDatabase> | null} */ #database = null;

  /** @param {string} user */
  constructor(user) {
    this.#user = user;
  }

  /** In the order of writing. @returns {Promise<Pending[] | null>} */
  async all() {
    return asKept(await this.#run('readonly', (store) => store.getAll(this.#everything())));
  }

  /** A new one, behind all that are there: what is there then. @param {Pending} message */
  put(message) {
    return this.#change((store, rows) => {
      const there = rows.some((one) => one.id === message.id);
      store.put(this.#row(there ? message : { ...message, at: moment(rows, message.at) }));
    });
  }

  /** What is there no more stays away: what is there then. @param {Pending} message */
  change(message) {
    return this.#change((store, rows) => {
      if (rows.some((one) => one.id === message.id)) store.put(this.#row(message));
    });
  }

  /** @param {readonly string[]} ids */
  async remove(ids) {
    await this.#run('readwrite', (store) => ids.map((id) => store.delete([this.#user, id])));
  }

  /** Nothing of this person stays. */
  async forget() {
    await this.#run('readwrite', (store) => store.delete(this.#everything()));
  }

  /**
   * Look, change, look again, and nobody between.
   * @param {(store: IDBObjectStore, rows: Pending[]) => void} act @returns {Promise<Pending[] | null>}
   */
  async #change(act) {
    /** @type {{result: Pending[]}} */
    let after = { result: [] };
    const done = await this.#run('readwrite', (store) => {
      const before = store.getAll(this.#everything());
      before.onsuccess = () => {
        act(store, before.result);
        after = store.getAll(this.#everything());
      };
    });
    return asKept(done === null ? null : after);
  }

  #everything() {
    return IDBKeyRange.bound([this.#user], [this.#user, []]);
  }

  /** @param {Pending} message */
  #row({ id, nonce, session, text, at, state, refusal }) {
    const lying = state === 'failed' ? state : 'waiting';
    return { user: this.#user, id, nonce, session, text, at, state: lying, refusal };
  }

  /**
   * One transaction, until it is complete.
   * @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => T} act @returns {Promise<T | null>}
   */
  async #run(mode, act) {
    try {
      return await inTime(this.#open().then((database) => complete(database, mode, act)));
    } catch {
      this.#database = null;
      return null;
    }
  }

  #open() {
    return (this.#database ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: ['user', 'id'] });
      request.onerror = () => reject(request.error);
      request.onsuccess = () => resolve(this.#opened(request.result));
    }));
  }

  /** A later version of the page may change it, and a person may delete it. @param {IDBDatabase} database */
  #opened(database) {
    database.onversionchange = () => database.close();
    database.onclose = () => (this.#database = null);
    return database;
  }
}

/**
 * @template T @param {IDBDatabase} database @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => T} act
 * @returns {Promise<T>}
 */
function complete(database, mode, act) {
  const transaction = database.transaction(STORE, mode, { durability: 'strict' });
  return new Promise((resolve, reject) => {
    const done = act(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(done);
    transaction.onabort = () => reject(transaction.error);
  });
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function inTime(work) {
  const silent = new Error('The database does not answer.');
  const late = new Promise((_, reject) => setTimeout(() => reject(silent), PATIENCE));
  return /** @type {Promise<T>} */ (Promise.race([work, late]));
}

/** @param {{result: any[]} | null} found @returns {Pending[] | null} */
function asKept(found) {
  if (found === null) return null;
  return inOrder(found.result.map(({ user: _, refusal, ...row }) => ({ ...row, kept: true, ...(refusal && { refusal }) })));
}
