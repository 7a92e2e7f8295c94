// @ts-check
// The account and its settings: a place of its own in the chat, beside the list.
//
// 1. One comes back to where one was: to the conversation that was open.
// 2. Nothing is shown that does not work yet.

import { html } from '../vendor/lit-html/lit-html.js';
import '../components/appearance.js';
import '../components/blocked.js';
import '../components/deletion-form.js';
import '../components/devices.js';
import '../components/export.js';
import { arrowBack, nameOf, tileOf } from '../components/drawn.js';
import { installing } from '../components/install.js';
import { languagePart } from '../components/language.js';
import '../components/ledger.js';
import '../components/links.js';
import '../components/noticing.js';
import { Part } from '../components/part.js';
import '../components/password-form.js';
import '../components/privacy.js';
import * as paths from '../paths.js';
import { settings, shortcuts } from '../words.js';

class Settings extends Part {
  connectedCallback() {
    super.connectedCallback();
    /** @type {HTMLElement | null} */ (this.querySelector('h1'))?.focus();
  }

  /** The password was changed: the other logins are gone. */
  #changed = () => {
    const devices = /** @type {HTMLElement & {look: () => Promise<void>}} */ (this.querySelector('parlour-devices'));
    void devices.look();
  };

  template() {
    const { chat } = this;
    return html`<div class="settings-top"><button type="button" class="ib" aria-label=${settings.back}
        @click=${paths.back}>${arrowBack}</button><h1 tabindex="-1">${settings.heading}</h1>
        <button type="button" class="link" @click=${() => (chat.sheet.value = true)}>${shortcuts.heading}</button></div>
      <div class="settings-all">
        <section class="part" aria-labelledby="account"><h2 id="account">${settings.account}</h2>
          ${this.#name()}<parlour-password .chat=${chat} @changed=${this.#changed}></parlour-password></section>
        <section class="part" aria-labelledby="devices"><parlour-devices .chat=${chat}></parlour-devices></section>
        ${installing()}
        ${languagePart()}
        <section class="part" aria-labelledby="privacy"><parlour-privacy .chat=${chat}></parlour-privacy></section>
        <section class="part" aria-labelledby="links"><parlour-links .chat=${chat}></parlour-links></section>
        <section class="part" aria-labelledby="blocked"><parlour-blocked .chat=${chat}></parlour-blocked></section>
        <section class="part" aria-labelledby="noticing"><parlour-noticing .chat=${chat}></parlour-noticing></section>
        <section class="part" aria-labelledby="appearance"><parlour-appearance .chat=${chat}></parlour-appearance></section>
        <section class="part" aria-labelledby="consent"><parlour-ledger .chat=${chat}></parlour-ledger></section>
        <section class="part" aria-labelledby="data"><parlour-export .chat=${chat}></parlour-export></section>
        <section class="part" aria-labelledby="deletion"><parlour-deletion .chat=${chat}></parlour-deletion></section>
      </div>`;
  }

  #name() {
    const name = this.chat.state.value?.me.name ?? '';
    return html`<div class="own">${tileOf(name)}<div><p class="own-label">${settings.yourName}</p>
      <p class="own-name">${nameOf(name, 'mono')}</p><p class="field-hint">${settings.nameHint}</p></div></div>`;
  }
}

customElements.define('parlour-settings', Settings);
