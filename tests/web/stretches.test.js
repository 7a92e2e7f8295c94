// The rows of a timeline in stretches.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LENGTH, Stretches } from '../../src/parlour/web/stretches.js';

const said = (...numbers) => numbers.map((number) => ({ kind: 'message', key: String(number) }));
const span = (from, to) => said(...Array.from({ length: to - from + 1 }, (_, i) => from + i));
const day = (key) => ({ kind: 'day', key: `day ${key}` });
const unread = (key) => ({ kind: 'unread', key: `unread ${key}` });
const shape = (found) => found.map(({ rows }) => rows.map((row) => row.key).join(' '));
const home = (found) => new Map(found.flatMap(({ key, rows }) => rows.map((row) => [row.key, key])));

/** Each row that was there stands where it stood. */
const stay = (before, after) => {
  const [was, is] = [home(before), home(after)];
  for (const [row, key] of was) if (is.has(row)) assert.equal(is.get(row), key, `row ${row}`);
};

const whole = (found, rows) => {
  assert.deepEqual(found.flatMap((one) => one.rows), rows, 'all rows, in their order');
  assert.equal(new Set(found.map((one) => one.key)).size, found.length, 'no two stretches of one name');
};

test('nothing, no stretch', () => assert.deepEqual(new Stretches().of([]), []));

test('so many rows are one', () => {
  const found = new Stretches().of(span(1, 2 * LENGTH + 1));
  assert.deepEqual(found.map((one) => one.rows.length), [LENGTH, LENGTH, 1]);
});

test('what comes behind goes on with the last one, then begins another', () => {
  const stretches = new Stretches();
  let before = stretches.of(span(1, LENGTH - 1));
  for (let last = LENGTH; last < 4 * LENGTH; last++) {
    const after = stretches.of(span(1, last));
    stay(before, after);
    whole(after, span(1, last));
    assert.equal(after.length, Math.ceil(last / LENGTH));
    before = after;
  }
});

test('an older page moves nothing', () => {
  const stretches = new Stretches();
  const before = stretches.of(span(101, 150));
  const after = stretches.of(span(1, 150));
  stay(before, after);
  whole(after, span(1, 150));
});

test('what goes at the top and comes back moves nothing', () => {
  const stretches = new Stretches();
  const first = stretches.of(span(1, 300));
  const second = stretches.of(span(6, 305));
  stay(first, second);
  const third = stretches.of(span(1, 305));
  stay(second, third);
  whole(third, span(1, 305));
});

test('a day stands with the message that follows', () => {
  const rows = [...span(1, LENGTH - 1), day(16), ...span(16, 20)];
  assert.deepEqual(shape(new Stretches().of(rows))[0]?.split(' ').slice(-3), ['day', '16', '16']);
});

test('a line that comes into the middle, and goes again, moves nothing', () => {
  const stretches = new Stretches();
  const before = stretches.of(span(1, 64));
  for (const at of [2, LENGTH + 1, 40]) {
    const rows = [...span(1, at - 1), unread(at), ...span(at, 64)];
    const after = stretches.of(rows);
    stay(before, after);
    whole(after, rows);
    assert.equal(home(after).get(`unread ${at}`), home(after).get(String(at)), 'with the message that follows');
    stay(after, stretches.of(span(1, 64)));
  }
});

test('before one that stays the last, however many come, no stretch grows and no other row moves', () => {
  const stretches = new Stretches();
  const failed = said(9000);
  const others = (found) => found.map(({ key, rows }) => ({ key, rows: rows.filter((row) => row.key !== '9000') }));
  let before = stretches.of([...span(1, LENGTH + 1), ...failed]);
  for (let last = LENGTH + 2; last < 200; last++) {
    const rows = [...span(1, last), ...failed];
    const after = stretches.of(rows);
    whole(after, rows);
    stay(others(before), others(after));
    assert.ok(Math.max(...after.map((one) => one.rows.length)) <= LENGTH + 1);
    before = after;
  }
});

test('rows in an order of their own are all there, once', () => {
  const stretches = new Stretches();
  stretches.of(span(1, 40));
  const rows = [...span(21, 40), ...span(1, 20)];
  whole(stretches.of(rows), rows);
});
