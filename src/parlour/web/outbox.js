// @ts-check
// Messages on their way: written, kept on this device, shown, and not yet seen to be stored.
//
// 1. All tabs have one order, the one in which messages came onto the device. In each session one is in flight; the next
//    one leaves when that is answered, so a refusal cannot change the order.
// 2. A message leaves the outbox when its delivery comes, recognised by its nonce, or because the person who wrote it
//    says so; never by silence. After a lost connection it is sent again with the same nonce.
// 3. What is refused for good stays as failed, in its place: whatever was written behind it waits until it is tried
//    again or deleted. Only where the conversation is closed everything goes back to the person who wrote it.

/** @typedef {import('./connection.js').Refusal} Refusal */
/**
 * `writing`: not yet on the device; `waiting`: to be sent; `sent`: in flight; `stored`: answered with `Done`, its
 * delivery is to come; `failed`: refused.
 * @typedef {'writing' | 'waiting' | 'sent' | 'stored' | 'failed'} State
 */
/**
 * @typedef {object} Pending
 * @property {string} id stays the same when a refused nonce is given up for another one
 * @property {string} nonce
 * @property {string} session
 * @property {string} text
 * @property {number} at when it was written; no two on the device are of the same moment
 * @property {State} state
 * @property {boolean} kept whether the device has it as it is, so that it survives this page
 * @property {number} [until] not to be sent before
 * @property {number} [tries] how often the server could not take it
 * @property {number} [number] under which it was stored
 * @property {Refusal} [refusal] why it failed
 */
/** @typedef {readonly Pending[]} Outbox in the order of writing; what was written in other tabs is among it */

/**
 * How one shows where a message stands. `behind` a failed one; `later`: the server could not take it; `waiting` for the
 * connection.
 * @typedef {'stored' | 'failed' | 'behind' | 'later' | 'waiting' | 'sending'} Standing
 */

const MOST_PAUSE = 60;

/** A moment for a new message, later than all that there are. @param {readonly {at: number}[]} outbox @param {number} now */
export const moment = (outbox, now) => outbox.reduce((at, message) => Math.max(at, message.at + 1), now);

/** The order of writing, the same in every tab. @template {Pending} T @param {readonly T[]} messages @returns {T[]} */
export const inOrder = (messages) =>
  [...messages].sort((one, other) => one.at - other.at || (one.id < other.id ? -1 : 1));

/**
 * The messages that this tab may send now: the first of each session, unless one is in flight there, or failed. What is
 * not on the device no other tab can send.
 * @param {Outbox} outbox @param {boolean} all whether this tab sends for all @param {number} now @returns {Pending[]}
 */
export function due(outbox, all, now) {
  const busy = new Set();
  return outbox.filter((message) => {
    if (message.state === 'stored' || busy.has(message.session)) return false;
    busy.add(message.session);
    return (all || !message.kept) && message.state === 'waiting' && (message.until ?? 0) <= now;
  });
}

/** When something is due that is not due yet. @param {Outbox} outbox @param {number} now */
export function nextDue(outbox, now) {
  const times = outbox.flatMap((one) => (one.state === 'waiting' && (one.until ?? 0) > now ? [one.until ?? 0] : []));
  return times.length === 0 ? null : Math.min(...times);
}

/** @param {Outbox} outbox @param {string} id @param {Partial<Pending>} fields @returns {Outbox} */
export function changed(outbox, id, fields) {
  return outbox.map((message) =>
    message.id === id && message.state !== 'stored' ? { ...message, ...fields } : message,
  );
}

/** The connection is gone, or another tab sends now: nobody knows what became of what was in flight. @param {Outbox} outbox @returns {Outbox} */
export function lost(outbox) {
  return outbox.map((message) => (message.state === 'sent' ? { ...message, state: 'waiting' } : message));
}

/** Whether a message is not stored yet. @param {Outbox} outbox */
export const unsent = (outbox) => outbox.some((message) => message.state !== 'stored');

/** Whether a message would be lost with the page. @param {Outbox} outbox */
export const atRisk = (outbox) => outbox.some((message) => message.state !== 'stored' && !message.kept);

/** The delivery is here. @param {Outbox} outbox @param {string} session @param {string} nonce @returns {Outbox} */
export const delivered = (outbox, session, nonce) =>
  filtered(outbox, (message) => message.nonce !== nonce || message.session !== session);

/**
 * What stands in the sessions is no longer on its way: recognised by its nonce, or by the number that `Done` gave.
 * @param {Outbox} outbox @param {(message: Pending) => boolean} stands @param {(session: string) => number} head
 */
export const settled = (outbox, stands, head) =>
  filtered(
    outbox,
    (message) => !stands(message) && !(message.number !== undefined && message.number <= head(message.session)),
  );

/**
 * The server has begun anew from an earlier state: what it had stored may be there no more. What is still on the device
 * is found there, and what never was is sent again.
 * @param {Outbox} outbox @returns {Outbox}
 */
export const restored = (outbox) =>
  outbox
    .filter((message) => message.state !== 'stored' || !message.kept)
    .map((message) => (message.state === 'stored' ? { ...message, state: 'waiting' } : message));

/** @param {Outbox} outbox @param {(message: Pending) => boolean} stays @returns {Outbox} */
function filtered(outbox, stays) {
  const left = outbox.filter(stays);
  return left.length === outbox.length ? outbox : left;
}

// ----------------------------------------------------------------------------------------------------------- refusals

/**
 * What becomes of a refused message: it stays on its way, it goes back to the person, or it failed.
 * @param {string} code @returns {'later' | 'back' | 'failed'}
 */
export function fate(code) {
  if (code === 'closed') return 'back';
  return ['lost', 'slow_down', 'unavailable', 'storage_full'].includes(code) ? 'later' : 'failed';
}

/**
 * The server cannot take it now: it is sent again when the server says, or after a pause that doubles.
 * @param {Outbox} outbox @param {string} id @param {Refusal} refusal @param {number} now @returns {Outbox}
 */
export function postponed(outbox, id, refusal, now) {
  return outbox.map((message) => {
    if (message.id !== id || message.state !== 'sent') return message;
    const tries = (message.tries ?? 0) + 1;
    const pause = refusal.RetryAfter ?? Math.min(MOST_PAUSE, 2 ** tries);
    return /** @type {Pending} */ ({ ...message, state: 'waiting', tries, until: now + pause * 1000 });
  });
}

/**
 * A conversation is closed: what stays, and what goes back to its writer.
 * @param {Outbox} outbox @param {string} session @returns {{outbox: Outbox, text: string} | null}
 */
export function returned(outbox, session) {
  const back = outbox.filter((message) => message.session === session && message.state !== 'stored');
  if (back.length === 0) return null;
  const text = back.map((message) => message.text).join('\n');
  return { outbox: outbox.filter((message) => !back.includes(message)), text };
}

// --------------------------------------------------------------------------------------------------------------- tabs

/**
 * What is on the device now, with what this tab alone knows: how far it has come with sending, and what is not on the
 * device yet. What is there no more has left by another tab.
 * @param {Outbox} outbox @param {Outbox} device @returns {Outbox}
 */
export function merged(outbox, device) {
  const known = new Map(outbox.map((message) => [message.id, message]));
  const there = new Set(device.map((message) => message.id));
  const here = outbox.filter((message) => !there.has(message.id) && (!message.kept || message.state === 'stored'));
  return inOrder([...here, ...device.map((copy) => agreed(known.get(copy.id), copy))]);
}

/**
 * One message as this tab knows it, and as the device has it. What is known here and not yet there, counts.
 * @param {Pending | undefined} known @param {Pending} copy
 */
function agreed(known, copy) {
  if (known && (!known.kept || known.state === 'stored')) return known;
  const same = known && known.nonce === copy.nonce && known.state !== 'failed' && copy.state !== 'failed';
  return same ? { ...known, at: copy.at } : copy;
}

/**
 * What one waits for, or that failed: by session, the text of the last one.
 * @param {Outbox} outbox @param {boolean} live @returns {(readonly [string, string])[]}
 */
export function unsentTexts(outbox, live) {
  const stuck = new Set(outbox.filter((one) => one.state === 'failed').map((one) => one.session));
  /** @param {Pending} one as `standing` says, of all at once */
  const waits = (one) => !live || stuck.has(one.session) || (one.state === 'waiting' && one.until !== undefined);
  const found = outbox.filter((one) => one.state !== 'stored' && waits(one));
  return found.map((one) => [one.session, one.text]);
}

/**
 * Where a message stands, for its row.
 * @param {Outbox} outbox @param {string} id @param {boolean} live @returns {Standing}
 */
export function standing(outbox, id, live) {
  const at = outbox.findIndex((one) => one.id === id);
  const message = outbox[at];
  if (!message) return 'stored';
  if (message.state === 'stored' || message.state === 'failed') return message.state;
  if (outbox.slice(0, at).some((one) => one.session === message.session && one.state === 'failed')) return 'behind';
  if (!live) return 'waiting';
  return message.state === 'waiting' && message.until !== undefined ? 'later' : 'sending';
}
