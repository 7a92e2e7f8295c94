// @ts-check
// One question before an act that is hard to take back.
//
// 1. One question stands at a time; a later one takes its place, and the earlier one was answered with no.
// 2. Whatever ends it but the one button means no.

import { signal } from './vendor/signals/signals-core.js';

/**
 * `text`: what it says while it stands may change. `yes` '': told only.
 * @typedef {{heading: string, text: string | (() => string), yes: string, no: string, danger?: boolean}} Question
 */

export class Sure {
  question = signal(/** @type {Question | null} */ (null));
  /** @type {(yes: boolean) => void} */ #answer = () => {};

  /** @param {Question} question @returns {Promise<boolean>} */
  ask(question) {
    this.#answer(false);
    return new Promise((resolve) => {
      this.#answer = resolve;
      this.question.value = question;
    });
  }

  /** @param {string} heading @param {string} text @param {string} no what its one button says */
  tell(heading, text, no) {
    return this.ask({ heading, text, yes: '', no });
  }

  /** @param {boolean} yes */
  answer(yes) {
    const answer = this.#answer;
    this.#answer = () => {};
    this.question.value = null;
    answer(yes);
  }
}
