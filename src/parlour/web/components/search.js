// @ts-check
// The search field with [Invite] beside it.
//
// 1. Typing filters one's own conversations and asks the server nothing: there is no directory to search.
// 2. [Invite], and Enter, ask the person with exactly this name. What came of it is said in words beside the field.

import { html } from '../vendor/lit-html/lit-html.js';
import { search } from '../words.js';
import { glass } from './drawn.js';
import { Part } from './part.js';

class Search extends Part {
  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#follow(this.chat.inviting.typed.value));
  }

  /** The field is emptied when its question was answered. @param {string} typed */
  #follow(typed) {
    const field = this.querySelector('input');
    if (field && field.value !== typed) field.value = typed;
  }

  /** @param {Event} event */
  #type = (event) => {
    this.chat.inviting.typed.value = /** @type {HTMLInputElement} */ (event.target).value;
    this.chat.inviting.found.value = '';
  };

  /** @param {Event} event */
  #invite = (event) => {
    event.preventDefault();
    void this.chat.inviting.invite(this.chat.inviting.typed.peek());
  };

  template() {
    return html`<form class="find" role="search" @submit=${this.#invite}>
        <label class="vh" for="find">${search.label}</label>
        <span class="find-icon" aria-hidden="true">${glass}</span>
        <input id="find" type="search" name="find" placeholder=${search.placeholder} maxlength="64"
          autocomplete="off" autocapitalize="none"
          autocorrect="off" spellcheck="false" enterkeyhint="send" aria-describedby="found" @input=${this.#type} />
        <button type="submit" class="btn small yes">${search.invite}</button>
      </form>
      <p id="found" class="found" role="status" dir="auto">${this.chat.inviting.found.value}</p>`;
  }
}

customElements.define('parlour-search', Search);
