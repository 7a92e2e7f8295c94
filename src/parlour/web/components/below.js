// @ts-check
// What stands between the messages and the field: who is typing, the way to the latest message, and the one question
// about receipts.
//
// 1. Its place is always there, so that nothing moves when somebody begins to type; and it covers no message.
// 2. The question is asked once, after something was said, and not beside another one, unless the keyboard is in it;
//    until it is answered nothing is told of reading and typing.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { signal } from '../vendor/signals/signals-core.js';
import { conversation, reason } from '../words.js';
import { arrowDown } from './drawn.js';
import { Part, focusedIn } from './part.js';

class Below extends Part {
  #busy = signal(false);

  giveBack() {
    this.chat.attention.value++;
  }

  template() {
    const session = this.chat.session.value;
    if (!session) return nothing;
    const line = html`<div class="below-line"><p class="typing">${this.#typing()}</p>${this.#latest()}</div>`;
    if (session.closed) return this.chat.latest.value ? line : nothing;
    const asked = this.chat.inviting.pending.value.length > 0 && !focusedIn(this);
    return html`${line}${this.chat.receipts.question.value && !asked ? this.#question() : nothing}`;
  }

  #latest() {
    const latest = this.chat.latest.value;
    if (!latest) return nothing;
    return html`<button type="button" class="jump" ?data-new=${latest.newer > 0} @click=${() => this.#go(latest)}>
      ${arrowDown}${conversation.newer(latest.newer)}</button>`;
  }

  /** The button goes with the press: the keyboard must not go with it. @param {import('../chat.js').Latest} latest */
  #go(latest) {
    latest.go();
    this.chat.attention.value++;
  }

  #typing() {
    const [name] = this.chat.receipts.typists.value;
    if (name === undefined) return nothing;
    return html`<span class="dots" aria-hidden="true"></span>${conversation.typing(name)}`;
  }

  #question() {
    const off = this.#busy.value || !this.chat.live.value;
    return html`<section class="question" aria-labelledby="question">
      <div><p id="question">${conversation.question}</p><p class="quiet">${conversation.questionHint}</p></div>
      <div class="answers">
        <button type="button" class="btn small no" ?disabled=${off} @click=${() => void this.#answer(false)}>
          ${conversation.questionNo}</button>
        <button type="button" class="btn small no" ?disabled=${off} @click=${() => void this.#answer(true)}>
          ${conversation.questionYes}</button>
      </div>
    </section>`;
  }

  /** @param {boolean} on */
  async #answer(on) {
    this.#busy.value = true;
    const error = await this.chat.receipts.answer(on);
    this.#busy.value = false;
    if (error) this.chat.toast(reason(error, Date.now()));
    else this.chat.attention.value++;
  }
}

customElements.define('parlour-below', Below);
