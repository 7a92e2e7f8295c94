// @ts-check
// A form of name and password: registering and logging in.
//
// 1. What is wrong is said in words beside the field that it is about, and the keyboard is led there.
// 2. Password managers are welcome: real fields with their autocomplete tokens, pasting allowed.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { mark } from './drawn.js';
import { languages } from './language.js';
import { passwordField } from './password-field.js';
import { account } from '../words.js';

/** @typedef {'' | 'username' | 'password' | 'form'} Place what a complaint is about */
/** @typedef {{place: Place, text: string}} Complaint */
/**
 * @typedef {{heading: string, action: string, name: string, notice: string, newPassword: boolean, other: unknown}} Form
 */

export class AccountForm {
  /** @type {Complaint} */ complaint = { place: '', text: '' };
  busy = false;
  visible = false;
  #host;
  #paint;
  #submit;

  /**
   * @param {HTMLElement} host @param {() => void} paint
   * @param {(name: string, password: string) => Promise<Complaint | null>} submit `null`: it went well
   */
  constructor(host, paint, submit) {
    this.#host = host;
    this.#paint = paint;
    this.#submit = submit;
  }

  /** @param {string} name @returns {HTMLInputElement} */
  field(name) {
    return /** @type {HTMLInputElement} */ (this.#host.querySelector(`input[name=${name}]`));
  }

  /** @param {Event} event */
  #send = async (event) => {
    event.preventDefault();
    if (this.busy) return;
    const name = this.field('username').value.trim();
    const password = this.field('password').value;
    this.#set({ busy: true });
    const complaint = missing(name, password) ?? (await this.#submit(name, password));
    this.#set({ busy: false, complaint: complaint ?? { place: '', text: '' } });
    if (complaint && complaint.place !== 'form') this.field(complaint.place).focus();
  };

  /** @param {Partial<Pick<AccountForm, 'busy' | 'complaint' | 'visible'>>} change */
  #set(change) {
    Object.assign(this, change);
    this.#paint();
  }

  /** @param {Form} form */
  template(form) {
    const { place, text } = this.complaint;
    return html`<main class="account"><form class="card" novalidate @submit=${this.#send}>
      <p class="brand">${mark}<span>Parlour</span></p>
      <h1>${form.heading}</h1>
      <p class="notice" role="status">${form.notice}</p>
      <p class="error" role="alert" id="form-error">${place === 'form' ? text : nothing}</p>
      ${this.#name(form)}${this.#password(form)}
      <button type="submit" class="btn yes wide" aria-disabled=${String(this.busy)}>${form.action}</button>
      <p class="other">${form.other}</p>
    </form>${languages()}</main>`;
  }

  /** @param {Form} form */
  #name(form) {
    const wrong = this.complaint.place === 'username';
    return html`<div class="field"><label for="username">${account.username}</label>
      <input id="username" name="username" type="text" autocomplete="username" maxlength="64" required
        autocapitalize="none" autocorrect="off" spellcheck="false" dir="ltr" .defaultValue=${form.name}
        aria-invalid=${wrong ? 'true' : nothing} aria-describedby="username-hint username-error" />
      <p class="error" id="username-error">${wrong ? this.complaint.text : nothing}</p>
      <p class="field-hint" id="username-hint">${form.newPassword ? account.nameHint : nothing}</p></div>`;
  }

  /** @param {Form} form */
  #password(form) {
    return passwordField({
      id: 'password',
      label: account.password,
      token: form.newPassword ? 'new-password' : 'current-password',
      visible: this.visible,
      complaint: this.complaint.place === 'password' ? this.complaint.text : '',
      hint: form.newPassword ? account.passwordHint : '',
      toggle: () => this.#set({ visible: !this.visible }),
    });
  }
}

/** @param {string} name @param {string} password @returns {Complaint | null} */
function missing(name, password) {
  if (name === '') return { place: 'username', text: account.nameMissing };
  return password === '' ? { place: 'password', text: account.passwordMissing } : null;
}
