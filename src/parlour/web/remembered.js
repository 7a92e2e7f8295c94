// @ts-check
// Small things that this browser remembers, for this tab or for all.
//
// 1. Each person's lie under a key of their own, and logging out removes them: so nothing empty is kept. The language, the
//    theme and the key that sends are the browser's, and stay.
// 2. A browser that keeps nothing, or something unreadable, costs what was remembered and no more.

/** @typedef {'localStorage' | 'sessionStorage'} Place for the browser, or for the tab alone */

/** What was remembered; nothing, or nothing readable: null. @param {Place} place @param {string} key @returns {unknown} */
export function recall(place, key) {
  try {
    return JSON.parse(window[place].getItem(key) ?? 'null');
  } catch {
    return null;
  }
}

/** All that is remembered under names that begin so. @param {Place} place @param {string} start @returns {unknown[]} */
export function rememberedUnder(place, start) {
  try {
    const keys = Object.keys(window[place]).filter((key) => key.startsWith(start));
    return keys.map((key) => recall(place, key)).filter((one) => one !== null);
  } catch {
    return [];
  }
}

/** Hears of what another tab remembers there, for all tabs. @param {string} key @param {() => void} changed @returns {() => void} the end */
export function followed(key, changed) {
  const hear = (/** @type {StorageEvent} */ event) => event.key === key && changed();
  addEventListener('storage', hear);
  return () => removeEventListener('storage', hear);
}

/** Null forgets it. @param {Place} place @param {string} key @param {unknown} value */
export function remember(place, key, value) {
  try {
    if (value === null) window[place].removeItem(key);
    else window[place].setItem(key, JSON.stringify(value));
  } catch {
    // Kept in the page alone.
  }
}
