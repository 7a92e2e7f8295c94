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

const numbered = (sender, number, state = 'theirs') => ({ ...said(sender, number), number, state });
const lineAt = (list, read) => rows(list, () => 0, read).findIndex((row) => row.kind === 'unread');

test('a line stands above the first message of others that was not read, and begins a run', () => {
  const list = [numbered('me', 1, 'stored'), numbered('a', 2), numbered('a', 3), numbered('me', 4, 'stored')];
  assert.equal(lineAt(list, 2), 3);
  assert.equal(lineAt(list, 0), 2);
  assert.equal(lineAt(list, 4), -1);
  assert.equal(rows(list, () => 0, 2)[4].first, true);
});

test('where the window begins after what was read, nobody knows whether the line belongs there', () => {
  assert.equal(lineAt([numbered('a', 8), numbered('a', 9)], 5), -1);
  assert.equal(lineAt([numbered('a', 6), numbered('a', 7)], 5), 1);
});

test('without a mark there is no line', () => {
  assert.equal(lineAt([numbered('a', 1)], undefined), -1);
});
