// When the page connects, waits and gives up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEAD_AFTER, IDLE, backOff, step, verdict } from '../../src/parlour/web/link.js';

/** Runs events one after the other; gives the last link and all effects of the last event. */
function run(events, { link = IDLE, now = 1_000_000, chance = 0.5 } = {}) {
  let out = { link, effects: [] };
  for (const event of events)
    out = step(out.link, typeof event === 'string' ? { kind: event } : event, { now, chance });
  return {
    ...out,
    does: out.effects.map((effect) => effect.do),
    alarm: out.effects.find((effect) => effect.do === 'alarm')?.after,
  };
}
const closed = (code) => ({ kind: 'closed', code });
const answer = (status, retryAfter = null) => ({ kind: 'answer', status, retryAfter });
const LIVE = ['start', 'loaded', 'welcome', 'resumed'];

test('snapshot, then socket, then Resume, then live', () => {
  assert.deepEqual(run(['start']).does, ['hush', 'load']);
  assert.deepEqual(run(['start', 'loaded']).does, ['open', 'alarm']);
  assert.deepEqual(run(['start', 'loaded', 'welcome']).does, ['resume', 'alarm']);
  assert.equal(run(['start', 'loaded', 'welcome']).link.phase, 'resuming');
  assert.equal(run(LIVE).link.phase, 'live');
});

test('the back-off is full jitter from half a second, doubling to thirty', () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 7, 60].map((attempt) => backOff(attempt, 1)),
    [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000],
  );
  assert.equal(backOff(3, 0), 0);
  assert.equal(backOff(3, 0.25), 1000);
});

test('a connection that was live and went is tried again, and the tries grow apart', () => {
  const first = run([...LIVE, closed(1006)], { chance: 1 });
  assert.equal(first.link.phase, 'waiting');
  assert.equal(first.alarm, 500);
  let { link } = first;
  const pauses = [];
  for (let i = 0; i < 7; i++) {
    const next = run(['alarm', closed(1006), answer(200)], { link, chance: 1 });
    pauses.push(next.alarm);
    link = next.link;
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('a connection that held begins again with the shortest pause; one that did not, does not', () => {
  const tired = { ...run(LIVE).link, attempt: 5, liveSince: 1_000_000 };
  assert.equal(run([closed(1006)], { link: tired, now: 1_010_000, chance: 1 }).alarm, 500);
  assert.equal(run([closed(1006)], { link: tired, now: 1_000_100, chance: 1 }).alarm, 16_000);
});

test('sixty seconds without anything is a dead connection; anything heard begins the minute anew', () => {
  assert.equal(DEAD_AFTER, 60_000);
  assert.equal(run(LIVE).alarm, 60_000);
  assert.equal(run([...LIVE, 'heard']).alarm, 60_000);
  const dead = run([...LIVE, 'alarm']);
  assert.equal(dead.link.phase, 'waiting');
  assert.ok(dead.does.includes('drop'));
});

test('a socket that never opened makes the page ask why', () => {
  assert.deepEqual(run(['start', 'loaded', closed(1006)]).does, ['drop', 'hush', 'ask']);
  assert.deepEqual(run(['start', 'loaded', closed(1006), answer(401)]).does, ['hush', 'drop', 'login']);
  for (const status of [429, 503]) {
    const told = run(['start', 'loaded', closed(1006), answer(status, 7)], { chance: 0 });
    assert.equal(told.link.phase, 'waiting');
    assert.equal(told.alarm, 7000);
  }
  assert.equal(run(['start', 'loaded', closed(1006), answer(0)], { chance: 1 }).alarm, 500);
  assert.equal(run(['start', 'loaded', closed(1006), answer(200, 9)], { chance: 0 }).alarm, 0);
});

test('a handshake that never ends is given up', () => {
  const opening = run(['start', 'loaded']);
  assert.equal(opening.alarm, 20_000);
  assert.equal(run(['start', 'loaded', 'alarm']).link.phase, 'asking');
});

test('without a snapshot it is the snapshot that is tried again', () => {
  const { link } = run(['start', answer(503, 2)]);
  assert.equal(link.phase, 'waiting');
  assert.deepEqual(run(['alarm'], { link }).does, ['hush', 'load']);
  assert.deepEqual(run(['start', answer(401)]).does, ['hush', 'drop', 'login']);
});

test('the closing code says whether to come back', () => {
  const meanings = {
    1001: 'back',
    1006: 'back',
    1011: 'back',
    1012: 'back',
    1013: 'back',
    4000: 'back',
    4001: 'soon',
    4002: 'back',
    4003: 'back',
    4399: 'back',
    4401: 'login',
  };
  for (const [code, meaning] of Object.entries(meanings)) assert.equal(verdict(Number(code)), meaning, code);
  for (const code of [1000, 1002, 1003, 1005, 1007, 1008, 1009, 1010, 1014, 4400, 4403, 4409, 4429, 4499, 4500])
    assert.equal(verdict(code), 'stop', String(code));
});

test('what was ended for good stays ended, with its code, until somebody asks to try again', () => {
  for (const code of [4403, 4409, 4429, 1008]) {
    const over = run([...LIVE, closed(code)]);
    assert.equal(over.link.phase, 'stopped');
    assert.equal(over.link.code, code);
    for (const event of ['online', 'offline', 'alarm', 'awake', 'heard'])
      assert.deepEqual(run([event], { link: over.link }).effects, []);
    assert.deepEqual(run(['retry'], { link: over.link }).does, ['drop', 'open', 'alarm']);
  }
  assert.deepEqual(run([...LIVE, closed(4401)]).does, ['hush', 'login']);
});

test('a restarting server is tried within a second, for twenty seconds', () => {
  const restart = run([...LIVE, closed(4001)], { chance: 1 });
  assert.equal(restart.alarm, 1000);
  const again = (now) =>
    run(['alarm', closed(1006), answer(0)], { link: { ...restart.link, attempt: 6 }, now, chance: 1 }).alarm;
  assert.equal(again(1_019_000), 1000);
  assert.equal(again(1_021_000), 30_000);
});

test('back on the network: at once, whatever was planned, and over a new socket', () => {
  const waiting = { ...run([...LIVE, closed(1006)]).link, attempt: 8 };
  const online = run(['online'], { link: waiting });
  assert.deepEqual(online.does, ['drop', 'open', 'alarm']);
  assert.equal(online.link.attempt, 0);
  assert.deepEqual(run([...LIVE, 'online']).does, ['drop', 'open', 'alarm']);
});

test('off the network the socket counts as lost, and a pause goes on', () => {
  assert.equal(run([...LIVE, 'offline']).link.phase, 'waiting');
  assert.deepEqual(run([...LIVE, closed(1006), 'offline']).effects, []);
});

test('a page that is seen again tries at once when its time had come', () => {
  const { link } = run([...LIVE, closed(1006)], { chance: 1 });
  assert.deepEqual(run(['awake'], { link, now: 1_000_100 }).effects, []);
  assert.deepEqual(run(['awake'], { link, now: 1_000_600 }).does, ['open', 'alarm']);
  assert.deepEqual(run([...LIVE, 'awake']).effects, []);
});

test('being lost is remembered until it is live again, for the words on the page', () => {
  assert.equal(run(LIVE).link.lost, false);
  assert.equal(run([...LIVE, closed(1006)]).link.lost, true);
  assert.equal(run([...LIVE, closed(1006), 'alarm', 'welcome']).link.lost, true);
  assert.equal(run([...LIVE, closed(1006), 'alarm', 'welcome', 'resumed']).link.lost, false);
});

test('stopping drops everything', () => {
  assert.deepEqual(run([...LIVE, 'stop']).does, ['drop', 'hush']);
});
