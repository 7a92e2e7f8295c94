// @ts-check
// Nonces: what makes a message repeatable.
//
// 1. Seven characters of the clock's milliseconds come first, the highest digit first, in an alphabet that sorts as it
//    counts: nonces made later sort later, so the server's index over them grows at its end.
// 2. What makes a nonce unique is the chance behind it, from the system's own source.

const ALPHABET = '-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz';
const CLOCK = 7;
const CHANCE = 12;

/** The clock's milliseconds in seven digits of base 64. @param {number} milliseconds */
export function stamp(milliseconds) {
  let digits = '';
  for (let left = milliseconds, i = 0; i < CLOCK; i++, left = Math.floor(left / 64))
    digits = ALPHABET[left % 64] + digits;
  return digits;
}

/** A new nonce. @param {number} [now] milliseconds @returns {string} */
export function nonce(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(CHANCE));
  return stamp(now) + Array.from(bytes, (byte) => ALPHABET[byte & 63]).join('');
}
