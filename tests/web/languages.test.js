// The other languages: whole, of their own, and counted by their own rules.
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.window = { localStorage: { getItem: () => '"ar"' } };
const { language, locale, spoken } = await import('../../src/parlour/web/language.js');
const { ask, called, conversation, presence, reason, search, title, tooMuch } =
  await import('../../src/parlour/web/words.js');
const { dayName, dayNumber } = await import('../../src/parlour/web/times.js');
const [english, german, arabic] = await Promise.all(
  ['en', 'de', 'ar'].map((code) => import(`../../src/parlour/web/words/${code}.js`)),
);

/** Every text of a language by its place; a phrase as it is for three of something, or for somebody called x. */
function texts(words, place = '') {
  if (typeof words === 'function') return texts(words.length === 0 || place !== 'settings.device' ? words(3, 3, 3) : words({ program: 'x' }), place);
  if (typeof words === 'string') return words === '' ? [] : [[place, words]];
  return Object.entries(words).flatMap(([name, one]) => texts(one, place ? `${place}.${name}` : name));
}
const WHERE_ALIKE = new Set(['presences.online', 'presences.offline', 'composer.sendKey', 'composer.breakKey']);
const NAMES_ALONE = new Set(['message.label', 'conversation.said']);
/** What stands on keys is alike, too. @param {string} place */
const ofItsOwn = (place) => !WHERE_ALIKE.has(place) && !NAMES_ALONE.has(place) && !place.startsWith('shortcuts.names.');

test('the first language that the browser asks for and the page speaks is spoken', () =>
  assert.deepEqual([['de-AT', 'en'], ['fr', 'ar-EG', 'en'], ['fr'], []].map(spoken), ['de', 'ar', 'en', 'en']));

test('what was chosen in the browser counts', () => assert.deepEqual([language, locale], ['ar', 'ar-u-nu-latn']));

test('every text is there in each language, in words of its own', () => {
  const inEnglish = new Map(texts(english));
  for (const other of [german, arabic]) {
    const found = texts(other).filter(([place]) => !/^ask\.heading/u.test(place));
    const places = [...inEnglish.keys()].filter((place) => !/^ask\.heading/u.test(place));
    assert.deepEqual(found.map(([place]) => place).sort(), places.sort());
    const alike = found.filter(([place, text]) => inEnglish.get(place) === text).map(([place]) => place);
    assert.deepEqual(alike.filter(ofItsOwn), []);
  }
});

test('an Arabic text is of Arabic letters', () => {
  const foreign = texts(arabic).filter(([, text]) => !/\p{Script=Arabic}/u.test(text)).map(([place]) => place);
  assert.deepEqual(foreign.filter(ofItsOwn), []);
});

test('no language says that an invitation came, or was seen', () => {
  const told = { en: /deliver|seen|\bread\b/iu, de: /zugestellt|gesehen|gelesen/iu, ar: /سُلّم|وصل|شوهد|قُرئ/u };
  for (const [code, words] of [['en', english], ['de', german], ['ar', arabic]])
    for (const [, text] of texts({ search: words.search, invited: words.invited, deeds: words.deeds }))
      assert.doesNotMatch(text, told[code]);
});

test('Arabic counts in six ways', () => {
  const counts = [0, 1, 2, 3, 11, 100].map((count) => conversation.unread(count));
  assert.equal(new Set(counts.map((text) => text.replace(/\d+/u, '#'))).size, 5);
  assert.deepEqual(counts.slice(1, 3), ['رسالة جديدة واحدة', 'رسالتان جديدتان']);
  assert.equal(search.noteLeft(3), 'بقيت 3 رموز');
});

test('times follow the language, in the digits of usernames', () => {
  const noon = Date.parse('2026-11-24T12:05:00Z');
  const today = dayNumber(noon);
  assert.deepEqual([dayName(noon, today), dayName(noon - 86_400_000, today)], ['اليوم', 'أمس']);
  assert.match(dayName(noon - 2 * 86_400_000, today), /^الأحد، 22 نوفمبر$/u);
  assert.match(tooMuch(12, 0), /خلال 12 ثانية/u);
});

test('what is decided by code is said in the language', () => {
  for (const said of [reason({ Code: 'closed' }, 0), reason({ Code: 'new' }, 0), presence(true), called('Deleted account')])
    assert.match(said, /\p{Script=Arabic}/u);
  assert.deepEqual([called('noor'), title('noor', 2)], ['noor', '(2) noor · Parlour']);
});

test('a name is set apart from the sentence around it', () => assert.ok(ask.told('noor').includes('\u2068noor\u2069')));
