// @ts-check
// Which part of a session's messages stands in the page.
//
// 1. At most 300 messages without a hole, so that ten thousand cost no more than three hundred.
// 2. A window without `newer` ends where the session ends and grows with it. Whoever reads further up is not disturbed:
//    the window then lets go of the end, and paging down finds it again.

/** @typedef {import('./state.js').Stored} Stored */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {{messages: readonly Stored[], older: boolean, newer: boolean, generation: number}} Window */

export const MOST = 300;
export const PAGE = 100;

/** The end of the session. @param {Session} session @returns {Window} */
export function newest(session) {
  return { messages: session.messages, older: session.more, newer: false, generation: session.generation };
}

/** @param {Window} window */
const lastNumber = (window) => window.messages[window.messages.length - 1]?.number ?? 0;

/**
 * The session went on, or was taken anew. @param {Window} window @param {Session} session
 * @param {boolean} atEnd whether the reader looks at the window's end @returns {Window}
 */
export function follow(window, session, atEnd) {
  if (window.generation !== session.generation) return newest(session);
  if (window.newer) return window;
  const last = lastNumber(window);
  const fresh = session.messages.filter((message) => message.number > last);
  if (fresh.length === 0) return window;
  if (fresh.length === session.messages.length && session.more && window.messages.length > 0)
    return atEnd ? newest(session) : { ...window, newer: true };
  const messages = [...window.messages, ...fresh];
  if (messages.length <= MOST) return { ...window, messages };
  return atEnd ? { ...window, messages: messages.slice(-MOST), older: true } : { ...window, newer: true };
}

/**
 * A page from before the window.
 * @param {Window} window @param {readonly Stored[]} page @param {boolean} more @returns {Window}
 */
export function earlier(window, page, more) {
  const messages = [...page, ...window.messages];
  if (messages.length <= MOST) return { ...window, messages, older: more };
  return { ...window, messages: messages.slice(0, MOST), older: more, newer: true };
}

/**
 * A page from behind the window.
 * @param {Window} window @param {readonly Stored[]} page @param {number} head @returns {Window}
 */
export function later(window, page, head) {
  const messages = [...window.messages, ...page];
  const cut = messages.length > MOST;
  const next = { ...window, messages: cut ? messages.slice(-MOST) : messages, older: window.older || cut };
  return { ...next, newer: page.length > 0 && lastNumber(next) < head };
}

/**
 * A page from the middle of the session, instead of what stood there.
 * @param {Session} session @param {readonly Stored[]} page @param {boolean} more @returns {Window}
 */
export function around(session, page, more) {
  return { messages: page, older: (page[0]?.number ?? 0) > 1, newer: more, generation: session.generation };
}
