// @ts-check
// Where one is: the path names the screen, the history's entry names the conversation.
//
// 1. Back does what a person expects: from a conversation to the list, from the list to where one came from.
// 2. A reload comes back to the same place.
// 3. A message has an address. It stands in the fragment, which no server is told, and outlasts logging in.

import { recall, remember } from './remembered.js';
import { signal } from './vendor/signals/signals-core.js';

/**
 * @typedef {object} Place
 * @property {string} path
 * @property {string | null} session
 * @property {number | null} message the one of the session that the address names
 * @property {string} name
 * @property {string | null} notice
 * @property {boolean} pushed
 */

const INSIDE = 'inside';
const MESSAGE = /^#message=([^/]+)\/(\d{1,15})$/u;

/** The address of a message on this page. @param {string} session @param {number} message */
export const addressOf = (session, message) => `/#message=${session}/${message}`;

/** @returns {Place} */
function here() {
  const state = history.state ?? {};
  const [, named, message = state.message] = (location.pathname === '/' && MESSAGE.exec(location.hash)) || [];
  const session = named ?? (typeof state.session === 'string' ? state.session : null);
  return {
    path: location.pathname,
    session,
    message: session !== null && message ? Number(message) : null,
    name: state.name ?? '',
    notice: state.notice ?? null,
    pushed: state.pushed === true,
  };
}

export const place = signal(here());

/** Whether one is logged in, as this tab knows: who goes back from the chat is not asked to log in again. @param {boolean} is */
export const inside = (is) => remember('sessionStorage', INSIDE, is || null);

function returned() {
  place.value = here();
  if (!isChat(location.pathname) && recall('sessionStorage', INSIDE) === true) go('/', {}, 'replace');
}
addEventListener('popstate', returned);
addEventListener('pageshow', (event) => event.persisted && returned());

/**
 * Go somewhere.
 * @param {string} path @param {{session?: string | null, message?: number | null, name?: string, notice?: string | null}} [state]
 * @param {'push' | 'replace'} [how]
 */
export function go(path, state = {}, how = 'push') {
  const pushed = how === 'push' || (place.peek().pushed && place.peek().path === path);
  const address = path === '/' && state.session && state.message ? addressOf(state.session, state.message) : path;
  history[how === 'push' ? 'pushState' : 'replaceState']({ ...state, pushed }, '', address);
  place.value = here();
}

/** The settings stand beside the list, in the chat. */
export const SETTINGS = '/settings';

/** Whether this is a place in the chat, for which one has to be logged in. @param {string} path */
export const isChat = (path) => path === '/' || path === SETTINGS;

/** Whether there is something at this path. @param {string} path */
export const isPlace = (path) => isChat(path) || path === '/login' || path === '/register';

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

const [loaded] = performance.getEntriesByType('navigation');
if (/** @type {PerformanceNavigationTiming | undefined} */ (loaded)?.type === 'back_forward') returned();
