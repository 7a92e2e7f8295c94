// @ts-check
// Where one is: the path names the screen, the history's entry names the conversation.
//
// 1. Back does what a person expects: from a conversation to the list, from the list to where one came from.
// 2. A reload comes back to the same place.

import { signal } from './vendor/signals/signals-core.js';

/** @typedef {{path: string, session: string | null, name: string, notice: string | null, pushed: boolean}} Place */

/** @returns {Place} */
function here() {
  const state = history.state ?? {};
  const session = typeof state.session === 'string' ? state.session : null;
  return {
    path: location.pathname,
    session,
    name: state.name ?? '',
    notice: state.notice ?? null,
    pushed: state.pushed === true,
  };
}

export const place = signal(here());
addEventListener('popstate', () => (place.value = here()));

/**
 * Go somewhere.
 * @param {string} path @param {{session?: string | null, name?: string, notice?: string | null}} [state]
 * @param {'push' | 'replace'} [how]
 */
export function go(path, state = {}, how = 'push') {
  const pushed = how === 'push' || (place.peek().pushed && place.peek().path === path);
  history[how === 'push' ? 'pushState' : 'replaceState']({ ...state, pushed }, '', path);
  place.value = here();
}

/** The settings stand beside the list, in the chat. */
export const SETTINGS = '/settings';

/** Whether this is a place in the chat, for which one has to be logged in. @param {string} path */
export const isChat = (path) => path === '/' || path === SETTINGS;

/** From a conversation to the list. */
export function back() {
  if (place.peek().pushed) history.back();
  else go('/', { session: null }, 'replace');
}

/** A link of the page itself: without loading it anew. @param {MouseEvent} event */
export function follow(event) {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  event.preventDefault();
  go(new URL(/** @type {HTMLAnchorElement} */ (event.currentTarget).href).pathname);
}
