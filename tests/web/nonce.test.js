// Nonces sort as the clock counts, and are never the same twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nonce, stamp } from '../../src/parlour/web/nonce.js';

test('a nonce is what the protocol takes', () => {
  for (let i = 0; i < 1000; i++) assert.match(nonce(), /^[A-Za-z0-9_-]{17,40}$/);
});

test('the clock stands in front, the highest digit first, in an order that sorts by code point', () => {
  const moments = [0, 1, 63, 64, 65, 4095, 4096, 1_700_000_000_000, 1_700_000_000_001, 1_764_000_000_000, 64 ** 7 - 1];
  const stamps = moments.map(stamp);
  for (const one of stamps) assert.equal(one.length, 7);
  assert.deepEqual([...stamps].sort(), stamps);
  assert.equal(new Set(stamps).size, moments.length);
});

test('later nonces sort later', () => {
  const start = Date.UTC(2026, 0, 1);
  const made = Array.from({ length: 500 }, (_, i) => nonce(start + i * 7));
  assert.deepEqual([...made].sort(), made);
});

test('within one millisecond chance tells them apart, and uses the whole alphabet', () => {
  const made = Array.from({ length: 2000 }, () => nonce(5));
  assert.equal(new Set(made).size, made.length);
  assert.equal(new Set(made.map((one) => one.slice(7)).join('')).size, 64);
});
