// @ts-check
// What is written and not sent, kept while the tab lives.
//
// 1. It is a matter of this tab: another one, of the same person too, writes another text.
// 2. What comes back from the server stands before what was written meanwhile.

import { recall, remember } from './remembered.js';
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
  const found = Object.entries(recall('sessionStorage', keyOf(user)) ?? {});
  return new Map(found.filter(([, text]) => typeof text === 'string'));
}

/** @param {string} user @param {Texts} texts */
function keep(user, texts) {
  remember('sessionStorage', keyOf(user), texts.size === 0 ? null : Object.fromEntries(texts));
}
