// What this device tells of how far one has come: the furthest only, once, and again after a loss.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { due, Marking, wanting } from '../../src/parlour/web/marks.js';

const ME = 'u-me';
const standing = (marks = {}) => ({
  me: { id: ME },
  sessions: new Map(Object.entries(marks).map(([id, mark]) => [id, { marks: new Map([[ME, mark]]) }])),
});
const none = new Map();

test('nothing wanted, nothing due', () => {
  assert.equal(due(none, standing()), null);
});

test('what is known already is not told', () => {
  const wanted = wanting(none, 's1', 'Delivered', 3);
  assert.equal(due(wanted, standing({ s1: { delivered: 3, read: 0 } })), null);
  assert.deepEqual(due(wanted, standing({ s1: { delivered: 2, read: 0 } })), {
    type: 'Delivered',
    SessionID: 's1',
    MessageID: '3',
  });
});

test('a mark never goes back, and what was read goes before what was delivered', () => {
  const wanted = wanting(wanting(wanting(none, 's1', 'Delivered', 9), 's2', 'Read', 4), 's2', 'Read', 2);
  assert.deepEqual(due(wanted, standing()), { type: 'Read', SessionID: 's2', MessageID: '4' });
});

test('of many that come while one is on its way, the last is told', async () => {
  const told = [];
  const answers = [];
  let state = standing({ s1: { delivered: 0, read: 0 } });
  const marking = new Marking(
    (frame) => {
      told.push(frame.MessageID);
      return new Promise((answer) => answers.push(answer));
    },
    () => state,
  );
  for (const number of [1, 2, 3, 4]) marking.want('Delivered', 's1', number);
  assert.deepEqual(told, ['1']);
  state = standing({ s1: { delivered: 1, read: 0 } });
  const second = new Promise((seen) => (told.push = (...all) => seen(all[0])));
  answers[0]({ error: null });
  assert.equal(await second, '4');
});

test('after a loss it waits, and is told again when it may go on', async () => {
  const told = [];
  let lost = true;
  let state = standing({ s1: { delivered: 0, read: 0 } });
  const marking = new Marking(
    async (frame) => {
      told.push(frame.MessageID);
      if (lost) return { error: { Code: 'lost' } };
      state = standing({ s1: { delivered: 0, read: 7 } });
      return { error: null };
    },
    () => state,
  );
  marking.want('Read', 's1', 7);
  await new Promise(setImmediate);
  assert.deepEqual(told, ['7']);
  lost = false;
  await marking.go();
  assert.deepEqual(told, ['7', '7']);
});

test('what is refused for good is forgotten, and the rest goes on', async () => {
  const told = [];
  let state = standing({ s1: { delivered: 0, read: 0 }, s2: { delivered: 0, read: 0 } });
  const marking = new Marking(
    async (frame) => {
      told.push(frame.SessionID);
      if (frame.SessionID === 's1') return { error: { Code: 'not_found' } };
      state = standing({ s2: { delivered: 0, read: 2 } });
      return { error: null };
    },
    () => state,
  );
  marking.want('Read', 's1', 1);
  marking.want('Read', 's2', 2);
  await marking.go();
  while (told.length < 2) await new Promise((go) => setTimeout(go, 5));
  assert.deepEqual(told, ['s1', 's2']);
});
