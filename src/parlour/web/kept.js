// @ts-check
// What is kept on this device: messages that are not yet seen to be stored, in IndexedDB.
//
// 1. A change is done when its transaction is complete with durability "strict": it survives the page, the browser and
//    a kill of either.
// 2. Everything lies under the id of the person who wrote it, and nothing is read but this person's.
// 3. A browser that keeps nothing (a private window, a full disk, a database that does not answer) costs the keeping
//    and never the sending: each call says whether it worked, and none throws or lasts for ever.

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
    const found = await this.#run('readonly', (store) => store.getAll(this.#everything()));
    return found && /** @type {Pending[]} */ (found.result).sort((one, other) => one.at - other.at).map(asKept);
  }

  /** @param {Pending} message @returns {Promise<boolean>} */
  async put(message) {
    return (await this.#run('readwrite', (store) => store.put(this.#row(message)))) !== null;
  }

  /** What is there no more stays away. @param {Pending} message @returns {Promise<boolean>} */
  async change(message) {
    const done = await this.#run('readwrite', (store) => {
      const found = store.get([this.#user, message.id]);
      found.onsuccess = () => found.result && store.put(this.#row(message));
      return found;
    });
    return done?.result !== undefined && done !== null;
  }

  /** @param {readonly string[]} ids */
  async remove(ids) {
    await this.#run('readwrite', (store) => ids.map((id) => store.delete([this.#user, id])));
  }

  /** Nothing of this person stays. */
  async forget() {
    await this.#run('readwrite', (store) => store.delete(this.#everything()));
  }

  /** What a tab has left behind gets another one. @param {string} from @param {string} to */
  async adopt(from, to) {
    await this.#run('readwrite', (store) => {
      const found = store.getAll(this.#everything());
      found.onsuccess = () => {
        for (const one of found.result) if (one.tab === from) store.put({ ...one, tab: to });
      };
    });
  }

  #everything() {
    return IDBKeyRange.bound([this.#user], [this.#user, []]);
  }

  /** @param {Pending} message */
  #row({ id, nonce, session, text, at, tab, state, refusal }) {
    const lying = state === 'failed' ? state : 'waiting';
    return { user: this.#user, id, nonce, session, text, at, tab, state: lying, refusal };
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

/** @param {any} row @returns {Pending} */
function asKept({ user: _, refusal, ...message }) {
  return { ...message, kept: true, ...(refusal ? { refusal } : {}) };
}
