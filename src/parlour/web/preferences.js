// @ts-check
// How this browser looks, and which key sends a message.
//
// 1. It is a matter of the browser and of nobody in particular: the login page has it too, and logging out leaves it.
// 2. The page is dressed by first.js before anything is painted, and here whenever the choice changes, in all tabs.

import { effect, signal } from './vendor/signals/signals-core.js';
import { followed, recall, remember } from './remembered.js';

/** @typedef {'system' | 'light' | 'dark'} Theme */
/** `mod`: Ctrl, or ⌘ where that is the custom, with Enter. @typedef {'enter' | 'mod'} Sender */

/** Of the browser's own frame around the page: the panel's. */
const FRAMES = { light: '#E2EBE6', dark: '#060E0E' };

/**
 * A choice that is remembered, the first one where nothing is.
 * @template {string} T @param {string} key @param {readonly [T, ...T[]]} choices
 */
function preference(key, choices) {
  const read = () => choices.find((one) => one === recall('localStorage', key)) ?? choices[0];
  const chosen = signal(read());
  followed(key, () => (chosen.value = read()));
  return {
    choices,
    get value() {
      return chosen.value;
    },
    set value(value) {
      chosen.value = value;
      remember('localStorage', key, value === choices[0] ? null : value);
    },
  };
}

export const theme = preference('theme', /** @type {const} */ (['system', 'light', 'dark']));
export const sender = preference('sender', /** @type {const} */ (['enter', 'mod']));

/** Whether a press of Enter sends. @param {KeyboardEvent} event @param {boolean} touch */
export function sends({ key, ctrlKey, metaKey, altKey, shiftKey }, touch) {
  if (key !== 'Enter' || altKey || shiftKey) return false;
  return sender.value === 'mod' ? ctrlKey || metaKey : !ctrlKey && !metaKey && !touch;
}

/** Put the theme on the page: it is dressed so from now on. */
export function dress() {
  effect(() => {
    const { value } = theme;
    if (value === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = value;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) frame(/** @type {HTMLMetaElement} */ (meta), value);
  });
}

/** @param {HTMLMetaElement} meta @param {Theme} theme */
function frame(meta, theme) {
  meta.content = FRAMES[theme === 'system' ? (meta.media.includes('dark') ? 'dark' : 'light') : theme];
}
