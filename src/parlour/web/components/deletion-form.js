// @ts-check
// Deleting one's account.
//
// 1. What happens is said in full before the password is asked for; nothing of it is one press away.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { account, settings, unanswered } from '../words.js';
import { Part } from './part.js';
import { passwordField } from './password-field.js';

class DeletionForm extends Part {
  #wrong = signal('');
  #failed = signal('');
  #visible = signal(false);
  #busy = signal(false);

  /** @param {Event} event */
  #submit = async (event) => {
    event.preventDefault();
    if (this.#busy.peek()) return;
    const field = /** @type {HTMLInputElement} */ (this.querySelector('#deletion-password'));
    if (field.value === '') return this.#complain(account.passwordMissing, field);
    this.#busy.value = true;
    const { status, code, retryAfter } = await this.chat.leaving.deleteAccount(field.value);
    this.#busy.value = false;
    if (status === 200) return;
    if (code === 'wrong_password' || code === 'malformed') return this.#complain(account.wrong, field);
    this.#wrong.value = '';
    this.#failed.value = unanswered(code, retryAfter, Date.now());
  };

  /** @param {string} words @param {HTMLElement} field */
  #complain(words, field) {
    this.#failed.value = '';
    this.#wrong.value = words;
    field.focus();
  }

  template() {
    const name = this.chat.state.value?.me.name ?? '';
    return html`<details>
      <summary><h2 id="deletion">${settings.deletion}</h2></summary>
      <form novalidate @submit=${this.#submit} aria-labelledby="deletion">
        <p class="lead">${settings.deletionLead}</p>
        <ul class="told">${settings.deletionTold.map((one) => html`<li>${one}</li>`)}</ul>
        <p class="final">${settings.deletionFinal}</p>
        <input type="text" name="username" autocomplete="username" .value=${name} readonly hidden />
        ${passwordField({
          id: 'deletion-password', label: settings.deletionPassword, token: 'current-password',
          visible: this.#visible.value, complaint: this.#wrong.value,
          toggle: () => (this.#visible.value = !this.#visible.peek()),
        })}
        <p class="error" role="alert">${this.#failed.value || nothing}</p>
        <button type="submit" class="btn danger" aria-disabled=${String(this.#busy.value)}>${settings.delete}</button>
      </form></details>`;
  }
}

customElements.define('parlour-deletion', DeletionForm);
