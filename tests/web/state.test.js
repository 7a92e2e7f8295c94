// State + frame = next state. What one has already changes nothing, in whatever way it comes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  apply,
  begun,
  byActivity,
  fromSnapshot,
  inOrder,
  looked,
  positions,
  repaired,
  settled,
  shown,
} from '../../src/parlour/web/state.js';
import { open } from '../../src/parlour/web/consent.js';

const ME = 'u-me';
const at = (minute) => new Date(Date.UTC(2026, 10, 24, 12, minute)).toISOString();
const message = (data, Sender, minute, Nonce) => ({
  data,
  TimeStamp: at(minute),
  Sender,
  ReceivedAt: at(minute),
  ...(Nonce ? { Nonce } : {}),
});
const loaded = (name, messages, more = {}) => ({
  UserIds: { [`u-${name}`]: name },
  Messages: messages,
  Seq: Math.max(0, ...Object.keys(messages).map(Number)),
  More: false,
  State: 'active',
  Status: { [`u-${name}`]: 'Offline' },
  Unread: 0,
  Marks: {},
  Settings: {},
  ...more,
});
const snapshot = (Sessions = {}, Me = {}) => ({
  Epoch: 'e1',
  Me: { Seq: 4, UserID: ME, Username: 'me', Invitations: [], Asking: [], Blocks: [], Links: [], Settings: {}, ...Me },
  Sessions,
});
const talking = () =>
  fromSnapshot(
    snapshot({ s1: loaded('noor', { 1: message('hi', 'u-noor', 1), 2: message('ho', ME, 2, 'nonce-one') }) }),
  );
const told = (state, ...frames) => frames.reduce((now, frame) => apply(now, frame, 5000), state);
const texts = (state, id = 's1') => state.sessions.get(id).messages.map((one) => one.text);

test('a snapshot is the beginning', () => {
  const state = talking();
  assert.deepEqual(texts(state), ['hi', 'ho']);
  assert.equal(state.sessions.get('s1').name, 'noor');
  assert.deepEqual(positions(state), { Epoch: 'e1', Me: 4, Sessions: new Map([['s1', 2]]) });
});

test('a delivery is added; the same again, or an older one, changes nothing at all', () => {
  const state = told(talking(), { s1: { 3: message('three', 'u-noor', 3) } });
  assert.deepEqual(texts(state), ['hi', 'ho', 'three']);
  assert.equal(apply(state, { s1: { 3: message('three', 'u-noor', 3) } }, 0), state);
  assert.equal(apply(state, { s1: { 1: message('hi', 'u-noor', 1) } }, 0), state);
});

test('one frame may hold several messages, in order of their numbers, and several sessions', () => {
  const state = fromSnapshot(snapshot({ s1: loaded('noor', {}), s2: loaded('sven', {}) }));
  const next = told(state, {
    s1: { 10: message('ten', 'u-noor', 3), 9: message('nine', 'u-noor', 2) },
    s2: { 1: message('one', 'u-sven', 1) },
  });
  assert.deepEqual(texts(next), ['nine', 'ten']);
  assert.deepEqual(texts(next, 's2'), ['one']);
  assert.equal(next.sessions.get('s1').head, 10);
});

test('what is not known is ignored', () => {
  const state = talking();
  for (const frame of [
    { foreign: { 1: message('x', 'y', 1) } },
    { type: 'Typing', SessionID: 's1', UserID: 'u' },
    { type: 'Done', Ref: 'r1' },
    { s1: null },
    {},
    { type: 'Beat' },
  ]) {
    assert.equal(apply(state, frame, 0), state);
  }
});

test('an event of my stream that is not known still counts', () => {
  const state = told(talking(), { type: 'Unheard', Seq: 5, UserName: 'x' });
  assert.equal(state.me.seq, 5);
});

test('events of my stream count once', () => {
  const popUp = { type: 'Search', Seq: 5, UserName: 'sven', Rev: 1, Lapses: at(50) };
  const state = told(talking(), popUp);
  assert.deepEqual(
    state.invitations.map((one) => one.UserName),
    ['sven'],
  );
  assert.equal(state.me.seq, 5);
  assert.equal(apply(state, popUp, 0), state);
  assert.equal(apply(state, { type: 'Resolved', Seq: 3, UserName: 'sven', Result: 'declined' }, 0), state);
});

test('a later invitation of the same person takes the place of the earlier one', () => {
  const state = told(
    talking(),
    { type: 'Search', Seq: 5, UserName: 'sven', Rev: 1, Lapses: at(5) },
    { type: 'Search', Seq: 6, UserName: 'sven', Rev: 2, Lapses: at(50) },
  );
  assert.deepEqual(
    state.invitations.map((one) => one.Rev),
    [2],
  );
});

test('an answer on another device closes the question here', () => {
  const state = told(
    talking(),
    { type: 'Search', Seq: 5, UserName: 'sven', Rev: 1, Lapses: at(50) },
    { type: 'Resolved', Seq: 6, UserName: 'sven', Result: 'declined' },
  );
  assert.deepEqual(state.invitations, []);
});

test('what I asked is there until the session begins', () => {
  const asked = told(talking(), { type: 'Invite', Seq: 5, Username: 'sven', State: 'sent', Lapses: at(50) });
  assert.deepEqual(
    asked.asking.map((one) => one.Username),
    ['sven'],
  );
  const begins = told(asked, { type: 'Session', Seq: 6, SessionID: 's2', Users: { 'u-sven': 'sven' } });
  assert.deepEqual(begins.asking, []);
  assert.deepEqual(begins.sessions.get('s2').messages, []);
  assert.equal(begins.sessions.get('s2').head, 0);
  const none = told(asked, { type: 'Invite', Seq: 6, Username: 'sven', State: 'none', Lapses: at(50) });
  assert.deepEqual(none.asking, []);
});

test('an answer that names a session which is there already keeps what was said', () => {
  const state = begun(talking(), 's1', { 'u-noor': 'noor' }, 0);
  assert.deepEqual(texts(state), ['hi', 'ho']);
});

test('presence: told one by one, and after a reconnect whoever is not named is Offline, without a flicker', () => {
  const both = told(
    talking(),
    { type: 'Status', UserID: 'u-noor', Status: 'Online' },
    { type: 'Status', UserID: 'u-sven', Status: 'Online' },
  );
  assert.deepEqual([...both.online], ['u-noor', 'u-sven']);
  const back = told(both, { type: 'Resumed' }, { type: 'Status', UserID: 'u-noor', Status: 'Online' });
  assert.ok(back.online.has('u-sven'), 'nobody goes before all are named');
  assert.deepEqual([...settled(back).online], ['u-noor']);
  const still = settled(back);
  assert.equal(settled(still), still);
});

test('a status that changes nothing gives the same state', () => {
  const state = told(talking(), { type: 'Status', UserID: 'u-noor', Status: 'Online' });
  assert.equal(apply(state, { type: 'Status', UserID: 'u-noor', Status: 'Online' }, 0), state);
});

test('at most three hundred messages of a session are kept, and that older ones exist is known', () => {
  let state = talking();
  for (let n = 3; n <= 500; n++) state = apply(state, { s1: { [n]: message(`m${n}`, ME, 3) } }, 0);
  const session = state.sessions.get('s1');
  assert.equal(session.messages.length, 300);
  assert.equal(session.messages[0].number, 201);
  assert.equal(session.more, true);
  assert.equal(session.head, 500);
});

test('the most recently active stands first; one without a message stays where the server put it', () => {
  const state = fromSnapshot(
    snapshot({
      a: loaded('anna', { 1: message('x', ME, 9) }),
      b: loaded('bo', {}),
      c: loaded('cleo', { 1: message('x', ME, 3) }),
    }),
  );
  assert.deepEqual(
    byActivity(state).map((one) => one.id),
    ['a', 'b', 'c'],
  );
  assert.deepEqual(
    byActivity(told(state, { c: { 2: message('y', ME, 20) } })).map((one) => one.id),
    ['c', 'a', 'b'],
  );
  const fresh = apply(state, { type: 'Session', Seq: 5, SessionID: 'd', Users: { 'u-d': 'dora' } }, Date.parse(at(30)));
  assert.equal(byActivity(fresh)[0].id, 'd');
});

test('a part taken anew replaces that part alone, and its generation tells', () => {
  const state = told(
    talking(),
    { type: 'Session', Seq: 5, SessionID: 's2', Users: { 'u-sven': 'sven' } },
    { s2: { 1: message('kept', 'u-sven', 4) } },
  );
  const next = repaired(
    state,
    snapshot({ s1: loaded('noor', { 7: message('new', 'u-noor', 8) }, { More: true }), s2: loaded('sven', {}) }),
    new Set(['s1']),
  );
  assert.deepEqual(texts(next), ['new']);
  assert.deepEqual(texts(next, 's2'), ['kept']);
  assert.notEqual(next.sessions.get('s1').generation, state.sessions.get('s1').generation);
  assert.equal(next.sessions.get('s2').generation, state.sessions.get('s2').generation);
  assert.deepEqual(texts(told(next, { s1: { 6: message('old', ME, 1), 8: message('eight', ME, 9) } })), [
    'new',
    'eight',
  ]);
});

test('everything taken anew has another generation than before', () => {
  const state = talking();
  assert.ok(
    fromSnapshot(snapshot({ s1: loaded('noor', {}) }), state).sessions.get('s1').generation >
      state.sessions.get('s1').generation,
  );
});

test('the live way and the snapshot come to the same', () => {
  const live = told(
    fromSnapshot(snapshot({ s1: loaded('noor', {}) })),
    { s1: { 1: message('hi', 'u-noor', 1) } },
    { s1: { 2: message('ho', ME, 2, 'nonce-one') } },
  );
  assert.deepEqual(live.sessions.get('s1').messages, talking().sessions.get('s1').messages);
});

test('a message of mine has the key that it had while it was pending', () => {
  assert.equal(talking().sessions.get('s1').messages[1].key, `${ME} nonce-one`);
});

test('what has lapsed is not shown; a date that cannot be read does not hide anything', () => {
  const list = [{ Lapses: at(10) }, { Lapses: at(20) }, { Lapses: 'some day' }];
  assert.deepEqual(open(list, Date.parse(at(10))), [list[1], list[2]]);
});

test('a page of history is sorted by number, not by text', () => {
  assert.deepEqual(
    inOrder({ 10: message('b', ME, 2), 9: message('a', ME, 1) }).map((one) => one.number),
    [9, 10],
  );
});

test('frozen input: nothing is changed in place', () => {
  const freeze = (value) => {
    if (value && typeof value === 'object' && !Object.isFrozen(value))
      Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const state = freeze(talking());
  const before = structuredClone([...state.sessions]);
  told(
    state,
    { s1: { 3: message('x', ME, 3) } },
    { type: 'Status', UserID: 'u-noor', Status: 'Online' },
    { type: 'Session', Seq: 5, SessionID: 's3', Users: { a: 'b' } },
  );
  assert.deepEqual([...state.sessions], before);
  assert.equal(state.online.size, 0);
});

const mark = (UserID, marks, SessionID = 's1') => ({ type: 'Mark', SessionID, UserID, ...marks });
const marksOf = (state, user) => state.sessions.get('s1').marks.get(user);
const unreadOf = (state) => state.sessions.get('s1').unread;

test('marks come with the snapshot and go forward only', () => {
  const state = fromSnapshot(
    snapshot({
      s1: loaded('noor', { 5: message('hi', 'u-noor', 1) }, { Marks: { 'u-noor': { Delivered: '5', Read: '3' } } }),
    }),
  );
  assert.deepEqual(marksOf(state, 'u-noor'), { delivered: 5, read: 3 });
  const later = told(state, mark('u-noor', { Read: '4' }));
  assert.deepEqual(marksOf(later, 'u-noor'), { delivered: 5, read: 4 });
  assert.equal(told(later, mark('u-noor', { Delivered: '2', Read: '4' })), later);
  assert.equal(told(later, mark('u-noor', { Read: '9' }, 'nowhere')), later);
});

test('what others say is unread until it was read, on whichever device', () => {
  const heard = told(talking(), { s1: { 3: message('a', 'u-noor', 3), 4: message('b', ME, 4) } });
  const more = told(heard, { s1: { 5: message('c', 'u-noor', 5) } });
  assert.equal(unreadOf(more), 2);
  assert.equal(unreadOf(told(more, mark('u-noor', { Read: '5' }))), 2);
  const read = told(more, mark(ME, { Read: '4', Unread: 99 }));
  assert.equal(unreadOf(read), 1);
  assert.equal(unreadOf(told(read, mark(ME, { Delivered: '5' }))), 1);
});

test('where not all that is unread is at hand, the server has counted', () => {
  const state = fromSnapshot(
    snapshot({ s1: loaded('noor', { 500: message('hi', 'u-noor', 1) }, { More: true, Unread: 450 }) }),
  );
  assert.equal(unreadOf(told(state, mark(ME, { Read: '100', Unread: 380 }))), 380);
  assert.equal(unreadOf(told(state, mark(ME, { Read: '500', Unread: 0 }))), 0);
});

test('what I set for all and for one session comes with the snapshot, and from my other devices', () => {
  const state = fromSnapshot(
    snapshot(
      { s1: loaded('noor', {}, { Settings: { Typing: false } }), s2: loaded('sven', {}) },
      { Settings: { WhoMayInvite: 'everyone', Presence: true } },
    ),
  );
  const [one, two] = state.sessions.values();
  assert.deepEqual([shown(state, one, 'Typing'), shown(state, two, 'Typing')], [false, false]);
  const later = told(
    state,
    { type: 'Settings', Seq: 5, Typing: true, Receipts: true },
    { type: 'Settings', Seq: 6, SessionID: 's2', Receipts: false },
    { type: 'Settings', Seq: 6, SessionID: 's2', Receipts: true },
  );
  assert.equal(later.settings.WhoMayInvite, 'everyone');
  assert.deepEqual(
    [...later.sessions.values()].map((one) => [shown(later, one, 'Typing'), shown(later, one, 'Receipts')]),
    [
      [false, true],
      [true, false],
    ],
  );
});

test('a closed session keeps what was said; who has gone is called otherwise, and is not there', () => {
  const before = told(talking(), { type: 'Status', UserID: 'u-noor', Status: 'Online' });
  const state = told(before, { type: 'Closed', Seq: 5, SessionID: 's1', Users: { 'u-noor': 'Deleted account' } });
  const session = state.sessions.get('s1');
  assert.deepEqual([session.closed, session.name, texts(state)], [true, 'Deleted account', ['hi', 'ho']]);
  assert.equal(state.online.has('u-noor'), false);
});

test('what I have looked at is not unread, though the server has not heard of it; not even in its snapshot', () => {
  const heard = told(talking(), { s1: { 3: message('a', 'u-noor', 3) } });
  const seen = looked(heard, 's1');
  assert.equal(unreadOf(seen), 0);
  assert.equal(looked(seen, 's1'), seen);
  const more = told(seen, { s1: { 4: message('b', 'u-noor', 4) } });
  assert.equal(unreadOf(more), 1);
  assert.equal(unreadOf(told(more, mark(ME, { Read: '1', Unread: 2 }))), 1);
  const messages = { 3: message('a', 'u-noor', 3), 4: message('b', 'u-noor', 4) };
  const anew = snapshot({ s1: loaded('noor', messages, { Unread: 2, More: true }) });
  assert.equal(unreadOf(fromSnapshot(anew, more)), 1);
  assert.equal(unreadOf(fromSnapshot({ ...anew, Epoch: 'e2' }, more)), 2);
});
