// @ts-check
// Lines about invitations of one's own that are over, and that one does not want to see any more.
//
// 1. It is a matter of this browser: it tells nobody anything, and lasts as long as the line would.
// 2. Only what still stands in the list is remembered.

import { recall, remember } from './remembered.js';
import { signal } from './vendor/signals/signals-core.js';

/** @typedef {import('./consent.js').Asked} Asked */

export class Dismissed {
  #all = signal(/** @type {readonly string[]} */ ([]));
  #user = '';

  /** @param {string} user */
  open(user) {
    this.#user = user;
    this.#all.value = kept(user);
  }

  /** What is not dismissed. @param {readonly Asked[]} askings */
  without(askings) {
    return askings.filter((one) => one.standing === 'sent' || !this.#all.value.includes(keyOf(one)));
  }

  /** Only what is still among these is kept. @param {Asked} one @param {readonly Asked[]} askings */
  add(one, askings) {
    const there = new Set(askings.map(keyOf));
    this.#all.value = [...this.#all.peek().filter((key) => there.has(key)), keyOf(one)];
    keep(this.#user, this.#all.peek());
  }

  /** Nothing of a person who has logged out stays here. */
  forget() {
    keep(this.#user, []);
  }
}

/** @param {Asked} one */
const keyOf = (one) => `${one.name} ${one.lapses}`;

/** @param {string} user */
const placeOf = (user) => `dismissed ${user}`;

/** @param {string} user @returns {string[]} */
function kept(user) {
  const found = recall('localStorage', placeOf(user));
  return Array.isArray(found) ? found.map(String) : [];
}

/** @param {string} user @param {readonly string[]} keys */
function keep(user, keys) {
  remember('localStorage', placeOf(user), keys.length === 0 ? null : keys);
}
