// @ts-check
// The connection, and why something was refused.
//
// 1. Codes have words here; none of them is ever shown.

import { number } from '../../counts.js';

export const connection = {
  label: 'Connection',
  connecting: 'Connecting to the server.',
  lost: 'Connection lost. What you send waits here and leaves when it is back.',
  unreachable: 'The server cannot be reached.',
  back: 'Connected again.',
  retryIn: (/** @type {number} */ seconds) => `Trying again in ${number(seconds)} s`,
  trying: 'Trying again…',
  retry: 'Retry now',
  useHere: 'Use here',
  banned: 'This account may not connect.',
  elsewhere: 'Parlour was opened elsewhere.',
  abuse: 'The server has ended this connection because too much was sent.',
  ended: (/** @type {number} */ code) => `The server has ended this connection (${code}).`,
  restored: 'The server’s data was restored from an earlier state: recent messages may be missing.',
  logoutFailed: 'Logging out did not work: the server cannot be reached. Try again.',
};

/** A refusal by its code. */
export const refusals = {
  empty: 'There is nothing to see in this message.',
  too_long: 'The message is too long: at most 8,000 characters and 16 KiB.',
  malformed: 'The server cannot store this text as it is.',
  not_found: 'You are not in this conversation.',
  closed: 'This conversation is closed.',
  open: 'This conversation is open again.',
  nonce_reused: 'The server already has another text in its place.',
  gone: 'This invitation is over.',
  user_not_found: 'There is nobody with this name any more.',
  no_invitation: 'This invitation is over.',
  storage_full: 'The server’s disk is full.',
  unavailable: 'The server cannot do this now. Try again in a moment.',
  internal: 'Something went wrong in the server.',
  lost: 'The connection was lost. Try again when it is back.',
};

export const refused = {
  unknown: 'The server refused it.',
  tooMuch: 'Too many tries. Wait a moment and try again.',
  wait: (/** @type {string} */ seconds) => `Too many tries. You can try again ${seconds}.`,
  until: (/** @type {string} */ time) => `Too many tries. You can try again at ${time}.`,
  untilDay: (/** @type {string} */ day, /** @type {string} */ time) =>
    `Too many tries. You can try again on ${day} at ${time}.`,
};
