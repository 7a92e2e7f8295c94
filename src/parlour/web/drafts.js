// @ts-check
// What is written and not sent, kept while the tab lives.
//
// 1. Each person's texts lie under a key of their own; logging out removes them, and nothing empty is kept.
// 2. A browser that keeps nothing, or something unreadable, costs the texts of a reload and no more.

import { signal } from './vendor/signals/signals-core.js';

/** @typedef {ReadonlyMap<string, string>} Texts by session */

export class Drafts {
  all = signal(/** @type {Texts} */ (new Map()));
  #user = '';

  /** What was kept of this person. @param {string} user */
  open(user) {
    this.#user = user;
    this.all.value = kept(user);
  }

  /** @param {string} session @param {string} text */
  write(session, text) {
    if ((this.all.peek().get(session) ?? '') === text) return;
    const next = new Map(this.all.peek());
    if (text === '') next.delete(session);
    else next.set(session, text);
    this.all.value = next;
    keep(this.#user, next);
  }

  /** A text comes back, before what was written meanwhile. @param {string} session @param {string} text */
  giveBack(session, text) {
    const texts = [text, this.all.peek().get(session) ?? ''];
    this.write(session, texts.filter((one) => one !== '').join('\n'));
  }

  /** Nothing of a person who has logged out stays here. */
  forget() {
    keep(this.#user, new Map());
  }
}

/** @param {string} user */
const keyOf = (user) => `drafts ${user}`;

/** @param {string} user @returns {Texts} */
function kept(user) {
  try {
    const found = JSON.parse(sessionStorage.getItem(keyOf(user)) ?? '{}');
    return new Map(Object.entries(found).filter(([, text]) => typeof text === 'string'));
  } catch {
    return new Map();
  }
}

/** @param {string} user @param {Texts} texts */
function keep(user, texts) {
  try {
    if (texts.size === 0) sessionStorage.removeItem(keyOf(user));
    else sessionStorage.setItem(keyOf(user), JSON.stringify(Object.fromEntries(texts)));
  } catch {
    // Kept in the page alone.
  }
}
