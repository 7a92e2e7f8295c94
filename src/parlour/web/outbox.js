// @ts-check
// Messages on their way: written, shown, and not yet seen to be stored.
//
// 1. Each session has one message in flight; the next one leaves when it is answered, so a refusal cannot change the
//    order.
// 2. A message leaves the outbox when its delivery comes, recognised by its nonce, or when it is refused; never by
//    silence. After a lost connection it is sent again with the same nonce.
// 3. What is refused goes back to the person who wrote it, together with everything that was waiting behind it.

/**
 * `waiting`: not sent on this connection; `sent`: in flight; `stored`: answered with `Done`, its delivery is to come.
 * @typedef {{nonce: string, session: string, text: string, at: number, state: 'waiting' | 'sent' | 'stored'}} Pending
 */
/** @typedef {readonly Pending[]} Outbox in the order of writing */

/**
 * The messages that may leave now: the first of each session, unless one is in flight there.
 * @param {Outbox} outbox @returns {Pending[]}
 */
export function due(outbox) {
  const busy = new Set();
  return outbox.filter((message) => {
    if (message.state === 'stored' || busy.has(message.session)) return false;
    busy.add(message.session);
    return message.state === 'waiting';
  });
}

/** @param {Outbox} outbox @param {string} nonce @param {Pending['state']} state @returns {Outbox} */
export function marked(outbox, nonce, state) {
  return outbox.map((message) =>
    message.nonce === nonce && message.state !== 'stored' ? { ...message, state } : message,
  );
}

/** The connection is gone: nobody knows what became of what was in flight. @param {Outbox} outbox @returns {Outbox} */
export function lost(outbox) {
  return outbox.map((message) => (message.state === 'sent' ? { ...message, state: 'waiting' } : message));
}

/** Whether a message would be lost with the page. @param {Outbox} outbox */
export const unsent = (outbox) => outbox.some((message) => message.state !== 'stored');

/** The delivery is here. @param {Outbox} outbox @param {string} session @param {string} nonce @returns {Outbox} */
export function delivered(outbox, session, nonce) {
  const left = outbox.filter((message) => message.nonce !== nonce || message.session !== session);
  return left.length === outbox.length ? outbox : left;
}

/**
 * A message was refused: what stays, and what goes back to its writer.
 * @param {Outbox} outbox @param {string} nonce @returns {{outbox: Outbox, session: string, text: string} | null}
 */
export function refused(outbox, nonce) {
  const found = outbox.find((message) => message.nonce === nonce);
  if (!found || found.state === 'stored') return null;
  /** @param {Pending} message */
  const back = (message) => message.session === found.session && message.state !== 'stored';
  const text = outbox
    .filter(back)
    .map((message) => message.text)
    .join('\n');
  return { outbox: outbox.filter((message) => !back(message)), session: found.session, text };
}
