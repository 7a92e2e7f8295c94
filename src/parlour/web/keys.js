// @ts-check
// The keyboard's ways through the page, as other chat clients have taught them.
//
// 1. Ctrl/⌘ K to the search field, Alt ↓/↑ through the conversations, F6 and Shift F6 from section to section.

/** @typedef {import('./chat.js').Chat} Chat */

/** The sections in their order; what takes the keyboard there. */
const SECTIONS = [
  ['.side', '#find'],
  ['parlour-timeline', 'parlour-timeline'],
  ['parlour-composer', '#message'],
  ['parlour-settings', 'parlour-settings h1'],
  ['.ask', '.ask .btn'],
  ['.toast', '.toast button'],
];

/** @param {KeyboardEvent} event @param {Chat} chat */
export function shortcut(event, chat) {
  if (event.isComposing) return;
  const command = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
  if (command && event.key.toLowerCase() === 'k') return used(event, () => toSearch(chat));
  const alone = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (alone && event.key === 'ArrowDown') return used(event, () => chat.move(1));
  if (alone && event.key === 'ArrowUp') return used(event, () => chat.move(-1));
  if (event.key === 'F6' && !event.ctrlKey && !event.altKey && !event.metaKey)
    used(event, () => nextSection(event.shiftKey ? -1 : 1));
}

/** @param {Event} event @param {() => void} act */
function used(event, act) {
  event.preventDefault();
  act();
}

/** Where one pane is shown at a time, the list comes first. @param {Chat} chat */
function toSearch(chat) {
  const field = /** @type {HTMLInputElement | null} */ (document.getElementById('find'));
  if (field && !field.checkVisibility()) chat.show(null);
  field?.focus();
  field?.select();
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
