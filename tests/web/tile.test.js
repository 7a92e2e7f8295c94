// Tiles: the same for everybody, different from one another.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash, hueStep, initials, tile } from '../../src/parlour/web/tile.js';

test('the hash is FNV-1a with a final mix, over UTF-8', () => {
  // The same function in Python gives these.
  assert.equal(hash(''), 2872998923);
  assert.equal(hash('noor'), 2668517989);
  assert.equal(hash('é'), 2387039943);
});

test('case does not change a person', () => {
  assert.deepEqual(tile('Noor.K').discs, tile('noor.k').discs);
  assert.equal(tile('Noor.K').hue, tile('noor.k').hue);
});

test('sixteen hues, all of them used, each about as often', () => {
  const counts = new Array(16).fill(0);
  for (let i = 0; i < 16_000; i++) counts[hueStep(`person${i}`)]++;
  for (const count of counts) assert.ok(count > 700 && count < 1300, String(counts));
});

test('four quarter discs in the four corners', () => {
  const { discs } = tile('mirela');
  assert.deepEqual(
    discs.map(({ x, y }) => [x, y]),
    [
      [0, 0],
      [10, 0],
      [0, 10],
      [10, 10],
    ],
  );
  for (const { shape } of discs) assert.ok(shape >= 0 && shape <= 3);
});

test('names that differ by one letter look different more often than not', () => {
  const looks = new Set(
    Array.from({ length: 200 }, (_, i) => JSON.stringify(tile(`noor${i}`).discs) + hueStep(`noor${i}`)),
  );
  assert.ok(looks.size > 195, String(looks.size));
});

test('initials are of the first and the last part', () => {
  assert.equal(initials('mirela'), 'M');
  assert.equal(initials('noor_alhadi'), 'NA');
  assert.equal(initials('a.b-c'), 'AC');
  assert.equal(initials('7seas'), '7');
  assert.equal(initials('trailing.'), 'T');
});
