// @ts-check
// Making an account. It leads to the login page, as the owner of this product asked.

import { html, render } from '../vendor/lit-html/lit-html.js';
import * as api from '../api.js';
import { AccountForm } from '../components/account-form.js';
import { opened } from '../opened.js';
import * as paths from '../paths.js';
import { account, links, title, unanswered, weakness } from '../words.js';
import { goOn } from '../whose.js';

/** @typedef {import('../components/account-form.js').Complaint} Complaint */

class RegisterScreen extends HTMLElement {
  #form = new AccountForm(
    this,
    () => this.#paint(),
    (name, password) => this.#submit(name, password),
  );

  connectedCallback() {
    document.title = title(account.register);
    this.#paint();
    void goOn();
    this.#form.field('username').focus();
  }

  #paint() {
    const other = html`${account.haveOne} <a href="/login" @click=${paths.follow}>${account.login}</a>`;
    render(
      this.#form.template({
        heading: account.registerHeading,
        action: account.register,
        name: '',
        notice: opened.peek() ? links.kept : '',
        newPassword: true,
        other,
      }),
      this,
    );
  }

  /** @param {string} name @param {string} password @returns {Promise<Complaint | null>} */
  async #submit(name, password) {
    const answer = await api.register(name, password);
    if (answer.status === 200) {
      paths.go('/login', { name, notice: 'made' });
      return null;
    }
    return complaint(answer, password);
  }
}

/** @param {api.Answer<unknown>} answer @param {string} password @returns {Complaint} */
function complaint({ code, field, retryAfter }, password) {
  switch (code) {
    case 'username_taken':
      return { place: 'username', text: account.taken };
    case 'username_invalid':
      return { place: 'username', text: account.nameInvalid };
    case 'password_weak':
      return { place: 'password', text: weakness(password) };
    case 'malformed':
      return field === 'Username'
        ? { place: 'username', text: account.nameInvalid }
        : { place: 'password', text: account.passwordOdd };
    default:
      return { place: 'form', text: unanswered(code, retryAfter, Date.now()) };
  }
}

customElements.define('parlour-register', RegisterScreen);
