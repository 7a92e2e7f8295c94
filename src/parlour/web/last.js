// @ts-check
// What the page knew when it was here last, for when the server cannot be reached: the list and the newest messages.
//
// 1. It is written when there is nothing else to do, and only what has changed.
// 2. It is of one person, the one who came last, whatever another tab still shows. Whoever logs out, or whose login has
//    ended, leaves nothing here.
// 3. It is never more than what was known: who is Online is not kept, and what the server tells takes its place.
// 4. What another release wrote is not read: what is known may have another form by now.

import { Database } from './database.js';
import { idle } from './idle.js';
import { byActivity } from './state.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {Omit<State, 'sessions' | 'online' | 'gathering'>} Facts */
/** @typedef {{id: string, user: string, release: string, facts?: Facts, session?: Session}} Row */

const FACTS = '';
const SESSIONS = 50;
const MESSAGES = 50;
const AT_ONCE = 20;
const PAUSE = 2000;
const RELEASE = /\/web\/(@\w+)\//u.exec(import.meta.url)?.[1] ?? '';

export class Last {
  #database = new Database('parlour last', 'last', 'id', 'relaxed');
  /** Ends with the login, and with the page. */ #over = false;
  /** @type {State | null} */ #state = null;
  /** What lies there, of what this page has written. @type {Map<string, Session>} */ #lies = new Map();
  #waiting = false;

  /** What was known then. @returns {Promise<State | null>} */
  async read() {
    const found = await this.#database.run('readonly', (store) => store.getAll());
    /** @type {Row[]} */ const rows = found?.result ?? [];
    const facts = rows.find((row) => row.id === FACTS && row.release === RELEASE)?.facts;
    if (!facts || this.#over) return null;
    const sessions = rows.flatMap((row) => (row.session && row.release === RELEASE ? [row.session] : []));
    return { ...facts, sessions: new Map(sessions.map((one) => [one.id, one])), online: new Set(), gathering: null };
  }

  /** The server has told whose page this is. What lies there of anybody else goes. @param {string} user */
  async begin(user) {
    await this.#as(null, (store, whose) => {
      if (whose !== user) store.clear();
      if (whose !== user) store.put({ id: FACTS, user, release: RELEASE });
    });
  }

  /** What is known now. @param {State} state */
  follow(state) {
    this.#state = state;
    if (this.#waiting) return;
    this.#waiting = true;
    setTimeout(() => idle(() => void this.#write()), PAUSE);
  }

  stop() {
    this.#over = true;
  }

  /** Nothing of a person who has logged out stays here; what is another one's by now does. */
  async forget() {
    this.#over = true;
    await this.#as(this.#state?.me.id ?? null, (store) => store.clear());
  }

  /**
   * Act on what lies there, unless it is another one's; null: whosever it is.
   * @param {string | null} user @param {(store: IDBObjectStore, whose: string | undefined) => void} act
   */
  #as(user, act) {
    return this.#database.run('readwrite', (store) => {
      const found = store.get(FACTS);
      found.onsuccess = () => {
        const whose = /** @type {Row | undefined} */ (found.result)?.user;
        if (user === null || whose === user) act(store, whose);
      };
    });
  }

  /** Some of what has changed; the rest in the next quiet moment. */
  async #write() {
    const state = this.#state;
    if (!state || this.#over) return;
    const changed = this.#changed(state);
    for (const [id, session] of changed) this.#lies.set(id, session);
    await this.#as(state.me.id, (store) => this.#put(store, state, changed));
    if (changed.length === AT_ONCE) return idle(() => void this.#write());
    this.#waiting = false;
    if (this.#state !== state) this.follow(this.#state ?? state);
  }

  /** @param {State} state @returns {[string, Session][]} */
  #changed(state) {
    return [...state.sessions].filter(([id, session]) => this.#lies.get(id) !== session).slice(0, AT_ONCE);
  }

  /** @param {IDBObjectStore} store @param {State} state @param {[string, Session][]} changed */
  #put(store, state, changed) {
    const recent = new Set(byActivity(state).slice(0, SESSIONS).map((one) => one.id));
    const whose = { user: state.me.id, release: RELEASE };
    for (const [id, session] of changed)
      store.put({ id, ...whose, session: shortened(session, recent.has(id) ? MESSAGES : 1) });
    if (changed.length === AT_ONCE) return;
    const { sessions, online: _online, gathering: _gathering, ...facts } = state;
    store.put({ id: FACTS, ...whose, facts });
    sweep(store, sessions);
  }
}

/** What lies there and is known no more. @param {IDBObjectStore} store @param {State['sessions']} sessions */
function sweep(store, sessions) {
  const lying = store.getAllKeys();
  lying.onsuccess = () => {
    for (const id of lying.result) if (id !== FACTS && !sessions.has(String(id))) store.delete(id);
  };
}

/** @param {Session} session @param {number} most @returns {Session} */
function shortened(session, most) {
  if (session.messages.length <= most) return session;
  return { ...session, messages: session.messages.slice(-most), more: true };
}
