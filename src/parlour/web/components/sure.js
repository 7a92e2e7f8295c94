// @ts-check
// The one question before an act that is hard to take back.
//
// 1. It is the browser's own modal dialog: Escape means no, and the keyboard comes back to where it was.
// 2. The keyboard begins at its heading, so that a key that was pressed for something else answers nothing.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { Part } from './part.js';

/** @typedef {import('../sure.js').Question} Question */

class SureQuestion extends Part {
  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#show(this.chat.sure.question.value));
  }

  get #dialog() {
    return /** @type {HTMLDialogElement} */ (this.querySelector('dialog'));
  }

  /** @param {Question | null} question */
  #show(question) {
    const dialog = this.#dialog;
    if (!question) return dialog.close();
    if (!dialog.open) dialog.showModal();
    /** @type {HTMLElement | null} */ (dialog.querySelector('h2'))?.focus();
  }

  /** The next question may stand there already. */
  #closed = () => {
    if (this.#dialog.open) return;
    if (this.chat.sure.question.peek()) this.chat.sure.answer(false);
    if (document.activeElement !== document.body) return;
    const h1 = /** @type {HTMLElement | null} */ (document.querySelector('h1[tabindex]'));
    (h1?.checkVisibility() ? h1 : document.getElementById('find'))?.focus();
  };

  template() {
    return html`<dialog class="sure" role="alertdialog" aria-labelledby="sure-heading" aria-describedby="sure-text"
      @close=${this.#closed}>${this.#question(this.chat.sure.question.value)}</dialog>`;
  }

  /** @param {Question | null} question */
  #question(question) {
    if (!question) return nothing;
    const { heading, text, yes, no, danger } = question;
    const answer = (/** @type {boolean} */ is) => () => this.chat.sure.answer(is);
    return html`<h2 id="sure-heading" tabindex="-1">${heading}</h2>
      <p id="sure-text">${typeof text === 'string' ? text : text()}</p>
      <div class="answers"><button type="button" class="btn no" @click=${answer(false)}>${no}</button>
        ${yes ? html`<button type="button" class=${danger ? 'btn danger' : 'btn yes'} @click=${answer(true)}>${yes}</button>` : nothing}
      </div>`;
  }
}

customElements.define('parlour-sure', SureQuestion);
