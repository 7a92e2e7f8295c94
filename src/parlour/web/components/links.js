// @ts-check
// Invitation links: making one, and those that nobody has used yet.
//
// 1. The server keeps no secret that could be shown again: a link that was lost is taken back, and another one made.
// 2. The keyboard does not fall out of a row that goes.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { links } from '../words.js';
import './new-link.js';
import { Part, focusedIn } from './part.js';

/** @typedef {import('../protocol.d.ts').OpenLink} OpenLink */

class OpenLinks extends Part {
  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (inside && !inside.isConnected) this.querySelector('h2')?.focus();
  }

  template() {
    const open = this.chat.links.value;
    return html`<h2 id="links" tabindex="-1">${links.heading}</h2>
      <p class="lead">${links.hint}</p>
      <parlour-new-link .chat=${this.chat}></parlour-new-link>
      ${open.length === 0 ? html`<p class="field-hint">${links.none}</p>` : this.#list(open)}`;
  }

  /** @param {readonly OpenLink[]} open */
  #list(open) {
    return html`<h3>${links.open}</h3><ul class="entries">${repeat(open, (one) => one.Link, (one) => this.#link(one))}</ul>`;
  }

  /** @param {OpenLink} one */
  #link({ Link, Lapses }) {
    const fresh = this.chat.ownLinks.address.value?.id === Link;
    return html`<li class="entry"><p>${fresh ? html`<b>${links.new}</b> ` : nothing}${links.one(Lapses)}</p>
      <button type="button" class="btn small no" aria-label=${links.takeBackLabel(Lapses)}
        @click=${() => void this.chat.ownLinks.takeBack(Link)}>${links.takeBack}</button></li>`;
  }
}

customElements.define('parlour-links', OpenLinks);
