// @ts-check
// What is kept on this device: messages that are not yet seen to be stored, in IndexedDB.
//
// 1. A change survives the page, the browser and a kill of either. Changes come one after the other, whichever tab makes
//    them: that is the order of writing.
// 2. Everything lies under the id of the person who wrote it, and nothing is read but this person's.
// 3. What is new stands in a journal from the very moment: IndexedDB comes after the picture, takes some milliseconds, and
//    gives up what a page that goes has just begun. Whichever page comes next takes it from there.
// 4. A browser that keeps nothing costs the keeping and never the sending: each call says whether it worked.

import { Database } from './database.js';
import { inOrder, moment } from './outbox.js';
import { pictured } from './pictured.js';
import { remember, rememberedUnder } from './remembered.js';

/** @typedef {import('./outbox.js').Pending} Pending */
/** @typedef {Omit<Pending, 'kept'> & {user: string}} Row */

export class Kept {
  #user;
  /** Ids of what this page has put there. @type {Set<string>} */ #begun = new Set();
  #database = new Database('parlour', 'outbox', ['user', 'id'], 'strict');

  /** @param {string} user */
  constructor(user) {
    this.#user = user;
  }

  /** In the order of writing. @returns {Promise<Pending[] | null>} */
  async all() {
    for (const message of this.#journal()) if (!this.#begun.has(message.id)) await this.#store(message);
    return asKept(await this.#database.run('readonly', (store) => store.getAll(this.#everything())));
  }

  /** A new one, behind all that are there: what is there then. @param {Pending} message */
  async put(message) {
    this.#begun.add(message.id);
    remember('localStorage', this.#place(message.id), this.#row(message));
    await pictured();
    return this.#begun.has(message.id) ? this.#store(message) : null;
  }

  /** From the journal into the database. @param {Pending} message */
  async #store(message) {
    this.#begun.add(message.id);
    const found = await this.#change((rows, put) =>
      rows.some((one) => one.id === message.id) ? rows : [...rows, put({ ...message, at: moment(rows, message.at) })],
    );
    if (found) remember('localStorage', this.#place(message.id), null);
    return found;
  }

  /** What is there no more stays away: what is there then. @param {Pending} message */
  change(message) {
    return this.#change((rows, put) => rows.map((one) => (one.id === message.id ? put(message) : one)));
  }

  /** @param {readonly string[]} ids */
  async remove(ids) {
    for (const id of ids) this.#unwrite(id);
    await this.#database.run('readwrite', (store) => ids.map((id) => store.delete([this.#user, id])));
  }

  /** Nothing of this person stays. */
  async forget() {
    for (const { id } of this.#journal()) this.#unwrite(id);
    this.#begun.clear();
    await this.#database.run('readwrite', (store) => store.delete(this.#everything()));
  }

  /**
   * Look and change, and nobody between.
   * @param {(rows: Row[], put: (message: Pending) => Row) => Row[]} act @returns {Promise<Pending[] | null>}
   */
  async #change(act) {
    const after = { result: /** @type {Row[]} */ ([]) };
    const done = await this.#database.run('readwrite', (store) => {
      /** @param {Pending} message */
      const put = (message) => {
        const row = this.#row(message);
        store.put(row);
        return row;
      };
      const before = store.getAll(this.#everything());
      before.onsuccess = () => (after.result = act(before.result, put));
    });
    return asKept(done === null ? null : after);
  }

  /** Out of the journal, and what waits for its picture does not follow. @param {string} id */
  #unwrite(id) {
    this.#begun.delete(id);
    remember('localStorage', this.#place(id), null);
  }

  /** What no page has written down in full yet. @returns {Pending[]} */
  #journal() {
    const found = rememberedUnder('localStorage', this.#place(''));
    return found.map((row) => asPending(/** @type {Row} */ (row)));
  }

  /** @param {string} id */
  #place(id) {
    return `outbox ${this.#user} ${id}`;
  }

  #everything() {
    return IDBKeyRange.bound([this.#user], [this.#user, []]);
  }

  /** @param {Pending} message @returns {Row} */
  #row({ id, nonce, session, text, at, state, refusal }) {
    const lying = state === 'failed' ? state : 'waiting';
    return { user: this.#user, id, nonce, session, text, at, state: lying, ...(refusal && { refusal }) };
  }
}

/** @param {{result: any[]} | null} found @returns {Pending[] | null} */
function asKept(found) {
  if (found === null) return null;
  return inOrder(found.result.map((row) => ({ ...asPending(row), kept: true })));
}

/** @param {Row} row @returns {Pending} */
const asPending = ({ user: _, ...row }) => ({ ...row, kept: false });
