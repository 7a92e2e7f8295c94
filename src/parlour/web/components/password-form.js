// @ts-check
// Changing the password.
//
// 1. What is wrong is said in words beside the field that it is about, and the keyboard is led there.
// 2. What follows from it is said before, and confirmed afterwards.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import * as api from '../api.js';
import { account, settings, unanswered, weakness } from '../words.js';
import { Part } from './part.js';
import { passwordField } from './password-field.js';

/** @typedef {{place: '' | 'old' | 'new' | 'form', text: string}} Complaint */

/** @type {Complaint} */
const NONE = { place: '', text: '' };

class PasswordForm extends Part {
  #complaint = signal(NONE);
  #visible = signal(false);
  #busy = signal(false);
  #done = signal(false);

  /** @param {Event} event */
  #submit = async (event) => {
    event.preventDefault();
    if (this.#busy.peek()) return;
    this.#busy.value = true;
    this.#done.value = false;
    const complaint = await this.#change(this.#value('old'), this.#value('new'));
    this.#busy.value = false;
    this.#complaint.value = complaint;
    if (complaint.place === '') this.#changed();
    else if (complaint.place !== 'form') this.#field(complaint.place).focus();
  };

  /** @param {'old' | 'new'} which @returns {HTMLInputElement} */
  #field(which) {
    return /** @type {HTMLInputElement} */ (this.querySelector(`#${which}-password`));
  }

  /** @param {'old' | 'new'} which */
  #value(which) {
    return this.#field(which).value;
  }

  /** @param {string} old @param {string} fresh @returns {Promise<Complaint>} */
  async #change(old, fresh) {
    if (old === '') return { place: 'old', text: settings.oldMissing };
    if (fresh === '') return { place: 'new', text: settings.newMissing };
    const answer = await api.changePassword(old, fresh);
    return answer.status === 200 ? NONE : refusal(answer, fresh);
  }

  #changed() {
    this.#field('old').value = '';
    this.#field('new').value = '';
    this.#visible.value = false;
    this.#done.value = true;
    this.dispatchEvent(new CustomEvent('changed'));
  }

  template() {
    const { place, text } = this.#complaint.value;
    const name = this.chat.state.value?.me.name ?? '';
    const shared = { visible: this.#visible.value };
    return html`<form novalidate @submit=${this.#submit} aria-labelledby="password-heading">
      <h3 id="password-heading">${settings.passwordHeading}</h3>
      <input type="text" name="username" autocomplete="username" .value=${name} readonly hidden />
      ${passwordField({
        ...shared, id: 'old-password', label: settings.oldPassword, token: 'current-password',
        complaint: place === 'old' ? text : '', toggle: () => (this.#visible.value = !this.#visible.peek()),
      })}
      ${passwordField({
        ...shared, id: 'new-password', label: settings.newPassword, token: 'new-password',
        complaint: place === 'new' ? text : '', hint: account.passwordHint, toggle: null,
      })}
      <p class="effect">${settings.passwordEffect}</p>
      <p class="error" role="alert">${place === 'form' ? text : nothing}</p>
      <button type="submit" class="btn yes" aria-disabled=${String(this.#busy.value)}>${settings.change}</button>
      <p class="notice" role="status">${this.#done.value ? settings.changed : nothing}</p>
    </form>`;
  }
}

/** @param {api.Answer<unknown>} answer @param {string} fresh @returns {Complaint} */
function refusal({ code, field, retryAfter }, fresh) {
  if (code === 'wrong_password') return { place: 'old', text: account.wrong };
  if (code === 'password_weak') return { place: 'new', text: weakness(fresh) };
  if (code === 'malformed')
    return field === 'Old' ? { place: 'old', text: account.wrong } : { place: 'new', text: account.passwordOdd };
  return { place: 'form', text: unanswered(code, retryAfter, Date.now()) };
}

customElements.define('parlour-password', PasswordForm);
