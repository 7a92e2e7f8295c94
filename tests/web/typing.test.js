// Typing is over by itself, or with what was typed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { began, ended, nextEnd, OVER, typists } from '../../src/parlour/web/typing.js';

const none = new Map();

test('it lasts five seconds from the last signal on', () => {
  const typing = began(began(none, 's1', 'noor', 0), 's1', 'noor', 2000);
  assert.deepEqual(typists(typing, 's1', 2000 + OVER - 1), ['noor']);
  assert.deepEqual(typists(typing, 's1', 2000 + OVER), []);
});

test('each session and each person has its own', () => {
  const typing = began(began(none, 's1', 'noor', 0), 's2', 'sven', 1000);
  assert.deepEqual(typists(typing, 's1', 1500), ['noor']);
  assert.deepEqual(typists(typing, 's2', 1500), ['sven']);
  assert.deepEqual(typists(typing, 's3', 1500), []);
});

test('with the message it is over', () => {
  const typing = began(none, 's1', 'noor', 0);
  assert.deepEqual(typists(ended(typing, 's1', 'noor'), 's1', 1), []);
  assert.equal(ended(typing, 's1', 'sven'), typing);
});

test('the next end is known, so that somebody can wait for it', () => {
  const typing = began(began(none, 's1', 'noor', 0), 's2', 'sven', 1000);
  assert.equal(nextEnd(typing, 1500), OVER);
  assert.equal(nextEnd(typing, OVER), 1000 + OVER);
  assert.equal(nextEnd(typing, 1000 + OVER), null);
});
