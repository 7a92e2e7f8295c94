// @ts-check
// Small news with a button, for whoever is busy with something else.
//
// 1. A piece of news stays until it is used or dismissed: nobody has to be quick.
// 2. The keyboard does not fall out of one that goes: it comes to the next, or to where one writes or looks.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { toast } from '../words.js';
import { cross } from './drawn.js';
import { Part, toWork } from './part.js';

/** @typedef {import('../chat.js').Toast} Toast */

class Toasts extends Part {
  giveBack() {
    const next = /** @type {HTMLElement | null} */ (this.querySelector('.toast:last-child > button'));
    if (next) next.focus();
    else toWork(this.chat);
  }

  template() {
    return html`<div class="toasts" role="status" aria-atomic="false">${repeat(
      this.chat.toasts.value,
      (one) => one.id,
      (one) => this.#toast(one),
    )}</div>`;
  }

  /** @param {Toast} one */
  #toast(one) {
    const session = one.session;
    const news = `toast-${one.id}`;
    const open =
      session === null
        ? nothing
        : html`<button type="button" class="link" aria-describedby=${news}
            @click=${() => this.chat.show(session)}>${toast.open}</button>`;
    return html`<div class="toast"><p class="toast-news"><span id=${news}>${one.text}</span> ${open}${one.act ? act(one.act) : nothing}</p>
      <button type="button" class="ib" aria-label=${toast.dismiss} aria-describedby=${news}
        @click=${() => this.chat.dismiss(one.id)}>${cross}</button></div>`;
  }
}

/** @param {import('../chat.js').Act} one */
const act = ({ text, label, press }) =>
  html`<button type="button" class="link" aria-label=${label} @click=${press}>${text}</button>`;

customElements.define('parlour-toasts', Toasts);
