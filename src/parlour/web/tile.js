// @ts-check
// A person's colour and tile, computed from the username.
//
// 1. The same name looks the same for everybody, on every device, whatever its case.
// 2. Sixteen hues, 65,536 patterns of four quarter discs, and the initials: what identifies somebody at a glance. The
//    name always stands beside it: a tile alone proves nothing.

/** @typedef {{shape: number, x: number, y: number, strong: boolean}} Disc a quarter disc: its corner and its place */
/** @typedef {{hue: number, discs: readonly Disc[], initials: string}} Tile */

/** FNV-1a, 32 bit, over UTF-8, with a final mix. @param {string} text @returns {number} */
export function hash(text) {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** @param {string} name */
const folded = (name) => name.normalize('NFKC').toLowerCase();

/** Which of the sixteen hues a name has: 0 to 15. @param {string} name @returns {number} */
export const hueStep = (name) => hash(folded(name)) >>> 28;

/** The first letters of the first and of the last part of a name. @param {string} name @returns {string} */
export function initials(name) {
  const parts = name.split(/[\s._-]+/u).filter((part) => part !== '');
  const first = [...(parts[0] ?? '')][0] ?? '';
  const last = parts.length > 1 ? ([...(parts[parts.length - 1] ?? '')][0] ?? '') : '';
  return (first + last).toUpperCase();
}

/** Everything that is needed to draw a name's tile in a square of 20. @param {string} name @returns {Tile} */
export function tile(name) {
  const bits = hash(folded(name));
  const discs = [0, 1, 2, 3].map((i) => {
    const chunk = (bits >>> (i * 5)) & 31;
    return { shape: chunk & 3, x: (i & 1) * 10, y: (i >> 1) * 10, strong: ((chunk >> 2) & 1) === 1 };
  });
  return { hue: hueStep(name) * 22.5, discs, initials: initials(name) };
}
