// @ts-check
// Making a link, and its address while it is shown.
//
// 1. The address is shown once, where the link was made; leaving the place leaves the address.
// 2. Once the link was used, its address goes; the keyboard stays at the button.
// 3. Where a page may not copy, the address is selected, and one copies it oneself.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { links } from '../words.js';
import { Part, focusedIn } from './part.js';

class NewLink extends Part {
  #copied = signal({ address: '', words: '' });

  disconnectedCallback() {
    this.chat.ownLinks.leave();
    super.disconnectedCallback();
  }

  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (inside && !inside.isConnected) /** @type {HTMLElement | null} */ (this.querySelector('.btn'))?.focus();
  }

  async #make() {
    await this.chat.ownLinks.make();
    if (this.chat.ownLinks.address.peek()) /** @type {HTMLElement | null} */ (this.querySelector('.copy'))?.focus();
  }

  /** @param {string} address */
  async #copy(address) {
    const field = /** @type {HTMLInputElement} */ (this.querySelector('input'));
    try {
      await navigator.clipboard.writeText(address);
      this.#copied.value = { address, words: links.copied };
    } catch {
      field.select();
      this.#copied.value = { address, words: links.notCopied };
    }
  }

  template() {
    const { address, complaint, busy } = this.chat.ownLinks;
    const off = String(busy.value || !this.chat.live.value);
    return html`${address.value ? this.#address(address.value) : nothing}
      <p class="error" role="alert">${complaint.value || nothing}</p>
      <button type="button" class="btn ${address.value ? 'no' : 'yes'}" aria-disabled=${off}
        @click=${() => this.chat.live.peek() && void this.#make()}>${address.value ? links.another : links.make}</button>`;
  }

  /** @param {{text: string, lapses: string}} address */
  #address({ text, lapses }) {
    const copied = this.#copied.value;
    return html`<div class="address"><input type="text" readonly dir="ltr" aria-label=${links.address} .value=${text}
        @focus=${(/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).select()} />
      <button type="button" class="btn yes copy" @click=${() => void this.#copy(text)}>${links.copy}</button></div>
      <p class="notice" role="status">${copied.address === text ? copied.words : nothing}</p>
      <p class="field-hint">${links.once(lapses)}</p>`;
  }
}

customElements.define('parlour-new-link', NewLink);
