// @ts-check
// The keyboard's ways through the page, as other chat clients have taught them.
//
// 1. One list says what there is, for the page and for the sheet that shows it. What a part does with its own keys, as
//    the field with Enter, stands in it without an act.
// 2. A key that somebody writes with is left alone, and so is the page behind an open dialog.

import { sender } from './preferences.js';
import { shortcuts } from './words.js';

/** @typedef {import('./chat.js').Chat} Chat */
/**
 * `Mod`: Ctrl, or ⌘ where that is the custom.
 * @typedef {{keys: readonly string[], does: string, act?: (chat: Chat, key: string) => unknown}} Shortcut
 */

/** @type {readonly Shortcut[]} */
export const SHORTCUTS = [
  { keys: ['Mod+k'], does: shortcuts.find, act: toSearch },
  { keys: ['Alt+ArrowDown', 'Alt+ArrowUp'], does: shortcuts.next, act: (chat, key) => chat.move(wayOf(key)) },
  {
    keys: ['Alt+Shift+ArrowDown', 'Alt+Shift+ArrowUp'],
    does: shortcuts.nextUnread,
    act: (chat, key) => chat.move(wayOf(key), (one) => one.unread > 0),
  },
  { keys: ['F6', 'Shift+F6'], does: shortcuts.section, act: (_, key) => nextSection(key === 'F6' ? 1 : -1) },
  {
    get keys() {
      return [sender.value === 'enter' ? 'Enter' : 'Mod+Enter'];
    },
    does: shortcuts.send,
  },
  {
    get keys() {
      return [sender.value === 'enter' ? 'Shift+Enter' : 'Enter'];
    },
    does: shortcuts.breakLine,
  },
  { keys: ['ArrowUp', 'ArrowDown'], does: shortcuts.walk },
  { keys: ['Shift+PageUp'], does: shortcuts.firstUnread, act: toFirstUnread },
  { keys: ['Escape'], does: shortcuts.latest, act: toLatest },
  { keys: ['Mod+/', '?'], does: shortcuts.sheet, act: (chat) => (chat.sheet.value = true) },
];

const BY_KEY = new Map(SHORTCUTS.flatMap(({ keys, act }) => (act ? keys.map((key) => [key, act]) : [])));

/** The sections in their order; what takes the keyboard there. */
const SECTIONS = [
  ['.net', '.net button'],
  ['.side', '#find'],
  ['parlour-timeline', 'parlour-timeline'],
  ['parlour-composer', '#message'],
  ['parlour-settings', 'parlour-settings h1'],
  ['.ask', '.ask .btn'],
  ['.toast', '.toast button'],
];

/** @param {KeyboardEvent} event @param {Chat} chat */
export function shortcut(event, chat) {
  if (event.isComposing || event.defaultPrevented) return;
  const key = keyOf(event);
  const act = BY_KEY.get(key);
  if (!act || (key === '?' && isWriting(event.target)) || isAsked() || act(chat, key) === false) return;
  event.preventDefault();
}

/** Whether something stands above the page. It is looked for only where a key has a meaning: the page is large. */
const isAsked = () => document.querySelector('dialog[open], :popover-open') !== null;

/** As in the list: a sign that needs Shift on some keyboards is the same sign. @param {KeyboardEvent} event */
export function keyOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  const sign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
  const mods = [ctrlKey || metaKey ? 'Mod' : '', altKey ? 'Alt' : '', shiftKey && !sign ? 'Shift' : ''];
  return [...mods.filter(Boolean), key.length === 1 ? key.toLowerCase() : key].join('+');
}

/** @param {string} key @returns {1 | -1} */
const wayOf = (key) => (key.endsWith('ArrowDown') ? 1 : -1);

/** @param {EventTarget | null} target */
const isWriting = (target) => target instanceof HTMLElement && target.matches('input, textarea, select');

/** Where one pane is shown at a time, the list comes first. @param {Chat} chat */
function toSearch(chat) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById('find'));
  if (field && !field.checkVisibility()) chat.show(null);
  field?.focus();
  field?.select();
}

/**
 * Out of the search first, then to the latest message. In the pop-up, and where nothing has the keyboard, it is the
 * pop-up's first.
 * @param {Chat} chat @returns {boolean} whether there was something to do
 */
function toLatest(chat) {
  const at = document.activeElement;
  if (at?.id === 'find' && chat.inviting.typed.peek() !== '') {
    chat.inviting.type('');
    return true;
  }
  const latest = chat.latest.peek();
  if (!latest || !at?.matches('body, #find, .main *')) return false;
  latest.go();
  chat.attention.value++;
  return true;
}

/** @param {Chat} chat @returns {boolean} whether there is something unread above */
function toFirstUnread(chat) {
  const unread = chat.firstUnread.peek();
  unread?.go();
  return unread !== null;
}

/** @type {Element | null} the question that the keyboard was led to */
let led = null;

/** A question that is new comes first. @param {1 | -1} direction */
function nextSection(direction) {
  const question = document.querySelector('.ask');
  if (question && question !== led && !question.contains(document.activeElement)) {
    led = question;
    return void (/** @type {HTMLElement | null} */ (question.querySelector('.btn'))?.focus());
  }
  const shown = SECTIONS.flatMap(([section, target]) => {
    const element = document.querySelector(/** @type {string} */ (target));
    return element instanceof HTMLElement && element.checkVisibility()
      ? [{ section: document.querySelector(/** @type {string} */ (section)), element }]
      : [];
  });
  const at = shown.findIndex((one) => one.section?.contains(document.activeElement));
  const next = at === -1 ? (direction === 1 ? 0 : shown.length - 1) : (at + direction + shown.length) % shown.length;
  shown[next]?.element.focus();
}
