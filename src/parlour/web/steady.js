// @ts-check
// A map that stays the same one until something in it has changed.
//
// 1. What is painted from it is painted anew for a change, and for nothing else.

/** @template T */
export class Steady {
  /** @type {ReadonlyMap<string, T>} */ #before = new Map();

  /** @param {Iterable<readonly [string, T]>} entries @returns {ReadonlyMap<string, T>} */
  of(entries) {
    const now = new Map(entries);
    const same = now.size === this.#before.size && [...now].every(([key, one]) => this.#before.get(key) === one);
    return same ? this.#before : (this.#before = now);
  }
}
