// @ts-check
// When those who are held come up after all: together, in one pop-up, at most each half hour.
//
// 1. The half hour begins with the first of them who waits: the pop-ups before it have just been.
// 2. A person comes up so once a day. Whoever takes an invitation back and asks again does not ring again.
// 3. It is a matter of this browser, and outlasts a reload.

import { recall, remember } from './remembered.js';

/** @type {import('./protocol.d.ts').Bounds['DIGEST_MINUTES']} */
const DIGEST_MINUTES = 30;
const EACH = DIGEST_MINUTES * 60_000;
const DAY = 86_400_000;

export class Digest {
  /** Since when somebody waits; 0: nobody does. */ #since = 0;
  /** Who came up when. @type {Map<string, number>} */ #shown = new Map();
  #user = '';

  /** @param {string} user */
  open(user) {
    this.#user = user;
    const { since, shown } = /** @type {{since?: unknown, shown?: unknown}} */ (recall('localStorage', keyOf(user)) ?? {});
    this.#since = Number(since) || 0;
    this.#shown = new Map(Object.entries(shown ?? {}).map(([name, moment]) => [name, Number(moment) || 0]));
  }

  /** Who comes up now, of those who are held. @param {readonly string[]} held @param {number} now @returns {string[]} */
  due(held, now) {
    const fresh = held.filter((name) => now - (this.#shown.get(name) ?? 0) >= DAY);
    if (fresh.length === 0) return this.#keep(0);
    if (this.#since === 0 || this.#since > now) return this.#keep(now);
    if (now - this.#since < EACH) return [];
    const before = [...this.#shown].filter(([, moment]) => now - moment < DAY);
    this.#shown = new Map([...before, ...fresh.map((name) => /** @type {[string, number]} */ ([name, now]))]);
    this.#keep(0);
    return fresh;
  }

  /** @param {number} since @returns {string[]} nobody */
  #keep(since) {
    this.#since = since;
    if (this.#user === '') return [];
    const empty = since === 0 && this.#shown.size === 0;
    remember('localStorage', keyOf(this.#user), empty ? null : { since, shown: Object.fromEntries(this.#shown) });
    return [];
  }

  /** Nothing of a person who has logged out stays here. */
  forget() {
    this.#shown.clear();
    this.#keep(0);
    this.#user = '';
  }
}

/** @param {string} user */
const keyOf = (user) => `digest ${user}`;
