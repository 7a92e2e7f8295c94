// Messages on their way: one in flight in each session, in the order of writing, and none is ever lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { delivered, due, lost, marked, refused } from '../../src/parlour/web/outbox.js';

const written = (nonce, session, state = 'waiting') => ({ nonce, session, text: `text ${nonce}`, at: 0, state });
const names = (list) => list.map((one) => one.nonce);

test('the first of each session is due', () => {
  assert.deepEqual(names(due([written('1', 'a'), written('2', 'a'), written('3', 'b')])), ['1', '3']);
});

test('nothing is due behind what is in flight', () => {
  assert.deepEqual(names(due([written('1', 'a', 'sent'), written('2', 'a'), written('3', 'b')])), ['3']);
});

test('what is stored and only waits to be seen holds nothing up', () => {
  assert.deepEqual(names(due([written('1', 'a', 'stored'), written('2', 'a')])), ['2']);
});

test('a delivery ends its message, in its session alone', () => {
  const outbox = [written('1', 'a', 'sent'), written('2', 'a')];
  assert.deepEqual(names(delivered(outbox, 'a', '1')), ['2']);
  assert.equal(delivered(outbox, 'b', '1'), outbox);
  assert.equal(delivered(outbox, 'a', 'foreign'), outbox);
});

test('a lost connection makes what was in flight due again, with the same nonce', () => {
  const outbox = lost([written('1', 'a', 'sent'), written('2', 'a'), written('3', 'b', 'stored')]);
  assert.deepEqual(names(due(outbox)), ['1']);
  assert.equal(outbox[2].state, 'stored');
});

test('an answer after the delivery changes nothing, and stored is never taken back', () => {
  assert.deepEqual(marked([], '1', 'stored'), []);
  assert.equal(marked([written('1', 'a', 'stored')], '1', 'sent')[0].state, 'stored');
});

test('a refusal gives back the message and all that waited behind it, in order', () => {
  const outbox = [written('1', 'a', 'stored'), written('2', 'a', 'sent'), written('3', 'b', 'sent'), written('4', 'a')];
  const back = refused(outbox, '2');
  assert.equal(back.session, 'a');
  assert.equal(back.text, 'text 2\ntext 4');
  assert.deepEqual(names(back.outbox), ['1', '3']);
});

test('a refusal of what is there no more, or is stored, gives nothing back', () => {
  assert.equal(refused([written('1', 'a', 'stored')], '1'), null);
  assert.equal(refused([], '1'), null);
});

test('whatever happens, each text is in the outbox, delivered, or given back', () => {
  let seed = 7;
  const chance = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
  for (let round = 0; round < 200; round++) {
    let outbox = [];
    const gone = [];
    const made = [];
    for (let step = 0; step < 40; step++) {
      const any = outbox[chance(Math.max(1, outbox.length))];
      const what = chance(5);
      if (what === 0) outbox = [...outbox, written(`${round}-${step}`, 'ab'[chance(2)])];
      if (what === 0) made.push(outbox.at(-1).text);
      if (what === 1) for (const one of due(outbox)) outbox = marked(outbox, one.nonce, 'sent');
      if (what === 2) outbox = lost(outbox);
      if (what === 3 && any) (gone.push(any.text), (outbox = delivered(outbox, any.session, any.nonce)));
      const back = what === 4 && any ? refused(outbox, any.nonce) : null;
      if (back) (gone.push(...back.text.split('\n')), (outbox = back.outbox));
      for (const session of 'ab')
        assert.ok(outbox.filter((one) => one.session === session && one.state === 'sent').length <= 1);
    }
    assert.deepEqual([...gone, ...outbox.map((one) => one.text)].sort(), made.sort());
  }
});
