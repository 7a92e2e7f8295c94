// @ts-check
// What the keyboard can do, what one can write, and what the signs mean, on one sheet.
//
// 1. It is the browser's own modal dialog: Escape closes it, and the keyboard comes back to where it was. That it has
//    closed, the browser tells a moment later: by then it may be open again.
// 2. It shows the list that the page acts by (keys.js), with the names that this keyboard has.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { SHORTCUTS } from '../keys.js';
import { shortcuts } from '../words.js';
import { Part } from './part.js';
import { signs } from './standing.js';

/** @typedef {readonly [string, unknown]} Entry what it is, and what one does or sees */

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
      ${list(SHORTCUTS.map(({ keys, does }) => [does, html`<bdi dir="ltr">${keys.map(keysOf)}</bdi>`]))}
      <h3>${shortcuts.writing}</h3>${list(WRITTEN)}
      <h3>${shortcuts.signs}</h3>${list(SIGNS)}
      <div class="answers"><button type="button" class="btn no" @click=${this.#close}>${shortcuts.close}</button></div>`;
  }
}

/** What one can write (markdown.js). @type {readonly Entry[]} */
const WRITTEN = [
  [shortcuts.bold, html`<code dir="auto">**${shortcuts.text}**</code>`],
  [shortcuts.italic, html`<code dir="auto">*${shortcuts.text}*</code>`],
  [shortcuts.code, html`<code dir="auto">\`${shortcuts.text}\`</code>`],
  [shortcuts.list, html`<code dir="auto">- ${shortcuts.text}</code>`],
  [shortcuts.quote, html`<code dir="auto">&gt; ${shortcuts.text}</code>`],
];

/** How far a message has come (standing.js). @type {readonly Entry[]} */
const SIGNS = [
  [shortcuts.onItsWay, signs.sending],
  [shortcuts.stored, signs.stored],
  [shortcuts.delivered, signs.delivered],
  [shortcuts.read, signs.read],
];

/** @param {readonly Entry[]} entries */
const list = (entries) =>
  html`<dl>${entries.map(([what, shown]) => html`<div><dt>${what}</dt><dd>${shown}</dd></div>`)}</dl>`;

/** @param {string} keys */
const keysOf = (keys) => html`<span>${keys.split('+').map((key) => html`<kbd>${NAMES[key] ?? key.toUpperCase()}</kbd>`)}</span>`;

customElements.define('parlour-shortcuts', Shortcuts);
