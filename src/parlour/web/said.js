// @ts-check
// Everything that is said in a conversation, as it stands in the timeline: what is stored, then what is on its way.
//
// 1. What is on its way and what it becomes have one key: its row stays.
// 2. What has not changed is the same object.
// 3. Whoever is not at the end sees nothing of what is on its way, since that comes behind the end.

import { standing } from './outbox.js';
import { reason } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/** @typedef {import('./group.js').Said} Said */
/** @typedef {import('./state.js').Session} Session */
/** @typedef {import('./state.js').Stored} Stored */

/** @param {Chat} chat @param {Session | null} session @param {import('./window.js').Window | null} window @returns {Said[]} */
export function saidIn(chat, session, window) {
  if (!session) return [];
  const me = chat.me.value?.id ?? '';
  const reached = furthest(session, me);
  const stored = (window?.messages ?? []).map((one) => asSaid(one, one.sender === me ? far(one.number, reached) : 'theirs'));
  if (window?.newer) return stored;
  const here = new Set(stored.map((one) => one.key));
  const pending = chat.sending.outbox.value.filter(
    (one) => one.session === session.id && !here.has(`${me} ${one.nonce}`),
  );
  return [...stored, ...pending.map((one) => onItsWay(chat, me, one))];
}

/** @type {WeakMap<Stored, Said>} */ const known = new WeakMap();

/** @param {Stored} one @param {Said['state']} state @returns {Said} */
function asSaid(one, state) {
  const before = known.get(one);
  if (before?.state === state) return before;
  const said = { key: one.key, number: one.number, sender: one.sender, at: one.at, text: one.text, state };
  known.set(one, said);
  return said;
}

/** How far one's own messages have come: the furthest of the others counts. @param {Session} session @param {string} me */
function furthest({ marks }, me) {
  const others = [...marks].filter(([id]) => id !== me).map(([, mark]) => mark);
  return {
    delivered: Math.max(0, ...others.map((mark) => mark.delivered)),
    read: Math.max(0, ...others.map((mark) => mark.read)),
  };
}

/** @param {number} number @param {ReturnType<typeof furthest>} reached @returns {Said['state']} */
const far = (number, { delivered, read }) => (number <= read ? 'read' : number <= delivered ? 'delivered' : 'stored');

/** @param {Chat} chat @param {string} me @param {import('./outbox.js').Pending} one @returns {Said} */
function onItsWay({ sending, live }, me, { id, nonce, at, text, refusal, ...one }) {
  const state = standing(sending.outbox.value, id, live.value);
  const why = refusal && one.state === 'failed' ? reason(refusal, Date.now()) : '';
  return { key: `${me} ${nonce}`, number: Infinity, sender: me, at, text, state, id, why };
}
