// @ts-check
// Where there is more than stands in the timeline: one waits for it here, or asks once more.
//
// 1. Its place is kept, so that nothing moves when one has to wait for it.

import { html } from '../vendor/lit-html/lit-html.js';
import { conversation, message } from '../words.js';

/** @typedef {import('../reading.js').Reading} Reading */
/** @typedef {import('../reading.js').Side} Side */

/** @param {Reading} reading @param {Side} side @param {(side: Side) => void} ask for its next page */
export function edgeOf({ failed, slow, window }, side, ask) {
  if (failed.value === side) return failure(side, ask);
  const shown = slow.value !== null && (slow.value === side || !window.value);
  return html`<div class="skeleton" aria-hidden="true" ?data-shown=${shown}><i></i><i></i><i></i></div>`;
}

/** @param {Side} side @param {(side: Side) => void} ask */
const failure = (side, ask) =>
  html`<p class="older" role="alert">${side === 'before' ? conversation.olderFailed : conversation.newerFailed}
    <button type="button" class="link" @click=${() => ask(side)}>${message.again}</button></p>`;
