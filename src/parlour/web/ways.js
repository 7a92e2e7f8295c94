// @ts-check
// The ways that a conversation offers: to its latest message, and to the first that is new.
//
// 1. A conversation that goes takes back its own, and leaves alone what the next one has told already.

/** @typedef {import('./chat.js').Latest} Latest */

/**
 * Tells a way, or that there is none.
 * @param {{value: Latest | null, peek: () => Latest | null}} where @param {Latest | null} way
 * @returns {() => void} takes it back
 */
export function told(where, way) {
  where.value = way;
  return () => {
    if (where.peek() === way) where.value = null;
  };
}
