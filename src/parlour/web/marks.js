// @ts-check
// Telling how far one has come: what this device has, what its person has read.
//
// 1. One mark is on its way at a time, with a pause after it; of each session the furthest counts, and what it
//    overtakes is never sent.
// 2. What the server knows already, from whichever device, is not told again.
// 3. A mark that got lost is told again when the connection is back.

/** @typedef {import('./state.js').State} State */
/** @typedef {'Delivered' | 'Read'} Kind */
/** @typedef {{type: Kind, SessionID: string, MessageID: string}} Told */
/** @typedef {ReadonlyMap<string, {delivered: number, read: number}>} Wanted by session */
/** @typedef {{error: {Code: string, RetryAfter?: number} | null}} Answer */

const PAUSE = 250;

/** @param {Wanted} wanted @param {string} session @param {Kind} kind @param {number} number @returns {Wanted} */
export function wanting(wanted, session, kind, number) {
  const before = wanted.get(session) ?? { delivered: 0, read: 0 };
  const after = { ...before, [kind === 'Read' ? 'read' : 'delivered']: number };
  return new Map(wanted).set(session, {
    delivered: Math.max(before.delivered, after.delivered),
    read: Math.max(before.read, after.read),
  });
}

/**
 * What is to be told next: what was read comes first, for it says that it was delivered.
 * @param {Wanted} wanted @param {State} state @returns {Told | null}
 */
export function due(wanted, state) {
  /** @type {Told | null} */ let next = null;
  for (const [id, { delivered, read }] of wanted) {
    const known = state.sessions.get(id)?.marks.get(state.me.id) ?? { delivered: 0, read: 0 };
    if (read > known.read) return { type: 'Read', SessionID: id, MessageID: String(read) };
    if (delivered > known.delivered) next ??= { type: 'Delivered', SessionID: id, MessageID: String(delivered) };
  }
  return next;
}

export class Marking {
  /** @type {Wanted} */ #wanted = new Map();
  #busy = false;
  #ask;
  #state;

  /** @param {(frame: Told) => Promise<Answer>} ask @param {() => State | null} state null: not connected */
  constructor(ask, state) {
    this.#ask = ask;
    this.#state = state;
  }

  /** Tell this, as soon as it is its turn. @param {Kind} kind @param {string} session @param {number} number */
  want(kind, session, number) {
    this.#wanted = wanting(this.#wanted, session, kind, number);
    void this.go();
  }

  /** Tell what is due. */
  async go() {
    if (this.#busy) return;
    this.#busy = true;
    for (let next = this.#next(); next; next = this.#next()) {
      const { error } = await this.#ask(next);
      if (error && !this.#again(next, error)) break;
      await pause(error?.RetryAfter ? error.RetryAfter * 1000 : PAUSE);
    }
    this.#busy = false;
  }

  #next() {
    const state = this.#state();
    return state && due(this.#wanted, state);
  }

  /**
   * Whether to go on after a refusal. What can never be told is forgotten.
   * @param {Told} told @param {{Code: string}} error
   */
  #again(told, error) {
    if (error.Code === 'lost') return false;
    if (error.Code === 'slow_down' || error.Code === 'unavailable' || error.Code === 'storage_full') return true;
    const wanted = new Map(this.#wanted);
    wanted.delete(told.SessionID);
    this.#wanted = wanted;
    return true;
  }
}

/** @param {number} milliseconds @returns {Promise<void>} */
const pause = (milliseconds) => new Promise((go) => setTimeout(go, milliseconds));
