// Quiet hours, through midnight too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isQuiet } from '../../src/parlour/web/noticing.js';

const at = (hours, minutes = 0) => new Date(2026, 0, 1, hours, minutes);
const quiet = (from, to, now, on = true) => isQuiet({ quiet: on, from, to }, now);

test('it is quiet from the first minute on, and no more at the last', () => {
  const day = [at(12, 59), at(13), at(13, 29), at(13, 30)].map((now) => quiet('13:00', '13:30', now));
  assert.deepEqual(day, [false, true, true, false]);
});

test('quiet hours may go through midnight', () => {
  const night = [at(21, 59), at(22), at(0), at(6, 59), at(7), at(12)].map((now) => quiet('22:00', '07:00', now));
  assert.deepEqual(night, [false, true, true, true, false, false]);
});

test('from a time to the same time is no time at all; switched off there are none', () => {
  assert.equal(quiet('08:00', '08:00', at(8)), false);
  assert.equal(quiet('00:00', '23:59', at(12), false), false);
});
