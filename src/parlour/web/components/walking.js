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
  const at = articles.findIndex((one) => one.contains(document.activeElement));
  const from = at === -1 ? articles.length : at;
  const next = articles[Math.max(0, Math.min(articles.length - 1, from + by))];
  event.preventDefault();
  next?.focus();
}

/** @param {EventTarget | null} target @param {boolean} here */
function reach(target, here) {
  const article = target instanceof Element ? target.closest('article') : null;
  for (const one of article?.querySelectorAll(INNER) ?? []) {
    if (here) one.removeAttribute('tabindex');
    else one.setAttribute('tabindex', '-1');
  }
}
