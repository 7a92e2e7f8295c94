// @ts-check
// What the keyboard can do, on one sheet.
//
// 1. It is the browser's own modal dialog: Escape closes it, and the keyboard comes back to where it was. That it has
//    closed, the browser tells a moment later: by then it may be open again.
// 2. It shows the list that the page acts by (keys.js), with the names that this keyboard has.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { SHORTCUTS } from '../keys.js';
import { shortcuts } from '../words.js';
import { Part } from './part.js';

/** What the keys are called here. @type {typeof shortcuts.names & {[key: string]: string}} */
export const NAMES = {
  ...shortcuts.names,
  ...(/Mac|iPhone|iPad/u.test(navigator.platform) ? { Mod: '⌘', Alt: '⌥' } : {}),
  ArrowUp: '↑',
  ArrowDown: '↓',
};

class Shortcuts extends Part {
  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#show(this.chat.sheet.value));
  }

  /** @param {boolean} shown */
  #show(shown) {
    const dialog = /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
    if (!shown) return dialog.close();
    dialog.showModal();
    dialog.querySelector('h2')?.focus();
  }

  #close = () => (this.chat.sheet.value = false);

  #closed = () => void (this.querySelector('dialog')?.open || this.#close());

  template() {
    const shown = this.chat.sheet.value;
    return html`<dialog class="sure sheet" aria-labelledby="sheet-heading" @cancel=${this.#close}
      @close=${this.#closed}>${
      shown ? this.#content() : nothing
    }</dialog>`;
  }

  #content() {
    return html`<h2 id="sheet-heading" tabindex="-1">${shortcuts.heading}</h2>
      <dl>${SHORTCUTS.map(({ keys, does }) => html`<div><dt>${does}</dt><dd dir="ltr">${keys.map(keysOf)}</dd></div>`)}</dl>
      <div class="answers"><button type="button" class="btn no" @click=${this.#close}>${shortcuts.close}</button></div>`;
  }
}

/** @param {string} keys */
const keysOf = (keys) => html`<span>${keys.split('+').map((key) => html`<kbd>${NAMES[key] ?? key.toUpperCase()}</kbd>`)}</span>`;

customElements.define('parlour-shortcuts', Shortcuts);
