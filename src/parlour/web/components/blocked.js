// @ts-check
// Whom one has blocked.
//
// 1. Lifting a block is not asked twice: it revives nothing.
// 2. The keyboard does not fall out of a row that goes.

import { html } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { signal } from '../vendor/signals/signals-core.js';
import { blocks, parting } from '../words.js';
import { nameOf, tileOf } from './drawn.js';
import { Part, focusedIn } from './part.js';

class Blocked extends Part {
  #done = signal('');

  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (inside && !inside.isConnected) this.querySelector('h2')?.focus();
  }

  /** @param {string} name */
  async #unblock(name) {
    if (await this.chat.parting.unblock(name)) this.#done.value = parting.unblocked(name);
  }

  template() {
    const names = this.chat.blocks.value;
    return html`<h2 id="blocked" tabindex="-1">${blocks.heading}</h2>
      <p class="lead">${names.length === 0 ? blocks.none : blocks.hint}</p>
      <ul class="entries">${repeat(names, (name) => name, (name) => this.#row(name))}</ul>
      <p class="notice">${this.#done.value}</p>`;
  }

  /** @param {string} name */
  #row(name) {
    return html`<li class="entry">${tileOf(name)}<p>${nameOf(name, 'mono')}</p>
      <button type="button" class="btn small no" aria-label=${parting.unblockLabel(name)}
        @click=${() => void this.#unblock(name)}>${parting.unblock}</button></li>`;
  }
}

customElements.define('parlour-blocked', Blocked);
