// @ts-check
// The pop-up: somebody wants to chat.
//
// 1. It takes no focus and covers nothing that one writes in. Its buttons are reached by F6 or Tab, and those of the
//    answer are of equal size.
// 2. They are inert for the first 600 ms of each question, and to a key that is held: whoever was typing or clicking has
//    not answered.
// 3. Several invitations are one pop-up, through which one steps. Deciding later puts it away, and keeps all in the list.
// 4. Nothing is shown of the person but the name, and the note if they wrote one.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { keyOf } from '../inviting.js';
import { ask } from '../words.js';
import { arrowBack, arrowOn, hueOf, nameOf, who } from './drawn.js';
import { fold, noteOf } from './note.js';
import { Part, byTouch } from './part.js';

/** @typedef {import('../protocol.d.ts').Invitation} Invitation */

const INERT = 600;

class Ask extends Part {
  /** The invitation whose buttons may be used. */ #ready = signal('');
  /** The one whose note is shown whole. */ #unfolded = signal('');
  #current = computed(
    () => this.#pending.find((one) => keyOf(one) === this.chat.inviting.chosen.value) ?? this.#pending[0] ?? null,
  );
  #key = computed(() => (this.#current.value ? keyOf(this.#current.value) : ''));
  #told = new Set();
  /** @type {HTMLElement | null} where the keyboard was before it came in here */ #outside = null;

  connectedCallback() {
    super.connectedCallback();
    this.runs(() => this.#appear(this.#key.value));
    this.runs(() => this.#tell(this.#pending));
    this.runs(() => this.#focusAskedFor(this.chat.inviting.questioned.value));
    const options = { signal: this.gone.signal };
    document.addEventListener('focusin', (event) => this.#remember(event), options);
    document.addEventListener('keydown', (event) => this.#escape(event), options);
    addEventListener('resize', () => fold(this), options);
  }

  /** A question is inert when it comes, and when one comes back to it. @param {string} key */
  #appear(key) {
    this.#ready.value = '';
    if (key === '') return undefined;
    const timer = setTimeout(() => (this.#ready.value = key), INERT);
    return () => clearTimeout(timer);
  }

  /** Each invitation is told once, those that come together in one sentence. @param {readonly Invitation[]} pending */
  #tell(pending) {
    if (pending.length === 0) return this.#told.size > 0 ? this.chat.announce('', '', 'urgent') : undefined;
    const fresh = pending.filter((one) => !this.#told.has(keyOf(one)));
    if (fresh.length === 0) return undefined;
    for (const one of fresh) this.#told.add(keyOf(one));
    const name = pending[0]?.UserName ?? '';
    const told = pending.length === 1 ? ask.told(name) : ask.toldSeveral(pending.length);
    return this.chat.announce(byTouch() ? told : `${told} ${ask.reach}`, name, 'urgent');
  }

  get #pending() {
    return this.chat.inviting.pending.value;
  }

  // --------------------------------------------------------------------------------------------------------- keyboard

  /** @param {FocusEvent} event */
  #remember(event) {
    if (!(event.target instanceof HTMLElement) || this.contains(event.target)) return;
    this.#outside = event.target.closest('.self') ? null : event.target; // One Enter too many must not log out.
  }

  /** Somebody chose this question in the list. @param {number} times */
  #focusAskedFor(times) {
    if (times > 0) queueMicrotask(() => this.#button?.focus());
  }

  /** @returns {HTMLElement | null} */
  get #button() {
    return this.querySelector('.btn');
  }

  /** Escape in the pop-up, or where nothing else has the keyboard, decides later. @param {KeyboardEvent} event */
  #escape(event) {
    const here = document.activeElement === document.body || this.contains(document.activeElement);
    if (event.key !== 'Escape' || !here || event.defaultPrevented || event.isComposing || !this.#current.peek()) return;
    event.preventDefault();
    this.#later();
  }

  paint() {
    super.paint();
    fold(this);
  }

  /** When the question goes while the keyboard is in it, the keyboard goes to the next question, or to where it was. */
  giveBack() {
    const next = /** @type {HTMLElement | null} */ (this.querySelector('#ask-heading'));
    const there = this.#outside?.isConnected && this.#outside.checkVisibility() ? this.#outside : null;
    const back = there ?? (byTouch() ? document.querySelector('h1') : document.getElementById('find'));
    (next ?? back)?.focus();
  }

  /** @param {KeyboardEvent} event */
  #held = (event) => {
    if (event.repeat && (event.key === 'Enter' || event.key === ' ')) event.preventDefault();
  };

  // ---------------------------------------------------------------------------------------------------------- answers

  /** Do something with the question, once it may be answered. @param {Invitation} one @param {() => unknown} act */
  #press(one, act) {
    return () => void (this.#inert(keyOf(one)) || act());
  }

  /** @param {string} key */
  #inert(key) {
    return this.#ready.value !== key || this.chat.inviting.answering.value !== null || !this.chat.live.value;
  }

  #later() {
    this.chat.inviting.postpone(this.chat.inviting.pending.peek());
  }

  /** @param {1 | -1} by */
  #step(by) {
    const pending = this.chat.inviting.pending.peek();
    const at = pending.findIndex((one) => keyOf(one) === this.#key.peek()) + by;
    const next = pending[(at + pending.length) % pending.length];
    if (!next) return;
    this.chat.inviting.chosen.value = keyOf(next);
    this.chat.announce(ask.told(next.UserName), next.UserName);
  }

  // --------------------------------------------------------------------------------------------------------- template

  template() {
    const one = this.#current.value;
    if (!one) return nothing;
    const many = this.#pending.length > 1;
    return html`<section class="ask hued" data-hue=${hueOf(one.UserName)} role="dialog"
      aria-labelledby=${many ? 'ask-many' : 'ask-heading'} aria-describedby="ask-what" @keydown=${this.#held}>
      ${many ? this.#steps(one) : nothing}
      ${repeat([one], keyOf, (invitation) => this.#question(invitation, many))}</section>`;
  }

  /** @param {Invitation} one */
  #steps(one) {
    const pending = this.#pending;
    return html`<div class="ask-steps"><h2 id="ask-many"><bdi>${ask.several(pending.length)}</bdi></h2>
      <button type="button" class="ib" aria-label=${ask.previous} @click=${() => this.#step(-1)}>${arrowBack}</button>
      <bdi>${ask.place(pending.indexOf(one) + 1, pending.length)}</bdi>
      <button type="button" class="ib" aria-label=${ask.next} @click=${() => this.#step(1)}>${arrowOn}</button></div>`;
  }

  /** @param {Invitation} one @param {boolean} many */
  #question(one, many) {
    const name = one.UserName;
    const heading = html`${ask.heading[0]}${nameOf(name)}${ask.heading[1]}`;
    return html`<div class="ask-top">${who(name)}<div>
        ${many ? html`<h3 id="ask-heading" tabindex="-1">${heading}</h3>` : html`<h2 id="ask-heading" tabindex="-1">${heading}</h2>`}
        <p class="mono">${nameOf(`@${name}`)}</p></div></div>
      <div class="ask-body">
        ${one.Note ? this.#note(one, one.Note) : nothing}
        <p id="ask-what">${ask.shares} ${ask.lapses(one.Lapses)}</p>
        ${this.chat.live.value ? nothing : html`<p class="ask-offline">${ask.offline}</p>`}
        ${this.#answers(one)}
      </div>`;
  }

  /** @param {Invitation} one @param {string} note */
  #note(one, note) {
    const whole = this.#unfolded.value === keyOf(one);
    return noteOf(one.UserName, note, whole, () => {
      this.#unfolded.value = keyOf(one);
      /** @type {HTMLElement | null} */ (this.querySelector('.note'))?.focus();
    });
  }

  /** @param {Invitation} one */
  #answers(one) {
    const { inviting, parting } = this.chat;
    const inert = String(this.#inert(keyOf(one)));
    return html`<div class="ask-acts"><div class="two">
        <button type="button" class="btn no" aria-disabled=${inert}
          @click=${this.#press(one, () => inviting.answer(one, 0))}>${ask.reject}</button>
        <button type="button" class="btn yes" aria-disabled=${inert}
          @click=${this.#press(one, () => inviting.answer(one, 1))}>${ask.accept}</button>
      </div>
      <p class="ask-more">
        <button type="button" class="link" @click=${() => this.#later()}>${ask.later}</button>
        <button type="button" class="link" aria-disabled=${inert}
          @click=${this.#press(one, () => inviting.answer(one, 0, true))}>${ask.tell}</button>
        <button type="button" class="link" aria-disabled=${inert}
          @click=${this.#press(one, () => parting.block(one.UserName))}>${ask.block}</button></p></div>`;
  }
}

customElements.define('parlour-ask', Ask);
