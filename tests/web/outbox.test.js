// Messages on their way: one in flight in each session, in the order of writing, and none is ever lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  atRisk,
  changed,
  delivered,
  due,
  fate,
  inOrder,
  lost,
  merged,
  moment,
  nextDue,
  postponed,
  restored,
  returned,
  settled,
  standing,
  unsent,
  unsentTexts,
} from '../../src/parlour/web/outbox.js';

const written = (id, session, state = 'waiting', more = {}) => ({
  id,
  nonce: id,
  session,
  text: `text ${id}`,
  at: Number(id) || 0,
  state,
  kept: true,
  ...more,
});
const ids = (list) => list.map((one) => one.id);
const dueIds = (list, now = 0) => ids(due(list, true, now));

test('what waits for the connection or failed is not there yet, by its last text', () => {
  const outbox = [written('1', 'a'), written('2', 'a'), written('3', 'b', 'sent'), written('4', 'c', 'failed')];
  const texts = (live) => Object.fromEntries(unsentTexts(outbox, live));
  assert.deepEqual(texts(true), { c: 'text 4' });
  assert.deepEqual(texts(false), { a: 'text 2', b: 'text 3', c: 'text 4' });
  const states = ['writing', 'waiting', 'sent', 'stored', 'failed'];
  for (const [state, more, live] of states.flatMap((s) => [{}, { until: 5 }].flatMap((m) => [true, false].map((l) => [s, m, l])))) {
    const one = written('5', 'd', state, more);
    const moves = ['sending', 'stored'].includes(standing([one], '5', live));
    assert.equal(unsentTexts([one], live).length, moves ? 0 : 1, `${state} ${live}: as its own row says`);
  }
});

test('the first of each session is due', () => {
  assert.deepEqual(dueIds([written('1', 'a'), written('2', 'a'), written('3', 'b')]), ['1', '3']);
});

test('nothing is due behind what is in flight, or is not on the device yet', () => {
  assert.deepEqual(dueIds([written('1', 'a', 'sent'), written('2', 'a'), written('3', 'b')]), ['3']);
  assert.deepEqual(dueIds([written('1', 'a', 'writing'), written('2', 'a')]), []);
});

test('what is stored and only waits to be seen holds nothing up', () => {
  assert.deepEqual(dueIds([written('1', 'a', 'stored'), written('2', 'a')]), ['2']);
});

test('what waits behind a failed message waits until that is tried again or deleted', () => {
  const outbox = [written('1', 'a', 'failed'), written('2', 'a'), written('3', 'b')];
  assert.deepEqual(dueIds(outbox), ['3']);
  assert.deepEqual(dueIds(changed(outbox, '1', { state: 'waiting' })), ['1', '3']);
  assert.deepEqual(dueIds(outbox.slice(1)), ['2', '3']);
});

test('where another tab sends, only what is not on the device leaves from here, and in its turn', () => {
  const outbox = [written('1', 'a'), written('2', 'a', 'waiting', { kept: false }), written('3', 'b')];
  assert.deepEqual(ids(due(outbox, false, 0)), []);
  assert.deepEqual(ids(due(outbox.slice(1), false, 0)), ['2']);
});

test('the order is that of the moments, and of the ids where two are the same', () => {
  const outbox = [written('9', 'a', 'waiting', { at: 2 }), written('b', 'a', 'waiting', { at: 1 }), written('a', 'a', 'waiting', { at: 1 })];
  assert.deepEqual(ids(inOrder(outbox)), ['a', 'b', '9']);
});

test('a delivery ends its message, in its session alone', () => {
  const outbox = [written('1', 'a', 'sent'), written('2', 'a')];
  assert.deepEqual(ids(delivered(outbox, 'a', '1')), ['2']);
  assert.equal(delivered(outbox, 'b', '1'), outbox);
  assert.equal(delivered(outbox, 'a', 'foreign'), outbox);
});

test('what a snapshot holds is on its way no more, by nonce or by number', () => {
  const outbox = [
    written('1', 'a'),
    written('2', 'a', 'stored', { number: 7 }),
    written('3', 'a', 'stored', { number: 8 }),
    written('4', 'b'),
  ];
  assert.deepEqual(ids(settled(outbox, (one) => one.id === '1', () => 7)), ['3', '4']);
  assert.equal(settled(outbox, () => false, () => 0), outbox);
});

test('a lost connection makes what was in flight due again, with the same nonce', () => {
  const outbox = lost([written('1', 'a', 'sent'), written('2', 'a'), written('3', 'b', 'stored')]);
  assert.deepEqual(dueIds(outbox), ['1']);
  assert.equal(outbox[0].nonce, '1');
  assert.equal(outbox[2].state, 'stored');
});

test('an answer after the delivery changes nothing, and stored is never taken back', () => {
  assert.deepEqual(changed([], '1', { state: 'stored' }), []);
  assert.equal(changed([written('1', 'a', 'stored')], '1', { state: 'sent' })[0].state, 'stored');
});

test('no two messages are of one moment, whatever the clock does', () => {
  assert.equal(moment([], 5), 5);
  assert.equal(moment([written('3', 'a'), written('9', 'b')], 5), 10);
});

test('what would be lost with the page is what is not on the device', () => {
  assert.ok(!atRisk([written('1', 'a'), written('2', 'a', 'stored', { kept: false })]));
  assert.ok(atRisk([written('1', 'a', 'writing', { kept: false })]));
  assert.ok(unsent([written('1', 'a', 'failed')]));
  assert.ok(!unsent([written('1', 'a', 'stored')]));
});

test('what goes away by itself is sent again, closed goes back, everything else has failed', () => {
  for (const code of ['lost', 'slow_down', 'unavailable', 'storage_full']) assert.equal(fate(code), 'later');
  assert.equal(fate('closed'), 'back');
  for (const code of ['not_found', 'too_long', 'nonce_reused', 'malformed', 'what comes later'])
    assert.equal(fate(code), 'failed');
});

test('what the server cannot take now leaves when the server says, and holds its place until then', () => {
  const outbox = postponed([written('1', 'a', 'sent'), written('2', 'a')], '1', { RetryAfter: 3 }, 1000);
  assert.deepEqual(dueIds(outbox, 3999), []);
  assert.equal(nextDue(outbox, 3999), 4000);
  assert.deepEqual(dueIds(outbox, 4000), ['1']);
  assert.equal(nextDue(outbox, 4000), null);
  assert.deepEqual(dueIds(lost(outbox), 3999), []);
});

test('without a word from the server the pauses double, up to a minute', () => {
  let outbox = [written('1', 'a')];
  const pauses = [];
  for (let i = 0; i < 8; i++) {
    outbox = postponed(changed(outbox, '1', { state: 'sent' }), '1', {}, 0);
    pauses.push(outbox[0].until / 1000);
  }
  assert.deepEqual(pauses, [2, 4, 8, 16, 32, 60, 60, 60]);
});

test('a closed conversation gives back the message and all that waited behind it, in order', () => {
  const outbox = [
    written('1', 'a', 'stored'),
    written('2', 'a', 'sent'),
    written('3', 'b', 'sent'),
    written('4', 'a'),
  ];
  const back = returned(outbox, 'a');
  assert.equal(back.text, 'text 2\ntext 4');
  assert.deepEqual(ids(back.outbox), ['1', '3']);
});

test('where nothing is left, or all is stored, nothing is given back', () => {
  assert.equal(returned([written('1', 'a', 'stored'), written('2', 'b')], 'a'), null);
  assert.equal(returned([], 'a'), null);
});

test('where the server begins from an earlier state, only what is still kept here is sent again', () => {
  const outbox = [written('1', 'a', 'stored'), written('2', 'a', 'stored', { kept: false }), written('3', 'a', 'sent')];
  assert.deepEqual(restored(outbox).map((one) => [one.id, one.state]), [['2', 'waiting'], ['3', 'sent']]);
  const device = [written('1', 'a'), written('3', 'a')];
  assert.deepEqual(dueIds(lost(merged(restored(outbox), device))), ['1']);
});

test('what other tabs have written is as the device has it; how far one’s own sending has come stays', () => {
  const outbox = [written('2', 'a', 'sent'), written('5', 'b', 'waiting', { until: 9 })];
  const device = [written('1', 'a', 'failed'), written('2', 'a'), written('4', 'b'), written('5', 'b')];
  const both = merged(outbox, device);
  assert.deepEqual(both.map((one) => [one.id, one.state, one.until]), [
    ['1', 'failed', undefined],
    ['2', 'sent', undefined],
    ['4', 'waiting', undefined],
    ['5', 'waiting', 9],
  ]);
});

test('the device says when a message was written', () => {
  const device = [written('1', 'a', 'waiting', { at: 5 }), written('2', 'a', 'waiting', { at: 4 })];
  assert.deepEqual(ids(merged([written('1', 'a'), written('2', 'a')], device)), ['2', '1']);
});

test('what is there no more has left by another tab; what is not there yet, or is stored, stays', () => {
  const outbox = [
    written('1', 'a', 'failed'),
    written('2', 'b', 'waiting'),
    written('3', 'c', 'failed', { kept: false }),
    written('4', 'c', 'writing', { kept: false }),
    written('5', 'd', 'stored'),
  ];
  assert.deepEqual(ids(merged(outbox, [])), ['3', '4', '5']);
});

test('what failed in another tab has failed, what is tried again there waits, what is tried again here is not undone', () => {
  const failed = merged([written('1', 'a', 'sent')], [written('1', 'a', 'failed')]);
  assert.equal(failed[0].state, 'failed');
  const again = merged([written('1', 'a', 'failed')], [written('1', 'a', 'waiting', { nonce: 'new' })]);
  assert.deepEqual([again[0].state, again[0].nonce], ['waiting', 'new']);
  const here = merged([written('1', 'a', 'writing', { nonce: 'new', kept: false })], [written('1', 'a', 'failed')]);
  assert.deepEqual([here[0].state, here[0].nonce], ['writing', 'new']);
  const news = merged([written('1', 'a', 'failed', { kept: false })], [written('1', 'a')]);
  assert.equal(news[0].state, 'failed');
});

test('where a message stands is told in its row', () => {
  const outbox = [
    written('1', 'a', 'stored'),
    written('2', 'a', 'failed'),
    written('3', 'a'),
    written('4', 'b', 'sent'),
    written('5', 'b', 'writing'),
    written('6', 'c', 'waiting', { until: 9 }),
  ];
  const all = (live) => outbox.map((one) => standing(outbox, one.id, live));
  assert.deepEqual(all(true), ['stored', 'failed', 'behind', 'sending', 'sending', 'later']);
  assert.deepEqual(all(false), ['stored', 'failed', 'behind', 'waiting', 'waiting', 'waiting']);
});

test('whatever happens, each text is in the outbox, delivered, given back or deleted, and the order stays', () => {
  let seed = 7;
  const chance = (n) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff) % n;
  for (let round = 0; round < 200; round++) {
    let outbox = [];
    const gone = [];
    const made = [];
    const arrived = { a: [], b: [] };
    for (let step = 0; step < 60; step++) {
      const any = outbox[chance(Math.max(1, outbox.length))];
      const what = chance(7);
      if (what === 0) {
        outbox = [...outbox, written(`${round}-${step}`, 'ab'[chance(2)], 'waiting', { at: step })];
        made.push(outbox.at(-1).text);
      }
      if (what === 1) for (const one of due(outbox, true, step)) outbox = changed(outbox, one.id, { state: 'sent' });
      if (what === 2) outbox = lost(outbox);
      if (what === 3 && any?.state === 'sent') {
        gone.push(any.text);
        arrived[any.session].push(any.at);
        outbox = delivered(outbox, any.session, any.nonce);
      }
      if (what === 4 && any?.state === 'sent') outbox = changed(outbox, any.id, { state: 'failed' });
      if (what === 5 && any?.state === 'failed') outbox = changed(outbox, any.id, { state: 'waiting' });
      if (what === 6 && any?.state === 'sent') outbox = postponed(outbox, any.id, { RetryAfter: 0.002 }, step);
      const back = what === 6 && any && chance(4) === 0 ? returned(outbox, any.session) : null;
      if (back) (gone.push(...back.text.split('\n')), (outbox = back.outbox));
      for (const session of 'ab')
        assert.ok(outbox.filter((one) => one.session === session && one.state === 'sent').length <= 1);
    }
    assert.deepEqual([...gone, ...outbox.map((one) => one.text)].sort(), made.sort());
    for (const order of Object.values(arrived)) assert.deepEqual(order, [...order].sort((one, other) => one - other));
  }
});
