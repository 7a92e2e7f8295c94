// @ts-check
// The rows of a timeline: days, and runs of one sender.
//
// 1. Messages of one sender within five minutes and on one day are one run; the first and the last of a run look
//    different.
// 2. A row's key stays the same from the moment a message is shown as pending until it is stored and beyond.
// 3. What has not changed is the same object, so that whoever paints it sees that at once.

const RUN = 5 * 60_000;

/** @typedef {'theirs' | 'delivered' | 'read' | import('./outbox.js').Standing} SaidState */
/**
 * @typedef {object} Said
 * @property {string} key
 * @property {number} number
 * @property {string} sender
 * @property {number} at
 * @property {string} text
 * @property {SaidState} state
 * @property {string} [id] in the outbox
 * @property {string} [why] it was not sent
 */
/** @typedef {{kind: 'day', key: string, at: number}} Day */
/** @typedef {{kind: 'unread', key: string}} Unread */
/** @typedef {{kind: 'message', key: string, said: Said, first: boolean, last: boolean}} Line */
/** @typedef {Day | Unread | Line} Row */

/**
 * @param {readonly Said[]} messages in the order in which they are shown
 * @param {(at: number) => number} dayOf
 * @param {number} [read] the number after which a line stands: what others said there is new
 * @returns {Row[]}
 */
export function rows(messages, dayOf, read = Infinity) {
  /** @type {Row[]} */
  const out = [];
  const begins = firstUnread(messages, read);
  const days = messages.map(({ at }) => dayOf(at));
  /** @param {number} i whether a message goes on with what the one before began */
  const goesOn = (i) => days[i] === days[i - 1] && oneRun(messages[i - 1], messages[i]);
  messages.forEach((said, i) => {
    if (days[i] !== days[i - 1]) out.push({ kind: 'day', key: `day ${days[i]} ${said.key}`, at: said.at });
    const line = i === begins;
    if (line) out.push({ kind: 'unread', key: `unread ${said.key}` });
    out.push(lineOf(said, line || !goesOn(i), !goesOn(i + 1)));
  });
  return out;
}

/** @type {WeakMap<Said, Line>} */ const lines = new WeakMap();

/** @param {Said} said @param {boolean} first @param {boolean} last @returns {Line} */
function lineOf(said, first, last) {
  const known = lines.get(said);
  if (known?.first === first && known.last === last) return known;
  const line = /** @type {Line} */ ({ kind: 'message', key: said.key, said, first, last });
  lines.set(said, line);
  return line;
}

/**
 * Where what is new begins; -1: nowhere, or before what is at hand.
 * @param {readonly Said[]} messages @param {number} read
 */
function firstUnread(messages, read) {
  const whole = messages[0] !== undefined && messages[0].number <= read + 1;
  return whole ? messages.findIndex((said) => said.state === 'theirs' && said.number > read) : -1;
}

/** @param {Said | undefined} one @param {Said | undefined} next */
const oneRun = (one, next) => !!one && !!next && one.sender === next.sender && next.at - one.at < RUN;

const LONG_LINES = 24;
const LONG_TEXT = 2000;

/**
 * Whether a text is so long that it is folded until somebody asks for all of it. A wide sign takes the room of two.
 * @param {string} text @returns {boolean}
 */
export function isLong(text) {
  const wide = text.match(/\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/gu)?.length ?? 0;
  return text.length + wide > LONG_TEXT || (text.match(/[\n\r\v\f\u0085\u2028\u2029]/gu)?.length ?? 0) >= LONG_LINES;
}
