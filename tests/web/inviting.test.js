// What is said of answers: whoever asked hears of each; and it is never said of others what one did oneself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Inviting } from '../../src/parlour/web/inviting.js';
import { apply, fromSnapshot } from '../../src/parlour/web/state.js';
import { signal } from '../../src/parlour/web/vendor/signals/signals-core.js';

const DAY = 86_400_000;
const at = (days) => new Date(Date.now() + days * DAY).toISOString();

/** What is said on a device of mine. */
function saidOf(Asking, Invitations, frames) {
  const said = [];
  const chat = {
    open: signal(null), elsewhere: () => false, forget: () => {}, show: () => {}, toast: (text) => said.push(text),
    announce: (text) => said.push(text),
  };
  const inviting = new Inviting(chat);
  const Me = { Seq: 4, UserID: 'u-me', Username: 'me', Invitations, Asking, Blocks: [], Links: [], Settings: {} };
  let state = fromSnapshot({ Epoch: 'e1', Me, Sessions: {} });
  for (const frame of frames) {
    const after = apply(state, frame, Date.now());
    inviting.heard(state, after, frame);
    state = after;
  }
  return said;
}

const begun = (Seq) => ({ type: 'Session', Seq, SessionID: 's1', Users: { 'u-noor': 'noor' } });
const asking = (lapses, State = 'sent') => ({ Seq: 1, Username: 'noor', State, Lapses: at(lapses) });
const invitation = { Seq: 2, UserName: 'noor', Rev: 2, Lapses: at(9) };

test('whom I asked has said yes', () => {
  assert.equal(saidOf([asking(3)], [], [begun(5)]).length, 1);
});

test('I said yes on another device, to somebody whom I had asked in vain', () => {
  const accepted = { type: 'Resolved', Seq: 5, UserName: 'noor', Result: 'accepted' };
  for (const before of [asking(-3), asking(3, 'declined')])
    assert.deepEqual(saidOf([before], [invitation], [accepted, begun(6)]), []);
});

test('a no that was told is said', () => {
  const no = { type: 'Invite', Seq: 5, Username: 'noor', State: 'declined', Lapses: at(3) };
  assert.deepEqual(saidOf([asking(3)], [], [no]), ['noor said no.']);
  assert.deepEqual(saidOf([asking(3)], [], [{ ...no, State: 'none' }]), []);
});
