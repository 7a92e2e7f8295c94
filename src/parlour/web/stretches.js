// @ts-check
// The rows of a timeline in stretches, each of which a browser can leave out as a whole while it is out of sight.
//
// 1. A row stays in its stretch, whatever comes before or behind it: to move it would be to make it anew.
// 2. A day, and the line above what is new, stand in one stretch with the message that follows.

/** @typedef {import('./group.js').Row} Row */
/** @typedef {{key: number, rows: Row[]}} Stretch */

export const LENGTH = 16;

export class Stretches {
  /** In which one each row stands. @type {ReadonlyMap<string, number>} */ #places = new Map();
  #count = 0;

  /** @param {readonly Row[]} rows @returns {Stretch[]} */
  of(rows) {
    /** @type {Map<number, Stretch>} */
    const all = new Map();
    /** @type {Stretch | undefined} */
    let last;
    rows.forEach((row, i) => {
      const key = this.#placeOf(row, rows[i + 1], last);
      if (!last || key !== last.key) last = this.#begin(all, key);
      last.rows.push(row);
    });
    const found = [...all.values()];
    this.#places = new Map(found.flatMap(({ key, rows }) => rows.map((one) => [one.key, key])));
    return found;
  }

  /** @param {Row} row @param {Row | undefined} next @param {Stretch | undefined} last */
  #placeOf(row, next, last) {
    const own = this.#places.get(row.key);
    if (own !== undefined) return own;
    const following = this.#places.get(next?.key ?? '');
    if (following !== undefined && row.kind !== 'message') return following;
    return last && hasRoom(last) ? last.key : ++this.#count;
  }

  /** Where the rows of one have come apart, the later ones are another. @param {Map<number, Stretch>} all @param {number} key */
  #begin(all, key) {
    const stretch = /** @type {Stretch} */ ({ key: all.has(key) ? ++this.#count : key, rows: [] });
    all.set(stretch.key, stretch);
    return stretch;
  }
}

/** @param {Stretch} stretch */
const hasRoom = ({ rows }) => rows.length < LENGTH || rows[rows.length - 1]?.kind !== 'message';
