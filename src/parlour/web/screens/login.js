// @ts-check
// Logging in. After registering, the name stands in its field and a line says that the account is made.

import { html, render } from '../vendor/lit-html/lit-html.js';
import * as api from '../api.js';
import { AccountForm } from '../components/account-form.js';
import { opened } from '../opened.js';
import * as paths from '../paths.js';
import { account, links, title, unanswered } from '../words.js';
import { goOn } from '../whose.js';

/** @typedef {import('../components/account-form.js').Complaint} Complaint */

class LoginScreen extends HTMLElement {
  #place = paths.place.peek();
  #form = new AccountForm(
    this,
    () => this.#paint(),
    (name, password) => this.#submit(name, password),
  );

  connectedCallback() {
    document.title = title(account.login);
    this.#paint();
    void goOn();
    this.#form.field(this.#place.name ? 'password' : 'username').focus();
  }

  #paint() {
    const { name } = this.#place;
    const other = html`${account.noneYet} <a href="/register" @click=${paths.follow}>${account.register}</a>`;
    render(
      this.#form.template({
        heading: account.login,
        action: account.login,
        name,
        notice: notice(this.#place),
        newPassword: false,
        other,
      }),
      this,
    );
  }

  /** @param {string} name @param {string} password @returns {Promise<Complaint | null>} */
  async #submit(name, password) {
    const answer = await api.login(name, password);
    if (answer.status === 200) {
      paths.go('/', { session: this.#place.session, message: this.#place.message }, 'replace');
      return null;
    }
    return complaint(answer);
  }
}

/** Why one is here. @param {paths.Place} place @returns {string} */
function notice(place) {
  if (place.notice === 'made') return account.made(place.name);
  if (place.notice === 'out') return account.loggedOut;
  if (place.notice === 'deleted') return account.deleted;
  if (place.notice === 'ended') return account.ended;
  return opened.peek() ? links.kept : '';
}

/** @param {api.Answer<unknown>} answer @returns {Complaint} */
function complaint({ code, retryAfter }) {
  switch (code) {
    case 'user_not_found':
      return { place: 'username', text: account.nobody };
    case 'wrong_password':
      return { place: 'password', text: account.wrong };
    case 'malformed':
      return { place: 'password', text: account.wrong };
    default:
      return { place: 'form', text: unanswered(code, retryAfter, Date.now()) };
  }
}

customElements.define('parlour-login', LoginScreen);
