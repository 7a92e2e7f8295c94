// Days and runs of one sender.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLong, rows } from '../../src/parlour/web/group.js';

const MINUTE = 60_000;
const dayOf = (at) => Math.floor(at / 86_400_000);
const said = (sender, at, key = `${sender}${at}`) => ({ key, sender, at, text: 'x', state: 'theirs' });
const shape = (list) =>
  list
    .map((row) => (row.kind === 'day' ? 'day' : `${row.first ? '<' : ''}${row.said.sender}${row.last ? '>' : ''}`))
    .join(' ');

test('nothing said, no rows', () => assert.deepEqual(rows([], dayOf), []));

test('a run is one sender within five minutes of the message before', () => {
  const list = [
    said('a', 0),
    said('a', 4 * MINUTE),
    said('a', 8 * MINUTE),
    said('a', 13 * MINUTE),
    said('b', 13 * MINUTE),
    said('a', 13 * MINUTE, 'again'),
  ];
  assert.equal(shape(rows(list, dayOf)), 'day <a a a> <a> <b> <a>');
});

test('midnight ends a run and begins a day', () => {
  const list = [said('a', 86_400_000 - MINUTE), said('a', 86_400_000 + MINUTE)];
  assert.equal(shape(rows(list, dayOf)), 'day <a> day <a>');
});

test('every key is there once', () => {
  const list = Array.from({ length: 300 }, (_, i) => said(i % 3 ? 'a' : 'b', i * 20 * MINUTE, String(i)));
  const keys = rows(list, dayOf).map((row) => row.key);
  assert.equal(new Set(keys).size, keys.length);
});

test('a message keeps its key and its row when what stands around it changes', () => {
  const one = [said('a', 0, 'nonce')];
  const more = [said('b', 0, '1'), said('a', 0, 'nonce'), said('a', MINUTE, 'next')];
  assert.ok(rows(one, dayOf).some((row) => row.key === 'nonce'));
  assert.ok(rows(more, dayOf).some((row) => row.key === 'nonce'));
});

test('long is: many lines of any kind, or much text', () => {
  assert.equal(isLong('a\n'.repeat(23)), false);
  assert.equal(isLong('a\n'.repeat(24)), true);
  assert.equal(isLong('a\u2028'.repeat(24)), true);
  assert.equal(isLong('a'.repeat(2000)), false);
  assert.equal(isLong('a'.repeat(2001)), true);
});
