// @ts-check
// Addresses in a text: which one is a link, and which host it really leads to.
//
// 1. Only http, https and mailto; never with a name or a password in front of the host, for that passes for a host; and
//    never with characters that cannot be seen.
// 2. What one reads is what was typed. Where a host can be mistaken for another (UTS 39: mixed scripts; letters that are
//    mapped to others), the real one is told beside it.

/** @typedef {{text: string, href: string, host: string}} Address `host`: the real one, where one has to be told it */

/** Where an address may begin, and how far it can reach at most. */
export const CANDIDATE = String.raw`(?:https?:\/\/|mailto:)[^\s<>"\x60{}|\\^]+`;

const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/u;
const MAIL = /^mailto:[\w.+-]+@[a-z\d-]+(?:\.[a-z\d-]+)+$/iu;
const AUTHORITY = /^https?:\/\/([^/?#]+)/iu;

/** The address at the beginning of a candidate. @param {string} candidate @returns {Address | null} */
export function addressIn(candidate) {
  const text = ended(candidate);
  if (UNSEEN.test(text)) return null;
  if (MAIL.test(text)) return { text, href: text, host: '' };
  const authority = AUTHORITY.exec(text)?.[1] ?? '@';
  if (authority.includes('@') || !URL.canParse(text)) return null;
  const { href, hostname } = new URL(text);
  const typed = authority.replace(/:\d*$/u, '');
  return { text, href, host: isClear(typed, hostname) ? '' : hostname };
}

/** Without the signs that end a sentence, and without brackets that do not begin in it. @param {string} candidate */
function ended(candidate) {
  let end = candidate.length;
  let open = count(candidate, '(') - count(candidate, ')');
  for (; end > 0; end--) {
    const last = candidate[end - 1] ?? '';
    if (last === ')' && open < 0) open++;
    else if (!/[.,;:!?'*_~\]’”»…]/u.test(last)) break;
  }
  return candidate.slice(0, end);
}

/** @param {string} text @param {string} sign */
const count = (text, sign) => text.split(sign).length - 1;

/** Whether one can be sure to read the host that it is. @param {string} typed @param {string} real */
function isClear(typed, real) {
  const small = typed.toLowerCase();
  if (small === real) return true;
  const ascii = /^[\0-\x7f]*$/u.test(small);
  return !ascii && /^[\p{L}\p{M}\p{N}.-]+$/u.test(small) && small.normalize('NFKC') === small && !mixes(small);
}

const NAMES =
  'Latin Greek Cyrillic Armenian Hebrew Arabic Devanagari Bengali Gurmukhi Gujarati Tamil Telugu Kannada Malayalam ' +
  'Sinhala Thai Lao Tibetan Myanmar Georgian Ethiopic Khmer Han Hiragana Katakana Hangul Bopomofo';
const SCRIPTS = NAMES.split(' ').map((name) => ({ name, letters: new RegExp(String.raw`\p{Script=${name}}`, 'gu') }));
const OTHER = /[^\p{Script=Common}\p{Script=Inherited}]/u;
/** What is written together in East Asia. */
const TOGETHER = ['Latin Han Hiragana Katakana', 'Latin Han Bopomofo', 'Latin Han Hangul'];

/** Whether letters stand together that do not belong together. @param {string} host */
function mixes(host) {
  const found = SCRIPTS.filter(({ letters }) => host.search(letters) !== -1);
  const rest = found.reduce((left, { letters }) => left.replace(letters, ''), host);
  if (OTHER.test(rest)) return found.length > 0;
  if (found.length < 2) return found[0]?.name === 'Latin' && /\p{M}/u.test(host);
  return !TOGETHER.some((set) => found.every(({ name }) => set.split(' ').includes(name)));
}
