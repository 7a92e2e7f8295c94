// @ts-check
// The list: who waits for an answer, whom one has invited, and the conversations.
//
// 1. The most recently active conversation stands first; while the keyboard is in the list, or a press, nothing
//    moves under it.
// 2. Of a person whom one does not talk to yet, nothing is shown but the name.
//    Who waits for an answer stands there whatever one looks for.
// 3. What is held alerts nobody: it stands folded below those who wait. So do hidden conversations below the others.
// 4. The keyboard does not fall out of a row that goes.
// 5. There may be thousands: those further down come as one scrolls, or asks for more; whom one looks for is found among
//    all.

import { html, nothing } from '../vendor/lit-html/lit-html.js';
import { guard } from '../vendor/lit-html/directives/guard.js';
import { repeat } from '../vendor/lit-html/directives/repeat.js';
import { computed, signal } from '../vendor/signals/signals-core.js';
import { number } from '../counts.js';
import { plain } from '../markdown.js';
import { idle } from '../idle.js';
import { unsentTexts } from '../outbox.js';
import { sight } from '../sight.js';
import { Steady } from '../steady.js';
import { shortly } from '../times.js';
import { invited, links, list, presence, search } from '../words.js';
import { askedRow } from './asked.js';
import { bellOff, nameOf, who } from './drawn.js';
import './new-link.js';
import { Part, byTouch, keepFocus } from './part.js';

/** @typedef {import('../state.js').Session} Session */
/** @typedef {import('../protocol.d.ts').Invitation} Invitation */
/** @typedef {{draft: string | undefined, unsent: string | undefined}} Mine what one has written that is not there yet */

/** So many pixels a row takes, and so many stand around the list. Each row there costs time at every picture. */
const ROW = 62;
const AROUND = 120;
/** So many come when one nears the end of those that are there. */
const MORE = 60;
const NEAR = 800;
/** Within so many milliseconds a press has become a click, which is of the row that was pressed. */
const A_CLICK = 300;

const screenful = () => Math.ceil((sight() - AROUND) / ROW);

class People extends Part {
  /** The order as it stood when the keyboard came in, or a press began. */
  #held = signal(/** @type {readonly string[] | null} */ (null));
  /** @type {ReturnType<typeof setTimeout> | undefined} the end of a press, which the next one puts off */ #letting;
  #unfolded = signal(false);
  /** How many rows of a list stand in the page: those in sight, and as many again when there is time. */
  #most = signal(screenful());
  #unhidden = signal(false);
  #typed = computed(() => this.chat.inviting.typed.value.trim().replace(/^@/u, '').toLowerCase());
  #shown = computed(() => this.#ordered().filter((one) => one.name.toLowerCase().includes(this.#typed.value)));

  /** What is written elsewhere: a key in the open conversation paints no row. */
  #drafts = steadily(() => [...this.chat.drafts.all.value].filter(([id]) => id !== this.chat.open.value));
  /** What waits to be sent: one that goes at once paints no row. */
  #unsent = steadily(() => unsentTexts(this.chat.sending.outbox.value, this.chat.live.value));

  connectedCallback() {
    super.connectedCallback();
    idle(() => (this.#most.value += screenful()));
    const options = { signal: this.gone.signal };
    const scrolls = { ...options, capture: true, passive: true };
    this.closest('.side')?.addEventListener('scroll', () => this.#scrolled(), scrolls); // It, or the list in it.
    addEventListener('resize', () => this.#scrolled(), options);
    this.addEventListener('pointerdown', (event) => void (event.button === 0 && this.#press(event)), options);
    addEventListener('pointerup', () => (this.#letting = setTimeout(() => this.#release(), A_CLICK)), options);
    for (const end of ['pointercancel', 'contextmenu', 'blur']) addEventListener(end, () => this.#release(), options);
    this.addEventListener('focusin', () => this.#hold(), options);
    this.addEventListener('focusout', (event) => this.#let(event.relatedTarget), options);
  }

  /**
   * Nothing moves under a press, and what it will open is made ready meanwhile. A finger may want to scroll.
   * @param {PointerEvent} event
   */
  #press({ target, pointerType }) {
    clearTimeout(this.#letting);
    this.#hold();
    if (pointerType === 'touch') return;
    const row = target instanceof Element ? target.closest('[data-session]') : null;
    this.chat.readied.value = row?.getAttribute('data-session') ?? null;
  }

  /** The press has opened what it was to open, or nothing. */
  #release() {
    this.chat.readied.value = null;
    this.#let(document.activeElement);
  }

  #hold() {
    this.#held.value ??= this.chat.sessions.peek().map((one) => one.id);
  }

  /** @param {EventTarget | null} to what has the keyboard now */
  #let(to) {
    if (!(to instanceof Node && this.contains(to))) this.#held.value = null;
  }

  #scrolled() {
    const more = this.querySelector('.more');
    if (more && more.getBoundingClientRect().top < sight() + NEAR) this.#most.value += MORE;
  }

  /** The keyboard goes on with the first of those that come. @param {MouseEvent} event */
  #more = ({ currentTarget }) => {
    const rows = /** @type {HTMLElement} */ (currentTarget).previousElementSibling;
    const first = this.#most.value;
    this.#most.value += MORE;
    queueMicrotask(() => rows?.children[first]?.querySelector('button')?.focus());
  };

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

  giveBack() {
    const to = byTouch() ? this.querySelector('button') : document.getElementById('find');
    to?.focus();
  }

  template() {
    if (!this.chat.state.value) return html`<p class="loading" role="status">${list.loading}</p>`;
    return html`${this.#waiting()}${this.#invited()}${this.#conversations()}`;
  }

  #waiting() {
    const waiting = this.chat.waiting.value;
    const held = this.#matching(this.chat.held.value, (one) => one.UserName);
    if (waiting.length + held.length === 0) return nothing;
    return html`<h2 class="section">${list.waiting} ${
      waiting.length > 0 ? html`<bdi class="count" dir="ltr">${number(waiting.length)}</bdi>` : nothing
    }</h2>${waiting.length > 0 ? this.#requests(waiting) : nothing}${held.length > 0 ? this.#heldBack(held) : nothing}`;
  }

  /** @param {readonly Invitation[]} held */
  #heldBack(held) {
    const rows = () => html`<p class="told-hint">${list.heldHint}</p>${this.#requests(held)}`;
    return this.#folded(this.#unfolded, list.held(held.length), rows);
  }

  /** @param {readonly Invitation[]} invitations */
  #requests(invitations) {
    return html`<ul class="list">${repeat(
      invitations,
      (one) => one.UserName,
      (one) => html`<li>${this.#request(one)}</li>`,
    )}</ul>`;
  }

  /**
   * What stands folded until one wants to see it, or looks for a name.
   * @param {{value: boolean}} unfolded @param {string} words @param {() => unknown} rows
   */
  #folded(unfolded, words, rows) {
    const open = unfolded.value || this.#typed.value !== '';
    return html`<p class="held"><button type="button" class="link" aria-expanded=${String(open)}
      @click=${() => (unfolded.value = !open)}>${words}</button></p>${open ? rows() : nothing}`;
  }

  /** @param {Invitation} one */
  #request(one) {
    return html`<button type="button" class="row request" @click=${() => this.chat.inviting.reconsider(one)}>
      ${who(one.UserName)}<span class="row-name">${nameOf(one.UserName)}</span>
      <span class="row-last">${list.wantsToChat}</span>
    </button>`;
  }

  #invited() {
    const there = this.chat.dismissed.without(this.chat.asking.value);
    const asking = this.#matching(there, (one) => one.name);
    if (asking.length === 0) return nothing;
    return html`<h2 class="section">${list.invited}</h2>
      ${asking.some((one) => one.standing === 'sent') ? html`<p class="told-hint">${invited.hint}</p>` : nothing}
      <ul class="list">${repeat(
        asking,
        (one) => one.name,
        (one) => html`<li>${askedRow(this.chat, one)}</li>`,
      )}</ul>`;
  }

  #conversations() {
    const shown = this.#shown.value;
    const hidden = this.#matching(this.chat.hidden.value, (one) => one.name);
    if (shown.length + hidden.length === 0) return this.#nothing();
    return html`<h2 class="section">${list.conversations}</h2>${this.#rows(shown)}${
      hidden.length > 0 ? this.#folded(this.#unhidden, list.hidden(hidden.length), () => this.#rows(hidden)) : nothing
    }`;
  }

  /** The first ones, and the open one wherever it stands. @param {readonly Session[]} sessions */
  #rows(sessions) {
    const most = this.#most.value;
    const open = sessions.slice(most).filter((one) => one.id === this.chat.open.value);
    return html`<ul class="list">${repeat(
      [...sessions.slice(0, most), ...open],
      (one) => one.id,
      (one) => html`<li>${this.#conversation(one)}</li>`,
    )}</ul>${
      sessions.length > most + open.length
        ? html`<button type="button" class="link more" @click=${this.#more}>${list.more}</button>`
        : nothing
    }`;
  }

  #nothing() {
    const typed = this.chat.inviting.typed.value.trim();
    if (this.chat.sessions.value.length + this.chat.hidden.value.length > 0) return html`<p class="nothing">${search.nothing(typed)}</p>`;
    const asks = this.chat.invitations.value.length + this.chat.asking.value.length > 0;
    return html`${asks ? nothing : html`<p class="nothing">${list.none}</p>`}
      <div class="nothing offer"><p>${links.offer}</p><parlour-new-link .chat=${this.chat}></parlour-new-link></div>`;
  }

  /** A row is made anew only when something of it has changed: there may be thousands. @param {Session} one */
  #conversation(one) {
    const online = this.chat.online(one);
    const current = one.id === this.chat.open.value;
    const mine = { draft: this.#drafts.value.get(one.id), unsent: this.#unsent.value.get(one.id) };
    const seen = [one, online, current, mine.draft, mine.unsent, this.chat.today.value];
    return guard(seen, () => this.#row(one, online, current, mine));
  }

  /** @param {Session} one @param {boolean | undefined} online @param {boolean} current @param {Mine} mine */
  #row(one, online, current, mine) {
    const here = one.closed ? list.closed : presence(online);
    return html`<button type="button" class="row" aria-current=${current ? 'true' : nothing} data-session=${one.id}
        ?data-unseen=${one.unread > 0 && !one.settings.Muted} @mousedown=${keepFocus}
        @click=${() => this.chat.show(one.id)}>
      ${who(one.name, online)}<span class="row-name">${nameOf(one.name)}</span>
      <bdi class="row-time">${one.messages.length > 0 ? shortly(one.activity, this.chat.today.value) : nothing}</bdi>
      ${this.#last(one, mine)}<span class="row-state">${one.settings.Muted ? muted : nothing}${
        one.unread > 0
          ? html`${unread(one.unread)} ${here}`
          : here
      }</span>
    </button>`;
  }

  /** The draft, what waits to be sent, or what was said last. @param {Session} one @param {Mine} mine */
  #last(one, { draft, unsent }) {
    if (draft) return written(list.draft, draft);
    if (unsent) return written(list.unsent, plain(unsent));
    const last = one.messages[one.messages.length - 1];
    if (!last) return html`<span class="row-last">${list.nothingSaid}</span>`;
    const mine = last.sender === this.chat.me.value?.id;
    return html`<span class="row-last">${
      mine ? html`<bdi class="row-you">${list.you}</bdi>` : nothing
    } <span class="row-text" dir="auto">${plain(last.text.slice(0, 200))}</span></span>`;
  }
}

/** @param {() => Iterable<readonly [string, string]>} entries */
function steadily(entries) {
  const steady = /** @type {Steady<string>} */ (new Steady());
  return computed(() => steady.of(entries()));
}

/** @param {string} word @param {string} text */
const written = (word, text) => html`<span class="row-last"><bdi class="draft">${word}</bdi>
  <span class="row-text" dir="auto">${text.slice(0, 200)}</span></span>`;

/** Nobody is disturbed by it: a bell that is crossed out for the eye, a word for the ear. */
const muted = html`${bellOff}<span class="vh">${list.muted}</span>`;

/** How many are unread: the number for the eye, a sentence for the ear. @param {number} count */
const unread = (count) => html`<bdi class="unread" dir="ltr" aria-hidden="true">${count > 99 ? `${number(99)}+` : number(count)}</bdi>
  <span class="vh">${list.unread(count)}</span>`;

customElements.define('parlour-people', People);
