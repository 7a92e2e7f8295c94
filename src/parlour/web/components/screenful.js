// @ts-check
// How many rows fill the screen of a conversation.
//
// 1. It is guessed by the length of the texts, rather too many than too few: to know it, a browser would have to lay
//    them all out.
// 2. How high the last conversation was is remembered; before there was one, it is taken for as high as the page.

import { sight } from '../sight.js';

/** @typedef {import('../group.js').Row} Row */

/** What a row takes about, and each further line of its text, in pixels. A long text may be folded. */
const ROW = 44;
const LINE = { pixels: 24, letters: 90, most: 10 };
/** So many pixels more than one sees, to go up by a row. */
const ABOVE = 80;

let high = 0;

/** The last rows, as many as fill the screen. @param {readonly Row[]} rows */
export function screenful(rows) {
  let room = (high || sight()) + ABOVE;
  let first = rows.length;
  while (first > 0 && room > 0) room -= height(rows[--first]);
  return rows.slice(first);
}

/** Remembers the height of a conversation. @param {number} now @returns {boolean} whether a screenful was too little */
export function isHigher(now) {
  const before = high;
  high = now;
  return before > 0 && now > before;
}

/** The pixels that a row takes about. @param {Row | undefined} row */
function height(row) {
  const letters = row?.kind === 'message' ? row.said.text.length : 0;
  return ROW + LINE.pixels * Math.min(LINE.most, Math.floor(letters / LINE.letters));
}
