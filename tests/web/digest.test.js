// Who is held comes up with the others: after half an hour, and once a day.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Digest } from '../../src/parlour/web/digest.js';

const MINUTE = 60_000;
const START = Date.UTC(2026, 0, 1);

/** Somebody's digest, by minutes; what a browser keeps is there after `again`. */
function digest() {
  const store = new Map();
  globalThis.window = {
    localStorage: { getItem: (key) => store.get(key) ?? null, setItem: (key, value) => store.set(key, value), removeItem: (key) => store.delete(key) },
  };
  let one = new Digest();
  one.open('u-me');
  return {
    store,
    due: (held, minute) => one.due(held, START + minute * MINUTE),
    forget: () => one.forget(),
    again: () => (one = new Digest()).open('u-me'),
  };
}

test('half an hour after the first who waits all come up together', () => {
  const mine = digest();
  assert.deepEqual(mine.due(['noor'], 0), []);
  assert.deepEqual(mine.due(['noor', 'theo'], 29), []);
  assert.deepEqual(mine.due(['noor', 'theo'], 30), ['noor', 'theo']);
  assert.deepEqual(mine.due(['noor', 'theo', 'ines'], 31), []);
  assert.deepEqual(mine.due(['noor', 'theo', 'ines'], 60), []);
  assert.deepEqual(mine.due(['noor', 'theo', 'ines'], 61), ['ines']);
});

test('nobody comes up twice a day, also after a reload', () => {
  const mine = digest();
  mine.due(['noor'], 0);
  assert.deepEqual(mine.due(['noor'], 30), ['noor']);
  mine.again();
  for (let minute = 31; minute < 30 + 1440; minute++) assert.deepEqual(mine.due(['noor'], minute), []);
  mine.due(['noor'], 30 + 1440);
  assert.deepEqual(mine.due(['noor'], 60 + 1440), ['noor']);
});

test('the half hour goes on over a reload, and ends with those who waited', () => {
  const mine = digest();
  mine.due(['noor'], 0);
  mine.again();
  assert.deepEqual(mine.due([], 10), []);
  assert.deepEqual(mine.due(['theo'], 20), []);
  mine.again();
  assert.deepEqual(mine.due(['theo'], 49), []);
  assert.deepEqual(mine.due(['theo'], 50), ['theo']);
});

test('a clock that was set back begins the half hour anew', () => {
  const mine = digest();
  mine.due(['noor'], 600);
  assert.deepEqual(mine.due(['noor'], 0), []);
  assert.deepEqual(mine.due(['noor'], 30), ['noor']);
});

test('logging out leaves nothing', () => {
  const mine = digest();
  mine.due(['noor'], 0);
  mine.due(['noor'], 30);
  mine.due(['theo'], 31);
  assert.equal(mine.store.size, 1);
  mine.forget();
  assert.equal(mine.store.size, 0);
  mine.due(['theo'], 90);
  assert.equal(mine.store.size, 0);
});

test('what is kept and cannot be read is begun anew', () => {
  for (const kept of ['{', '7', '"x"', 'null', '{"since":"x","shown":7}', '{"shown":{"noor":"x"}}']) {
    const mine = digest();
    mine.store.set('digest u-me', kept);
    mine.again();
    assert.deepEqual(mine.due(['noor'], 0), []);
    assert.deepEqual(mine.due(['noor'], 30), ['noor']);
  }
});
