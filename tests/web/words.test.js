// Refusals in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notSent, presence, reason, search, stopped, title, tooMuch } from '../../src/parlour/web/words.js';

test('an invitation says when it lapses and promises nothing', () => {
  assert.equal(
    search.sent('2026-12-07T10:00:00.000Z'),
    'Invitation sent. You will hear back if they answer. It lapses on 7 December.',
  );
  assert.doesNotMatch(search.sent('2026-12-07T10:00:00.000Z'), /deliver|seen|read/iu);
});

test('too much is told as a time', () => {
  assert.match(tooMuch(20, 0), /in 20 seconds/u);
  assert.match(reason({ Code: 'slow_down', RetryAfter: 7200 }, 0), /again at \d\d:\d\d\./u);
  assert.doesNotMatch(tooMuch(null, 0), /null|NaN/u);
});

test('a message that came back says why, and that its text is there', () => {
  const text = 'Not sent. This conversation is closed. Your text is kept here.';
  assert.equal(notSent({ Code: 'closed' }, 0), text);
});

test('an unknown refusal is told in the server’s words, and no code ever stands alone', () => {
  assert.equal(reason({ Code: 'new_code', Reason: 'Not today.' }, 0), 'Not today.');
  assert.doesNotMatch(reason({ Code: 'new_code' }, 0), /new_code/u);
});

test('every closing for good has a sentence', () => {
  assert.equal(new Set([4403, 4409, 4429, 1008].map(stopped)).size, 4);
});

test('presence is a word, and none where nobody can know', () =>
  assert.deepEqual([presence(true), presence(false), presence(undefined)], ['Online', 'Offline', '']));

test('the title names the conversation, and counts what waits', () =>
  assert.deepEqual(
    [title('noor'), title(''), title('', 2), title('noor', 1)],
    ['noor · Parlour', 'Parlour', '(2) Parlour', '(1) noor · Parlour'],
  ));
