// @ts-check
// The pop-up: somebody wants to chat.
//
// 1. It takes no focus and covers nothing that one writes in. Its buttons are reached by F6 or Tab, and are of equal
//    size.
// 2. They are inert for the first 600 ms, and to a key that is held: whoever was typing or clicking has not answered.
// 3. Several invitations come one after the other. Deciding later keeps an invitation in the list.
// 4. Nothing is shown of the person but the name.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { keyOf } from '../inviting.js';
import { ask } from '../words.js';
import { hueOf, nameOf, who } from './drawn.js';
import { Part, byTouch, focusedIn } from './part.js';

/** @typedef {import('../protocol.d.ts').Invitation} Invitation */

const INERT = 600;

class Ask extends Part {
  /** The invitation whose buttons may be used. */ #ready = signal('');
  #pending = computed(() => this.chat.waiting.value.filter((one) => !this.chat.inviting.later.value.has(keyOf(one))));
  #current = computed(
    () => this.#pending.value.find((one) => keyOf(one) === this.chat.inviting.chosen.value) ?? this.#pending.value[0] ?? null,
  );
  #key = computed(() => (this.#current.value ? keyOf(this.#current.value) : ''));
  #told = new Set();
  /** @type {HTMLElement | null} where the keyboard was before it came in here */ #outside = null;

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#appear(this.#key.value));
    this.runs(() => this.#focusAskedFor(this.chat.inviting.questioned.value));
    document.addEventListener('focusin', (event) => this.#remember(event), { signal: this.gone.signal });
  }

  /** @param {string} key */
  #appear(key) {
    if (key === '') return void (this.#told.size > 0 && this.chat.announce('', '', true));
    this.#tell(key);
    const timer = setTimeout(() => (this.#ready.value = key), INERT);
    return () => clearTimeout(timer);
  }

  /** Once for each invitation. @param {string} key */
  #tell(key) {
    const one = this.#current.peek();
    if (!one || this.#told.has(key)) return;
    this.#told.add(key);
    const told = ask.told(one.UserName);
    this.chat.announce(byTouch() ? told : `${told} ${ask.reach}`, one.UserName, true);
  }

  /** @param {FocusEvent} event */
  #remember(event) {
    if (event.target instanceof HTMLElement && !this.contains(event.target)) this.#outside = event.target;
  }

  /** Somebody chose this question in the list. @param {number} times */
  #focusAskedFor(times) {
    if (times > 0) queueMicrotask(() => this.querySelector('button')?.focus());
  }

  /** When the question goes while the keyboard is in it, the keyboard goes back to where it was. */
  paint() {
    const inside = focusedIn(this);
    super.paint();
    if (!inside || inside.isConnected) return;
    queueMicrotask(() => this.#giveBack());
  }

  #giveBack() {
    if (document.activeElement !== document.body) return;
    const back =
      this.#outside?.isConnected && this.#outside.checkVisibility() ? this.#outside : document.getElementById('find');
    back?.focus();
  }

  /** @param {KeyboardEvent} event */
  #held = (event) => {
    if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault();
  };

  /** @param {Invitation} one @param {0 | 1} accepted */
  #answer(one, accepted) {
    if (!this.#inert(keyOf(one))) void this.chat.inviting.answer(one, accepted);
  }

  /** @param {string} key */
  #inert(key) {
    return this.#ready.value !== key || this.chat.inviting.answering.value !== null || !this.chat.live.value;
  }

  template() {
    const one = this.#current.value;
    return repeat(one ? [one] : [], keyOf, (invitation) => this.#dialog(invitation));
  }

  /** @param {Invitation} one */
  #dialog(one) {
    const key = keyOf(one);
    const inert = String(this.#inert(key));
    const more = this.#pending.value.length - 1;
    return html`<section class="ask hued" data-hue=${hueOf(one.UserName)} role="dialog"
      aria-labelledby="ask-heading" aria-describedby="ask-what" @keydown=${this.#held}>
      <div class="ask-top">${who(one.UserName)}<div>
        <h2 id="ask-heading">${nameOf(one.UserName)}${ask.heading}</h2>
        <p class="mono">${nameOf(`@${one.UserName}`)}</p></div></div>
      <div class="ask-body">
        <p id="ask-what">${ask.shares} ${ask.lapses(one.Lapses)}</p>
        ${this.chat.live.value ? nothing : html`<p class="ask-offline">${ask.offline}</p>`}
        <div class="two">
          <button type="button" class="btn no" aria-disabled=${inert}
            @click=${() => this.#answer(one, 0)}>${ask.reject}</button>
          <button type="button" class="btn yes" aria-disabled=${inert}
            @click=${() => this.#answer(one, 1)}>${ask.accept}</button>
        </div>
        <p class="ask-more">
          <button type="button" class="link" @click=${() => this.chat.inviting.postpone(one)}>${ask.later}</button>
          ${more > 0 ? html`<span>${ask.more(more)}</span>` : nothing}</p>
      </div></section>`;
  }
}

customElements.define('parlour-ask', Ask);
