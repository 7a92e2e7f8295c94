// @ts-check
// The link with which this page was opened, until its holder has decided about it.
//
// 1. Its secret stands in the fragment of the address, which no server is told, and is taken out of it at once.
// 2. It is kept for this tab alone, through registering and logging in; what comes of it is in redeeming.js.

import { recall, remember } from './remembered.js';
import { signal } from './vendor/signals/signals-core.js';

const KEY = 'link';
const MOST = 200;
const FRAGMENT = /^#link=(.*)$/su;

/** The secret; none: ''. */
export const opened = signal(kept());

/** The address of a link with this secret. @param {string} secret */
export const addressOf = (secret) => `${location.origin}/#link=${secret}`;

/** Nothing of it stays. */
export function forget() {
  keep('');
}

function take() {
  const found = FRAGMENT.exec(location.hash);
  if (!found) return;
  history.replaceState(history.state, '', location.pathname + location.search);
  if (found[1]) keep(found[1].slice(0, MOST));
}

/** @param {string} secret */
function keep(secret) {
  remember('sessionStorage', KEY, secret || null);
  opened.value = secret;
}

function kept() {
  return String(recall('sessionStorage', KEY) ?? '');
}

take();
addEventListener('hashchange', take);
