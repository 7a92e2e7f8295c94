// @ts-check
// The keyboard inside the timeline.
//
// 1. The timeline is one stop of the tabulator. From there the arrows go from message to message.
// 2. The links of a message are stops while the keyboard is in that message, and only then.

const STEPS = /** @type {{[key: string]: number}} */ ({ ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity });
const INNER = '.body a, .fold a, .fold button';

/** @param {HTMLElement} log @param {AbortSignal} signal */
export function walkable(log, signal) {
  log.addEventListener('keydown', (event) => walk(log, event), { signal });
  log.addEventListener('focusin', (event) => reach(event.target, true), { signal });
  log.addEventListener('focusout', (event) => reach(event.target, false), { signal });
}

/** @param {HTMLElement} log @param {KeyboardEvent} event */
function walk(log, event) {
  const by = STEPS[event.key];
  if (by === undefined || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const articles = [...log.querySelectorAll('article')];
  const from = startOf(log, articles, by);
  const next = articles[Math.max(0, Math.min(articles.length - 1, from + by))];
  event.preventDefault();
  next?.focus();
}

/**
 * Where the arrows begin: at the message that has the keyboard, or where one has paged to since.
 * @param {HTMLElement} log @param {readonly Element[]} articles @param {number} by
 */
function startOf(log, articles, by) {
  const { top, bottom } = log.getBoundingClientRect();
  /** @param {Element} one */
  const inSight = (one) => one.getBoundingClientRect().bottom > top && one.getBoundingClientRect().top < bottom;
  const at = articles.findIndex((one) => one.contains(document.activeElement));
  if (at !== -1 && inSight(/** @type {Element} */ (articles[at]))) return at;
  return by < 0 ? articles.findLastIndex(inSight) + 1 : articles.findIndex(inSight) - 1;
}

/** @param {EventTarget | null} target @param {boolean} here */
function reach(target, here) {
  const article = target instanceof Element ? target.closest('article') : null;
  for (const one of article?.querySelectorAll(INNER) ?? []) {
    if (here) one.removeAttribute('tabindex');
    else one.setAttribute('tabindex', '-1');
  }
}
