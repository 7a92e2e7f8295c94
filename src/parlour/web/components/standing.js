// @ts-check
// How far a message has come: the signs behind its time, and what one can do about one that failed.
//
// 1. A sign is never alone: each has words, in sight where one has to wait or to act, and else as its name.
// 2. A row is painted whenever one is written: a sign is a background, not a drawing of its own, and no word is hidden
//    behind it, which both were layers of each row.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { dir } from '../language.js';
import { timeOfDay } from '../times.js';
import { message as words } from '../words.js';

/** @typedef {import('../chat.js').Chat} Chat */
/** @typedef {import('../group.js').Said} Said */

const clock = html`<span class="sign clock" aria-hidden="true"></span>`;
const onItsWay = (/** @type {string} */ word) => html`${clock}<span class="waiting-word">${word}</span>`;

export const signs = {
  theirs: nothing,
  stored: html`<span class="sign tick" role="img" aria-label=${words.stored}></span>`,
  delivered: html`<span class="sign ticks" role="img" aria-label=${words.delivered}></span>`,
  read: html`<span class="sign ticks" aria-hidden="true"></span><span>${words.read}</span>`,
  sending: html`${clock}<span class="sending-word">${words.sending}</span>`,
  waiting: onItsWay(words.waiting),
  later: onItsWay(words.later),
  behind: onItsWay(words.behind),
  failed: nothing,
};

/**
 * When it was said, and how far it has come. The time of a stored message is its link.
 * @param {Said} said @param {{href: string, copied: string, copy: (event: MouseEvent) => void} | null} link
 */
export function meta(said, link) {
  const shown = timeOfDay(said.at);
  const time = html`<time datetime=${new Date(said.at).toISOString()}>${shown}</time>`;
  return html`<bdi class="meta" dir=${dir}>${link?.copied ? html`<span class="meta-told">${link.copied}</span>` : nothing}
    ${
      link
        ? html`<a class="when" href=${link.href} tabindex="-1" aria-label=${words.linkLabel(shown)} title=${words.copyLink}
            @click=${link.copy}>${time}</a>`
        : time
    } ${signs[said.state]}</bdi>`;
}

/**
 * Why it was not sent, and what to do. The row goes or changes with the press: the keyboard goes back to the field.
 * @param {Chat} chat @param {Said} said
 */
export function failure(chat, { id = '', why = '' }) {
  /** @param {() => void} act */
  const press = (act) => () => {
    act();
    chat.attention.value++;
  };
  return html`<div class="failed-why"><p>${words.failedWhy(why)}</p>
    <button type="button" class="btn small no" @click=${press(() => chat.sending.again(id))}>${words.again}</button>
    <button type="button" class="btn small no" @click=${press(() => void chat.sending.discard(id))}>
      ${words.discard}</button>
  </div>`;
}
