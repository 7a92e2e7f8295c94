// Which part of a session stands in the page: never more than 300 messages, never a hole.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MOST, PAGE, earlier, follow, later, newest } from '../../src/parlour/web/window.js';

const message = (number) => ({
  key: String(number),
  number,
  sender: 'a',
  text: String(number),
  at: number,
  nonce: null,
});
const range = (from, to) => Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => message(from + i));
const session = (head, { from = Math.max(1, head - 299), generation = 1 } = {}) => ({
  id: 's',
  peers: [],
  name: '',
  head,
  messages: range(from, head),
  more: from > 1,
  closed: false,
  activity: 0,
  generation,
});
const ends = (window) => [window.messages[0]?.number, window.messages.at(-1)?.number];
const whole = (window) =>
  window.messages.every((one, i) => i === 0 || one.number === window.messages[i - 1].number + 1);

test('it begins at the end', () => {
  const window = newest(session(50, { from: 1 }));
  assert.deepEqual(ends(window), [1, 50]);
  assert.deepEqual([window.older, window.newer], [false, false]);
});

test('at the end it follows, and lets go of the oldest beyond 300', () => {
  let window = newest(session(300, { from: 1 }));
  for (let head = 301; head <= 420; head++) window = follow(window, session(head), true);
  assert.deepEqual(ends(window), [121, 420]);
  assert.equal(window.older, true);
});

test('nothing new gives the same window', () => {
  const window = newest(session(10));
  assert.equal(follow(window, session(10), true), window);
});

test('who reads further up is not disturbed: the window lets go of the end instead', () => {
  let window = newest(session(300, { from: 1 }));
  window = follow(window, session(301), false);
  assert.deepEqual(ends(window), [1, 300]);
  assert.equal(window.newer, true);
  assert.equal(follow(window, session(302), true), window);
});

test('with room left it grows below the reader', () => {
  const window = follow(newest(session(100, { from: 1 })), session(101, { from: 1 }), false);
  assert.deepEqual(ends(window), [1, 101]);
  assert.equal(window.newer, false);
});

test('more than a windowful at once: to the end when one is there, else a gap to be paged through', () => {
  const before = newest(session(100, { from: 1 }));
  assert.deepEqual(ends(follow(before, session(900), true)), [601, 900]);
  const reading = follow(before, session(900), false);
  assert.deepEqual(ends(reading), [1, 100]);
  assert.equal(reading.newer, true);
});

test('a session taken anew is shown anew', () => {
  const window = follow(newest(session(100)), session(40, { from: 30, generation: 2 }), false);
  assert.deepEqual(ends(window), [30, 40]);
});

test('going up page by page and down again comes back to the end, always whole and never above 300', () => {
  const head = 1000;
  let window = newest(session(head));
  while (window.older) {
    const first = window.messages[0].number;
    window = earlier(window, range(Math.max(1, first - PAGE), first - 1), first - PAGE > 1);
    assert.ok(window.messages.length <= MOST && whole(window));
  }
  assert.deepEqual(ends(window), [1, MOST]);
  assert.equal(window.newer, true);
  while (window.newer) {
    const last = window.messages.at(-1).number;
    window = later(window, range(last + 1, Math.min(head, last + PAGE)), head);
    assert.ok(window.messages.length <= MOST && whole(window));
  }
  assert.deepEqual(ends(window), [701, 1000]);
  assert.equal(window.older, true);
});

test('an empty page behind the window ends the search for newer ones', () => {
  assert.equal(later({ ...newest(session(10)), newer: true }, [], 12).newer, false);
});
