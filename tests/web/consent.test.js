// What stands between me and others: an old state and the frames since then make what a fresh snapshot says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { askings, open } from '../../src/parlour/web/consent.js';
import { apply, fromSnapshot } from '../../src/parlour/web/state.js';
import { deed, ledger, search } from '../../src/parlour/web/words.js';

const at = (day) => new Date(Date.UTC(2026, 10, day, 12)).toISOString();
const NOW = Date.parse(at(20));
const snapshot = (Me = {}, Sessions = {}) => ({
  Epoch: 'e1',
  Me: { Seq: 4, UserID: 'u-me', Username: 'me', Invitations: [], Asking: [], Blocks: [], Links: [], Settings: {}, ...Me },
  Sessions,
});
const noor = (State, Status, Messages = {}) => ({
  UserIds: { 'u-noor': 'noor' }, Messages, Seq: Object.keys(Messages).length, More: false, State,
  Status: { 'u-noor': Status }, Unread: 0, Marks: {}, Settings: {},
});
const HI = { 1: { data: 'hi', TimeStamp: at(1), Sender: 'u-noor', ReceivedAt: at(1) } };
const told = (state, ...frames) => frames.reduce((now, frame) => apply(now, frame, NOW), state);

const invitation = (UserName, Seq, more = {}) => ({ Seq, UserName, Rev: 1, Lapses: at(25), ...more });
const asking = (Username, Seq, State = 'sent') => ({ Seq, Username, State, Lapses: at(25) });
const search_ = (UserName, Seq, more) => ({ type: 'Search', ...invitation(UserName, Seq, more) });
const invite = (Username, Seq, State) => ({ type: 'Invite', ...asking(Username, Seq, State) });
const resolved = (UserName, Seq, Result) => ({ type: 'Resolved', Seq, UserName, Result });
const blocked = (UserName, Seq, Blocked) => ({ type: 'Blocked', Seq, UserName, Blocked });
const linked = (Link, Seq, State, day = 27) => ({ type: 'Linked', Seq, Link, State, Lapses: at(day) });
const session = (Seq) => ({ type: 'Session', Seq, SessionID: 's1', Users: { 'u-noor': 'noor' } });
const closed = (Seq) => ({ type: 'Closed', Seq, SessionID: 's1' });
const online = { type: 'Status', UserID: 'u-noor', Status: 'Online' };

/** What happened, from what one had to what the server says now. */
const STORIES = {
  'an invitation with a note, and one that is held': [
    {}, {},
    [search_('noor', 5, { Note: 'hello' }), search_('sven', 6, { Quiet: true })],
    { Seq: 6, Invitations: [invitation('noor', 5, { Note: 'hello' }), invitation('sven', 6, { Quiet: true })] }, {},
  ],
  'one that was cancelled, one that was rejected, one whose sender was blocked': [
    { Invitations: [invitation('a1', 1), invitation('b2', 2), invitation('c3', 3), invitation('d4', 4)] }, {},
    [resolved('a1', 5, 'cancelled'), resolved('b2', 6, 'declined'), blocked('c3', 7, true), resolved('c3', 8, 'blocked')],
    { Seq: 8, Invitations: [invitation('d4', 4)], Blocks: ['c3'] }, {},
  ],
  'what I asked: sent, declined and told, taken back': [
    { Asking: [asking('a1', 1), asking('b2', 2)] }, {},
    [invite('c3', 5, 'sent'), invite('a1', 6, 'declined'), invite('b2', 7, 'none')],
    { Seq: 7, Asking: [asking('c3', 5), asking('a1', 6, 'declined')] }, {},
  ],
  'asking again after a no that was told': [
    { Asking: [asking('a1', 1, 'declined'), asking('b2', 2)] }, {},
    [invite('a1', 5, 'sent')],
    { Seq: 5, Asking: [asking('b2', 2), asking('a1', 5)] }, {},
  ],
  'somebody asks me whom I had asked in vain': [
    { Asking: [asking('noor', 1, 'declined')] }, {},
    [search_('noor', 5)],
    { Seq: 5, Invitations: [invitation('noor', 5)], Asking: [asking('noor', 1, 'declined')] }, {},
  ],
  'I ask somebody whose invitation has lapsed by now': [
    { Invitations: [invitation('noor', 1)] }, {},
    [invite('noor', 5, 'sent')],
    { Seq: 5, Asking: [asking('noor', 5)] }, {},
  ],
  'a session opens again, whoever had asked, and its messages stay': [
    { Asking: [asking('noor', 1)], Invitations: [invitation('sven', 2)] }, { s1: noor('closed', 'Offline', HI) },
    [session(5), online],
    { Seq: 5, Invitations: [invitation('sven', 2)] }, { s1: noor('active', 'Online', HI) },
  ],
  'a session is closed: nobody is seen in it any more': [
    {}, { s1: noor('active', 'Online', HI) },
    [closed(5)],
    { Seq: 5 }, { s1: noor('closed', 'Offline', HI) },
  ],
  'closed while I was away, and open again': [
    { Invitations: [invitation('noor', 3)] }, { s1: noor('active', 'Online', HI) },
    [closed(5), search_('noor', 6), resolved('noor', 7, 'accepted'), session(8)],
    { Seq: 8 }, { s1: noor('active', 'Offline', HI) },
  ],
  'blocks, in the order of names': [
    { Blocks: ['b2'] }, {},
    [blocked('c3', 5, true), blocked('a1', 6, true), blocked('b2', 7, false), blocked('a1', 8, true)],
    { Seq: 8, Blocks: ['a1', 'c3'] }, {},
  ],
  'links, those that lapse first before the others': [
    { Links: [{ Link: 'l1', Lapses: at(26) }, { Link: 'l2', Lapses: at(27) }] }, {},
    [linked('l4', 5, 'open', 29), linked('l3', 6, 'open', 28), linked('l1', 7, 'used'), linked('l4', 8, 'revoked')],
    { Seq: 8, Links: [{ Link: 'l2', Lapses: at(27) }, { Link: 'l3', Lapses: at(28) }] }, {},
  ],
};

for (const [story, [me, sessions, frames, meNow, sessionsNow]] of Object.entries(STORIES))
  test(story, () => {
    const before = fromSnapshot(snapshot(me, sessions));
    const after = told(before, ...frames);
    assert.deepEqual(after, fromSnapshot(snapshot(meNow, sessionsNow)));
    assert.equal(told(after, ...frames.filter((frame) => frame.Seq)), after, 'the same once more changes nothing');
  });

test('who is named while the others turn out to be Offline is forgotten with the session', () => {
  const state = told(fromSnapshot(snapshot({}, { s1: noor('active', 'Online') })), { type: 'Resumed' }, online, closed(5));
  assert.deepEqual([[...state.online], [...state.gathering]], [[], []]);
});

test('a field that this page does not know does no harm', () => {
  const state = told(fromSnapshot(snapshot()), { ...search_('noor', 5), Wish: 1 }, { ...blocked('sven', 6, true), Why: 2 });
  assert.deepEqual([state.invitations[0].UserName, state.blocks], ['noor', ['sven']]);
});

test('what I asked is sent, then without an answer, then worth no word; a no is told; whom I block is not listed', () => {
  const asked = [asking('a1', 1), asking('b2', 2, 'declined'), asking('c3', 3)];
  const consent = { asking: asked, blocks: ['c3'], invitations: [] };
  const standings = (day) => askings(consent, Date.parse(at(day))).map((one) => `${one.name} ${one.standing}`);
  assert.deepEqual(standings(20), ['a1 sent', 'b2 declined']);
  assert.deepEqual(standings(25), ['a1 unanswered', 'b2 declined']);
  assert.deepEqual(standings(38), ['a1 unanswered', 'b2 declined']);
  assert.deepEqual(standings(39), []);
});

test('whoever asks me now does not stand among those whom I had asked', () => {
  const asked = [{ ...asking('a1', 1), Lapses: at(15) }, asking('b2', 2)];
  const listed = (invitations) => askings({ asking: asked, blocks: [], invitations }, NOW).map((one) => one.name);
  assert.deepEqual(listed([invitation('a1', 3)]), ['b2']);
  assert.deepEqual(listed([{ ...invitation('a1', 3), Lapses: at(20) }]), ['a1', 'b2'], 'that one is over, too');
});

test('a no that was told leaves its row in its place', () => {
  const asked = [{ ...asking('b2', 5), Lapses: at(26) }, asking('a1', 6, 'declined')];
  const listed = askings({ asking: asked, blocks: [], invitations: [] }, NOW);
  assert.deepEqual(listed.map((one) => one.name), ['a1', 'b2']);
});

test('what has lapsed is open no more', () => {
  assert.deepEqual(open([{ Lapses: at(20) }, { Lapses: at(21) }], NOW), [{ Lapses: at(21) }]);
});

test('each deed of the ledger has a sentence', () => {
  const deeds = ['asked', 'cancelled', 'declined', 'blocked', 'unblocked', 'closed', 'linked', 'unlinked'];
  const mine = deeds.map((Did) => deed({ By: 'me', Did, UserName: 'noor' }));
  const theirs = ['asked', 'cancelled', 'declined', 'closed'].map((Did) => deed({ By: 'them', Did, UserName: 'noor' }));
  const agreed = ['me', 'them'].flatMap((By) =>
    ['invitation', 'mutual', 'link'].map((How) => deed({ By, Did: 'accepted', How, UserName: 'noor' })),
  );
  const all = [...mine, ...theirs, ...agreed];
  assert.equal(new Set(all).size, 18);
  for (const one of all) assert.match(one, /^(You|noor|The conversation with noor) .*\.$/u);
  assert.equal(deed({ By: 'them', Did: 'something later', UserName: 'noor' }), ledger.unknown);
});

test('how much of a note is left is said in words', () => {
  assert.deepEqual([5, 1, 0, -3].map(search.noteLeft), [
    '5 characters left', '1 character left', '0 characters left', '3 characters too many',
  ]);
});
