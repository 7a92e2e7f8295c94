// @ts-check
// What one has chosen: switches for all conversations and for one, as they stand on the screen.
//
// 1. A switch moves at once. If the server refuses, it comes back with a sentence beside it.
// 2. What was chosen last counts: an answer to an earlier choice changes nothing.
// 3. What the server tells is told after all: all tabs and devices come to show the same.

import { signal } from './vendor/signals/signals-core.js';
import { forAll } from './state.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./state.js').Switch} Switch */
/** @typedef {import('./connection.js').Refusal} Refusal */
/** @typedef {import('./protocol.d.ts').OwnSettings['WhoMayInvite']} WhoMayInvite */
/** @typedef {Switch | 'WhoMayInvite'} Name */
/** @typedef {boolean | WhoMayInvite} Value */
/** @typedef {{type: 'Settings', SessionID?: string, [name: string]: unknown}} Change */
/** @typedef {{value: Value, turn: number}} Pending */

export class Choices {
  #ask;
  #state;
  #pending = signal(/** @type {ReadonlyMap<string, Pending>} */ (new Map()));
  #refused = signal(/** @type {ReadonlyMap<string, Refusal>} */ (new Map()));
  #turns = 0;

  /**
   * @param {(frame: Change) => Promise<{error: Refusal | null}>} ask
   * @param {{readonly value: State | null}} state
   */
  constructor(ask, state) {
    this.#ask = ask;
    this.#state = state;
  }

  /**
   * Whether a switch is on: for all, or in one conversation.
   * @param {Switch} what @param {Session | null} [session] @returns {boolean}
   */
  on(what, session = null) {
    const pending = this.#pending.value.get(keyOf(what, session));
    if (pending) return pending.value === true;
    const state = this.#state.value;
    if (!state) return false;
    if (!session) return forAll(state, what);
    return session.settings[what] ?? this.on(what);
  }

  /** @returns {WhoMayInvite} */
  whoMayInvite() {
    const pending = this.#pending.value.get(keyOf('WhoMayInvite', null));
    const value = pending?.value ?? this.#state.value?.settings.WhoMayInvite ?? 'everyone';
    return /** @type {WhoMayInvite} */ (value);
  }

  /** Why the last choice came back. @param {Name} what @param {Session | null} [session] @returns {Refusal | null} */
  refused(what, session = null) {
    return this.#refused.value.get(keyOf(what, session)) ?? null;
  }

  /** @param {Name} what @param {Value} value @param {Session | null} [session] */
  async choose(what, value, session = null) {
    const key = keyOf(what, session);
    const turn = ++this.#turns;
    this.#refused.value = put(this.#refused.value, key, null);
    this.#pending.value = put(this.#pending.value, key, { value, turn });
    const { error } = await this.#ask({ type: 'Settings', ...(session ? { SessionID: session.id } : {}), [what]: value });
    if (this.#pending.value.get(key)?.turn !== turn) return;
    this.#pending.value = put(this.#pending.value, key, null);
    this.#refused.value = put(this.#refused.value, key, error);
  }

  /** The sentences go with the page that they stood on. */
  forgive() {
    this.#refused.value = new Map();
  }
}

/** @param {Name} what @param {Session | null} session */
const keyOf = (what, session) => `${what} ${session?.id ?? ''}`;

/** @template T @param {ReadonlyMap<string, T>} map @param {string} key @param {T | null} value */
function put(map, key, value) {
  const next = new Map(map);
  if (value === null) next.delete(key);
  else next.set(key, value);
  return next;
}
