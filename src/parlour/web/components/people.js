// @ts-check
// The list: who waits for an answer, whom one has invited, and the conversations.
//
// 1. The most recently active conversation stands first; while the keyboard is in the list nothing moves under it.
// 2. Of a person whom one does not talk to yet, nothing is shown but the name.
// 3. Rows of people whom one has invited are not buttons: there is nothing to do but to wait.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { guard } from '../vendor/lit-html/directives/guard.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { shortly } from '../times.js';
import { list, presence, search } from '../words.js';
import { clock, nameOf, who } from './drawn.js';
import { Part } from './part.js';

/** @typedef {import('../state.js').Session} Session */
/** @typedef {import('../protocol.d.ts').Invitation} Invitation */

class People extends Part {
  /** The order as it stood when the keyboard came in. */
  #held = signal(/** @type {readonly string[] | null} */ (null));
  #typed = computed(() => this.chat.inviting.typed.value.trim().replace(/^@/u, '').toLowerCase());
  #shown = computed(() => this.#ordered().filter((one) => one.name.toLowerCase().includes(this.#typed.value)));

  connectedCallback() {
    super.connectedCallback();
    const options = { signal: this.gone.signal };
    this.addEventListener(
      'focusin',
      () => (this.#held.value ??= this.chat.sessions.peek().map((one) => one.id)),
      options,
    );
    this.addEventListener(
      'focusout',
      (event) => {
        if (!(event.relatedTarget instanceof Node && this.contains(event.relatedTarget))) this.#held.value = null;
      },
      options,
    );
  }

  /** @returns {Session[]} */
  #ordered() {
    const held = this.#held.value;
    const sessions = this.chat.sessions.value;
    if (!held) return sessions;
    const place = new Map(held.map((id, i) => [id, i]));
    return [...sessions].sort((one, other) => (place.get(one.id) ?? -1) - (place.get(other.id) ?? -1));
  }

  /** @template T @param {readonly T[]} people @param {(one: T) => string} name */
  #matching(people, name) {
    return people.filter((one) => name(one).toLowerCase().includes(this.#typed.value));
  }

  template() {
    if (!this.chat.state.value) return html`<p class="loading" role="status">${list.loading}</p>`;
    return html`${this.#waiting()}${this.#invited()}${this.#conversations()}`;
  }

  #waiting() {
    const waiting = this.#matching(this.chat.waiting.value, (one) => one.UserName);
    if (waiting.length === 0) return nothing;
    return html`<h2 class="section">${list.waiting} <bdi class="count" dir="ltr">${waiting.length}</bdi></h2>
      <ul class="list">${repeat(
        waiting,
        (one) => one.UserName,
        (one) => html`<li>${this.#request(one)}</li>`,
      )}</ul>`;
  }

  /** @param {Invitation} one */
  #request(one) {
    return html`<button type="button" class="row request" @click=${() => this.chat.inviting.reconsider(one)}>
      ${who(one.UserName)}<span class="row-name">${nameOf(one.UserName)}</span>
      <span class="row-last">${list.wantsToChat}</span>
    </button>`;
  }

  #invited() {
    const asking = this.#matching(this.chat.asking.value, (one) => one.Username);
    if (asking.length === 0) return nothing;
    return html`<h2 class="section">${list.invited}</h2>
      <ul class="list">${repeat(
        asking,
        (one) => one.Username,
        (one) => html`<li class="row invited">
        ${who(one.Username)}<span class="row-name">${nameOf(one.Username)}</span>
        <span class="row-last">${clock}<span>${list.invitedState}</span></span>
      </li>`,
      )}</ul>`;
  }

  #conversations() {
    const shown = this.#shown.value;
    if (shown.length === 0) return html`<p class="nothing">${this.#nothing()}</p>`;
    return html`<h2 class="section">${list.conversations}</h2>
      <ul class="list">${repeat(
        shown,
        (one) => one.id,
        (one) => html`<li>${this.#conversation(one)}</li>`,
      )}</ul>`;
  }

  #nothing() {
    if (this.chat.sessions.value.length > 0) return search.nothing(this.chat.inviting.typed.value.trim());
    return this.chat.waiting.value.length + this.chat.asking.value.length > 0 ? nothing : list.none;
  }

  /** A row is made anew only when something of it has changed: there may be thousands. @param {Session} one */
  #conversation(one) {
    const online = this.chat.online(one);
    const current = one.id === this.chat.open.value;
    const draft = current ? '' : (this.chat.drafts.all.value.get(one.id) ?? '');
    return guard([one, online, current, draft, this.chat.today.value], () => this.#row(one, online, current, draft));
  }

  /** @param {Session} one @param {boolean | undefined} online @param {boolean} current @param {string} draft */
  #row(one, online, current, draft) {
    const here = one.closed ? list.closed : presence(online);
    return html`<button type="button" class="row" aria-current=${current ? 'true' : nothing} data-session=${one.id}
        ?data-unseen=${one.unread > 0} @click=${() => this.chat.show(one.id)}>
      ${who(one.name, online)}<span class="row-name">${nameOf(one.name)}</span>
      <bdi class="row-time" dir="ltr">${one.activity ? shortly(one.activity, this.chat.today.value) : nothing}</bdi>
      ${this.#last(one, draft)}<span class="row-state">${
        one.unread > 0
          ? html`${unread(one.unread)}<span class="vh">${here}</span>`
          : here
      }</span>
    </button>`;
  }

  /** The draft, or what was said last. @param {Session} one @param {string} draft */
  #last(one, draft) {
    if (draft)
      return html`<span class="row-last"><bdi class="draft">${list.draft}</bdi>
        <span class="row-text" dir="auto">${draft.slice(0, 200)}</span></span>`;
    const last = one.messages[one.messages.length - 1];
    if (!last) return html`<span class="row-last">${list.nothingSaid}</span>`;
    const mine = last.sender === this.chat.state.value?.me.id;
    return html`<span class="row-last">${
      mine ? html`<bdi class="row-you">${list.you}</bdi>` : nothing
    } <span class="row-text" dir="auto">${last.text.slice(0, 200)}</span></span>`;
  }
}

/** How many are unread: the number for the eye, a sentence for the ear. @param {number} count */
const unread = (count) => html`<bdi class="unread" dir="ltr" aria-hidden="true">${count > 99 ? '99+' : count}</bdi>
  <span class="vh">${list.unread(count)}</span>`;

customElements.define('parlour-people', People);
