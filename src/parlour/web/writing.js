// @ts-check
// Whether one is writing in a conversation just now.
//
// 1. Each key in its field, and each message that is sent, is a change of its draft.

import { idle } from './idle.js';
import { effect } from './vendor/signals/signals-core.js';

/** Who has written nothing for so many milliseconds may want to read. */
const A_PAUSE = 2000;

/**
 * @param {import('./drafts.js').Drafts} drafts @param {string} session @param {{value: boolean}} now is told
 * @param {AbortSignal} gone
 */
export function writing({ all }, session, now, gone) {
  let draft = all.peek().get(session);
  /** @type {ReturnType<typeof setTimeout> | undefined} */ let pause;
  const stop = effect(() => {
    if (all.value.get(session) === draft) return;
    draft = all.peek().get(session);
    now.value = true;
    clearTimeout(pause);
    pause = setTimeout(() => idle(() => (now.value = false)), A_PAUSE);
  });
  gone.addEventListener('abort', () => (clearTimeout(pause), stop()));
}
