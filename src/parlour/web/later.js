// @ts-check
// A part of the page that is loaded when it is wanted.
//
// 1. It is loaded once. What did not come may be wanted again; a browser tries it anew with the next load of the page.

import { signal } from './vendor/signals/signals-core.js';

/** @template T */
export class Later {
  /** What was loaded, once it is there. */
  part = signal(/** @type {T | null} */ (null));
  #load;

  /** @param {() => Promise<T>} load */
  constructor(load) {
    this.#load = load;
  }

  /** @returns {Promise<boolean>} whether it is there */
  async fetch() {
    if (this.part.peek() !== null) return true;
    try {
      this.part.value = await this.#load();
    } catch {
      return false;
    }
    return true;
  }
}
