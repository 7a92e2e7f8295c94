// Choices move at once, come back when refused, and what was chosen last counts; a device has a readable name.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceOf } from '../../src/parlour/web/agents.js';
import { Choices } from '../../src/parlour/web/choices.js';
import { settings, unanswered, weakness } from '../../src/parlour/web/words.js';
import { signal } from '../../src/parlour/web/vendor/signals/signals-core.js';

const OFF = { WhoMayInvite: 'everyone', Presence: true };
const one = { id: 's1', settings: {} };

/** Choices whose server answers when the test says so. */
function choosing(own = OFF) {
  const asked = [];
  const state = signal({ settings: own });
  const ask = (frame) => new Promise((resolve) => asked.push({ frame, answer: (error = null) => resolve({ error }) }));
  return { choices: new Choices(ask, state), asked, state };
}

test('a switch moves at once, and the frame names what is chosen and nothing else', async () => {
  const { choices, asked, state } = choosing();
  const done = choices.choose('Receipts', true);
  assert.equal(choices.on('Receipts'), true);
  assert.deepEqual(asked[0].frame, { type: 'Settings', Receipts: true });
  state.value = { settings: { ...OFF, Receipts: true } };
  asked[0].answer();
  await done;
  assert.deepEqual([choices.on('Receipts'), choices.refused('Receipts')], [true, null]);
});

test('a refused one comes back with its reason, which the next choice takes away', async () => {
  const { choices, asked } = choosing();
  const done = choices.choose('Presence', false);
  asked[0].answer({ Code: 'unavailable' });
  await done;
  assert.deepEqual([choices.on('Presence'), choices.refused('Presence')?.Code], [true, 'unavailable']);
  void choices.choose('Presence', false);
  assert.equal(choices.refused('Presence'), null);
});

test('an answer to an earlier choice changes nothing', async () => {
  const { choices, asked } = choosing();
  const first = choices.choose('Typing', true);
  const second = choices.choose('Typing', false);
  const third = choices.choose('Typing', true);
  asked[0].answer({ Code: 'slow_down' });
  asked[1].answer();
  await Promise.all([first, second]);
  assert.deepEqual([choices.on('Typing'), choices.refused('Typing')], [true, null]);
  asked[2].answer({ Code: 'slow_down' });
  await third;
  assert.deepEqual([choices.on('Typing'), choices.refused('Typing')?.Code], [false, 'slow_down']);
});

test('in one conversation counts what is chosen there, else what is chosen for all', () => {
  const { choices, asked } = choosing({ ...OFF, Receipts: true });
  assert.deepEqual([choices.on('Receipts', one), choices.on('Presence', one)], [true, true]);
  assert.equal(choices.on('Receipts', { ...one, settings: { Receipts: false } }), false);
  void choices.choose('Receipts', false, one);
  assert.deepEqual(asked[0].frame, { type: 'Settings', SessionID: 's1', Receipts: false });
  assert.deepEqual([choices.on('Receipts', one), choices.on('Receipts')], [false, true]);
  void choices.choose('Presence', false);
  assert.equal(choices.on('Presence', one), false);
});

test('who may invite is a choice like the others', async () => {
  const { choices, asked } = choosing();
  const done = choices.choose('WhoMayInvite', 'nobody');
  assert.equal(choices.whoMayInvite(), 'nobody');
  asked[0].answer({ Code: 'lost' });
  await done;
  assert.equal(choices.whoMayInvite(), 'everyone');
});

const CHROME = '(KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36';
const SAFARI = '(KHTML, like Gecko) Version/18.0 Safari/605.1.15';
for (const [agent, name] of [
  [`Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 ${CHROME}`, 'Chrome on Linux'],
  [`Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 ${CHROME} Edg/153.0.0.0`, 'Edge on Windows'],
  [`Mozilla/5.0 (Linux; Android 15; K) AppleWebKit/537.36 ${CHROME}`, 'Chrome on Android'],
  [`Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 ${SAFARI}`, 'Safari on a Mac'],
  ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36', 'Chrome on ChromeOS'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) CriOS/140.0 Mobile/15E148 Safari/604.1', 'Chrome on an iPhone'],
  ['Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) FxiOS/140.0 Mobile/15E148 Safari/604.1', 'Firefox on an iPad'],
  ['Firefox/1', 'Firefox'],
  ['curl/8.5.0', 'A program (curl)'],
  ['Python/3.11 aiohttp/3.14.1', 'A program (Python)'],
  ['x'.repeat(200), `A program (${'x'.repeat(30)})`],
  ['', 'A device without a name'],
  ['\u202eevil', 'A device without a name'],
])
  test(`a device is called ${name}`, () => assert.equal(settings.device(deviceOf(agent)), name));

test('a refusal of the account’s calls has words', () => {
  assert.match(weakness('short'), /too short/u);
  assert.match(weakness('x'.repeat(129)), /too long/u);
  assert.match(weakness('password123'), /too easy/u);
  assert.match(unanswered('slow_down', 12, 0), /in 12 seconds/u);
  assert.match(unanswered('unreachable', null, 0), /cannot be reached/u);
  assert.match(unanswered('storage_full', null, 0), /cannot do this now/u);
});
