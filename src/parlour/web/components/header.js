// @ts-check
// Who the open conversation is with, and whether they are there.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import * as paths from '../paths.js';
import { list, presence } from '../words.js';
import { arrowBack, hueOf, nameOf, who } from './drawn.js';
import { Part } from './part.js';

class Header extends Part {
  template() {
    const session = this.chat.session.value;
    if (!session) return nothing;
    const online = this.chat.online(session);
    return html`<header class="header hued" data-hue=${hueOf(session.name)}>
      <button type="button" class="ib back" aria-label=${list.back} @click=${paths.back}>${arrowBack}</button>
      ${who(session.name, online)}
      <div><h1 tabindex="-1">${nameOf(session.name)}</h1><p>${presence(online)}</p></div>
    </header>`;
  }
}

customElements.define('parlour-header', Header);
