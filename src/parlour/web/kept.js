// @ts-check
// What is kept on this device: messages that are not yet seen to be stored, in IndexedDB.
//
// 1. A change survives the page, the browser and a kill of either. Changes come one after the other, whichever tab makes
//    them: that is the order of writing.
// 2. Everything lies under the id of the person who wrote it, and nothing is read but this person's.
// 3. A browser that keeps nothing costs the keeping and never the sending: each call says whether it worked.

import { Database } from './database.js';
import { inOrder, moment } from './outbox.js';

/** @typedef {import('./outbox.js').Pending} Pending */

export class Kept {
  #user;
  #database = new Database('parlour', 'outbox', ['user', 'id'], 'strict');

  /** @param {string} user */
  constructor(user) {
    this.#user = user;
  }

  /** In the order of writing. @returns {Promise<Pending[] | null>} */
  async all() {
    return asKept(await this.#database.run('readonly', (store) => store.getAll(this.#everything())));
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
    await this.#database.run('readwrite', (store) => ids.map((id) => store.delete([this.#user, id])));
  }

  /** Nothing of this person stays. */
  async forget() {
    await this.#database.run('readwrite', (store) => store.delete(this.#everything()));
  }

  /**
   * Look, change, look again, and nobody between.
   * @param {(store: IDBObjectStore, rows: Pending[]) => void} act @returns {Promise<Pending[] | null>}
   */
  async #change(act) {
    /** @type {{result: Pending[]}} */
    let after = { result: [] };
    const done = await this.#database.run('readwrite', (store) => {
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
}

/** @param {{result: any[]} | null} found @returns {Pending[] | null} */
function asKept(found) {
  if (found === null) return null;
  return inOrder(found.result.map(({ user: _, refusal, ...row }) => ({ ...row, kept: true, ...(refusal && { refusal }) })));
}
