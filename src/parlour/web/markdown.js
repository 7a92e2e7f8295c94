// @ts-check
// The small markdown of a message: from a text to tokens.
//
// 1. Nothing is lost: the texts of all tokens, one after the other, are the text. A sign that has an effect is a token
//    too, a `mark`, which need not be shown; a sign without its counterpart is text.
// 2. The time grows with the text and with nothing else: each sort of emphasis is open once at most, and on one line.
// 3. A link is an address as it was typed (addresses.js), never words that hide one.

import { CANDIDATE, addressIn } from './addresses.js';

/** @typedef {{kind: 'text' | 'mark' | 'language', text: string}} Leaf */
/** @typedef {{kind: 'strong' | 'em' | 'code', tokens: Token[]}} Span */
/** @typedef {{kind: 'link'} & import('./addresses.js').Address} Link */
/** @typedef {Leaf | Span | Link} Token */
/** @typedef {{kind: 'text' | 'quote' | 'fence', tokens: Token[]}} Words */
/** @typedef {{kind: 'bullets' | 'numbers', items: Token[][]}} List */
/** @typedef {Words | List} Block */

/** @param {string} text @returns {Leaf} */
const words = (text) => ({ kind: 'text', text });
/** @param {string} text @returns {Leaf} */
const mark = (text) => ({ kind: 'mark', text });

// ------------------------------------------------------------------------------------------------------------- blocks

const FENCE = /^(```)([\w+#.-]{0,20})([ \t]*\r?\n)$/u;
const FENCE_END = /^```[ \t]*\r?\n?$/u;
const QUOTE = /^>(?: |(?=\r?\n?$))/u;
const BULLET = /^[-*] (?=\S)/u;
const NUMBER = /^\d{1,9}\. (?=\S)/u;

/** @param {string} text @returns {Block[]} */
export function blocks(text) {
  const lines = text.match(/[^\n]*\n|[^\n]+/gu) ?? [];
  const last = lines.findLastIndex((line) => FENCE_END.test(line));
  /** @type {Block[]} */
  const found = [];
  for (let i = 0; i < lines.length; i++) {
    const end = i < last && FENCE.test(lines[i] ?? '') ? fenceEnd(lines, i + 1) : i;
    if (end > i) found.push({ kind: 'fence', tokens: fence(lines.slice(i, end + 1)) });
    else take(found, lines[i] ?? '');
    i = end;
  }
  return found;
}

/** @param {readonly string[]} lines @param {number} from there is one */
function fenceEnd(lines, from) {
  let end = from;
  while (!FENCE_END.test(lines[end] ?? '```')) end++;
  return end;
}

/** What is fenced in, with the name of its language. @param {string[]} lines @returns {Token[]} */
function fence(lines) {
  const [, sign = '', language = '', rest = ''] = FENCE.exec(lines[0] ?? '') ?? [];
  const code = lines.slice(1, -1).join('');
  const end = mark(lines[lines.length - 1] ?? '');
  return [mark(sign), { kind: 'language', text: language }, mark(rest), words(code), end];
}

/** A line: by itself, or to the block that it continues. @param {Block[]} found @param {string} line */
function take(found, line) {
  const bullet = BULLET.exec(line)?.[0];
  const quote = QUOTE.exec(line)?.[0];
  if (bullet) item(found, 'bullets', [mark(bullet), ...inline(line.slice(bullet.length))]);
  else if (NUMBER.test(line)) item(found, 'numbers', inline(line));
  else if (quote) more(found, 'quote', [mark(quote), ...inline(line.slice(quote.length))]);
  else more(found, 'text', inline(line));
}

/** @param {Block[]} found @param {List['kind']} kind @param {Token[]} tokens */
function item(found, kind, tokens) {
  const last = found[found.length - 1];
  if (last && 'items' in last && last.kind === kind) last.items.push(tokens);
  else found.push({ kind, items: [tokens] });
}

/** @param {Block[]} found @param {'text' | 'quote'} kind @param {Token[]} tokens */
function more(found, kind, tokens) {
  const last = found[found.length - 1];
  if (last && 'tokens' in last && last.kind === kind) for (const token of tokens) add(last.tokens, token);
  else found.push({ kind, tokens });
}

// ------------------------------------------------------------------------------------------------------------- a line

/** @typedef {{sign: string, at: number, from: number}} Opened a sign: where in the tokens, and where in the line */

const SIGNS = new RegExp(String.raw`\x60+|\*+|_+|${CANDIDATE}`, 'giu');
const TOGETHER = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\u3000-\u303f\uff00-\uff65`;
/** What may stand outside of a sign that opens, and of one that closes; some scripts have no spaces. */
const BEFORE = new RegExp(String.raw`(?:^|[\s\p{Ps}\p{Pi}\p{Pd}"'*_\/:${TOGETHER}])$`, 'u');
const BEHIND = new RegExp(String.raw`^(?:$|[\s\p{Pe}\p{Pf}\p{Pd}"'*_\/.,;:!?…${TOGETHER}])`, 'u');
const SAYS_SOMETHING = /[\p{L}\p{N}\p{S}]/u;

/** @param {string} line @returns {Token[]} */
function inline(line) {
  /** @type {Token[]} */
  const out = [];
  /** @type {Opened[]} */
  const open = [];
  const ends = codeEnds(line);
  let at = 0;
  SIGNS.lastIndex = 0;
  for (let match = SIGNS.exec(line); match; match = SIGNS.exec(line)) {
    add(out, words(line.slice(at, match.index)));
    at = SIGNS.lastIndex = sign(line, match.index, match[0], { out, open, ends });
  }
  add(out, words(line.slice(at)));
  literal(out, open);
  return merged(out);
}

/**
 * Where the run of so many backticks that closes each of them begins.
 * @param {string} line @returns {ReadonlyMap<number, number>}
 */
function codeEnds(line) {
  const ends = new Map();
  const later = new Map();
  for (const { 0: run, index } of [...line.matchAll(/`+/gu)].reverse()) {
    if (later.has(run.length)) ends.set(index, later.get(run.length));
    later.set(run.length, index);
  }
  return ends;
}

/**
 * What a sign does. @param {string} line @param {number} from @param {string} sign
 * @param {{out: Token[], open: Opened[], ends: ReadonlyMap<number, number>}} so
 * @returns {number} where it goes on
 */
function sign(line, from, sign, { out, open, ends }) {
  const to = from + sign.length;
  const end = ends.get(from);
  if (end !== undefined) {
    out.push({ kind: 'code', tokens: [mark(sign), words(line.slice(to, end)), mark(sign)] });
    return end + sign.length;
  }
  if (sign === '_' || /^\*{1,3}$/u.test(sign)) emphasis(line, { sign, from, at: 0 }, out, open);
  else return address(line, from, sign, out);
  return to;
}

/** @param {string} line @param {number} from @param {string} candidate @param {Token[]} out */
function address(line, from, candidate, out) {
  const inWord = /[\p{L}\p{N}]$/u.test(line.slice(Math.max(0, from - 2), from));
  const found = inWord || !/^[hm]/iu.test(candidate) ? null : addressIn(candidate);
  if (found) out.push({ kind: 'link', ...found });
  else add(out, words(candidate));
  return from + (found?.text ?? candidate).length;
}

/**
 * A sign that opens, closes, or is only itself.
 * @param {string} line @param {Opened} one @param {Token[]} out @param {Opened[]} open
 */
function emphasis(line, one, out, open) {
  const to = one.from + one.sign.length;
  const [before, behind] = [line.slice(Math.max(0, one.from - 2), one.from), line.slice(to, to + 2)];
  const opened = open.findIndex(({ sign }) => sign === one.sign);
  if (opened !== -1 && /\S$/u.test(before) && BEHIND.test(behind)) return close(line, open.splice(opened), one, out);
  if (!/^\S/u.test(behind) || !BEFORE.test(before)) return add(out, words(one.sign));
  if (opened !== -1) literal(out, open.splice(opened, 1));
  open.push({ ...one, at: out.length });
  out.push(mark(one.sign));
}

/**
 * From a sign to its counterpart; what was opened between them is only itself.
 * @param {string} line @param {Opened[]} opened @param {Opened} one @param {Token[]} out
 */
function close(line, opened, one, out) {
  const { at, from } = /** @type {Opened} */ (opened[0]);
  if (SAYS_SOMETHING.test(line.slice(from, one.from))) {
    literal(out, opened.slice(1));
    out.push(emphasised(one.sign, merged(out.splice(at).slice(1))));
  } else {
    literal(out, opened);
    add(out, words(one.sign));
  }
}

/** @param {string} sign @param {Token[]} tokens @returns {Span} */
function emphasised(sign, tokens) {
  if (sign === '***') return emphasised('**', [emphasised('*', tokens)]);
  return { kind: sign === '**' ? 'strong' : 'em', tokens: [mark(sign), ...tokens, mark(sign)] };
}

/** Signs without a counterpart are text. @param {Token[]} out @param {readonly Opened[]} open */
function literal(out, open) {
  for (const { at, sign } of open) out[at] = words(sign);
}

/** @param {Token[]} out @param {Token} token */
function add(out, token) {
  const last = out[out.length - 1];
  if (token.kind === 'text' && last?.kind === 'text') out[out.length - 1] = words(last.text + token.text);
  else if (token.kind !== 'text' || token.text !== '') out.push(token);
}

/** @param {readonly Token[]} tokens @returns {Token[]} */
function merged(tokens) {
  /** @type {Token[]} */
  const out = [];
  for (const token of tokens) add(out, token);
  return out;
}

// -------------------------------------------------------------------------------------------------------- plain text

/** What one sees of a text, without the signs: for a line of the list, or to be read out. @param {string} text */
export function plain(text) {
  return blocks(text)
    .flatMap((block) => ('items' in block ? block.items.flat() : block.tokens))
    .map(seen)
    .join('');
}

/** @param {Token} token @returns {string} */
function seen(token) {
  if (token.kind === 'mark') return '';
  return 'tokens' in token ? token.tokens.map(seen).join('') : token.text;
}

/** It names every emoji: made when a text could be one, for that takes its time. @type {RegExp | undefined} */
let emoji;
const LONGEST = 100;
const PLAIN = /\p{L}|^\p{ASCII}*$/u;

/** Whether a text is one to three emoji and nothing else. @param {string} text */
export function isEmoji(text) {
  if (text.length > LONGEST || PLAIN.test(text)) return false;
  emoji ??= new RegExp(String.raw`^\s*(?:\p{RGI_Emoji}\s*){1,3}$`, 'v');
  return emoji.test(text);
}
