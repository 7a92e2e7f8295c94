// @ts-check
// Below a closed conversation: how it can be opened again.
//
// 1. It takes a new invitation, and a new yes; what stands between the two now is said, and what one can do about it.
// 2. Somebody who has deleted the account cannot be asked.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { isSomebody } from '../parting.js';
import { invited, parting } from '../words.js';
import { again } from './asked.js';
import { Part, focusedIn } from './part.js';

class Reopen extends Part {
  /** The button goes with the press: the keyboard goes to the heading. */
  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (inside && !inside.isConnected)
      queueMicrotask(() => document.activeElement === document.body && document.querySelector('h1')?.focus());
  }

  template() {
    const session = this.chat.session.value;
    if (!session?.closed || !isSomebody(session.name)) return nothing;
    return html`<div class="reopen">${this.#what(session.name)}</div>`;
  }

  /** @param {string} name */
  #what(name) {
    const { chat } = this;
    if (chat.blocks.value.includes(name)) return this.#line(parting.blocked(name), parting.unblock, parting.unblockLabel(name), () => void chat.parting.unblock(name));
    const theirs = chat.invitations.value.find((one) => one.UserName === name);
    if (theirs) return this.#line(parting.asksAgain(name), parting.answer, '', () => chat.inviting.reconsider(theirs));
    const mine = chat.asking.value.find((one) => one.name === name && one.standing === 'sent');
    if (mine) return this.#line(invited.sent(mine.lapses), invited.cancel, invited.cancelLabel(name), () => void chat.inviting.cancel(name));
    return again(chat, name);
  }

  /** @param {string} words @param {string} act @param {string} label @param {() => void} press */
  #line(words, act, label, press) {
    return html`<p>${words}</p><button type="button" class="btn small no" aria-label=${label || nothing}
      @click=${press}>${act}</button>`;
  }
}

customElements.define('parlour-reopen', Reopen);
