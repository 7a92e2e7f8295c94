// The small markdown: nothing is lost, nothing is slow, and a sign without its counterpart is text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressIn } from '../../src/parlour/web/addresses.js';
import { blocks, isEmoji, plain } from '../../src/parlour/web/markdown.js';

const source = (token) => ('tokens' in token ? token.tokens.map(source).join('') : token.text);
const whole = (text) =>
  blocks(text)
    .flatMap((block) => ('items' in block ? block.items.flat() : block.tokens))
    .map(source)
    .join('');
const shown = (token) => {
  if (token.kind === 'text') return token.text;
  if (token.kind === 'mark') return '';
  if (token.kind === 'language') return token.text && `${token.text}:`;
  if (token.kind === 'link') return `[${token.text}]`;
  return `<${token.kind}>${token.tokens.map(shown).join('')}</${token.kind}>`;
};
const show = (text) =>
  blocks(text)
    .map((one) => `${one.kind}: ${('items' in one ? one.items.map((item) => item.map(shown).join('')) : [one.tokens.map(shown).join('')]).join(' | ')}`)
    .map((one) => one.replace(/^text: /u, ''))
    .join(' ¶ ')
    .replaceAll('\n', '⏎');

const EXAMPLES = {
  'plain words': 'plain words',
  '**bold**, *italic* and _italic_': '<strong>bold</strong>, <em>italic</em> and <em>italic</em>',
  '***both*** (**in brackets**)': '<strong><em>both</em></strong> (<strong>in brackets</strong>)',
  '**bold *and italic* in it**': '<strong>bold <em>and italic</em> in it</strong>',
  '*crossing **each* other**': '<em>crossing **each</em> other**',
  '这是**粗体**文字 **굵게**는': '这是<strong>粗体</strong>文字 <strong>굵게</strong>는',
  'a_snake_case 2*3*4 5 * 6 * 7': 'a_snake_case 2*3*4 5 * 6 * 7',
  '__proto__ **** *args, **more': '__proto__ **** *args, **more',
  '^_^ hi ^_^ *-* >_< and >.<': '^_^ hi ^_^ *-* >_< and >.<',
  '*over two\nlines*': '*over two⏎lines*',
  '`a *b*` and ``c ` d``': '<code>a *b*</code> and <code>c ` d</code>',
  'one ` alone': 'one ` alone',
  '*`a*`': '*<code>a*</code>',
  '```js\nlet *a*;\n```\nbehind': 'fence: js:let *a*;⏎ ¶ behind',
  '```\n*x*\n```': 'fence: *x*⏎',
  '```\nnever closed': '```⏎never closed',
  '> said\n> *before*\nanswer': 'quote: said⏎<em>before</em>⏎ ¶ answer',
  '>:( and\n> \n': '>:( and⏎ ¶ quote: ⏎',
  '- one\n* two\n-3\n- \n': 'bullets: one⏎ | two⏎ ¶ -3⏎- ⏎',
  '1. one\n7. seven': 'numbers: 1. one⏎ | 7. seven',
  'see https://a.example/b_c_(d)?e=f#g, or': 'see [https://a.example/b_c_(d)?e=f#g], or',
  '(http://a.example) **https://b.example**': '([http://a.example]) <strong>[https://b.example]</strong>',
  '[bank](https://evil.example/)': '[bank]([https://evil.example/])',
  'mailto:a.b@c.example mailto:a@b.example?bcc=c': '[mailto:a.b@c.example] mailto:a@b.example?bcc=c',
};

for (const [text, expected] of Object.entries(EXAMPLES))
  test(`markdown: ${JSON.stringify(text)}`, () => {
    assert.equal(show(text), expected);
    assert.equal(whole(text), text);
  });

test('no link: other schemes, names before the host, what cannot be seen, no host', () => {
  const none = ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'ftp://a.example', '//a.example'];
  for (const text of [...none, 'www.a.example', 'https://', 'https://[', 'https:///a.example', 'mailto:', 'xhttps://a.example'])
    assert.equal(show(text), text);
  for (const text of ['https://bank.example@evil.example/', 'https://a:b@c.example', 'https://@evil.example', 'https://a\u200b.example', 'https://a.example/\u202egpj.exe'])
    assert.equal(addressIn(text), null, text);
});

test('a host that can be mistaken for another is told as it is', () => {
  const host = (text) => addressIn(text)?.host;
  for (const clear of ['https://a.example:8080/b', 'HTTPS://A.Example', 'https://müller.example', 'https://日本語.example', 'https://пример.рф'])
    assert.equal(host(clear), '', clear);
  assert.equal(host('https://p\u0430ypal.com'), 'xn--pypal-4ve.com');
  assert.equal(host('https://\u0430\u0440\u0440\u04cf\u0435.com/x'), 'xn--80ak6aa92e.com');
  assert.equal(host('https://\uff45vil.com'), 'evil.com');
  assert.equal(host('https://a.com\u2044b.evil.com'), 'a.xn--comb-2g7a.evil.com');
  assert.equal(host('http://0x7f.1/'), '127.0.0.1');
  assert.equal(host('https://ev%69l.com'), 'evil.com');
});

test('one to three emoji are large, nothing else is', () => {
  for (const text of ['👍', '👩‍👩‍👧‍👦 ❤️', '🇩🇪🏴󠁧󠁢󠁳󠁣󠁴󠁿\n🧑🏽‍💻']) assert.equal(isEmoji(text), true, text);
  for (const text of ['', ' ', '1', '#', '👍👍👍👍', '👍 yes', '\u200d', '👍'.repeat(4000)]) assert.equal(isEmoji(text), false);
});

test('a line of the list shows the words without the signs', () => {
  assert.equal(plain('**yes** `x`\n- a\n> b\n3. https://a.example'), 'yes x\na\nb\n3. https://a.example');
  assert.equal(plain('```js\n*x*\n```'), 'js*x*\n');
});

const PIECES = ['*', '**', '***', '_', '`', '``', '```', '```js\n', '\n', '\r\n', ' ', '> ', '- ', '1. ', 'a', 'ß', '漢', '👍', '\ud83d'];
PIECES.push('\u202e', '\u0300', '(', ')', '[', ']', '<', '\\', 'https://', 'http://a.example', 'mailto:a@b.example', '.', '~', '@', '\0', '\u2028');

test('whatever the text: nothing is lost, and nothing throws', () => {
  let seed = 20261130;
  const next = (most) => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648) % most;
  for (let round = 0; round < 20_000; round++) {
    const text = Array.from({ length: next(24) }, () => PIECES[next(PIECES.length)]).join('');
    assert.equal(whole(text), text);
    plain(text);
  }
});

test('whatever the text: ten times the longest message is done within the limit', { timeout: 30_000 }, () => {
  const unequal = Array.from({ length: 1200 }, (_, i) => '`'.repeat(i)).join(' ');
  const more = ['*a ', ' a*', '*_a', '*a*', '`a', '```a\n', '> ', '- a\n', 'http://', 'http://a@', '[](http://a', 'https://a.b/) ', '))', '*(', '_*'];
  for (const piece of [...PIECES, ...more, unequal]) {
    const text = piece.repeat(Math.ceil(80_000 / piece.length));
    assert.equal(whole(text), text);
    const behind = `http://a.example/${text.slice(0, 40_000)} **${text.slice(0, 40_000)}`;
    assert.equal(whole(behind), behind);
  }
});
