// @ts-check
// Who is typing: a signal that is over by itself.
//
// 1. Without another one it is over after five seconds; with the message that was typed, at once.
// 2. One's own typing is told every three seconds at most, and only while one writes.

/** @typedef {ReadonlyMap<string, ReadonlyMap<string, number>>} Typing by session and user: until when */

export const OVER = 5000;
export const EVERY = 3000;

/** @param {Typing} typing @param {string} session @param {string} user @param {number} now @returns {Typing} */
export function began(typing, session, user, now) {
  return new Map(typing).set(session, new Map(typing.get(session)).set(user, now + OVER));
}

/** @param {Typing} typing @param {string} session @param {string} user @returns {Typing} */
export function ended(typing, session, user) {
  const here = typing.get(session);
  if (!here?.has(user)) return typing;
  const left = new Map(here);
  left.delete(user);
  return new Map(typing).set(session, left);
}

/** Who types in this session now. @param {Typing} typing @param {string} session @param {number} now @returns {string[]} */
export function typists(typing, session, now) {
  return [...(typing.get(session) ?? [])].filter(([, until]) => until > now).map(([user]) => user);
}

/** When the next of them is over; null: nobody types. @param {Typing} typing @param {number} now @returns {number | null} */
export function nextEnd(typing, now) {
  const ends = [...typing.values()].flatMap((here) => [...here.values()]).filter((until) => until > now);
  return ends.length ? Math.min(...ends) : null;
}
