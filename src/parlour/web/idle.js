// @ts-check
// What can wait until there is nothing else to do.
//
// 1. It does not wait for ever: a page is never quiet in a lively conversation.

const PATIENCE = 2000;

/** @param {() => void} act */
export function idle(act) {
  if ('requestIdleCallback' in window) requestIdleCallback(act, { timeout: PATIENCE });
  else setTimeout(act);
}
