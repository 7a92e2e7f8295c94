// @ts-check
// Rows of people whom one has invited.
//
// 1. It says that it was sent, until when it waits, and what was told of it; never whether it was seen.
// 2. What has lapsed can be asked again or put away; a no that was told can only be put away.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { invited } from '../words.js';
import { nameOf, who } from './drawn.js';

/** @typedef {import('../chat.js').Chat} Chat */
/** @typedef {import('../consent.js').Asked} Asked */

/** @param {Chat} chat @param {Asked} one */
export function askedRow(chat, one) {
  const { name, lapses, standing } = one;
  const words = standing === 'declined' ? invited.declined : invited[standing](lapses);
  return html`<div class="row invited">${who(name)}<span class="row-name">${nameOf(name)}</span>
    <span class="row-last">${words}</span>
    <span class="row-acts">${standing === 'sent' ? cancel(chat, name) : after(chat, one)}</span></div>`;
}

/** @param {Chat} chat @param {string} name */
const cancel = (chat, name) => html`<button type="button" class="btn small no" aria-label=${invited.cancelLabel(name)}
  @click=${() => void chat.inviting.cancel(name)}>${invited.cancel}</button>`;

/** @param {Chat} chat @param {Asked} one */
const after = (chat, one) => html`${one.standing === 'unanswered' ? again(chat, one.name) : nothing}
  <button type="button" class="btn small no" aria-label=${invited.dismissLabel(one.name)}
    @click=${() => chat.dismissed.add(one, chat.asking.peek())}>${invited.dismiss}</button>`;

/** @param {Chat} chat @param {string} name */
export const again = (chat, name) => html`<button type="button" class="btn small no" aria-label=${invited.againLabel(name)}
  @click=${() => void chat.inviting.again(name)}>${invited.again}</button>`;
