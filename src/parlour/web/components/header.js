// @ts-check
// Who the open conversation is with, and whether they are there.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import * as paths from '../paths.js';
import { conversation, list, presence } from '../words.js';
import { arrowBack, hueOf, nameOf, who } from './drawn.js';
import { Part } from './part.js';
import './session-settings.js';

class Header extends Part {
  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#stay(this.chat.session.value?.closed === true));
  }

  /** With its end a conversation loses its field: the keyboard does not fall out with it. @param {boolean} closed */
  #stay(closed) {
    if (closed) queueMicrotask(() => document.activeElement === document.body && this.querySelector('h1')?.focus());
  }

  template() {
    const session = this.chat.session.value;
    if (!session) return nothing;
    const online = this.chat.online(session);
    return html`<header class="header hued" data-hue=${hueOf(session.name)}>
      <button type="button" class="ib back" aria-label=${list.back} @click=${paths.back}>${arrowBack}</button>
      ${who(session.name, online)}
      <div><h1 tabindex="-1">${nameOf(session.name)}</h1><p>${session.closed ? conversation.closed : presence(online)}</p></div>
      <parlour-session-settings .chat=${this.chat}></parlour-session-settings>
    </header>`;
  }
}

customElements.define('parlour-header', Header);
